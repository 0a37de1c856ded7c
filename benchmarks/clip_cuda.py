"""The CLIP encoder on a graphics card: pictures a second, absolute, and beside the usual way over a film.

python benchmarks/clip_cuda.py --out clip_cuda.json
python benchmarks/clip_cuda.py --device cpu --quick     the same code on a machine without a card
Random weights at the real sizes. Asked: the usual way (moviepy, full size, one picture at a time, float32 on the same
card) takes at least 5 times as long as our pass.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from clip_passes import awaited, compare, loaded, missing_for_films, random_weights, short_film, stills_of

from vision.clip.torch_encoder import TorchEncoder
from vision.frames import Plane

GOAL_TIMES = 5.0
AHEAD = 4  # batches begun before the first is waited for
MEASURED_S = 0.6


def rate(work: Callable[[], None], pictures: int) -> float:
    """Pictures a second, after two runs that warm up."""
    for _ in range(2):
        work()
    awaited()
    began_s, done = time.perf_counter(), 0
    while done == 0 or time.perf_counter() - began_s < MEASURED_S:
        work()
        done += pictures
        if done % (AHEAD * pictures) == 0:
            awaited()
    awaited()
    return done / (time.perf_counter() - began_s)


def through_pictures(encoder: TorchEncoder, pictures: list[Plane], batch: int) -> float:
    """From uint8 pictures in main memory to vectors in main memory."""
    pending: list[Callable[[], Any]] = []

    def work() -> None:
        pending.append(encoder.pictures(pictures[:batch]))
        if len(pending) > AHEAD:
            pending.pop(0)()

    for _ in range(2):
        work()
    began_s, done = time.perf_counter(), 0
    while done == 0 or time.perf_counter() - began_s < MEASURED_S:
        work()
        done += batch
    while pending:
        pending.pop()()
    return done / (time.perf_counter() - began_s)


def bare(encoder: TorchEncoder, pictures: list[Plane], batch: int) -> float:
    """The network alone, its input on the device."""
    with encoder._computing():
        shown = encoder.pixels(pictures[:batch]).to(encoder._precision)

        def work() -> None:
            encoder._towers.pictures(shown)

        return rate(work, batch)


def absolute_rows(
    architectures: list[str], precisions: list[str], batches: list[int], device: str, folder: Path
) -> Iterator[dict[str, Any]]:
    """One row for each architecture, precision and batch."""
    pictures = noise(max(batches))
    for architecture in architectures:
        weights = random_weights(architecture, folder)
        for precision in precisions:
            encoder = loaded(architecture, weights, device, precision=precision, batch=max(batches))
            for batch in batches if precision != "float32" else batches[-2:-1] or batches:
                if torch.cuda.is_available():
                    torch.cuda.reset_peak_memory_stats()
                row = {
                    "architecture": architecture,
                    "precision": precision,
                    "batch": batch,
                    "forward_per_s": round(bare(encoder, pictures, batch), 1),
                    "pictures_per_s": round(through_pictures(encoder, pictures, batch), 1),
                    "peak_mb": round(torch.cuda.max_memory_allocated() / 1e6) if torch.cuda.is_available() else None,
                }
                yield row
            del encoder


def noise(count: int) -> list[Plane]:
    """Pictures of a still's size."""
    rng = np.random.default_rng(0)
    return [rng.integers(0, 256, (224, 398, 3), np.uint8) for _ in range(count)]


def distances(architecture: str, pictures: list[Plane], device: str, folder: Path) -> dict[str, Any]:
    """How far the vectors of lower precisions are from float32's (without TF32)."""
    torch.backends.cudnn.allow_tf32 = False
    weights = random_weights(architecture, folder)
    full = loaded(architecture, weights, device, precision="float32").pictures(pictures)()
    found: dict[str, Any] = {}
    for precision in ("float16", "bfloat16"):
        lower = loaded(architecture, weights, device, precision=precision).pictures(pictures)()
        found[precision] = {
            "largest_difference": float(np.abs(lower - full).max()),
            "smallest_cosine": float((lower * full).sum(axis=1).min()),
        }
    torch.backends.cudnn.allow_tf32 = True
    return found


def made_film(folder: Path, quick: bool) -> Path:
    """Drawn by the bundled ffmpeg."""
    from film import benchmark_film

    return short_film(folder) if quick else benchmark_film(folder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--film", type=Path, help="else the made 60 s 1080p film")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="one small row of each kind and eight seconds of film")
    parser.add_argument("--out", type=Path, help="a JSON file, written anew after every part")
    args = parser.parse_args()
    began_s = time.perf_counter()
    card = torch.cuda.get_device_name() if torch.cuda.is_available() else "processor"
    result: dict[str, Any] = {"card": card, "torch": torch.__version__, "rows": []}

    def kept(part: str) -> None:
        result["seconds"] = round(time.perf_counter() - began_s, 1)
        print(f"[{result['seconds']} s] {part}", flush=True)
        if args.out:
            args.out.write_text(json.dumps(result), "utf-8")

    architectures = ["ViT-B-32"] if args.quick else ["ViT-B-32", "ViT-L-14"]
    precisions = ["float32"] if args.quick else ["float16", "bfloat16", "float32"]
    batches = [2, 4] if args.quick else [1, 16, 64, 128, 256]
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        print(f"{card}\narchitecture precision batch: bare forward, through pictures(), peak on the card", flush=True)
        for row in absolute_rows(architectures, precisions, batches, args.device, folder):
            result["rows"].append(row)
            kept(
                f"{row['architecture']} {row['precision']:<9}{row['batch']:>4}: {row['forward_per_s']:>8}/s "
                f"{row['pictures_per_s']:>8}/s  {row['peak_mb']} MB"
            )
        missing, pictures = missing_for_films(), noise(16)
        if missing:
            kept(f"no film was read: {', '.join(missing)} are not installed")
        else:
            film = args.film or made_film(folder, args.quick)
            kept("the film is there")
            weights = random_weights("ViT-B-32", folder)
            result["film"] = compare("ViT-B-32", weights, film, args.device, 1 if args.quick else args.rounds).row()
            kept(f"over the film, at least {GOAL_TIMES} times faster asked: {json.dumps(result['film'], indent=1)}")
            pictures = [still.rgb for still in stills_of(film)]
        result["distances"] = distances("ViT-B-32", pictures, args.device, folder)
        kept(f"from float32: {json.dumps(result['distances'])}")
    print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
