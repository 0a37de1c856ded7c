"""Spotting: from what the film says to a cue sheet that an editor can change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scoring.analysis import Analysis, Cut, EmotionCurve
from scoring.change_points import find_cue_ranges, nearest_frame_s
from scoring.cue_sheet import MINIMUM_FILM_S, Cue, CueSheet, HitPoint, Metre
from scoring.edit import Mark
from scoring.errors import FilmTooShort
from scoring.feeling import Feeling, feel
from scoring.hits import choose_hits
from scoring.intensity import Point, density_of, intensity_of
from scoring.key_plan import KeyWish, plan_keys
from scoring.places import Place, mood_of, palette_of, place_of
from scoring.prompts import Saying, describe_structure, write_prompt
from scoring.seeds import cue_seed
from scoring.style import Style
from scoring.tempo import TempoWish, plan_tempi, target_bpm
from scoring.timebase import FrameRate, TimeRange
from scoring.transitions import Side, plan_transitions
from scoring.vocabulary import Vocabulary, built_in_vocabulary
from scoring.wishes.vocabulary import instruments

REEL = 1  # a file is one reel: its cues are 1m1, 1m2 …


def spot(
    analysis: Analysis,
    *,
    source: str,
    frame_rate: FrameRate,
    style: Style,
    seed: int,
    vocabulary: Vocabulary | None = None,
    marks: Sequence[Mark] = (),
) -> CueSheet:
    """Decide where the music of a film changes, and what it is to be: a sheet that covers the whole film.

    source: the film's file name, for people. seed: the film's tonic and every cue's own seed follow from it.
    vocabulary: what moods and settings bring to prompts and players; the built-in one when None. marks: what a
    person wants hit. Times are rounded to the microsecond, as the sheet's file holds them. The same arguments always
    give the same sheet.
    Raises FilmTooShort under MINIMUM_FILM_S.
    """
    duration_s = round(analysis.duration_s, 6)
    _check_long_enough(duration_s)
    feeling = feel(analysis.curve, duration_s)
    ranges = find_cue_ranges(feeling, analysis.shots, frame_rate, duration_s)
    hits = choose_hits(analysis, feeling, ranges, frame_rate, marks)
    arrivals = {nearest_frame_s(cut.time_s, frame_rate): cut for cut in analysis.shots.cuts}
    sketches = [
        _sketch(analysis.curve, feeling, stretch, some, arrivals.get(stretch.start_s))
        for stretch, some in zip(ranges, hits, strict=True)
    ]
    return CueSheet(
        source=source,
        duration_s=duration_s,
        frame_rate=frame_rate,
        style=style.name,
        seed=seed,
        analyser=analysis.curve.analyser,
        cues=_write_cues(sketches, style, seed, vocabulary or built_in_vocabulary()),
    )


@dataclass(frozen=True, slots=True)
class _Sketch:
    """A cue before its music is planned. valence, arousal, tension: means over it. arrival: what it starts on."""

    stretch: TimeRange
    mood: str
    valence: float
    arousal: float
    tension: float
    intensity: tuple[Point, ...]
    density: tuple[Point, ...]
    hits: tuple[HitPoint, ...]
    arrival: Cut | None
    place: Place

    @property
    def start_weight(self) -> float:
        """How heavy the hit at the cue's start is, 0 where there is none."""
        return next((hit.weight for hit in self.hits if hit.time_s == self.stretch.start_s), 0.0)


def _check_long_enough(duration_s: float) -> None:
    if duration_s < MINIMUM_FILM_S:
        raise FilmTooShort(f"the film lasts {duration_s:g} s", f"Music needs {MINIMUM_FILM_S:g} s or more")


def _sketch(
    curve: EmotionCurve, feeling: Feeling, stretch: TimeRange, hits: tuple[HitPoint, ...], arrival: Cut | None
) -> _Sketch:
    valence, arousal, tension = (round(value, 4) for value in feeling.mean(stretch))
    mood = mood_of(curve, stretch, (valence, arousal, tension))
    courses = intensity_of(feeling, stretch), density_of(feeling, stretch)
    return _Sketch(stretch, mood, valence, arousal, tension, *courses, hits, arrival, place_of(curve, stretch))


def _write_cues(sketches: Sequence[_Sketch], style: Style, seed: int, vocabulary: Vocabulary) -> tuple[Cue, ...]:
    """Plan tempi, keys and handovers over the whole film, then write every cue."""
    metre = style.metres[0]
    tempi = plan_tempi([_tempo_wish(sketch, style, metre) for sketch in sketches])
    keys = plan_keys([KeyWish(s.mood, s.valence) for s in sketches], style.modes, seed)
    transitions = plan_transitions(
        [
            Side(s.valence, s.arousal, key, s.start_weight, 60.0 / bpm, s.arrival)
            for s, bpm, key in zip(sketches, tempi, keys, strict=True)
        ]
    )
    palettes = [palette_of(s.place, vocabulary, tuple(instruments())) for s in sketches]
    sayings = [
        Saying(
            mood=s.mood,
            bpm=bpm,
            key=key,
            genre=style.prompt_tags,
            setting=s.place.name,
            palette=palette,
            instruments=style.instruments,
            structure=describe_structure(s.intensity, is_first=s is sketches[0], is_last=s is sketches[-1]),
        )
        for s, bpm, key, palette in zip(sketches, tempi, keys, palettes, strict=True)
    ]
    prompts = [write_prompt(saying, vocabulary=vocabulary) for saying in sayings]
    return tuple(
        Cue(
            id=f"{REEL}m{number}",
            in_s=s.stretch.start_s,
            out_s=s.stretch.end_s,
            mood=s.mood,
            bpm=bpm,
            key=key,
            metre=metre,
            first_downbeat_s=s.stretch.start_s,
            valence=s.valence,
            arousal=s.arousal,
            tension=s.tension,
            intensity=s.intensity,
            density=s.density,
            setting=s.place.name,
            palette=palette,
            hit_points=s.hits,
            transition=transition,
            prompt=prompt,
            seed=cue_seed(seed, f"{REEL}m{number}"),
            prompt_as_spotted=prompt,
        )
        for number, (s, bpm, key, transition, prompt, palette) in enumerate(
            zip(sketches, tempi, keys, transitions, prompts, palettes, strict=True), 1
        )
    )


def _tempo_wish(sketch: _Sketch, style: Style, metre: Metre) -> TempoWish:
    low_bpm, high_bpm = style.tempo_range_bpm
    return TempoWish(
        in_s=sketch.stretch.start_s,
        out_s=sketch.stretch.end_s,
        target_bpm=target_bpm(sketch.valence, sketch.arousal, (low_bpm, high_bpm)),
        range_bpm=(low_bpm, high_bpm),
        metre=metre,
        hits=sketch.hits,
    )
