"""Make the set that no check may fail on: scored films in which nothing is wrong.

    python benchmarks/clean_set.py OUT --films DIR [--shared ../shared] [--only KIND-NN ...]

DIR: the twelve films of benchmarks/films.py. Into OUT go, for each member of the set, the finished file and its
evidence (pipeline.card.evidence, by benchmarks/faults/kept.py), KIND-NN.pkl:

    composer-NN   a film scored by the embedded composer through the whole pipeline, with its plan
    track-NN      a film with a real neural track under it, laid by another hand: no plan, measured against its source
    media-NN      a real recording as it is

What is in the set stands in benchmarks/clean_set.toml and was fixed before any threshold was set. What is there already
is left as it is.
"""

from __future__ import annotations

import argparse
import json
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import soxr
from faults.base import finished
from faults.kept import keep
from film import ffmpeg
from films import decoded, joined

from pipeline.card.evidence import Evidence
from pipeline.inspection.inspect import inspect_video
from pipeline.job import open_job
from pipeline.report.evidence import gather
from pipeline.report.run import Run
from pipeline.settings import Settings
from pipeline.sound.loudness import LoudnessMeter
from pipeline.wish import Silent, Wish
from scoring.timebase import SAMPLE_RATE_HZ

SHARED = Path(__file__).resolve().parents[2] / "shared"
TABLE = Path(__file__).with_suffix(".toml")
CROSSFADE_S = 2.0
END_FADE_S = 3.0
MUSIC_LUFS = -20.0
UNDER_SPEECH_DB = -12.0  # a duck drawn by hand
DUCK_RAMP_S = 0.4
DELIVERED_LUFS = -16.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where things lie. out: what is made. films: the twelve films. shared: tracks and recordings."""

    out: Path
    films: Path
    shared: Path


def scored(row: dict[str, Any], name: str, place: Place) -> Run:
    """A film scored by the composer; what the stages left stays in a folder of its name."""
    folder = place.out / "files" / name
    folder.mkdir(parents=True, exist_ok=True)
    wish = Wish(
        style=row["style"],
        seed=row["seed"],
        engine="composer",
        loudness=row.get("loudness", "web"),
        output=folder / f"film{row.get('suffix', '.mp4')}",
        music=True,  # keeps the laid music, for faults to be put into
    )
    job = open_job(place.films / f"{row['film']}.mp4", wish, Silent(), Settings())
    return finished(job, folder)


def of_composer(row: dict[str, Any], name: str, place: Place) -> Evidence:
    """The evidence of a film scored by the composer."""
    return gather(scored(row, name, place))


def of_tracks(row: dict[str, Any], name: str, place: Place) -> Evidence:
    """A film with tracks laid under it, measured against its own sound."""
    film = place.films / f"{row['film']}.mp4"
    path = place.out / "files" / f"{name}.mp4"
    truth = json.loads(film.with_suffix(".truth.json").read_text(encoding="utf-8"))
    from_s, to_s = row.get("stretch", [0.0, truth["duration_s"]])
    source = film
    if "stretch" in row:
        source = path.with_name(f"{name}.source.mp4")
    if not source.exists():
        coder = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "24", "-c:a", "aac", "-b:a", "192k"]
        ffmpeg("-ss", str(from_s), "-t", str(to_s - from_s), "-i", film, *coder, source)
    if not path.exists():
        lay_tracks(row, source, from_s, to_s, truth["speech"], path, place)
    return inspect_video(path, source=source if truth["has_sound"] else "none", settings=Settings()).evidence


def lay_tracks(
    row: dict[str, Any], source: Path, from_s: float, to_s: float, speech: list[list[float]], path: Path, place: Place
) -> None:
    """The finished film: the source's picture, its sound with the tracks ducked under it, levelled and coded."""
    own = decoded(source, 0.0, to_s - from_s)
    total = round((to_s - from_s) * SAMPLE_RATE_HZ)
    own = np.pad(own, ((0, 0), (0, max(0, total - own.shape[1]))))[:, :total]
    tracks = [track(place.shared / "ace-step-tracks" / f"{one}.opus") for one in row["tracks"]]
    music = at_lufs(laid_end_to_end(tracks, total), MUSIC_LUFS + row.get("level_db", 0.0))
    spoken = [[a - from_s, b - from_s] for a, b in speech if b > from_s and a < to_s]
    mix = own + music * ducked(spoken, total)
    wav, part = path.with_suffix(".wav"), path.with_suffix(".part.mp4")
    soundfile.write(wav, at_lufs(mix, DELIVERED_LUFS).T, SAMPLE_RATE_HZ, "FLOAT")
    ffmpeg(
        "-i", source, "-i", wav, "-map", "0:v", "-map", "1:a", "-c:v", "copy",
        "-af", "alimiter=limit=0.84:attack=5:release=80:level=false:latency=true", "-c:a", "aac", "-b:a", "192k", part,
    )  # fmt: skip
    wav.unlink()
    part.rename(path)


def of_media(row: dict[str, Any], name: str, place: Place) -> Evidence:
    """A recording as it is; one without a picture gets a black one, its sound copied."""
    path = place.shared / "media" / row["file"]
    if row.get("is_sound_only"):
        film = place.out / "files" / f"{name}.mkv"
        ffmpeg(
            "-f", "lavfi", "-i", "color=black:s=192x108:r=10", "-i", path, "-map", "0:v", "-map", "1:a:0",
            "-c:a", "copy", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-shortest", film,
        )  # fmt: skip
        path = film
    return inspect_video(path, settings=Settings()).evidence


def track(path: Path) -> np.ndarray:
    """[2, n] at 48 kHz."""
    samples, rate_hz = soundfile.read(path, dtype="float32", always_2d=True)
    return np.asarray((samples if rate_hz == SAMPLE_RATE_HZ else soxr.resample(samples, rate_hz, SAMPLE_RATE_HZ)).T)


def laid_end_to_end(tracks: list[np.ndarray], total: int) -> np.ndarray:
    """Tracks over each other's ends, from the first again as often as it takes; faded where the film ends."""
    fade = round(CROSSFADE_S * SAMPLE_RATE_HZ)
    up = np.sqrt(np.linspace(0, 1, fade, dtype=np.float32))
    music = tracks[0].copy()
    turn = 1
    while music.shape[1] < total:
        after = tracks[turn % len(tracks)].copy()
        music[:, -fade:] *= up[::-1]
        after[:, :fade] *= up
        music[:, -fade:] += after[:, :fade]
        music = np.concatenate([music, after[:, fade:]], axis=1)
        turn += 1
    music = music[:, :total].copy()
    end = round(END_FADE_S * SAMPLE_RATE_HZ)
    music[:, -end:] *= np.linspace(1, 0, end, dtype=np.float32)
    return music


def ducked(spoken: list[list[float]], total: int) -> np.ndarray:
    """[total] a gain drawn by hand: down while somebody speaks and over short pauses."""
    points = np.zeros(round(total / SAMPLE_RATE_HZ * 100) + 1)
    at_s = np.arange(points.size) / 100
    for start_s, end_s in joined(spoken, 1.5) if spoken else []:
        shape = np.clip(np.minimum(at_s - start_s + DUCK_RAMP_S, end_s + DUCK_RAMP_S - at_s) / DUCK_RAMP_S, 0, 1)
        points = np.maximum(points, shape)
    curve_db = np.interp(np.arange(total) / SAMPLE_RATE_HZ, at_s, points * UNDER_SPEECH_DB)
    return np.asarray(10 ** (curve_db / 20), np.float32)


def at_lufs(sound: np.ndarray, lufs: float) -> np.ndarray:
    """The sound at an integrated loudness."""
    meter = LoudnessMeter()
    meter.add(sound)
    return np.asarray(sound * 10 ** ((lufs - meter.integrated_lufs) / 20), np.float32)


KINDS: dict[str, Callable[[dict[str, Any], str, Place], Evidence]] = {
    "composer": of_composer,
    "track": of_tracks,
    "media": of_media,
}


def make(place: Place, only: Sequence[str] = (), *, again: bool = False) -> None:
    """What is not there yet. only: names, all when empty. again: read what is there again, its features are others."""
    (place.out / "files").mkdir(parents=True, exist_ok=True)
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    for kind, read in KINDS.items():
        for number, row in enumerate(table[kind], start=1):
            name = f"{kind}-{number:02}"
            path = place.out / f"{name}.pkl"
            if (path.exists() and not again) or (only and name not in only):
                continue
            keep(path, read(row, name, place))
            print(name, row, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--films", type=Path, required=True)
    parser.add_argument("--shared", type=Path, default=SHARED)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--again", action="store_true", help="read the finished films again")
    args = parser.parse_args()
    make(Place(args.out, args.films, args.shared), args.only, again=args.again)


if __name__ == "__main__":
    main()
