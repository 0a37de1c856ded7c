"""Cuts that a timeline knows beside those that are detected, and the time to read: python benchmarks/timelines_in.py.

Four films are made by ffmpeg from cuts that are written down first: plain hard cuts; cuts between shots that look
alike; shots of a few pictures, and flashes that are no cuts; dissolves. Each film's cuts are detected, and read from
the same edit as an OTIO file. A cut is right when it lies within ±2 pictures of one that was made and no other has
taken; of a dissolve, anywhere within it. Precision is the share of what was found that is right, recall the share of
what was made that was found.

Reading is timed on an edit of 2,000 shots as OTIO, EDL, FCPXML and Final Cut Pro 7 XML; the best of five.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import tempfile
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import opentimelineio as otio

from integrations.timelines.reading.read_timeline import read_timeline
from pipeline.analyse_video import analyse_video
from pipeline.media.ffmpeg_gate import bundled_ffmpeg
from scoring.analysis import Cut
from scoring.timebase import FrameRate
from scoring.timecode import Timecode

RATE = FrameRate(25)
TOLERANCE_S = 2 / 25
SIZE = "320x180"
LOOKS = (
    "testsrc2=s={size}",
    "mandelbrot=s={size}",
    "smptebars=s={size}",
    "gradients=s={size}:seed=3:speed=0.02",
    "color=0x305070:s={size}",
)


@dataclass(frozen=True, slots=True)
class Part:
    """A shot: its picture, how long it lasts, and the dissolve of that many pictures around its start.

    skip: pictures of its source before it, so that two shots of one source differ.
    """

    look: str
    frames: int
    dissolve: int = 0
    skip: int = 0


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--events", type=int, default=2000)
    arguments = parser.parse_args()
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors\n")
    print("| film | cuts made | detected: precision | recall | timeline: precision | recall |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as scratch:
        for name, parts in films().items():
            print_film(name, parts, Path(scratch))
        print("\n| format | shots | bytes | read in, ms |")
        print("|---|---|---|---|")
        print_times(arguments.events, Path(scratch))


def films() -> dict[str, list[Part]]:
    chance = random.Random(5)
    lengths = [chance.randint(20, 70) for _ in range(16)]
    varied = [Part(LOOKS[n % len(LOOKS)], length, skip=40 * n) for n, length in enumerate(lengths)]
    alike = [Part("testsrc2=s={size}", length, skip=75 * n) for n, length in enumerate(lengths)]
    short = [Part(LOOKS[n % 4], chance.choice([3, 5, 8, 40]), skip=30 * n) for n in range(24)]
    soft = [
        Part(part.look, part.frames + 30, 0 if n == 0 else chance.choice([8, 16, 24]), part.skip)
        for n, part in enumerate(varied)
    ]
    return {
        "hard cuts": varied,
        "look-alike shots": alike,
        "flashes and shots of 3 to 8 pictures": short,
        "dissolves": soft,
    }


def made_cuts(parts: list[Part]) -> list[tuple[float, float]]:
    """First and last moment that count as finding each cut, seconds."""
    found, now = [], 0
    for before, part in pairwise(parts):
        now += before.frames
        half_s = part.dissolve / 2 / 25
        found.append((now / 25 - half_s - TOLERANCE_S, now / 25 + half_s + TOLERANCE_S))
    return found


def marks(cuts: tuple[Cut, ...], made: list[tuple[float, float]]) -> tuple[float, float]:
    """Precision and recall."""
    free = list(made)
    right = 0
    for cut in cuts:
        taken = next((span for span in free if span[0] <= cut.time_s <= span[1]), None)
        if taken is not None:
            free.remove(taken)
            right += 1
    return right / max(len(cuts), 1), right / len(made)


def print_film(name: str, parts: list[Part], folder: Path) -> None:
    film = render(parts, folder / f"{name}.mkv", flashes=name.startswith("flashes"))
    found = analyse_video(film).analysis.shots.cuts
    otio.adapters.write_to_file(timeline_of(parts), str(folder / "film.otio"))
    known = read_timeline(folder / "film.otio", frame_rate=RATE).cuts or ()
    made = made_cuts(parts)
    figures = [*marks(found, made), *marks(known, made)]
    print(f"| {name} | {len(made)} | " + " | ".join(f"{figure:.2f}" for figure in figures) + " |", flush=True)


def render(parts: list[Part], film: Path, *, flashes: bool) -> Path:
    """The film, shot by shot; flashes: one white picture in the middle of every long shot."""
    inputs: list[str] = []
    for index, part in enumerate(parts):
        after = parts[index + 1].dissolve if index + 1 < len(parts) else 0
        count = part.frames + part.dissolve // 2 + after // 2
        look = part.look.format(size=SIZE)
        inputs += ["-ss", f"{part.skip / 25}", "-t", f"{count / 25}", "-f", "lavfi", "-i", f"{look}:r=25"]
    steps = [f"[{n}:v]settb=1/25,fps=25,format=yuv420p,setpts=PTS-STARTPTS[s{n}]" for n in range(len(parts))]
    joined, now = "s0", parts[0].frames
    for index, part in enumerate(parts[1:], 1):
        if part.dissolve:
            offset_s = (now - part.dissolve / 2) / 25
            steps.append(f"[{joined}][s{index}]xfade=duration={part.dissolve / 25}:offset={offset_s}[j{index}]")
        else:
            steps.append(f"[{joined}][s{index}]concat=n=2:v=1,settb=1/25[j{index}]")
        joined, now = f"j{index}", now + part.frames
    places, start = [], 0
    for part in parts:
        if flashes and part.frames >= 40:
            places.append(f"eq(n,{start + 20})")
        start += part.frames
    white = f",drawbox=t=fill:c=white:enable='{'+'.join(places)}'" if places else ""
    steps.append(f"[{joined}]noise=alls=4:allf=t{white}[v]")
    command = [bundled_ffmpeg(), "-v", "error", "-y", *inputs, "-filter_complex", ";".join(steps), "-map", "[v]"]
    subprocess.run([*command, "-c:v", "libx264", "-preset", "veryfast", "-crf", "20", film], check=True)
    return film


def timeline_of(parts: list[Part]) -> otio.schema.Timeline:
    timeline = otio.schema.Timeline("film", global_start_time=at(90_000))
    track = otio.schema.Track("V1", kind=otio.schema.TrackKind.Video)
    timeline.tracks.append(track)
    for index, part in enumerate(parts):
        if part.dissolve:
            track.append(
                otio.schema.Transition("dissolve", "SMPTE_Dissolve", at(part.dissolve // 2), at(part.dissolve // 2))
            )
        media = otio.schema.ExternalReference(f"/media/{index}.mov", otio.opentime.TimeRange(at(0), at(100_000)))
        track.append(otio.schema.Clip(f"{index}.mov", media, otio.opentime.TimeRange(at(50), at(part.frames))))
    return timeline


def at(frame: int) -> otio.opentime.RationalTime:
    return otio.opentime.RationalTime(frame, 25)


def print_times(events: int, folder: Path) -> None:
    parts = [Part("", 20 + n % 50) for n in range(events)]
    timeline = timeline_of(parts)
    texts = {
        "OTIO": otio.adapters.write_to_string(timeline, "otio_json"),
        "EDL": edl_of(parts),
        "FCPXML": otio.adapters.write_to_string(timeline, "fcpx_xml"),
        "FCP 7 XML": otio.adapters.write_to_string(timeline, "fcp_xml"),
    }
    for name, text in texts.items():
        path = folder / "many.txt"
        path.write_text(text, "utf-8")
        best_s = float("inf")
        for _ in range(5):
            began_s = time.perf_counter()
            edit = read_timeline(path, frame_rate=RATE)
            best_s = min(best_s, time.perf_counter() - began_s)
        assert len(edit.cuts or ()) == events - 1
        print(f"| {name} | {events} | {len(text):,} | {best_s * 1000:.0f} |", flush=True)


def edl_of(parts: list[Part]) -> str:
    timecode = Timecode(RATE)
    lines, now = ["TITLE: many", "FCM: NON-DROP FRAME"], 90_000
    for number, part in enumerate(parts, 1):
        labels = [timecode.label(frame) for frame in (50, 50 + part.frames, now, now + part.frames)]
        lines += [f"{number:04d}  AX  V  C  {' '.join(labels)}", f"* FROM CLIP NAME: {number}.mov"]
        now += part.frames
    return "\n".join(lines)


if __name__ == "__main__":
    main()
