"""How well speech and the film's own music are found, and what it costs: frame F1 on mixes whose truth is known.

    python benchmarks/listening.py --shared ../shared [--clearances 20,10,5]

Thresholds were set on the tuning half (tracks *_1, the first 7 s of the read speech, two of the four synthesised
voices); both halves are printed. Mixes are made anew each time; levels are K-weighted, speech where it sounds.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))

from composer import request_of
from noises import RATE_HZ, Sound, over, traffic
from soundtracks import (
    REPORTING_VOICES,
    TUNING_VOICES,
    Voiced,
    listen,
    of_every_kind,
    read_speech,
    real_tracks,
    synthetic,
)
from spoken import f1, frames_of

from music_engine.composer.engine import Composer
from scoring.style import style_names


def spoken_over(voices: list[Voiced], beds: dict[str, Sound], clearance_db: float) -> tuple[float, float]:
    """Pooled and worst frame F1 of speech over every bed."""
    found, truth, worst = [], [], 1.0
    for voice in voices:
        for bed in beds.values():
            speech, _ = listen(over(voice.sound, voice.truth, bed, clearance_db))
            found.append(frames_of(speech.ranges, len(voice.truth)))
            truth.append(voice.truth)
            worst = min(worst, f1(found[-1], truth[-1]))
    return f1(np.concatenate(found), np.concatenate(truth)), worst


def alone(name: str, beds: dict[str, Sound]) -> None:
    """Print how much of music alone is taken for speech, and how much is known as music."""
    spoken, known = {}, {}
    for title, bed in beds.items():
        speech, music = listen(bed)
        count = bed.shape[1] * 100 // RATE_HZ
        spoken[title] = float(frames_of(speech.ranges, count).mean())
        known[title] = float(frames_of(music.regions, count).mean())
    most, least = max(spoken, key=spoken.__getitem__), min(known, key=known.__getitem__)
    print(
        f"  {name}: taken for speech {np.mean(list(spoken.values())):.2%} (most {spoken[most]:.2%} of {most}); "
        f"known as music {np.mean(list(known.values())):.1%} (least {known[least]:.1%} of {least})"
    )


def music_found(voices: list[Voiced], beds: dict[str, Sound], clearance_db: float) -> tuple[float, float, float]:
    """Pooled and worst frame F1 of source music, and pooled F1 of speech, in soundtracks of every kind."""
    found, truth, worst, heard, said = [], [], 1.0, [], []
    for number, bed in enumerate(beds.values()):
        track = of_every_kind(voices[number % len(voices)], bed, clearance_db, seed=number)
        speech, music = listen(track.sound)
        found.append(frames_of(music.regions, len(track.music)))
        truth.append(track.music)
        heard.append(frames_of(speech.ranges, len(track.speech)))
        said.append(track.speech)
        worst = min(worst, f1(found[-1], truth[-1]))
    pooled = f1(np.concatenate(found), np.concatenate(truth))
    return pooled, worst, f1(np.concatenate(heard), np.concatenate(said))


def report(title: str, voices: list[Voiced], tracks: dict[str, Sound], clearances_db: list[float], seed: int) -> None:
    roads = {f"traffic {n}": traffic(20.0, n) for n in (seed, seed + 1)}
    print(title)
    alone("tracks alone", tracks)
    alone("traffic alone", roads)
    for clearance_db in clearances_db:
        music, road = spoken_over(voices, tracks, clearance_db), spoken_over(voices, roads, clearance_db)
        source = music_found(voices, tracks, clearance_db)
        print(
            f"  {clearance_db:4.0f} dB: speech F1 over music {music[0]:.3f} (worst {music[1]:.3f}), "
            f"over traffic {road[0]:.3f} (worst {road[1]:.3f}); "
            f"source music F1 {source[0]:.3f} (worst {source[1]:.3f}), speech in the same {source[2]:.3f}"
        )


def composed() -> dict[str, Sound]:
    """Thirty seconds of each style."""
    engine = Composer()
    return {style: engine.compose([request_of(style, 30.0)], with_stems=False)[0].audio for style in style_names()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--clearances", default="20,10,5")
    args = parser.parse_args()
    clearances_db = [float(word) for word in args.clearances.split(",")]
    media = args.shared / "media"
    for title, is_tuning, numbers in (("tuning", True, TUNING_VOICES), ("reporting", False, REPORTING_VOICES)):
        voices = [read_speech(media, tuning=is_tuning), *synthetic(numbers)]
        report(title, voices, real_tracks(args.shared, tuning=is_tuning), clearances_db, 10 if is_tuning else 20)
    alone("composer alone", composed())

    sound = np.tile(over(voices[1].sound, voices[1].truth, traffic(20.0, 1), 10.0), (1, 6))
    wall_s, cpu_s = time.perf_counter(), time.process_time()
    listen(sound)
    wall_s, cpu_s = time.perf_counter() - wall_s, time.process_time() - cpu_s
    length_s = sound.shape[1] / RATE_HZ
    print(f"cost: {cpu_s / length_s:.4f} of the film's length in CPU time, {wall_s / length_s:.4f} on the clock")


if __name__ == "__main__":
    main()
