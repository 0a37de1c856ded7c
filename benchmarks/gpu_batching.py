"""Cues composed by ACE-Step 1, 4 and 8 at a time, as a worker with a card does it.

    python benchmarks/gpu_batching.py [--size middle] [--seconds 12] [--steps 8] [--rounds 3] [--only perform|worker]
    python benchmarks/gpu_batching.py --device cuda --size full --seconds 60 --steps 27

perform: the worker's own call (integrations.work.performing.perform) with a batch of cues that were spotted for jobs of
different seeds: seconds a cue, cues a minute, and how far each cue is from the one composed alone.
worker: a real `cuesmith worker --queues gpu` on a queue of them, by the times in the database: with the gathering, the
storage and the pipes, without the first batch, in which the weights are loaded; then a cue that comes alone, which
shows the window of 2 s.

Weights are random. size: tiny, as in the tests; middle, an eighth of the published width; full, the published sizes (a
file of 8 GB in --folder, 16 GB of memory while it is written). What tiny and middle gain by batches says how well the
machinery works, not what the published model would gain.
"""

from __future__ import annotations

import argparse
import io
import itertools
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))

import numpy as np
import soundfile
import torch
from ace_step_checkpoints import FLOAT32, MIXED, tiny_checkpoint
from ace_step_shapes import TINY
from films import plain_film
from service_rig import Rig, rig, until
from sqlalchemy import select
from units_done import attempt, do_job, source_of, task_of

from integrations.jobs.orders import read_order
from integrations.jobs.tables import units
from integrations.storage.opening import open_storage
from integrations.storage.storage import Storage
from integrations.work.task import Outcome, Step, Task
from music_engine.ace_step.checkpoint.survey import published_configs
from music_engine.options import EngineOptions
from pipeline.settings import Settings

BATCHES = (1, 4, 8)
CUES = 8
_SMALL = "160x90"


@dataclass(frozen=True, slots=True)
class Planned:
    """Eight cues of one length, a job each, and where their films and sheets lie."""

    settings: Settings
    storage: Storage
    tasks: list[Task]


def checkpoint(folder: Path, size: str) -> Path:
    """Random weights in the published layout."""
    if folder.exists():
        return folder
    if size == "full":
        return tiny_checkpoint(folder, dtypes=MIXED, configs=published_configs(), dead=False)
    configs: dict[str, Any] = {name: dict(config) for name, config in TINY.items()}
    if size == "middle":
        configs["transformer"] |= {"num_attention_heads": 10, "attention_head_dim": 32, "inner_dim": 320}
    return tiny_checkpoint(folder, dtypes=FLOAT32, configs=configs)


def planned(folder: Path, options: EngineOptions, seconds: float) -> Planned:
    """One film analysed and spotted from eight seeds."""
    settings = replace(Settings(), engines=options, analyser="colour-motion")
    film = plain_film(folder / "film.mp4", seconds, size=_SMALL)
    storage = open_storage(str(folder / "storage"))
    source, tasks = source_of(storage, film), []
    order = read_order({"kind": "spot", "wish": {"engine": "ace-step-v1"}})
    seen = do_job(order, storage, lambda s, n: folder / "w", source=source, settings=lambda s: settings, job="job0")
    for seed in range(CUES):
        job = f"job{seed}"
        order = read_order({"kind": "score", "wish": {"engine": "ace-step-v1", "seed": seed}})
        spot = task_of(order, Step("spot"), job=job, source=source, done=seen.outcomes, token=2)
        (spotted,) = attempt([spot], storage, folder / "w", settings=settings)
        if not isinstance(spotted, Outcome):
            raise spotted
        tasks.append(task_of(order, spotted.steps[0], job=job, done={"spot": spotted}))
    return Planned(settings, storage, tasks)


def perform_rows(plan: Planned, folder: Path, rounds: int) -> None:
    """A line a batch size, medians over the rounds, in which the sizes take turns."""
    numbers = itertools.count()
    took: dict[int, list[float]] = {size: [] for size in BATCHES}
    alone: list[Outcome] = []
    apart: dict[int, float] = dict.fromkeys(BATCHES, 0.0)

    def run(tasks: Sequence[Task]) -> list[Outcome]:
        number = next(numbers)
        tasks = [replace(task, prefix=f"{task.prefix}-{number}") for task in tasks]
        results = attempt(tasks, plan.storage, folder / f"w{number}", settings=plan.settings)
        for result in results:
            if not isinstance(result, Outcome):
                raise result
        return [result for result in results if isinstance(result, Outcome)]

    run(plan.tasks[:1])  # loads the weights
    for _ in range(rounds):
        for size in BATCHES:
            began_s = time.perf_counter()
            made = [made for start in range(0, CUES, size) for made in run(plan.tasks[start : start + size])]
            took[size].append(time.perf_counter() - began_s)
            alone = alone or made
            pairs = zip(made, alone, strict=True)
            apart[size] = max(apart[size], *(difference(plan.storage, one, other) for one, other in pairs))
    print(f"{'perform':<12}{'s a cue':>9}{'cues/min':>10}{'ratio':>7}   farthest from alone, of full scale")
    first_s = statistics.median(took[1])
    for size in BATCHES:
        middle_s = statistics.median(took[size])
        print(f"batch of {size:<3}{middle_s / CUES:>9.3f}{60 * CUES / middle_s:>10.1f}{first_s / middle_s:>7.2f}"
              f"   {apart[size]:.1e}", flush=True)  # fmt: skip


def difference(storage: Storage, one: Outcome, other: Outcome) -> float:
    """The largest difference of two takes' samples, of full scale."""
    sounds = []
    for outcome in (one, other):
        (file,) = (file for file in outcome.files if file.name.endswith("/music.flac"))
        sounds.append(soundfile.read(io.BytesIO(storage.get_bytes(file.key, 10**9)))[0])
    return float(np.abs(sounds[0] - sounds[1]).max())


def worker_rows(folder: Path, environment: dict[str, str], seconds: float) -> None:
    """A line a batch size: a worker on twice eight cues after a first batch, then on one that comes alone."""
    film = plain_film(folder / "film.mp4", seconds, size=_SMALL)
    print(f"{'worker':<12}{'s a cue':>9}{'cues/min':>10}{'ratio':>7}   alone in the queue   cues of each call")
    first_s = 0.0
    for size in BATCHES:
        with rig(folder / f"rig{size}", **environment, CUESMITH_GATHER_UNITS=str(size)) as service:
            media = service.worker("media")
            for seed in range(size + 2 * CUES):
                service.submit(film, wish={"engine": "ace-step-v1", "seed": seed})
            until(lambda service=service, n=size + 2 * CUES: len(composing(service, "waiting")) == n, 900, "the cues")
            media.terminate()
            service.worker("gpu")
            until(lambda service=service, n=size + 2 * CUES: len(composing(service, "done")) == n, 3600, "the music")
            rows = sorted(composing(service, "done"), key=lambda row: row.ended_s)
            rest = rows[size:]
            cue_s = (max(row.ended_s for row in rest) - min(row.started_s for row in rest)) / len(rest)
            first_s = first_s or cue_s
            service.worker("media")
            job = service.submit(film, wish={"engine": "ace-step-v1", "seed": 999})
            service.succeeded(job, 900)
            (lone,) = (row for row in service.units(job) if row.kind == "compose")
            calls = ", ".join(map(str, sizes(rows)))
            print(f"gather {size:<5}{cue_s:>9.3f}{60 / cue_s:>10.1f}{first_s / cue_s:>7.2f}"
                  f"{lone.ended_s - lone.started_s:>18.2f} s   {calls}", flush=True)  # fmt: skip


def composing(service: Rig, state: str) -> list[Any]:
    """The rows of cues in that state."""
    query = select(units).where(units.c.kind == "compose", units.c.state == state)
    with service.database.reading() as connection:
        return list(connection.execute(query).all())


def sizes(rows: Sequence[Any]) -> list[int]:
    """How many cues each call had: those claimed before any of the call was finished. rows: by their ends."""
    found: list[int] = []
    ended_s = 0.0
    for row in rows:
        if row.started_s >= ended_s:
            found.append(0)
            ended_s = row.ended_s
        found[-1] += 1
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--size", choices=("tiny", "middle", "full"))
    parser.add_argument("--seconds", type=float, default=12.0, help="of the film, which has one cue")
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--threads", type=int, default=os.cpu_count(), help="of the processor; 1 where others use it too"
    )
    parser.add_argument("--only", choices=("perform", "worker"))
    parser.add_argument("--folder", type=Path, help="where the weights are kept")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    size = options.size or ("full" if options.device == "cuda" else "middle")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        weights = checkpoint((options.folder or folder) / f"checkpoint-{size}", size)
        precision = "bfloat16" if options.device == "cuda" else "float32"
        card = torch.cuda.get_device_name() if options.device == "cuda" else f"{torch.get_num_threads()} threads"
        print(f"{size} random weights, {options.device} ({card}), {precision}, {options.steps} steps, cues of "
              f"{options.seconds:g} s; load average {os.getloadavg()[0]:.1f}")  # fmt: skip
        if options.only != "worker":
            engine = EngineOptions(
                checkpoint=weights, device=options.device, precision=precision, sampling={"steps": options.steps}
            )
            perform_rows(planned(folder, engine, options.seconds), folder, options.rounds)
        if options.only != "perform":
            environment = {
                "CUESMITH_CHECKPOINT": str(weights),
                "CUESMITH_DEVICE": options.device,
                "CUESMITH_PRECISION": precision,
                "CUESMITH_STEPS": str(options.steps),
                "OMP_NUM_THREADS": str(options.threads),
            }
            worker_rows(folder, environment, options.seconds)
        print(f"load average at the end {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
