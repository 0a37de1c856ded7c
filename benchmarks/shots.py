"""Hard cuts and their cost, side by side with PySceneDetect: python benchmarks/shots.py [--media DIR].

How it counts. A reported cut is right when it lies within ±2 pictures of a labelled hard cut that no other report has
taken. Reports inside a labelled fade or dissolve (±2 pictures) count as false, once for each fade or dissolve however
many they are. Reports beside a line labelled `ambiguous` count as nothing. Every other report is false.

PySceneDetect reads the file through its own open_video, at its defaults. We read it through pipeline.media.
"""

from __future__ import annotations

import argparse
import csv
import os
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import scenedetect

import vision
from pipeline.media.decode import FilmReader
from pipeline.media.probe import probe
from pipeline.settings import Settings
from vision.colour_motion import ColourMotion
from vision.frames import Frame, MediaItem

TOLERANCE = 2  # pictures
ONE_SHOT_CLIPS = (
    "mdn_crystal.mp4",
    "mdn_elf.mp4",
    "mdn_frog.mp4",
    "mdn_monster.mp4",
    "mpy_chaplin.mp4",
    "intel_car-detection.mp4",
    "html5demos_remy.mp4",
    "decord_flipping_a_pancake.mkv",
)
PIECE_FRAMES = (20, 45, 31, 60, 12, 38)


@dataclass(frozen=True, slots=True)
class Truth:
    """Labelled pictures of one film, counted from 0; ranges include both ends."""

    cuts: tuple[int, ...]
    gradual: tuple[tuple[int, int], ...]
    ambiguous: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Marks:
    """What one detector got right and wrong on one film."""

    right: int
    missed: int
    false: int

    def __add__(self, other: Marks) -> Marks:
        return Marks(self.right + other.right, self.missed + other.missed, self.false + other.false)

    def __str__(self) -> str:
        total = 2 * self.right + self.missed + self.false
        f1 = 2 * self.right / total if total else 1.0
        return f"F1 {f1:.3f} ({self.right} right, {self.missed} missed, {self.false} false)"


Detector = Callable[[Path], list[int]]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    shared = Path(os.environ.get("CUESMITH_SHARED", Path(__file__).resolve().parents[2] / "shared"))
    parser.add_argument("--media", type=Path, default=shared / "media", help="folder with the films and shots.csv")
    media: Path = parser.parse_args().media
    detectors: dict[str, Detector] = {
        "cuesmith": our_cuts,
        "AdaptiveDetector": lambda film: peer_cuts(film, scenedetect.AdaptiveDetector()),
        "ContentDetector": lambda film: peer_cuts(film, scenedetect.ContentDetector()),
    }
    totals = dict.fromkeys(detectors, Marks(0, 0, 0))
    with tempfile.TemporaryDirectory() as folder:
        for film, truth in films(media, Path(folder)):
            print(f"\n{film.name}")
            for name, detect in detectors.items():
                found = detect(film)
                totals[name] += (marks := mark(found, truth))
                print(f"  {name:18} {marks}  {found}")
    print("\nall of them")
    for name, marks in totals.items():
        print(f"  {name:18} {marks}")
    print_cost(media / "vaufreyd_bbb_trailer.webm")


def films(media: Path, folder: Path) -> Iterator[tuple[Path, Truth]]:
    """The labelled films, one-shot clips that hold no cut at all, and clips joined at known places."""
    for name, truth in read_truth(media / "shots.csv").items():
        yield media / name, truth
    for name in (*ONE_SHOT_CLIPS, "intel_one-by-one-person-detection.mp4"):
        yield media / name, Truth((), (), ())
    joined = folder / "joined.mp4"
    yield joined, Truth(join([media / name for name in ONE_SHOT_CLIPS], joined), (), ())


def read_truth(table: Path) -> dict[str, Truth]:
    """shots.csv by film."""
    with table.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    truths: dict[str, Truth] = {}
    for film in dict.fromkeys(row["file"] for row in rows):
        of_film = [
            (row["kind"], [int(part) for part in row["frame"].split("-")]) for row in rows if row["file"] == film
        ]
        truths[film] = Truth(
            cuts=tuple(frames[0] for kind, frames in of_film if kind == "cut"),
            gradual=tuple((frames[0], frames[-1]) for kind, frames in of_film if kind in ("fade", "dissolve")),
            ambiguous=tuple(frames[0] for kind, frames in of_film if kind == "ambiguous"),
        )
    return truths


def mark(found: list[int], truth: Truth) -> Marks:
    """Count as the module says."""
    missed, extras = list(truth.cuts), []
    for frame in found:
        nearest = min(missed, key=lambda cut: abs(cut - frame), default=None)
        if nearest is not None and abs(nearest - frame) <= TOLERANCE:
            missed.remove(nearest)
        elif all(abs(frame - place) > TOLERANCE for place in truth.ambiguous):
            extras.append(frame)
    inside: set[tuple[int, int]] = set()
    plain = 0
    for frame in extras:
        ranges = [r for r in truth.gradual if r[0] - TOLERANCE <= frame <= r[1] + TOLERANCE]
        inside.update(ranges[:1])
        plain += not ranges
    return Marks(len(truth.cuts) - len(missed), len(missed), plain + len(inside))


def our_cuts(film: Path) -> list[int]:
    """The pictures that vision calls the first of a shot."""
    times_s: list[float] = []

    def counted(items: Iterable[MediaItem]) -> Iterator[MediaItem]:
        for item in items:
            if isinstance(item, Frame):
                times_s.append(item.time_s)
            yield item

    settings = Settings()
    reader = FilmReader(probe(film, settings), settings)
    analysis = vision.analyse(counted(reader), duration_s=0.0, analyser=ColourMotion())
    hard = [cut for cut in analysis.shots.cuts if cut.kind == "cut"]
    return [int(np.argmin(np.abs(np.array(times_s) - cut.time_s))) for cut in hard]


def peer_cuts(film: Path, detector: scenedetect.SceneDetector) -> list[int]:
    """The pictures that PySceneDetect starts a scene at, the first scene left out."""
    return [start.frame_num for start, _ in scenedetect.detect(str(film), detector)[1:]]


def join(clips: list[Path], target: Path) -> tuple[int, ...]:
    """Write pieces of one-shot clips in turn, 640x360 at 25 pictures a second; the pictures at which pieces begin."""
    starts, written = [], 0
    with av.open(str(target), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        sources = [small_pictures(clip) for clip in clips]
        for frames in PIECE_FRAMES:
            for place, source in enumerate(sources):
                piece = [frame for _, frame in zip(range(frames + place), source, strict=False)]
                if len(piece) < frames + place:
                    continue  # this clip is used up
                starts.extend([written] if written else [])
                for picture in piece:
                    container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
                written += len(piece)
        container.mux(stream.encode(None))
    return tuple(starts)


def small_pictures(clip: Path) -> Iterator[np.ndarray]:
    """The clip's pictures at 640x360."""
    with av.open(str(clip)) as container:
        for frame in container.decode(video=0):
            yield frame.to_ndarray(format="rgb24", width=640, height=360)


def print_cost(film: Path) -> None:
    """CPU time of everything in vision, decoding left out."""
    settings = Settings()
    items = list(FilmReader(probe(film, settings), settings))
    pictures = sum(isinstance(item, Frame) for item in items)
    spent_s = []
    for _ in range(5):
        began_s = time.process_time()
        vision.analyse(items, duration_s=0.0, analyser=ColourMotion())
        spent_s.append(time.process_time() - began_s)
    print(
        f"\nvision: {1000 * min(spent_s) / pictures:.3f} ms CPU a picture, best of 5 on {film.name}, decoding left out"
    )


if __name__ == "__main__":
    main()
