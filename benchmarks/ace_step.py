"""What one pass of the ACE-Step v1 transformer costs at full size, with random weights.

    python benchmarks/ace_step.py [--rows float32,int8] [--frames 322] [--repeats 3] [--file bfloat16]
    python benchmarks/ace_step.py --cuda            only the rows of a graphics card

Each CPU row is a process of its own, so that its peak memory is its own. By default 30 s of music, 64 text and 300
lyric tokens, one item; weights drawn in bfloat16, which is how the published file is believed to hold them.
bound: the least the pass can cost, its operations over this machine's measured rate of matrix products in the row's
precision. drift: root mean square of the velocity's difference from float32's, over that of the velocity.
Run it on an idle machine; it judges nothing. Processor seconds are steadier than wall seconds on a shared one.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from ace_step_cuda import cuda_rows
from random_weights import random_reader
from torch import Tensor

from music_engine.ace_step.config import TransformerConfig
from music_engine.ace_step.precision import PRECISIONS, load_transformer

TEXT_TOKENS, LYRIC_TOKENS = 64, 300
REFERENCE_CPU_S, REFERENCE_GB = 22.2, 13.7  # the reference's own, float32, on another machine with two cores
PRODUCT_SIZE = 2560


@dataclass(frozen=True, slots=True)
class Row:
    """precision: a name from PRECISIONS. remembered: keys and values made before. items: in one pass."""

    precision: str
    remembered: bool = True
    items: int = 1


ROWS = {
    "float32": Row("float32"),
    "float32, not remembered": Row("float32", remembered=False),
    "float32, guided": Row("float32", items=2),
    "bfloat16-stored": Row("bfloat16-stored"),
    "bfloat16-mixed": Row("bfloat16-mixed"),
    "bfloat16": Row("bfloat16"),
    "int8": Row("int8"),
}


def gflop(config: TransformerConfig, frames: int, tokens: int, *, remembered: bool) -> float:
    """Operations of one item's pass, two for a multiply-add; tokens: of the condition, the speaker's included."""
    width, hidden, head = config.width, config.feed_forward_width, config.attention_head_dim
    attention = 4 * width**2 + 4 * width * head  # to q, k, v and out; the d x d memory, written and read
    across = 2 * width**2 + 2 * width * tokens
    feed = 3 * width * hidden + 3 * 2 * hidden
    each = frames * (attention + across + feed) + (0 if remembered else 2 * tokens * width**2)
    return 2 * config.num_layers * each / 1e9


def timed(work: Callable[[], object], repeats: int) -> tuple[float, float]:
    """Least wall and processor seconds of some runs, after one that is not counted."""
    work()
    walls, processors = [], []
    for _ in range(repeats):
        wall_s, processor_s = time.perf_counter(), time.process_time()
        work()
        walls.append(time.perf_counter() - wall_s)
        processors.append(time.process_time() - processor_s)
    return min(walls), min(processors)


def product_rate(dtype: torch.dtype) -> tuple[float, float]:
    """GFLOP per wall second and per processor second of square matrix products."""
    left, right = (torch.randn(PRODUCT_SIZE, PRODUCT_SIZE).to(dtype) for _ in range(2))
    walls, processors = timed(lambda: left @ right, 8)
    return 2 * PRODUCT_SIZE**3 / walls / 1e9, 2 * PRODUCT_SIZE**3 / processors / 1e9


def measure(row: Row, frames: int, repeats: int, file: torch.dtype, out: Path) -> dict[str, object]:
    """One row, in this process; the velocity goes to `out`."""
    torch.set_grad_enabled(False)
    config, precision = TransformerConfig(), PRECISIONS[row.precision]
    rate_wall, rate_processor = product_rate(precision.products_on(torch.device("cpu")) or precision.flowing)
    model = load_transformer(config, random_reader(config, file), precision)
    generator = torch.Generator().manual_seed(1)
    text = torch.randn(1, TEXT_TOKENS, config.text_embedding_dim, generator=generator)
    lyrics = torch.randint(3, 6000, (1, LYRIC_TOKENS), generator=generator)
    latent = torch.randn(1, config.in_channels, config.patch_height, frames, generator=generator)
    ones = [torch.ones(row.items, n) for n in (TEXT_TOKENS, LYRIC_TOKENS)]
    words = (text.repeat(row.items, 1, 1), ones[0], lyrics.repeat(row.items, 1), ones[1])
    encode_s = timed(lambda: model.encode(*words), 1)[1]
    condition = model.encode(*words)
    asked = model.remember(condition) if row.remembered else condition
    latent, timestep = latent.repeat(row.items, 1, 1, 1), torch.full((row.items,), 700.0)
    velocities: list[Tensor] = []
    wall_s, processor_s = timed(lambda: velocities.append(model(latent, timestep, asked)), repeats)
    torch.save(velocities[-1][:1].float(), out)
    tokens = condition.states.shape[1]
    work = row.items * gflop(config, frames, tokens, remembered=row.remembered)
    return {
        "wall_s": wall_s,
        "processor_s": processor_s,
        "encode_s": encode_s,
        "peak_gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e9,
        "gflop": work,
        "rate": rate_wall,
        "bound_share": work / rate_processor / processor_s,
    }


def run_rows(names: Sequence[str], options: argparse.Namespace) -> None:
    """Every row in a process of its own; prints a line for each."""
    print(f"{options.frames} frames, {TEXT_TOKENS} text and {LYRIC_TOKENS} lyric tokens, file in {options.file}")
    print(f"{torch.get_num_threads()} threads; the reference in float32: {REFERENCE_CPU_S} CPU-s, {REFERENCE_GB} GB")
    print(
        f"{'':<25}{'CPU-s':>7}{'wall s':>8}{'GFLOP':>7}{'GFLOP/s':>9}{'of products':>13}{'peak GB':>9}"
        f"{'of ref.':>9}{'encode':>8}{'drift':>9}"
    )
    with tempfile.TemporaryDirectory() as folder:
        exact: Tensor | None = None
        for name in names:
            out = Path(folder) / "velocity.pt"
            command = [sys.executable, __file__, "--row", json.dumps(asdict(ROWS[name])), "--out", str(out)]
            command += ["--frames", str(options.frames), "--repeats", str(options.repeats), "--file", options.file]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
            found = json.loads(done.stdout.splitlines()[-1])
            velocity = torch.load(out, weights_only=True)
            exact = velocity if name == "float32" else exact
            drift = "-" if exact is None else f"{float((velocity - exact).norm() / exact.norm()):.1e}"
            print(
                f"{name:<25}{found['processor_s']:>7.2f}{found['wall_s']:>8.2f}{found['gflop']:>7.0f}"
                f"{found['gflop'] / found['wall_s']:>9.0f}{found['bound_share']:>12.0%} {found['peak_gb']:>9.2f}"
                f"{found['peak_gb'] / REFERENCE_GB:>9.2f}{found['encode_s']:>8.2f}{drift:>9}",
                flush=True,
            )


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", help=f"of: {'; '.join(ROWS)}; separated by semicolons")
    parser.add_argument("--frames", type=int, default=322)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--file", default="bfloat16", choices=("bfloat16", "float32"))
    parser.add_argument("--cuda", action="store_true")
    parser.add_argument("--row", help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.row:
        row, file = Row(**json.loads(options.row)), getattr(torch, options.file)
        print(json.dumps(measure(row, options.frames, options.repeats, file, options.out)))
        return
    if not options.cuda:
        run_rows(options.rows.split(";") if options.rows else list(ROWS), options)
    config = TransformerConfig()
    cuda_rows(TEXT_TOKENS, LYRIC_TOKENS, lambda frames, tokens: gflop(config, frames, tokens, remembered=True))


if __name__ == "__main__":
    main()
