"""Cuts the cues of a sheet anew, keeping of every cue what still holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from string import ascii_lowercase

from scoring.cue_sheet import Cue, CueSheet, Transition
from scoring.cue_sheet_checks import uncovered
from scoring.intensity import Point, clip
from scoring.limits import BPM_RANGE, UNLISTED_GAP_S
from scoring.seeds import cue_seed
from scoring.tempo import TempoWish, first_downbeat_s, plan_tempi
from scoring.timebase import TimeRange
from scoring.transitions import RING_OUT_BEATS, crossfade
from scoring.wishes.numbers import asked_bpm

REFIT = 1.34  # factor; a cue of new length may leave its tempo this far to have whole bars


@dataclass(frozen=True, slots=True)
class Wanted:
    """A stretch of the film that is to be one cue, and its prompt."""

    stretch: TimeRange
    prompt: str


def recut(sheet: CueSheet, wanted: Sequence[Wanted]) -> CueSheet:
    """The sheet with one cue per stretch, in the order given, which must be that of the film, without overlap.

    A stretch as it was keeps its cue, which changes only where its prompt does. Any other takes over the cue it
    overlaps most: of those that share one the longest part keeps its id and seed, the others are named after it
    (1m2b). What is left uncovered becomes silence.
    """
    parents = [_parent(sheet, w.stretch) for w in wanted]
    ids = _name_cues(sheet, wanted, parents)
    cues = [
        _with_prompt(parent, w.prompt) if _is_same(parent, w.stretch) else _inherit(sheet, parent, w, cue_id)
        for w, parent, cue_id in zip(wanted, parents, ids, strict=True)
    ]
    if [w.stretch for w in wanted] == [_stretch(cue) for cue in sheet.cues]:
        return replace(sheet, cues=tuple(cues))
    cues = _hand_over(sheet, cues, parents)
    return replace(sheet, cues=tuple(cues), silences=tuple(uncovered(cues, (), sheet.duration_s)))


def _stretch(cue: Cue) -> TimeRange:
    return TimeRange(cue.in_s, cue.out_s)


def _is_same(cue: Cue, stretch: TimeRange) -> bool:
    return _stretch(cue) == stretch


def _overlap_s(cue: Cue, stretch: TimeRange) -> float:
    """Seconds in common; below zero for how far apart they are."""
    return min(cue.out_s, stretch.end_s) - max(cue.in_s, stretch.start_s)


def _parent(sheet: CueSheet, stretch: TimeRange) -> Cue:
    return max(sheet.cues, key=lambda cue: (_is_same(cue, stretch), _overlap_s(cue, stretch)))


def _name_cues(sheet: CueSheet, wanted: Sequence[Wanted], parents: Sequence[Cue]) -> list[str]:
    """An id per stretch; each parent's own goes to the stretch that has most of it."""
    heirs: dict[str, int] = {}
    for index, parent in enumerate(parents):
        rival = heirs.get(parent.id)
        if rival is None or _claim(parent, wanted[index]) > _claim(parent, wanted[rival]):
            heirs[parent.id] = index
    taken = {cue.id for cue in sheet.cues}
    names = []
    for index, parent in enumerate(parents):
        names.append(parent.id if heirs[parent.id] == index else _new_id(parent.id, taken))
        taken.add(names[-1])
    return names


def _claim(parent: Cue, wanted: Wanted) -> tuple[bool, float]:
    return _is_same(parent, wanted.stretch), _overlap_s(parent, wanted.stretch)


def _new_id(parent_id: str, taken: set[str]) -> str:
    """1m2 → 1m2b, 1m2c …, as inserted cues are named in film music."""
    letters = (f"{parent_id}{letter}" for letter in ascii_lowercase[1:])
    numbers = (f"{parent_id}z{number}" for number in range(1, len(taken) + 2))
    return next(name for names in (letters, numbers) for name in names if name not in taken)


def _with_prompt(cue: Cue, prompt: str) -> Cue:
    """The cue with another prompt, and the tempo it names if that is not the one the old prompt named."""
    if prompt == cue.prompt:
        return cue
    bpm = asked_bpm(prompt)
    if bpm is None or bpm == asked_bpm(cue.prompt):
        return replace(cue, prompt=prompt)
    downbeat_s = first_downbeat_s(cue.in_s, cue.out_s, bpm, cue.metre)
    return replace(cue, prompt=prompt, bpm=bpm, first_downbeat_s=downbeat_s)


def _inherit(sheet: CueSheet, parent: Cue, wanted: Wanted, cue_id: str) -> Cue:
    """The parent over another stretch; hits, intensity and density from every cue that was there."""
    stretch = wanted.stretch
    cues = _there(sheet, parent, stretch)
    has_density = any(cue.density for cue in cues)
    hits = tuple(h for cue in sheet.cues for h in cue.hit_points if stretch.contains(h.time_s))
    cue = replace(
        parent,
        id=cue_id,
        in_s=stretch.start_s,
        out_s=stretch.end_s,
        intensity=clip(_joined([cue.intensity for cue in cues]), stretch),
        density=clip(_joined([cue.density or cue.intensity for cue in cues]), stretch) if has_density else (),
        hit_points=hits,
        prompt=wanted.prompt,
        seed=parent.seed if cue_id == parent.id else cue_seed(sheet.seed, cue_id),
    )
    bpm = asked_bpm(wanted.prompt)
    bpm = _refit_bpm(cue) if bpm is None else bpm
    return replace(cue, bpm=bpm, first_downbeat_s=first_downbeat_s(cue.in_s, cue.out_s, bpm, cue.metre))


def _there(sheet: CueSheet, parent: Cue, stretch: TimeRange) -> list[Cue]:
    """All cues the stretch touches, or the parent where it touches none."""
    return [cue for cue in sheet.cues if _overlap_s(cue, stretch) > 0] or [parent]


def _joined(courses: Sequence[tuple[Point, ...]]) -> tuple[Point, ...]:
    """The points of several courses; where two share a time, the earlier course's."""
    return tuple(sorted({time_s: value for points in reversed(courses) for time_s, value in points}.items()))


def _refit_bpm(cue: Cue) -> float:
    """The tempo near the cue's own at which its new length is whole bars and its hits land."""
    limits = max(BPM_RANGE[0], cue.bpm / REFIT), min(BPM_RANGE[1], cue.bpm * REFIT)
    return plan_tempi([TempoWish(cue.in_s, cue.out_s, cue.bpm, limits, cue.metre, cue.hit_points)])[0]


def _hand_over(sheet: CueSheet, cues: Sequence[Cue], parents: Sequence[Cue]) -> list[Cue]:
    """The cues with transitions that fit what follows each now; where the same follows at the same time, as before."""
    before = dict(zip((cue.id for cue in sheet.cues), _followers(sheet.cues), strict=True))
    handed = []
    for cue, parent, follower in zip(cues, parents, _followers(cues), strict=True):
        is_as_before = cue.out_s == parent.out_s and follower == before[parent.id]
        handed.append(cue if is_as_before else replace(cue, transition=_transition(cue, follower)))
    return handed


def _followers(cues: Sequence[Cue]) -> list[str]:
    """What comes after each cue: "cue", "silence" or "nothing"."""
    between = ["silence" if b.in_s - a.out_s > UNLISTED_GAP_S else "cue" for a, b in pairwise(cues)]
    return [*between, "nothing"]


def _transition(cue: Cue, follower: str) -> Transition:
    if follower == "nothing":
        return Transition("end", 0.0)
    usual = Transition("ring_out", RING_OUT_BEATS) if follower == "silence" else crossfade(cue.arousal)
    longest_beats = round(cue.duration_s / cue.beat_s / 2, 3)  # half of a very short cue
    return replace(usual, beats=min(usual.beats, longest_beats))
