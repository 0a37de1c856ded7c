"""Pictures a second of the CLIP encoder over a film, beside decoding alone, bare passes and the usual way.

python benchmarks/clip.py                      the made 60 s 1080p film, ViT-B-32 with random weights, the processor
python benchmarks/clip.py --film FILM --rounds 5
python benchmarks/clip.py --threads            how pictures a second depend on batch and threads
Asked: our pass takes at most decoding + 1.15 times the bare forward passes, and the usual way (moviepy, one picture at
a time) at least 1.5 times as long. On a graphics card: benchmarks/clip_cuda.py.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from clip_passes import compare, loaded, random_weights, short_film
from film import benchmark_film

GOAL_TIMES = 1.5


def threads_table(architecture: str, weights: Path) -> None:
    """Pictures a second through pictures(), for every number of threads and some batches and precisions."""
    rng = np.random.default_rng(0)
    pictures = [rng.integers(0, 256, (224, 398, 3), np.uint8) for _ in range(32)]
    most = torch.get_num_threads()
    for precision in ("float32", "bfloat16"):
        encoder = loaded(architecture, weights, "cpu", precision=precision, batch=32)
        for threads in sorted({1, most}):
            torch.set_num_threads(threads)
            for batch in (1, 4, 8, 16, 32):
                encoder.pictures(pictures[:batch])()
                began_s, done = time.perf_counter(), 0
                while time.perf_counter() - began_s < 3:
                    encoder.pictures(pictures[:batch])()
                    done += batch
                rate = done / (time.perf_counter() - began_s)
                print(f"{precision:<10}{threads} threads, batch {batch:>2}: {rate:6.1f} pictures/s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--film", type=Path)
    parser.add_argument("--architecture", default="ViT-B-32", help="a name of open_clip's")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="a film of eight seconds")
    parser.add_argument("--threads", action="store_true", help="the table of threads and batches instead")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        weights = random_weights(args.architecture, folder)
        if args.threads:
            threads_table(args.architecture, weights)
            return
        film = args.film or (short_film(folder) if args.quick else benchmark_film(folder))
        row = compare(args.architecture, weights, film, "cpu", args.rounds).row()
    print(f"\n{args.architecture}, {torch.get_num_threads()} threads, torch {torch.__version__}")
    for name, value in row.items():
        print(f"{name:<62}{value}")
    print(f"asked: at most 1, at least {GOAL_TIMES}")


if __name__ == "__main__":
    main()
