"""The cuts of the picture that a timeline shows, on the film's own frames."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import pairwise, zip_longest

from integrations.timelines.reading.timeline import Change, Shot, Track
from scoring.analysis import Cut, CutKind
from scoring.edit import KNOWN_STRENGTH

LONGEST_BLANK_S = (
    2  # a fade out and the next fade in are one while nothing is seen no longer, as where they are detected
)


def cuts_of(picture: Track, length_s: Fraction, film_s: Callable[[Fraction], float]) -> tuple[Cut, ...]:
    """Every change of shot, rising, each on a frame of the film.

    picture: in timeline seconds, up to length_s. film_s: a timeline time as the film's nearest frame has it, not
    below 0; what lies at the film's first picture or before it, or at the end, is left out. An edit at which the same
    source goes on is none. A dissolve or wipe is one cut at its middle; a fade is one where nothing is seen.
    """
    found: dict[float, Cut] = {}
    for kind, start_s, time_s, end_s in _joined(list(_edges(picture))):
        at_s = film_s(time_s)
        if 0.0 < at_s < film_s(length_s):
            # Two edits on one frame of the film, which a slower film may have, are one.
            found.setdefault(at_s, Cut(at_s, kind, KNOWN_STRENGTH, film_s(start_s), film_s(end_s)))
    return tuple(found[time_s] for time_s in sorted(found))


_Edge = tuple[CutKind, Fraction, Fraction, Fraction]  # kind, start, time, end: timeline seconds


def _edges(picture: Track) -> Iterator[_Edge]:
    """Every change of what is seen; black counts as one more shot."""
    used: set[Change] = set()
    for time_s, before, after in _boundaries(picture.shots):
        change = _change_at(picture.changes, time_s)
        if before is not None and after is not None and before.goes_on_in(after):
            continue
        if change is None:
            if before is not None or time_s > 0:
                yield "cut", time_s, time_s, time_s
        elif change not in used:
            used.add(change)
            yield _gradual(change, before, after)


def _boundaries(shots: Sequence[Shot]) -> Iterator[tuple[Fraction, Shot | None, Shot | None]]:
    if not shots:
        return
    yield shots[0].start_s, None, shots[0]
    for before, after in pairwise(shots):
        if before.end_s == after.start_s:
            yield before.end_s, before, after
        else:
            yield before.end_s, before, None
            yield after.start_s, None, after
    yield shots[-1].end_s, shots[-1], None


def _change_at(changes: Sequence[Change], time_s: Fraction) -> Change | None:
    after = bisect_right(changes, time_s, key=lambda change: change.start_s)
    return next((change for change in reversed(changes[max(after - 4, 0) : after]) if time_s <= change.end_s), None)


def _gradual(change: Change, before: Shot | None, after: Shot | None) -> _Edge:
    """Where a change counts as happening: scoring.analysis.Cut says where for each kind."""
    middle_s = (change.start_s + change.end_s) / 2
    if before is not None and after is not None:
        return "fade" if change.is_dip else "dissolve", change.start_s, middle_s, change.end_s
    opens_the_film = before is None and change.start_s <= 0
    blank_s = change.start_s if before is None and not opens_the_film else change.end_s
    return "fade", change.start_s, blank_s, change.end_s


def _joined(edges: Sequence[_Edge]) -> Iterator[_Edge]:
    """The changes, a fade out and the fade in soon after it as one, in the middle of the dark."""
    skip = False
    for edge, after in zip_longest(edges, edges[1:]):
        if skip:
            skip = False
            continue
        kind, start_s, _, end_s = edge
        if after is not None and kind == "fade" == after[0] and edge[2] == end_s and after[1] == after[2]:
            blank_s = after[1] - end_s
            if 0 <= blank_s <= LONGEST_BLANK_S and start_s < end_s:
                skip = True
                yield "fade", start_s, end_s + blank_s / 2, after[3]
                continue
        yield edge
