"""The ACE-Step codec at its published size with random weights: speed and peak memory of encode and decode.

    python benchmarks/ace_step_codec.py [--seconds 30] [--threads N] [--device cpu|cuda]

Each row runs in a process of its own. On a GPU the second run counts, when kernels have been chosen. Memory is the
process's peak resident size on the CPU, the card's peak allocation on a GPU. Random weights cost what real ones do.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time

import torch

from music_engine.ace_step.checkpoint.survey import published_configs
from music_engine.ace_step.codec.autoencoder import Autoencoder
from music_engine.ace_step.codec.config import AutoencoderConfig, VocoderConfig
from music_engine.ace_step.codec.duration import SAMPLE_RATE_HZ, decoded_samples, latent_frames
from music_engine.ace_step.codec.music_codec import MusicCodec
from music_engine.ace_step.codec.tiles import TILE_FRAMES
from music_engine.ace_step.codec.vocoder import Vocoder

# name: what is done, in which precision, in tiles of how many latent frames
ROWS = {
    "decode whole float32": ("decode", torch.float32, None),
    f"decode in tiles of {TILE_FRAMES} float32": ("decode", torch.float32, TILE_FRAMES),
    f"decode in tiles of {TILE_FRAMES} bfloat16": ("decode", torch.bfloat16, TILE_FRAMES),
    "decode in the reference's windows float32": ("windows", torch.float32, None),
    "encode whole float32": ("encode", torch.float32, None),
    f"encode in tiles of {TILE_FRAMES} float32": ("encode", torch.float32, TILE_FRAMES),
}


def measure(name: str, seconds: float, device: str) -> dict[str, float]:
    """One row, in this process."""
    what, dtype, tile_frames = ROWS[name]
    configs = published_configs()
    torch.manual_seed(0)
    codec = MusicCodec(
        Autoencoder(AutoencoderConfig.from_mapping(configs["dcae"])).to(device, dtype),
        Vocoder(VocoderConfig.from_mapping(configs["vocoder"])).to(device, dtype),
    )
    frames = latent_frames(seconds)
    latent, sound = torch.randn(8, 16, frames), 0.1 * torch.randn(2, decoded_samples(frames))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    for _ in range(2 if device == "cuda" else 1):
        wall_s, cpu_s = time.perf_counter(), time.process_time()
        if what == "encode":
            codec.encode(sound, SAMPLE_RATE_HZ, tile_frames=tile_frames)
        elif what == "windows":
            codec.decode_overlapped(latent, SAMPLE_RATE_HZ)
        else:
            codec.decode(latent, SAMPLE_RATE_HZ, tile_frames=tile_frames)
        if device == "cuda":
            torch.cuda.synchronize()
        wall_s, cpu_s = time.perf_counter() - wall_s, time.process_time() - cpu_s
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    if device == "cuda":
        before, peak = 0, torch.cuda.max_memory_allocated()
    length_s = decoded_samples(frames) / SAMPLE_RATE_HZ
    return {"wall_s": wall_s, "cpu_s": cpu_s, "length_s": length_s, "peak_bytes": peak, "before_bytes": before}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    parser.add_argument("--only", default="", help="rows with this in their name")
    parser.add_argument("--row", choices=ROWS, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.device == "cuda" and not torch.cuda.is_available():
        raise SystemExit("no GPU at hand: nothing was measured")
    torch.set_num_threads(args.threads)
    if args.row:
        print(json.dumps(measure(args.row, args.seconds, args.device)))
        return
    print(f"{args.seconds:g} s of music, {args.device}, {args.threads} threads, torch {torch.__version__}")
    print(f"{'':<44}{'wall s':>8}{'CPU s':>8}{'x real time':>13}{'peak GB':>9}{'of it work':>12}")
    for name in (name for name in ROWS if args.only in name):
        again = [sys.executable, __file__, "--row", name, "--seconds", str(args.seconds)]
        again += ["--threads", str(args.threads), "--device", args.device]
        found = json.loads(subprocess.run(again, check=True, capture_output=True, text=True).stdout)
        speed, work = found["length_s"] / found["wall_s"], found["peak_bytes"] - found["before_bytes"]
        figures = f"{found['wall_s']:>8.1f}{found['cpu_s']:>8.1f}{speed:>13.2f}"
        print(f"{name:<44}{figures}{found['peak_bytes'] / 1e9:>9.2f}{work / 1e9:>12.2f}", flush=True)


if __name__ == "__main__":
    main()
