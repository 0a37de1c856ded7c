"""Dissolves and fades against known truth: python benchmarks/gradual.py [--media DIR].

Truth is twofold. The labelled films of shots.csv. And films made here: shots of real one-shot clips, played forth and
back, joined by dissolves and fades through black or white of 0.3 to 3 s at 25 pictures a second, with and without
grain. Thresholds were set on the first four clips; the figures that count are those of the other four.

How it counts: a reported change is right when it overlaps a true one of its kind that no other report has taken.
"""

from __future__ import annotations

import argparse
import csv
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path

import cv2
import numpy as np

import vision
from pipeline.media.decode import FilmReader
from pipeline.media.probe import probe
from pipeline.settings import Settings
from scoring.analysis import Cut
from vision.colour_motion import ColourMotion
from vision.frames import Frame, MediaItem

LABELLED = ("vaufreyd_bbb_trailer.webm", "tc_nasa_13013.mp4", "exo_video_big_buck_bunny.mp4")
TUNED_ON = ("mdn_crystal.mp4", "mdn_frog.mp4", "mpy_chaplin.mp4", "decord_flipping_a_pancake.mkv")
HELD_OUT = ("mdn_elf.mp4", "mdn_monster.mp4", "html5demos_remy.mp4", "intel_one-by-one-person-detection.mp4")
NO_CHANGE = (*TUNED_ON, *HELD_OUT, "intel_car-detection.mp4")
FPS = 25
LENGTHS_S = (0.3, 0.5, 0.8, 1.2, 1.8, 2.4, 3.0)
GRAINS = (0.0, 5.0)  # steps, standard deviation
LEAST_SHOT_S, MOST_SHOT_S = 1.0, 4.0

Planes = tuple[np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True, slots=True)
class Change:
    """A gradual change, seconds."""

    kind: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Marks:
    """Right, missed and false reports of one kind."""

    right: int = 0
    missed: int = 0
    false: int = 0

    def __add__(self, other: Marks) -> Marks:
        return Marks(self.right + other.right, self.missed + other.missed, self.false + other.false)

    def __str__(self) -> str:
        recall = self.right / max(1, self.right + self.missed)
        precision = self.right / max(1, self.right + self.false)
        f1 = 2 * self.right / max(1, 2 * self.right + self.missed + self.false)
        return f"F1 {f1:.3f} recall {recall:.2f} precision {precision:.2f} ({self.right}, {self.missed}, {self.false})"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    shared = Path(os.environ.get("CUESMITH_SHARED", Path(__file__).resolve().parents[2] / "shared"))
    parser.add_argument("--media", type=Path, default=shared / "media", help="folder with the films and shots.csv")
    media: Path = parser.parse_args().media
    for name in LABELLED:
        truth, frames = labelled(media, name)
        print(f"\n{name}")
        show(*compare(found_in(frames), truth))
    print("\none-shot clips, no change at all: what is reported")
    for name in NO_CHANGE:
        found = [(c.kind, round(c.start_s, 2), round(c.end_s, 2)) for c in found_in(pictures(media / name))]
        print(f"  {name:38} {found}")
    for title, names in (("tuned on", TUNED_ON), ("held out", HELD_OUT)):
        clips = [list(islice(pictures(media / name), 250)) for name in names]
        totals = {"dissolve": Marks(), "fade": Marks()}
        errors_s: list[float] = []
        for kind in totals:
            for grain in GRAINS:
                for seed in (1, 2, 3):
                    truth, frames = joined(clips, kind, grain, seed)
                    marks, more_s = compare(found_in(frames), truth)
                    errors_s += more_s
                    for one in totals:
                        totals[one] += marks[one]
        print(f"\nmade from real clips, {title}")
        show(totals, errors_s)


def show(marks: dict[str, Marks], errors_s: list[float]) -> None:
    for kind, of_kind in marks.items():
        print(f"  {kind:9} {of_kind}")
    if errors_s:
        print(f"  ends are off by {np.median(errors_s):.2f} s (median), {np.max(errors_s):.2f} s (largest)")


def compare(found: list[Cut], truth: list[Change]) -> tuple[dict[str, Marks], list[float]]:
    """Marks by kind, and by how much the ends of what is right are off, seconds."""
    marks, errors_s = {}, []
    for kind in ("dissolve", "fade"):
        left = [change for change in truth if change.kind == kind]
        total, false = len(left), 0
        for cut in (cut for cut in found if cut.kind == kind):
            match = next((c for c in left if cut.start_s < c.end_s and c.start_s < cut.end_s), None)
            if match is None:
                false += 1
                continue
            left.remove(match)
            errors_s += [abs(cut.start_s - match.start_s), abs(cut.end_s - match.end_s)]
        marks[kind] = Marks(total - len(left), len(left), false)
    return marks, errors_s


def found_in(frames: Iterable[MediaItem]) -> list[Cut]:
    """What vision reports."""
    return [c for c in vision.analyse(frames, duration_s=0.0, analyser=ColourMotion()).shots.cuts if c.kind != "cut"]


def labelled(media: Path, name: str) -> tuple[list[Change], list[Frame]]:
    """The true changes of a film of shots.csv, and its pictures."""
    frames = list(pictures(media / name))
    with (media / "shots.csv").open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["file"] == name and row["kind"] in ("dissolve", "fade")]
    changes = []
    for row in rows:
        first, last = (frames[int(part)].time_s for part in row["frame"].split("-"))
        changes.append(Change(row["kind"], first, last))
    return changes, frames


def pictures(film: Path) -> Iterator[Frame]:
    """Every picture of a film as vision gets it."""
    settings = Settings()
    return (item for item in FilmReader(probe(film, settings), settings) if isinstance(item, Frame))


def joined(clips: list[list[Frame]], kind: str, grain: float, seed: int) -> tuple[list[Change], Iterator[Frame]]:
    """A film of shots joined by changes of one kind, every length once in random order."""
    rng = np.random.default_rng(seed)
    lengths_s = rng.permutation(LENGTHS_S)
    bodies = rng.integers(int(LEAST_SHOT_S * FPS), int(MOST_SHOT_S * FPS), len(lengths_s) + 1)
    order = [int(k) % len(clips) for k in np.arange(len(bodies)) + rng.integers(len(clips))]
    truth, schedule, at = [], [], 0
    for number, body in enumerate(bodies):
        schedule += [(number, number, 0.0)] * int(body)
        at += int(body)
        if number < len(lengths_s):
            steps = round(float(lengths_s[number]) * FPS)
            truth.append(Change(kind, at / FPS, (at + steps) / FPS))
            schedule += [(number, number + 1, (k + 1) / (steps + 1)) for k in range(steps)]
            at += steps
    blanks = rng.choice([16, 235], len(bodies))
    starts = rng.integers(0, 200, len(bodies))

    def frames() -> Iterator[Frame]:
        clocks = [count(int(start)) for start in starts]
        for index, (one, other, share) in enumerate(schedule):
            a = scaled(turned(clips[order[one]], next(clocks[one])))
            if one != other:
                b = scaled(turned(clips[order[other]], next(clocks[other])))
                a = mixed(a, b, share) if kind == "dissolve" else faded(a, b, share, int(blanks[one]))
            luma = a[0] + rng.normal(0, grain, a[0].shape) if grain else a[0]
            luma, cb, cr = (np.clip(np.round(plane), 0, 255).astype(np.uint8) for plane in (luma, *a[1:]))
            yield Frame(index / FPS, luma, cb, cr)

    return truth, frames()


def turned(clip: list[Frame], step: int) -> Frame:
    """The clip played forth and back for ever."""
    place = step % (2 * len(clip) - 2)
    return clip[min(place, 2 * len(clip) - 2 - place)]


def scaled(frame: Frame) -> Planes:
    """Luma at 320x180, chroma at half of it, as float."""
    luma = cv2.resize(frame.luma, (320, 180), interpolation=cv2.INTER_AREA).astype(float)
    cb, cr = (cv2.resize(p, (160, 90), interpolation=cv2.INTER_AREA).astype(float) for p in (frame.cb, frame.cr))
    return luma, cb, cr


def mixed(a: Planes, b: Planes, share: float) -> Planes:
    """(1 − share) of a and share of b."""
    luma, cb, cr = ((1 - share) * x + share * y for x, y in zip(a, b, strict=True))
    return luma, cb, cr


def faded(a: Planes, b: Planes, share: float, blank: int) -> Planes:
    """Out of a to a plain field in the first half, into b in the second."""
    plain = (np.full_like(a[0], blank), np.full_like(a[1], 128), np.full_like(a[2], 128))
    return mixed(a, plain, 2 * share) if share < 0.5 else mixed(plain, b, 2 * share - 1)


if __name__ == "__main__":
    main()
