"""What must hold between the fields of a cue sheet, and between its cues."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from scoring.cue_sheet import Cue, CueSheet
from scoring.errors import CueSheetError
from scoring.limits import SHORTEST_CUE_S, UNLISTED_GAP_S
from scoring.timebase import TimeRange


def check_sheet(sheet: CueSheet) -> None:
    """Raises CueSheetError for the first thing that cannot be.

    Checked: every cue by itself, ids that differ, film order without overlap, silences where there is no cue, and
    that what no cue covers is listed as silence.
    """
    if not sheet.cues:
        raise CueSheetError.field("cue sheet", "cues", [], "at least one cue")
    for cue in sheet.cues:
        _check_cue(cue)
    _check_order(sheet.cues)
    for index, silence in enumerate(sheet.silences):
        _check_silence(index, silence, sheet)
    _check_coverage(sheet)


def _check_cue(cue: Cue) -> None:
    where = f"cue {cue.id}"
    if cue.out_s - cue.in_s < SHORTEST_CUE_S - 1e-9:
        raise CueSheetError.field(
            where, "out_s", cue.out_s, f"{cue.in_s + SHORTEST_CUE_S:g} or later: in_s and at least {SHORTEST_CUE_S} s"
        )
    span = f"{cue.in_s:g} up to but not {cue.out_s:g}, within the cue"
    if not cue.in_s <= cue.first_downbeat_s < cue.out_s:
        raise CueSheetError.field(where, "first_downbeat_s", cue.first_downbeat_s, f"{span}; left out, it is in_s")
    for index, hit in enumerate(cue.hit_points):
        if not cue.in_s <= hit.time_s < cue.out_s:
            raise CueSheetError.field(where, f"hit_points[{index}].time_s", hit.time_s, span)
    for name, points in (("intensity", cue.intensity), ("density", cue.density)):
        for index, ((before_s, _), (time_s, _)) in enumerate(pairwise(points), 1):
            if time_s <= before_s:
                raise CueSheetError.field(
                    where, f"{name}[{index}] time", time_s, f"later than the {before_s:g} before it"
                )


def _check_order(cues: Sequence[Cue]) -> None:
    seen: set[str] = set()
    for cue in cues:
        if cue.id in seen:
            raise CueSheetError.field(f"cue {cue.id}", "id", cue.id, "a name no other cue has")
        seen.add(cue.id)
    for before, cue in pairwise(cues):
        if cue.in_s < before.out_s:
            raise CueSheetError.field(
                f"cue {cue.id}",
                "in_s",
                cue.in_s,
                f"{before.out_s:.6f} or later, where cue {before.id} ends: cues stand in film order and never overlap",
            )


def _check_silence(index: int, silence: TimeRange, sheet: CueSheet) -> None:
    for cue in sheet.cues:
        if silence.start_s < cue.out_s and cue.in_s < silence.end_s:
            raise CueSheetError.field(
                f"cue {cue.id}",
                f"overlaps silences[{index}], which",
                [silence.start_s, silence.end_s],
                f"silence before {cue.in_s:.6f} or after {cue.out_s:.6f}",
            )


def _check_coverage(sheet: CueSheet) -> None:
    for gap in uncovered(sheet.cues, sheet.silences, sheet.duration_s):
        advice = f'listed in "silences" as [{gap.start_s:.6f}, {gap.end_s:.6f}] if nothing is meant to play there'
        after = next((cue for cue in sheet.cues if cue.in_s >= gap.end_s), None)
        if after is not None:
            raise CueSheetError.field(f"cue {after.id}", "in_s", after.in_s, f"{gap.start_s:.6f}, or the gap {advice}")
        last = sheet.cues[-1]
        raise CueSheetError.field(
            f"cue {last.id}", "out_s", last.out_s, f"{gap.end_s:.6f}, the film's end, or the rest {advice}"
        )


def uncovered(cues: Sequence[Cue], silences: Sequence[TimeRange], duration_s: float) -> list[TimeRange]:
    """What neither cue nor silence covers, longer than UNLISTED_GAP_S."""
    taken = sorted([(cue.in_s, cue.out_s) for cue in cues] + [(s.start_s, s.end_s) for s in silences])
    gaps = []
    until_s = 0.0
    for start_s, end_s in [*taken, (duration_s, duration_s)]:
        if start_s - until_s > UNLISTED_GAP_S:
            gaps.append(TimeRange(until_s, start_s))
        until_s = max(until_s, end_s)
    return gaps
