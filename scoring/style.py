"""Styles: what a genre is made of, as data. docs/styles.md says how to write one."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, Literal

from scoring.cue_sheet import Metre
from scoring.errors import StyleError, UnknownChoice
from scoring.key import MODES
from scoring.table import read_table

LayerKind = Literal["pad", "bass", "ostinato", "lead", "counter", "percussion", "effects"]
Stem = Literal["harmony", "bass", "lead", "rhythm", "effects"]
Voice = Literal["soundfont", "soft_pad", "sub"]
Drum = Literal[
    "kick", "snare", "rim", "clap", "hat", "open_hat", "low_tom", "mid_tom", "high_tom", "crash", "ride",
    "tambourine", "shaker", "taiko", "low_taiko", "timpani", "low_piano", "bell", "sub_hit",
]  # fmt: skip

DEGREE = re.compile(r"(b?)([1-7])(maj|min)?(sus2|sus4|add9|7)?")
_DIRECTORY = resources.files("scoring") / "data" / "styles"


def _within(low: float, high: float) -> dict[str, tuple[float, float]]:
    return {"range": (low, high)}


@dataclass(frozen=True, slots=True)
class Layer:
    """One player of the ensemble.

    program: General MIDI program, 0..127, used when voice is "soundfont"; the others are synthesised.
    threshold: the intensity (0..1) from which it plays. low, high: its register, MIDI pitches.
    level_lu: loudness while it plays, relative to the cue's. pan: −1 left .. 1 right; width: 0 as sampled .. 1 wide.
    send_db: into the reverb. articulation: sounding share of a note's length.
    patterns: one bar each, see docs/styles.md; low_cut_hz, high_cut_hz, air_db (shelf above 6 kHz): equalisation.
    """

    name: str
    kind: LayerKind
    stem: Stem
    threshold: float = field(metadata=_within(0, 1))
    level_lu: float = field(metadata=_within(-40, 6))
    low: int = field(metadata=_within(0, 127))
    high: int = field(metadata=_within(0, 127))
    voice: Voice = "soundfont"
    program: int = field(default=0, metadata=_within(0, 127))
    pan: float = field(default=0.0, metadata=_within(-1, 1))
    width: float = field(default=0.0, metadata=_within(0, 1))
    send_db: float = field(default=-12.0, metadata=_within(-60, 6))
    articulation: float = field(default=1.0, metadata=_within(0.05, 1.2))
    strum_ms: float = field(default=0.0, metadata=_within(0, 120))
    steps_per_beat: int = field(default=2, metadata=_within(1, 6))
    patterns: tuple[str, ...] = ()
    low_cut_hz: float = field(default=30.0, metadata=_within(10, 1000))
    high_cut_hz: float = field(default=20_000.0, metadata=_within(500, 20_000))
    air_db: float = field(default=0.0, metadata=_within(-24, 12))


@dataclass(frozen=True, slots=True)
class DrumLine:
    """One drum's steps of a bar: X accent, x stroke, o soft stroke, dot for none."""

    drum: Drum
    steps: str


@dataclass(frozen=True, slots=True)
class Groove:
    """A bar of percussion, played from an intensity on. It is cut or repeated to fit the metre."""

    threshold: float = field(metadata=_within(0, 1))
    steps_per_beat: int = field(metadata=_within(1, 6))
    lines: tuple[DrumLine, ...]


@dataclass(frozen=True, slots=True)
class Harmony:
    """Progressions as scale degrees ("1 6 3 7", "b6", "5sus4"), for bright and for dark modes.

    calm_bars, lively_bars: how long a chord lasts at arousal −1 and 1. colour: share of chords with an added ninth
    or a suspension. cadence_*: the chords of an ending, the last of them the home chord.
    """

    calm_bars: float = field(metadata=_within(0.25, 4))
    lively_bars: float = field(metadata=_within(0.25, 4))
    colour: float = field(metadata=_within(0, 1))
    bright: tuple[str, ...]
    dark: tuple[str, ...]
    cadences_bright: tuple[str, ...]
    cadences_dark: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Melody:
    """stretch: note lengths against the motif's as drawn. rests: share of phrases in which the lead keeps silent."""

    stretch: float = field(metadata=_within(0.5, 4))
    rests: float = field(metadata=_within(0, 1))


@dataclass(frozen=True, slots=True)
class Hits:
    """What lands on a hit. heavy, light: drums or struck sounds. cymbal, riser, impact levels: LU against the cue."""

    heavy: tuple[Drum, ...]
    light: tuple[Drum, ...]
    cymbal: bool
    riser_lu: float = field(metadata=_within(-60, 6))
    impact_lu: float = field(metadata=_within(-60, 9))


@dataclass(frozen=True, slots=True)
class Space:
    """The shared reverb: silence before it, time to fall by 60 dB, where the highs die, its level."""

    pre_delay_ms: float = field(metadata=_within(0, 120))
    decay_s: float = field(metadata=_within(0.2, 8))
    damping_hz: float = field(metadata=_within(500, 20_000))
    level_db: float = field(metadata=_within(-40, 6))


@dataclass(frozen=True, slots=True)
class Mix:
    """loudness_lufs: of a cue of middling arousal and intensity. warmth_db: shelf below 180 Hz; air_db: above 7 kHz.

    texture_lu: a bed of soft noise, against the cue's loudness. swing: 0 straight .. 0.33 triplets, on the off-beats.
    """

    loudness_lufs: float = field(metadata=_within(-40, -8))
    warmth_db: float = field(metadata=_within(-12, 12))
    air_db: float = field(metadata=_within(-18, 18))
    texture_lu: float = field(metadata=_within(-70, 0))
    swing: float = field(default=0.0, metadata=_within(0, 0.34))


@dataclass(frozen=True, slots=True)
class Style:
    """A genre: what spotting may choose from, what a neural engine is told, and the composer's palette.

    tempo_range_bpm: (low, high). prompt_tags, instruments: English words for neural engines.
    modes: names of scoring.key.MODES, those that fit. metres: those that fit, the usual one first.
    """

    name: str
    title: str
    description: str
    tempo_range_bpm: tuple[float, ...]
    metres: tuple[Metre, ...]
    modes: tuple[str, ...]
    prompt_tags: tuple[str, ...]
    instruments: tuple[str, ...]
    harmony: Harmony
    melody: Melody
    hits: Hits
    space: Space
    mix: Mix
    layers: tuple[Layer, ...]
    grooves: tuple[Groove, ...] = ()

    @property
    def has_lead(self) -> bool:
        """Whether anybody plays the film's theme."""
        return any(layer.kind == "lead" for layer in self.layers)


def style_names() -> list[str]:
    """The names there are, in alphabetical order."""
    return sorted(entry.name.removesuffix(".toml") for entry in _DIRECTORY.iterdir() if entry.name.endswith(".toml"))


@cache
def load_style(name: str) -> Style:
    """The style of that name. Raises UnknownChoice for a name that is not one of style_names()."""
    if name not in style_names():
        raise UnknownChoice.among("style", name, style_names())
    return parse_style((_DIRECTORY / f"{name}.toml").read_text(encoding="utf-8"), name)


def parse_style(text: str, name: str) -> Style:
    """A style from the text of its file; `name` is the file's name without the ending. Raises StyleError."""
    try:
        table: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise StyleError(f"style {name}: not TOML: {error}", "Mend the file, see docs/styles.md") from error
    style = read_table(table, Style, f"style {name}", {Metre: _read_metre})
    _check(style, name)
    return style


def _read_metre(value: object, where: str) -> Metre:
    match = re.fullmatch(r"(\d{1,2})/(2|4|8|16)", value) if isinstance(value, str) else None
    if match is None or not 1 <= int(match[1]) <= 15:
        raise StyleError.field(where, value, 'beats and unit, such as "4/4" or "6/8"')
    return Metre(int(match[1]), int(match[2]))


def _check(style: Style, name: str) -> None:
    """What goes beyond one field."""
    where = f"style {name}"
    if style.name != name:
        raise StyleError.field(f"{where}: name", style.name, f"the file's own name, {name!r}")
    if len(style.tempo_range_bpm) != 2 or not 20 <= style.tempo_range_bpm[0] < style.tempo_range_bpm[1] <= 300:
        raise StyleError.field(f"{where}: tempo_range_bpm", style.tempo_range_bpm, "two rising tempos within 20..300")
    for what in ("metres", "modes", "layers", "prompt_tags", "instruments"):
        if not getattr(style, what):
            raise StyleError.field(f"{where}: {what}", [], "at least one")
    for mode in style.modes:
        if mode not in MODES:
            raise StyleError.field(f"{where}: modes", mode, ", ".join(MODES))
    _check_harmony(style.harmony, where)
    for layer in style.layers:
        _check_layer(layer, where)
    if not any(layer.kind == "pad" and layer.threshold == 0 for layer in style.layers):
        raise StyleError.field(f"{where}: layers", [a.name for a in style.layers], "a pad with threshold 0")
    if len({layer.name for layer in style.layers}) < len(style.layers):
        raise StyleError.field(f"{where}: layers", [a.name for a in style.layers], "names that differ")
    for groove in style.grooves:
        for line in groove.lines:
            if not line.steps or set(line.steps) - set("Xxo."):
                raise StyleError.field(f"{where}: grooves.{line.drum}", line.steps, "X, x, o and dots")


def _check_harmony(harmony: Harmony, where: str) -> None:
    for what in ("bright", "dark", "cadences_bright", "cadences_dark"):
        progressions = getattr(harmony, what)
        if not progressions:
            raise StyleError.field(f"{where}: harmony.{what}", [], "at least one progression")
        for progression in progressions:
            if not progression.split() or not all(DEGREE.fullmatch(word) for word in progression.split()):
                raise StyleError.field(f"{where}: harmony.{what}", progression, 'degrees such as "1 b6 5sus4 4add9"')


def _check_layer(layer: Layer, where: str) -> None:
    at = f"{where}: layer {layer.name}"
    if layer.high - layer.low < 12 and layer.kind not in ("percussion", "effects"):
        raise StyleError.field(f"{at}: high", layer.high, "an octave or more above low, so that every chord fits")
    if layer.kind in ("bass", "ostinato") and not layer.patterns:
        raise StyleError.field(f"{at}: patterns", [], "at least one bar")
    for pattern in layer.patterns:
        if not pattern or set(pattern) - set("012345678-."):
            raise StyleError.field(f"{at}: patterns", pattern, "digits, - to hold, . to rest")
