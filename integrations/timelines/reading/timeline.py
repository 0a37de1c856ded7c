"""What every format is read into: tracks of shots in exact timeline seconds, and marks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import pairwise, zip_longest

from scoring.errors import TimelineError

MOST_SHOTS = 100_000  # nested timelines may name each other, so that a small file stands for a vast one
DEEPEST = 24  # timelines within timelines
OURS = "cuesmith:"  # begins what Cuesmith writes into its own markers


@dataclass(frozen=True, slots=True)
class Shot:
    """A stretch of a track, [start_s, end_s) of the timeline, that shows one source.

    media: what is shown, "" where it cannot be told from others. from_s: the place in it that start_s shows.
    speed: source seconds a timeline second.
    """

    start_s: Fraction
    end_s: Fraction
    media: str = ""
    from_s: Fraction = Fraction(0)
    speed: Fraction = Fraction(1)

    def part(self, start_s: Fraction, end_s: Fraction) -> Shot:
        """What of it lies between two times within it."""
        return Shot(start_s, end_s, self.media, self.from_s + (start_s - self.start_s) * self.speed, self.speed)

    def goes_on_in(self, after: Shot) -> bool:
        """Whether a shot that follows at once shows the same source going on: an edit that nobody sees."""
        ends_at_s = self.from_s + (self.end_s - self.start_s) * self.speed
        return bool(self.media) and (self.media, self.speed, ends_at_s) == (after.media, after.speed, after.from_s)


@dataclass(frozen=True, slots=True)
class Change:
    """A dissolve, wipe or fade between two shots of a track. is_dip: through a plain colour."""

    start_s: Fraction
    end_s: Fraction
    is_dip: bool = False


@dataclass(frozen=True, slots=True)
class Track:
    """One video track. Where it has no shot, what lies below it is seen."""

    shots: tuple[Shot, ...] = ()
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Marked:
    """A marker of the timeline. is_ours: whether Cuesmith made it."""

    time_s: Fraction
    name: str = ""
    colour: str = ""
    note: str = ""
    is_ours: bool = False


@dataclass(frozen=True, slots=True)
class Timeline:
    """A timeline, its first picture at 0 s.

    rate: its frames a second. start_frame: what its timecode counts there; is_drop: whether in drop-frame.
    tracks: of pictures, the lowest first. duration_s: None where the file does not say.
    """

    rate: Fraction
    start_frame: int = 0
    tracks: tuple[Track, ...] = ()
    marks: tuple[Marked, ...] = ()
    duration_s: Fraction | None = None
    is_drop: bool = False


@dataclass(slots=True)
class Budget:
    """Counts shots while a file is read, so that what it unfolds to stays small. where: the file, for the message."""

    where: str
    left: int = field(default=MOST_SHOTS)

    def take(self, shots: int = 1) -> None:
        """Raise TimelineError when there are more than MOST_SHOTS."""
        self.left -= shots
        if self.left < 0:
            raise TimelineError(f"{self.where} has more than {MOST_SHOTS} shots", "Export one film's timeline")

    def deeper(self, depth: int) -> int:
        """One level further down. Raises TimelineError below DEEPEST."""
        if depth >= DEEPEST:
            raise TimelineError(
                f"{self.where} has timelines within timelines, more than {DEEPEST} deep",
                "Flatten it in the editor, then export it again",
            )
        return depth + 1


def nested_marks(marks: Iterable[Marked], place: Place) -> Iterator[Marked]:
    """The marks of a timeline within another, at the outer times; those that are cut off are left out."""
    for mark in marks if place.speed > 0 else ():
        time_s = place.outer_s(mark.time_s)
        if place.start_s <= time_s < place.end_s:
            yield replace(mark, time_s=time_s)


def is_ours(texts: Iterable[str]) -> bool:
    """Whether a marker with these texts was made by Cuesmith."""
    return any(OURS in text for text in texts)


def flatten(tracks: Iterable[Track], budget: Budget) -> Track:
    """The picture that is seen: of every moment the topmost track that has a shot there."""
    rows = [_in_order(track) for track in tracks]
    edges_s = sorted({edge_s for row in rows for shot in row.shots for edge_s in (shot.start_s, shot.end_s)})
    seen: list[Shot] = []
    owners: list[tuple[int, Shot]] = []
    walks = [_Walk(row.shots) for row in rows]
    for start_s, end_s in pairwise(edges_s):
        found = next(((n, shot) for n in reversed(range(len(rows))) if (shot := walks[n].at(start_s))), None)
        if found is None:
            continue
        if seen and owners[-1] == found and seen[-1].end_s == start_s:
            seen[-1] = found[1].part(seen[-1].start_s, end_s)
            continue
        budget.take()
        seen.append(found[1].part(start_s, end_s))
        owners.append(found)
    edges_of: list[set[Fraction]] = [set() for _ in rows]
    for shot, (n, _) in zip(seen, owners, strict=True):
        edges_of[n] |= {shot.start_s, shot.end_s}
    changes = [change for n, row in enumerate(rows) for change in _touching(row.changes, edges_of[n])]
    return Track(tuple(seen), tuple(sorted(changes, key=lambda change: change.start_s)))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a timeline lies in another: from start_s to end_s of the outer one.

    from_s: the inner time that start_s shows. speed: inner seconds an outer second.
    """

    start_s: Fraction
    end_s: Fraction
    from_s: Fraction = Fraction(0)
    speed: Fraction = Fraction(1)

    def outer_s(self, inner_s: Fraction) -> Fraction:
        """The outer time at which an inner one is seen, speed above 0."""
        return self.start_s + (inner_s - self.from_s) / self.speed


def nested(inner: Track, place: Place, budget: Budget) -> Track:
    """What of a timeline is seen within another; one still picture where its speed is 0 or less."""
    start_s, end_s, from_s, speed = place.start_s, place.end_s, place.from_s, place.speed
    if speed <= 0:
        return Track((Shot(start_s, end_s),))
    budget.take(len(inner.shots))
    outer_s = place.outer_s

    shots = []
    for shot in inner.shots:
        first_s, last_s = max(outer_s(shot.start_s), start_s), min(outer_s(shot.end_s), end_s)
        if first_s < last_s:
            begins_s = shot.from_s + ((first_s - start_s) * speed + from_s - shot.start_s) * shot.speed
            shots.append(Shot(first_s, last_s, shot.media, begins_s, shot.speed * speed))
    changes = [
        Change(max(outer_s(c.start_s), start_s), min(outer_s(c.end_s), end_s), c.is_dip)
        for c in inner.changes
        if outer_s(c.start_s) < end_s and outer_s(c.end_s) > start_s
    ]
    return Track(tuple(shots), tuple(changes))


class _Walk:
    """Finds the shot at rising times."""

    def __init__(self, shots: tuple[Shot, ...]) -> None:
        self._shots = shots
        self._next = 0

    def at(self, time_s: Fraction) -> Shot | None:
        while self._next < len(self._shots) and self._shots[self._next].end_s <= time_s:
            self._next += 1
        if self._next < len(self._shots) and self._shots[self._next].start_s <= time_s:
            return self._shots[self._next]
        return None


def _in_order(track: Track) -> Track:
    """The shots in time order, none empty, each cut short where the next begins."""
    shots = sorted((shot for shot in track.shots if shot.start_s < shot.end_s), key=lambda shot: shot.start_s)
    ended = []
    for shot, after in zip_longest(shots, shots[1:]):
        end_s = min(shot.end_s, after.start_s) if after else shot.end_s
        if shot.start_s < end_s:
            ended.append(shot.part(shot.start_s, end_s))
    return Track(tuple(ended), track.changes)


def _touching(changes: Iterable[Change], edges_s: set[Fraction]) -> Iterator[Change]:
    """The changes with an edge of the picture within them: the others are hidden."""
    ordered = sorted(edges_s)
    n = 0
    for change in sorted(changes, key=lambda one: one.start_s):
        while n < len(ordered) and ordered[n] < change.start_s:
            n += 1
        if n < len(ordered) and ordered[n] <= change.end_s:
            yield change
