"""What somebody asks for, checked before any work is done."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Literal, cast, get_args

from music_engine.options import AUTO
from music_engine.registry import own_name
from scoring.errors import InputError, UnknownChoice
from scoring.key import Key
from scoring.limits import BPM_RANGE, HIGHEST_SEED
from scoring.style import load_style

OutputFormat = Literal["wav", "flac", "mp3", "ogg"]
OUTPUT_FORMATS: tuple[OutputFormat, ...] = get_args(OutputFormat)
DURATION_RANGE_S = (10.0, 240.0)
LONGEST_PROMPT = 4_000  # characters
LONGEST_LYRICS = 20_000
# What changes neither a note nor a sound: the same ask in another format, and by another engine, has the same seed.
_NOT_IN_SEED = ("seed", "engine", "output_format")


@dataclass(frozen=True, slots=True)
class MusicAsk:
    """One piece of music.

    prompt: what it is to be, English or Chinese, with sections in brackets where wanted. lyrics: lines of words under
    tags, any language; None or tags alone for instrumental. duration_s: 10..240, kept to the sample. engine: a name of
    music_engine.registry, or "auto". seed: None derives it from the ask, so that the same ask is the same music.
    style, bpm, key ("D minor"): None lets prompt and seed decide.
    """

    prompt: str = ""
    lyrics: str | None = None
    duration_s: float = 30.0
    output_format: OutputFormat = "mp3"
    engine: str = AUTO
    seed: int | None = None
    style: str | None = None
    bpm: float | None = None
    key: str | None = None

    @property
    def own_seed(self) -> int:
        """The seed it is made from: its own, 0..2^63−1, or one that follows from what is asked, 0..2^32−1."""
        if self.seed is not None:
            return self.seed
        asked = {name: value for name, value in asdict(self).items() if name not in _NOT_IN_SEED}
        asked["duration_s"] = float(self.duration_s)
        text = json.dumps(asked, sort_keys=True, ensure_ascii=False)
        return int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:4])


def check_ask(ask: MusicAsk) -> None:
    """Raises InputError or UnknownChoice for what can never be made: each field against its range and its names."""
    if not (ask.prompt.strip() or (ask.lyrics or "").strip()):
        raise InputError("there is neither a prompt nor lyrics", "Say in the prompt what the music is to be")
    for name, text, most in (("prompt", ask.prompt, LONGEST_PROMPT), ("lyrics", ask.lyrics or "", LONGEST_LYRICS)):
        if len(text) > most:
            raise InputError(f"the {name} has {len(text)} characters", f"Write at most {most}")
    low_s, high_s = DURATION_RANGE_S
    if not low_s <= ask.duration_s <= high_s:
        raise InputError(f"the duration is {ask.duration_s!r} s", f"Ask for {low_s:g} to {high_s:g} s")
    if ask.output_format not in OUTPUT_FORMATS:
        raise UnknownChoice.among("output format", cast(str, ask.output_format), list(OUTPUT_FORMATS))
    if ask.engine != AUTO:
        own_name(ask.engine)
    if ask.seed is not None and not 0 <= ask.seed <= HIGHEST_SEED:
        raise InputError(f"the seed is {ask.seed!r}", f"Take a whole number of 0 to {HIGHEST_SEED}, or none")
    if ask.bpm is not None and not BPM_RANGE[0] <= ask.bpm <= BPM_RANGE[1]:
        raise InputError(f"the tempo is {ask.bpm!r} bpm", f"Ask for {BPM_RANGE[0]:g} to {BPM_RANGE[1]:g} bpm")
    if ask.style is not None:
        load_style(ask.style)
    if ask.key is not None:
        try:
            Key.parse(ask.key)
        except ValueError as error:
            raise InputError(f"there is no key called {ask.key!r}", f"Write {error}") from error
