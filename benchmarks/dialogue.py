"""How clear speech stands above the score, and how far the music comes back between the words, on whole runs.

    python benchmarks/dialogue.py [--shared ../shared] [FILM ...]

Films in which somebody speaks are made with known times (synthesised voices; read speech with --shared), scored, and
measured from the mix's two halves by a meter that shares no code with the product, against the known times. FILM:
real films, whose speech nobody marked; for them the report's own rows are printed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))

import numpy as np
import soundfile
from noises import traffic
from soundtracks import read_speech
from talking import Talk, film_of, swells_lu, talk, weighted_power, worst_clearance_lu

from pipeline.score_video import Deliverable, score_video
from pipeline.wish import Wish

HEAD = f"{'film':<44} {'asked':>6} {'true speech':>12} {'report':>7} {'swell in the pauses':>20}"


def halves(made: Deliverable) -> list[np.ndarray]:
    """The film's own sound and the music, [C, n], as mixed."""
    assert made.stems is not None
    return [
        soundfile.read(made.stems / "as mixed" / f"{name}.flac", dtype="float32")[0].T for name in ("film", "music")
    ]


def row(name: str, film: Path, said: Talk, clearance_lu: float, voice: slice, folder: Path) -> None:
    """Score one film and print what became of its speech."""
    output = folder / f"{film.stem}-{clearance_lu:g}.mkv"
    made = score_video(film, Wish(clearance_lu=clearance_lu, stems=True, output=output))
    own, music = (weighted_power(sound) for sound in (halves(made)[0][voice], halves(made)[1]))
    swells = ", ".join(f"{lu:+.1f}" for lu in swells_lu(own, music, said))
    reported = min(
        c.value for c in made.report.checks if c.name.startswith("speech over music") and c.value is not None
    )
    true_lu = worst_clearance_lu(own, music, said.truth)
    print(f"{name:<44} {clearance_lu:>6g} {true_lu:>12.1f} {reported:>7.1f} {swells:>20}", flush=True)


def in_surround(said: Talk) -> np.ndarray:
    """The speech in the centre of a 5.1 bed, traffic behind."""
    n = said.sound.shape[1]
    bed = np.zeros((6, n), np.float32)
    bed[2] = said.sound.mean(axis=0)
    behind = traffic(n / 48_000, 5)
    bed[4:, : behind.shape[1]] = 0.3 * behind
    return bed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("films", nargs="*", type=Path)
    parser.add_argument("--shared", type=Path)
    args = parser.parse_args()
    print(HEAD)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for noise_db in (40, 20, 12):
            for seed in (0, 1):
                said = talk(noise_db=noise_db, seed=seed)
                film = film_of(folder / f"talk-{noise_db}-{seed}.mkv", said.sound, "stereo")
                for clearance_lu in (10.0, 14.0, 20.0):
                    row(f"voices {seed}, {noise_db} dB over traffic", film, said, clearance_lu, slice(0, 2), folder)
        said = talk(noise_db=60, seed=1)
        film = film_of(folder / "surround.mkv", in_surround(said), "5.1")
        row("5.1, against the centre", film, said, 14.0, slice(2, 3), folder)
        if args.shared is not None:
            phrases = [read_speech(args.shared / "media", tuning=tuning) for tuning in (True, False, True)]
            said = talk(noise_db=25, speech=[(phrase.sound, phrase.truth) for phrase in phrases])
            film = film_of(folder / "read.mkv", said.sound, "stereo")
            for clearance_lu in (10.0, 14.0, 20.0):
                row("read speech, 25 dB over traffic", film, said, clearance_lu, slice(0, 2), folder)
        for film in args.films:
            made = score_video(film, Wish(output=folder / f"{film.stem}.scored.mkv"))
            told = [
                f"{c.name}: {c.value:.1f}" for c in made.report.checks if "speech" in c.name and c.value is not None
            ]
            print(f"{film.name:<44} {'; '.join(told) or 'no speech was found'}", flush=True)


if __name__ == "__main__":
    main()
