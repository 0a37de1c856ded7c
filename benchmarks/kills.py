"""Kill workers while they score films: what is lost, what is done twice, and how long until somebody goes on.

    python benchmarks/kills.py [--kills 200] [--trees 10] [--cancels 50] [--workers 2] [--seed 1]

Real worker processes, a SQLite database, a folder as storage, leases of 20 s. A child is killed with SIGKILL at a
random moment of a unit, never at its third attempt; then whole workers are killed, with all their processes, while
another is alive; every film's files are compared with those of an undisturbed run. Then jobs are cancelled at random
moments, and it is measured when nothing of them is left: no process below the worker, no folder, no stored file.
It judges nothing.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))

from disturbing import Killer, check_published_once, is_quiet, made_by, small_film
from service_rig import Rig, rig, until

from integrations.jobs import states
from integrations.jobs.cancelling import cancel

_IN_WORK = 4  # jobs that wait or are being done at any time
_STALE_S = 300.0


def main() -> None:
    """Kill, then print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--trees", type=int, default=10)
    parser.add_argument("--cancels", type=int, default=50)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, rig(Path(folder) / "rig") as service:
        film = small_film(Path(folder) / "film.mp4")
        workers = [service.worker() for _ in range(asked.workers)]
        wanted = made_by(service, service.submit(film), "local")
        killer = Killer(service, workers, random.Random(asked.seed))
        jobs: list[tuple[str, str]] = []
        began_s = time.monotonic()
        kill(service, film, killer, jobs, asked.kills)
        children = Killer(service, workers, killer.dice)
        kill_trees(service, film, children, jobs, asked.trees)
        report(service, jobs, wanted, killer, children, time.monotonic() - began_s)
        for worker in workers:
            worker.terminate()
        print(f"cancels           {asked.cancels}")
        show("  nothing left after", cancel_some(service, film, killer.dice, asked.cancels))


def kill(service: Rig, film: Path, killer: Killer, jobs: list[tuple[str, str]], kills: int) -> None:
    """Kill children until there were so many kills; jobs: those submitted, added to."""
    moved_s, before = time.monotonic(), 0
    while killer.kills < kills and time.monotonic() - moved_s < _STALE_S:
        feed(service, film, jobs)
        killer.kill_child()
        killer.look()
        if killer.kills > before:
            moved_s, before = time.monotonic(), killer.kills
    killer.settle(120)


def kill_trees(service: Rig, film: Path, killer: Killer, jobs: list[tuple[str, str]], kills: int) -> None:
    """Kill whole workers, one after another, each time with another one alive; the killed one is started again."""
    for _ in range(kills):
        until_s = time.monotonic() + _STALE_S
        while killer.kill_tree() is None and time.monotonic() < until_s:
            feed(service, film, jobs)
            time.sleep(killer.dice.uniform(0.05, 0.5))
        killer.settle(120)
        killer.workers.append(service.worker())


def cancel_some(service: Rig, film: Path, dice: random.Random, cancels: int) -> list[float]:
    """Seconds from each cancelling to the moment when nothing of the job was left, by a worker with one slot."""
    worker = service.worker()
    service.succeeded(service.submit(film, tenant="before-cancels"), 300, "before-cancels")
    took_s: list[float] = []
    while len(took_s) < cancels:
        tenant = f"cancelled-{time.monotonic_ns()}"
        job = service.submit(film, tenant=tenant)
        time.sleep(dice.uniform(0.0, 4.0))
        if cancel(service.database, service.settings, tenant, job):
            began_s = time.monotonic()
            until(lambda job=job, tenant=tenant: is_quiet(service, worker, [(job, tenant)], 1), 60, "quiet")
            took_s.append(time.monotonic() - began_s)
    return took_s


def feed(service: Rig, film: Path, jobs: list[tuple[str, str]]) -> None:
    """Keep some jobs in work. Each has a tenant of its own: a tenant's second job of a film would reuse the first's."""
    waiting = sum(service.job(*job).state not in states.ENDED for job in jobs[-4 * _IN_WORK :])
    while waiting < _IN_WORK:
        tenant = f"tenant-{len(jobs)}"
        jobs.append((service.submit(film, tenant=tenant), tenant))
        waiting += 1


def report(
    service: Rig, jobs: list[tuple[str, str]], wanted: dict[str, str], killer: Killer, trees: Killer, took_s: float
) -> None:
    """Wait for every job, compare, print."""
    lost, different = [], []
    for job, tenant in jobs:
        view = service.ended(job, 600, tenant)
        if view.state != states.SUCCEEDED:
            lost.append((job, view.state, view.error))
        elif made_by(service, job, tenant) != wanted:
            different.append(job)
    service.check()
    twice = 0
    try:
        check_published_once(service, [job for job, _ in jobs])
    except AssertionError as error:
        twice = 1
        print("published more than once, or left behind:", error)
    print(f"jobs              {len(jobs)}")
    print(f"children killed   {killer.kills}, and {killer.too_late} that had finished when the kill came")
    print(f"  while doing     {', '.join(f'{kind} {count}' for kind, count in sorted(killer.kinds.items()))}")
    show("  resumed after", killer.resumed_s)
    print(f"workers killed    {trees.kills}, and {trees.too_late} that had finished when the kill came")
    show("  resumed after", trees.resumed_s)
    print(f"lost              {len(lost)} {lost or ''}")
    print(f"different files   {len(different)} {different or ''}")
    print(f"duplicates        {twice or 'none'}")
    print(f"took              {took_s:.0f} s")


def show(name: str, values_s: Sequence[float]) -> None:
    """Least, median, most."""
    if values_s:
        print(
            f"{name}   min {min(values_s):.2f} s, median {statistics.median(values_s):.2f} s, max {max(values_s):.2f} s"
        )


if __name__ == "__main__":
    main()
