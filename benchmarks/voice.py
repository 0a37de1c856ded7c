"""What the voice does to the music, how well pitch and pace are told, and what listening to them costs.

    python benchmarks/voice.py [--shared ../shared]

The same film with two voice tracks, the second 6 dB louder, 4 semitones higher and 1.25 times as fast: notes and
distinct onsets a bar that the composer plans for each, and how the density alone moves its level under the words. The
read speech of --shared beside the four synthesised voices where it is given.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))

from noises import RATE_HZ, Sound, over, traffic
from soundtracks import blocks, listen, synthetic
from spoken import read_sound
from talking import film_of
from two_voices import changed, lively, planned, requests_of, track, under_words_db

from pipeline.score_video import spot_video
from pipeline.wish import Wish
from scoring.analysis import Analysis
from scoring.cue_sheet import CueSheet
from scoring.speech import Speech
from scoring.style import style_names
from vision.narrow import Narrow
from vision.voice.track import VoiceTrack

WAYS: tuple[tuple[str, dict[str, float]], ...] = (
    ("as it is", {}),
    ("+4 semitones", {"higher_st": 4.0}),
    ("1.25 times the pace", {"faster": 1.25}),
    ("0.8 times the pace", {"faster": 0.8}),
    ("both", {"higher_st": 4.0, "faster": 1.25}),
)


def described(speech: Speech) -> tuple[float, float, float]:
    """(Hz, spread in semitones, syllables a second), the regions weighted by their length."""
    rows = [
        (r.duration_s, r.pitch_hz, r.pitch_spread_st, r.pace_per_s)
        for r in speech.regions
        if r.pitch_hz is not None and r.pitch_spread_st is not None and r.pace_per_s is not None
    ]
    length_s, pitch_hz, spread_st, pace = np.array(rows).T
    mean_hz, mean_st, mean_pace = (float(np.average(row, weights=length_s)) for row in (pitch_hz, spread_st, pace))
    return mean_hz, mean_st, mean_pace


def telling(voices: dict[str, Sound]) -> None:
    """Print pitch and pace of every voice in every way, and how far from what was done to it."""
    for name, sound in voices.items():
        base = described(listen(sound)[0])
        for way, change in WAYS:
            pitch_hz, spread_st, pace = described(listen(changed(sound, **change))[0])
            print(
                f"  {name}, {way}: {pitch_hz:.0f} Hz ({12 * np.log2(pitch_hz / base[0]):+.2f} st), "
                f"spread {spread_st:.1f} st, pace {pace:.2f} (x{pace / base[2]:.2f})"
            )


def spotted(sound: Sound, style: str, folder: Path, name: str) -> tuple[Analysis, CueSheet]:
    """Analysis and sheet of a film with this sound."""
    film = film_of(folder / f"{name}.mkv", sound, "stereo")
    found = spot_video(film, Wish(style=style, seed=5))
    return found.analysis, found.sheet


def contrast(name: str, phrase: Sound, folder: Path) -> None:
    """Print what two ways of saying the same make of the music."""
    slot_s = phrase.shape[1] / RATE_HZ
    for style in style_names():
        rows = []
        for way, said in (("calm", phrase), ("lively", lively(phrase))):
            analysis, sheet = spotted(track(said, slot_s), style, folder, f"{name} {way}")
            requests = requests_of(sheet, analysis.speech.ranges)
            bare = [replace(request, density=()) for request in requests]
            spoken = analysis.curve.voice[analysis.curve.voice != 0.0]
            own_db = under_words_db(requests) - under_words_db(bare)
            rows.append((planned(requests), planned(bare), float(spoken.mean()), own_db))
        (calm, plain, calm_voice, calm_db), (full, plain_too, full_voice, full_db) = rows
        print(
            f"  {name}, {style}: voice {calm_voice:+.2f} and {full_voice:+.2f}; "
            f"a bar {calm.notes:.1f} and {full.notes:.1f} notes (x{full.notes / calm.notes:.2f}), "
            f"{calm.onsets:.1f} and {full.onsets:.1f} distinct onsets (x{full.onsets / calm.onsets:.2f}); "
            f"without the voice x{plain_too.notes / plain.notes:.2f} and x{plain_too.onsets / plain.onsets:.2f}; "
            f"under the words the density moves the level {calm_db:+.2f} and {full_db:+.2f} dB"
        )


def cost(sound: Sound) -> None:
    """Print what the track of the voice takes, and the whole of listening."""
    narrow = Narrow()
    parts = [narrow.put(block.samples) for block in blocks(sound, 1024)]
    length_s = sound.shape[1] / RATE_HZ
    start_s = time.process_time()
    voice = VoiceTrack()
    for part in parts:
        voice.put(part)
    voice.finish()
    own_s = time.process_time() - start_s
    listen(sound)
    all_s = time.process_time() - start_s - own_s
    print(f"cost in CPU time: voice {own_s / length_s:.4f} of the film's length, all listening {all_s / length_s:.4f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path)
    args = parser.parse_args()
    spoken = synthetic(range(4))
    voices = {voice.name: voice.sound for voice in spoken}
    if args.shared is not None:
        voices["read"] = read_sound(args.shared / "media" / "lbr_198-209-0000.ogg")
    print("telling")
    telling(voices)
    print("the same film, two ways of speaking")
    with tempfile.TemporaryDirectory() as folder:
        for name, sound in voices.items():
            contrast(name, sound[:, : 6 * RATE_HZ], Path(folder))
    cost(np.tile(over(spoken[1].sound, spoken[1].truth, traffic(20.0, 1), 10.0), (1, 6)))


if __name__ == "__main__":
    main()
