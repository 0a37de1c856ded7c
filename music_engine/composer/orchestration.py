"""Orchestration: the style's layers as somebody wants them, named instruments heard and unwanted ones silent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from music_engine.composer.players.drums import INSTRUMENTS
from scoring.style import Drum, Groove, Hits, Layer, Style
from scoring.wishes.reading import Wishes
from scoring.wishes.vocabulary import Genre, Instrument, instruments, plain_grooves, role_layer, words

# What the synthesised voices are called where only programs are known: General MIDI's warm pad and synth bass.
VOICE_PROGRAMS = {"soft_pad": 89, "sub": 39}
BED_LU = -5.0  # a bed that nobody asked for steps back this much behind instruments that somebody did (design choice)
_FIGURES = ("lead", "counter", "ostinato")


@dataclass(frozen=True, slots=True)
class Ensemble:
    """Who plays. style: with the layers as wanted. played: layer name → the instrument somebody named for it."""

    style: Style
    played: Mapping[str, str]


def orchestrate(style: Style, wishes: Wishes, palette: Sequence[str] = ()) -> Ensemble:
    """The style itself where nothing is wished; else its layers kept, replaced, added and taken away.

    palette: what the picture suggests, for where neither an instrument nor a genre with some is named.
    """
    genres = [genre for name in wishes.genres for genre in words().genres if genre.name == name]
    asked = [instruments()[name] for name in wishes.instruments]
    wanted = asked or _palette(genres, wishes.avoid) or _suggested(palette, wishes.avoid)
    unwanted = [instruments()[name] for name in wishes.avoid if name in instruments()]
    swing = max((genre.swing for genre in genres), default=0.0)
    if not (wanted or unwanted or swing):
        return Ensemble(style, {})
    named = _named_layers(style, wanted)
    keep_ids = {id(layer) for layer, _ in named}
    kinds: set[str] = {layer.kind for layer, _ in named}
    bed = [
        _stepped_back(layer, bool(named))
        for layer in style.layers
        if id(layer) not in keep_ids
        and not _gives_way(layer, kinds, wishes.is_alone)
        and not any(is_played_on(layer, instrument) for instrument in unwanted)
    ]
    chosen = [(_free(layer, wanted), instrument.name) for layer, instrument in named]
    layers = [layer for layer, _ in chosen] + bed
    if not any(layer.kind not in ("percussion", "effects") for layer in layers):
        layers.append(_last_resort(style))
    made = replace(
        style,
        layers=tuple(layers),
        grooves=_grooves(style, wanted, unwanted),
        hits=_hits(style, unwanted, wishes.is_alone),
        mix=replace(
            style.mix,
            swing=max(swing, style.mix.swing),
            texture_lu=-60.0 if wishes.is_alone else style.mix.texture_lu,
        ),
        melody=replace(style.melody, rests=0.0) if wishes.is_alone else style.melody,
    )
    return Ensemble(made, {layer.name: name for layer, name in chosen})


def is_played_on(layer: Layer, instrument: Instrument) -> bool:
    """Whether a layer's sound is that instrument's."""
    if layer.kind == "percussion":
        return instrument.role == "drums" and not instrument.drums
    if layer.kind == "effects":
        return False
    return VOICE_PROGRAMS.get(layer.voice, layer.program) in instrument.programs


def _palette(genres: Sequence[Genre], avoid: Sequence[str]) -> list[Instrument]:
    """What the first genre that has a palette brings."""
    names = next((genre.instruments for genre in genres if genre.instruments), ())
    return [instruments()[name] for name in names if name not in avoid]


def _suggested(palette: Sequence[str], avoid: Sequence[str]) -> list[Instrument]:
    return [instruments()[name] for name in palette if name in instruments() and name not in avoid]


def _named_layers(style: Style, wanted: Sequence[Instrument]) -> list[tuple[Layer, Instrument]]:
    """A layer or two for each instrument: the style's own where it has one for that role, else a new one."""
    named: list[tuple[Layer, Instrument]] = []
    leads = 0
    for instrument in wanted:
        role = instrument.role if instrument.role != "lead" or leads != 1 else "counter"
        leads += instrument.role == "lead"
        named.append((_layer(style, role, instrument, {layer.name for layer, _ in named}), instrument))
    theme = next((instrument for instrument in wanted if instrument.role == "figure"), None)
    if not leads and theme is not None:  # somebody has to state the film's theme
        register = replace(theme, low=max(theme.low, 55), high=max(theme.high, 79))
        own = next((a for a in style.layers if a.kind == "lead" and is_played_on(a, theme)), None)
        named.append((own or role_layer("lead", f"{_title(theme)} theme", register), theme))
    return named


def _layer(style: Style, role: str, instrument: Instrument, taken: set[str]) -> Layer:
    new = role_layer(role, _title(instrument), instrument)
    if role == "drums" and instrument.kit:
        return replace(new, program=instrument.kit)
    fitting = (a for a in style.layers if a.kind == new.kind and a.name not in taken and is_played_on(a, instrument))
    return next(fitting, new)


def _title(instrument: Instrument) -> str:
    return instrument.name.capitalize()


def _free(layer: Layer, wanted: Sequence[Instrument]) -> Layer:
    """Plays whatever the intensity. Several named at once share the loudness of one."""
    return replace(layer, threshold=0.0) if wanted else layer


def _gives_way(layer: Layer, kinds: set[str], is_alone: bool) -> bool:
    """Whether a layer that nobody named is left out: where only the named may play, or they do what it would."""
    if layer.kind == "effects":
        return False
    if is_alone:
        return True
    if layer.kind == "pad":
        return "pad" in kinds and layer.voice == "soundfont"
    return layer.kind in kinds or (layer.kind in _FIGURES and bool(kinds & set(_FIGURES)))


def _stepped_back(layer: Layer, is_behind: bool) -> Layer:
    return replace(layer, level_lu=layer.level_lu + BED_LU) if is_behind and layer.kind == "pad" else layer


def _last_resort(style: Style) -> Layer:
    """Somebody must hold the chords: the soft synthesised pad, at the style's own place."""
    pad = next(layer for layer in style.layers if layer.kind == "pad")
    return replace(pad, name="Bed", voice="soft_pad")


def _grooves(style: Style, wanted: Sequence[Instrument], unwanted: Sequence[Instrument]) -> tuple[Groove, ...]:
    """The style's own, but for a kit of its own, drums the style has not, or a style without any."""
    drums = next((instrument for instrument in wanted if instrument.role == "drums"), None)
    grooves = style.grooves
    used = {line.drum for groove in grooves for line in groove.lines}
    if drums is not None and (drums.kit or not used or (drums.drums and not used & set(drums.drums))):
        grooves = tuple(_struck_on(groove, drums.drums) for groove in plain_grooves())
    silent = {name for instrument in unwanted for name in instrument.drums}
    left = (replace(g, lines=tuple(line for line in g.lines if line.drum not in silent)) for g in grooves)
    return tuple(groove for groove in left if groove.lines)


def _struck_on(groove: Groove, drums: Sequence[Drum]) -> Groove:
    """A kit's groove on drums that are no kit: the low ones play the kick, the high ones the snare."""
    if not drums:
        return groove
    places = {"kick": drums[-1], "snare": drums[0], "rim": drums[0]}
    return replace(groove, lines=tuple(replace(a, drum=places[a.drum]) for a in groove.lines if a.drum in places))


def _hits(style: Style, unwanted: Sequence[Instrument], is_alone: bool) -> Hits:
    """What lands on hits, without the drums and keys that nobody wants."""
    no_drums = is_alone or any(i.role == "drums" and not i.drums for i in unwanted)
    silent = {program for instrument in unwanted for program in instrument.programs}
    kept = {
        name
        for name, drum in INSTRUMENTS.items()
        if not is_alone and not (drum.is_drum and no_drums) and (drum.is_drum or drum.program not in silent)
    }
    hits = style.hits
    return replace(
        hits,
        heavy=tuple(name for name in hits.heavy if name in kept or (name == "sub_hit" and not is_alone)),
        light=tuple(name for name in hits.light if name in kept),
        cymbal=hits.cymbal and not no_drums,
        riser_lu=-60.0 if is_alone else hits.riser_lu,
    )
