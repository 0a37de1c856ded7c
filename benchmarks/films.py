"""Build the twelve films that "per film" figures are measured on, from shared clips, seeded, with their truth beside.

    python benchmarks/films.py FOLDER [--shared ../shared/media] [--only NAME ...]

Each film is 60 to 180 s at 640x360, 25 pictures a second, H.264 and AAC. NAME.truth.json beside NAME.mp4 holds what is
in it: cuts (time and kind), where somebody speaks, where there is no sound at all, where music of the film's own plays.
benchmarks/films.toml says what each film is made of. Films that are there already are left as they are.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))

import numpy as np
import soundfile
import soxr
from film import ffmpeg
from noises import RATE_HZ, Sound, traffic, weighted_db
from spoken import FRAME_SAMPLES, read_sound, truth_of

from pipeline.media.ffmpeg_gate import bundled_ffmpeg

SHARED = Path(__file__).resolve().parents[2] / "shared" / "media"
RECIPES = Path(__file__).with_suffix(".toml")
SPEECH = "lbr_198-209-0000.ogg"
MUSIC = "vaufreyd_bbb_trailer.webm"
MUSIC_FROM_S = 5.0
PICTURES_PER_S = 25
FADE_S = 0.4
SPEECH_DB = -23.0  # K-weighted, where somebody speaks
SPEEDS = (1.0, 1.12, 0.9)  # the one reader as three people
EDGE_S = 0.01  # sounds are faded in and out so long, so that a cut does not click
SHORTEST_SILENCE_S = 0.5


@dataclass(frozen=True, slots=True)
class Shot:
    """A stretch of a clip as it stands in a film. pictures: how many; start: the film's picture it begins at."""

    clip: dict[str, Any]
    from_s: float
    start: int
    pictures: int
    fades: bool
    act: dict[str, Any]
    look: str

    @property
    def start_s(self) -> float:
        """Where it begins in the film."""
        return self.start / PICTURES_PER_S

    @property
    def duration_s(self) -> float:
        """Its length."""
        return self.pictures / PICTURES_PER_S


def build(recipe: dict[str, Any], clips: list[dict[str, Any]], shared: Path, folder: Path, seed: int) -> Path:
    """One film and its truth, unless it is there."""
    path = folder / f"{recipe['name']}.mp4"
    if path.exists():
        return path
    rng = np.random.default_rng(seed)
    shots = list(cast(recipe["acts"], clips, rng))
    total_s = shots[-1].start_s + shots[-1].duration_s
    truth: dict[str, Any] = {
        "film": path.name,
        "seed": seed,
        "duration_s": total_s,
        "frame_rate": PICTURES_PER_S,
        "cuts": [{"time_s": shot.start_s, "kind": "fade" if shot.fades else "cut"} for shot in shots[1:]],
        "speech": [],
        "silences": [],
        "music": [],
        "has_sound": not recipe.get("mute", False),
    }
    wav = None
    if truth["has_sound"]:
        wav = path.with_suffix(".wav")
        sound, truth["speech"], truth["music"] = soundtrack(shots, shared, rng)
        truth["silences"] = silences(sound)
        soundfile.write(wav, sound.T, RATE_HZ, "PCM_24")
    part = path.with_suffix(".part.mp4")
    draw(shots, shared, wav, part)
    if wav is not None:
        wav.unlink()
    path.with_suffix(".truth.json").write_text(json.dumps(truth, indent=1) + "\n", encoding="utf-8")
    part.rename(path)
    return path


def cast(acts: list[dict[str, Any]], clips: list[dict[str, Any]], rng: np.random.Generator) -> Iterator[Shot]:
    """Which stretch of which clip stands where. No clip follows itself."""
    at, last = 0, ""
    for act in acts:
        end = at + round(act["seconds"] * PICTURES_PER_S)
        while at < end:
            wanted_s = rng.uniform(*act["shot_s"])
            left = end - at
            # What is left must not be a splinter.
            pictures = left if left < (wanted_s + 0.6) * PICTURES_PER_S else round(wanted_s * PICTURES_PER_S)
            fitting = [c for c in clips if c["kind"] in act["kind"] and c["file"] != last]
            longest_s = max(c["to_s"] - c.get("from_s", 0.0) for c in fitting)
            pictures = min(pictures, math.floor(longest_s * PICTURES_PER_S))
            long_enough = [c for c in fitting if c["to_s"] - c.get("from_s", 0.0) >= pictures / PICTURES_PER_S]
            clip = long_enough[rng.integers(len(long_enough))]
            spare_s = clip["to_s"] - clip.get("from_s", 0.0) - pictures / PICTURES_PER_S
            look = f"hue=h={rng.integers(-12, 13)}:s={rng.uniform(0.7, 1.2):.2f}"
            look += ",hflip" if rng.random() < 0.5 else ""
            fades = act.get("join", "cut") == "fade" and at > 0
            yield Shot(clip, clip.get("from_s", 0.0) + rng.uniform(0, spare_s), at, pictures, fades, act, look)
            at, last = at + pictures, clip["file"]


def soundtrack(shots: list[Shot], shared: Path, rng: np.random.Generator) -> tuple[Sound, list[Any], list[Any]]:
    """[2, n], and the seconds in which somebody speaks and in which music plays."""
    total = round((shots[-1].start_s + shots[-1].duration_s) * RATE_HZ)
    sound = np.zeros((2, total), np.float32)
    speech: list[list[float]] = []
    music: list[list[float]] = []
    for shot in shots:
        if "own_db" in shot.act:
            lay(sound, own_sound(shared / shot.clip["file"], shot) * gain(shot.act["own_db"]), shot.start_s)
            if shot.clip.get("has_music"):
                music.append([shot.start_s, shot.start_s + shot.duration_s])
    starts: dict[int, tuple[dict[str, Any], float, float]] = {}
    for shot in shots:
        act, first_s, _ = starts.get(id(shot.act), (shot.act, shot.start_s, 0.0))
        starts[id(shot.act)] = (act, first_s, shot.start_s + shot.duration_s)
    for act, first_s, end_s in starts.values():
        if "street_db" in act:
            street = traffic(end_s - first_s, int(rng.integers(2**31)))
            lay(sound, street * gain(act["street_db"] - weighted_db(street)), first_s)
        if act.get("music"):
            heard = decoded(shared / MUSIC, MUSIC_FROM_S, end_s - first_s)
            lay(sound, heard, first_s)
            music.append([first_s, end_s])
        if act.get("speech"):
            speech += read_aloud(sound, shared, act["speech"], first_s, end_s, rng)
    return np.clip(sound, -0.99, 0.99), speech, music


def read_aloud(
    sound: Sound, shared: Path, share: float, first_s: float, end_s: float, rng: np.random.Generator
) -> list[list[float]]:
    """Lay phrases with pauses until the act's share is spoken; where words are, to the 10 ms."""
    speed = SPEEDS[rng.integers(len(SPEEDS))]
    read = read_sound(shared / SPEECH)
    voice: Sound = soxr.resample(read.T, RATE_HZ * speed, RATE_HZ).T.astype(np.float32)
    truth = truth_of(voice)
    voice *= gain(SPEECH_DB - weighted_db(voice, truth))
    edges = np.flatnonzero(np.diff(np.concatenate([[0], truth.astype(np.int8), [0]]))).reshape(-1, 2)
    phrases = joined([[float(a) / 100, float(b) / 100] for a, b in edges], 0.35)
    spoken: list[list[float]] = []
    at_s, turn = first_s + rng.uniform(0.3, 2.0), int(rng.integers(len(phrases)))
    while True:
        start_s, stop_s = phrases[turn % len(phrases)]
        if at_s + stop_s - start_s > end_s - 0.3:
            return spoken
        lay(sound, voice[:, round(start_s * RATE_HZ) : round(stop_s * RATE_HZ)], at_s)
        inside = [r for r in edges / 100 if start_s - 1e-6 <= r[0] and r[1] <= stop_s + 1e-6]
        spoken += [[round(at_s + float(a) - start_s, 2), round(at_s + float(b) - start_s, 2)] for a, b in inside]
        # Pauses make up what is not spoken: short ones often, a long one now and then.
        mean_s = (stop_s - start_s) * (1 / share - 1)
        at_s += stop_s - start_s + mean_s * (rng.uniform(0.3, 0.7) if turn % 3 else rng.uniform(1.4, 2.2))
        turn += 1


def joined(stretches: list[list[float]], gap_s: float) -> list[list[float]]:
    """Stretches nearer than gap_s as one."""
    found = [list(stretches[0])]
    for start_s, end_s in stretches[1:]:
        if start_s - found[-1][1] < gap_s:
            found[-1][1] = end_s
        else:
            found.append([start_s, end_s])
    return found


def silences(sound: Sound) -> list[list[float]]:
    """Where there is no sound at all for half a second and more, seconds."""
    frames = sound.shape[1] // FRAME_SAMPLES
    quiet = np.abs(sound[:, : frames * FRAME_SAMPLES]).reshape(2, frames, -1).max(axis=(0, 2)) < 1e-5
    edges = np.flatnonzero(np.diff(np.concatenate([[0], quiet.astype(np.int8), [0]]))).reshape(-1, 2)
    return [[float(a) / 100, float(b) / 100] for a, b in edges if b - a >= 100 * SHORTEST_SILENCE_S]


def own_sound(path: Path, shot: Shot) -> Sound:
    """A shot's own sound, silence where its clip has none."""
    return decoded(path, shot.from_s, shot.duration_s)


def decoded(path: Path, from_s: float, duration_s: float) -> Sound:
    """[2, n] of a file's sound, [2, 0] where it has none."""
    command = [
        bundled_ffmpeg(), "-v", "quiet", "-ss", f"{from_s:.3f}", "-t", f"{duration_s:.3f}", "-i", path,
        "-map", "0:a:0?", "-ac", "2", "-ar", str(RATE_HZ), "-f", "f32le", "-",
    ]  # fmt: skip
    raw = subprocess.run([str(part) for part in command], capture_output=True, check=False).stdout
    return np.frombuffer(raw, np.float32).reshape(-1, 2).T.copy()


def lay(sound: Sound, heard: Sound, at_s: float) -> None:
    """Add a stretch at a time, its edges faded, in place."""
    first = round(at_s * RATE_HZ)
    heard = heard[:, : sound.shape[1] - first].copy()
    edge = min(round(EDGE_S * RATE_HZ), heard.shape[1] // 2)
    if edge:
        ramp = np.linspace(0, 1, edge, dtype=np.float32)
        heard[:, :edge] *= ramp
        heard[:, -edge:] *= ramp[::-1]
    sound[:, first : first + heard.shape[1]] += heard


def gain(level_db: float) -> np.float32:
    """As a factor."""
    return np.float32(10 ** (level_db / 20))


def draw(shots: list[Shot], shared: Path, wav: Path | None, path: Path) -> None:
    """The pictures, one input a shot, and the sound beside."""
    inputs: list[str | Path] = []
    chains = []
    for number, shot in enumerate(shots):
        inputs += ["-ss", f"{shot.from_s:.3f}", "-t", f"{shot.duration_s + 0.5:.3f}", "-i", shared / shot.clip["file"]]
        chain = (
            f"[{number}:v:0]fps={PICTURES_PER_S},scale=640:360:force_original_aspect_ratio=increase,crop=640:360,"
            f"setsar=1,{shot.look},format=yuv420p,tpad=stop_mode=clone:stop_duration=1,"
            f"trim=end_frame={shot.pictures},setpts=PTS-STARTPTS"
        )
        if shot.fades:
            chain += f",fade=t=in:d={FADE_S}"
        if number + 1 < len(shots) and shots[number + 1].fades:
            chain += f",fade=t=out:st={shot.duration_s - FADE_S:.3f}:d={FADE_S}"
        chains.append(f"{chain}[v{number}]")
    graph = ";".join(chains) + ";" + "".join(f"[v{n}]" for n in range(len(shots))) + f"concat=n={len(shots)}:v=1[v]"
    heard = [] if wav is None else ["-i", wav, "-map", f"{len(shots)}:a", "-c:a", "aac", "-b:a", "160k"]
    ffmpeg(
        *inputs, *heard[:2], "-filter_complex", graph, "-map", "[v]", *heard[2:], "-c:v", "libx264", "-preset",
        "veryfast", "-crf", "24", "-threads", "2", "-movflags", "+faststart", path,
    )  # fmt: skip


def make(folder: Path, shared: Path, only: Sequence[str] = ()) -> list[Path]:
    """The films that are asked for, all of them by default; shared: the folder of the clips."""
    folder.mkdir(parents=True, exist_ok=True)
    recipes = tomllib.loads(RECIPES.read_text(encoding="utf-8"))
    return [
        build(recipe, recipes["clip"], shared, folder, seed)
        for seed, recipe in enumerate(recipes["film"])
        if not only or recipe["name"] in only
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--shared", type=Path, default=SHARED)
    parser.add_argument("--only", nargs="*", default=[])
    args = parser.parse_args()
    for path in make(args.folder, args.shared, args.only):
        print(path, flush=True)


if __name__ == "__main__":
    main()
