"""What the service costs over the bare command: the same film by both, in turn."""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import resource
import statistics
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
from film import benchmark_film
from service_rig import COMMAND

from integrations.work.hand import NICE
from load.serving import Served, ask, ended, fresh, machine, served, upload

SHARE, FIXED_S = 0.05, 1.0  # the goal


@dataclass(frozen=True, slots=True)
class Pair:
    """All seconds. gaps_s: between a unit's end and the next one's start, by the database. seen_s: from the last one's
    end until the client knew. units_s: of all units, each by the database. cpu_s: processor time of the API, its worker
    and all below them, upload and download included; bare_cpu_s: of the command and all below it.
    """

    bare_s: float
    upload_s: float
    job_s: float
    download_s: float
    first_s: float
    gaps_s: float
    units_s: float
    seen_s: float
    bare_cpu_s: float
    cpu_s: float
    same: bool


def measure(options: argparse.Namespace, folder: Path) -> None:
    """Print a line a pair, then the medians of the paired differences."""
    film = options.film or benchmark_film(options.films)
    print(f"{film.name}; {options.pairs} pairs; {machine()}")
    print("pair     bare   upload      job    fetch    job-bare   of bare   same film")
    pairs = []
    with served(folder / "service", 1) as service, service.client() as client:
        ended(client, ask(client, upload(client, fresh(film, "warm", folder))))
        for number in range(options.pairs):
            copy = fresh(film, f"pair-{number}", folder)
            pairs.append(one(service, client, copy, folder / f"bare-{number}", number % 2 == 1, options.alike))
            pair = pairs[-1]
            print(
                f"{number + 1:<5}{pair.bare_s:8.2f}{pair.upload_s:9.2f}{pair.job_s:9.2f}{pair.download_s:9.2f}"
                f"{pair.job_s - pair.bare_s:+12.2f}{pair.job_s / pair.bare_s:10.3f}   {'yes' if pair.same else 'no'}",
                flush=True,
            )
            copy.unlink()
    report(pairs)


def one(service: Served, client: httpx.Client, film: Path, folder: Path, service_first: bool, alike: bool) -> Pair:
    """One film by both; the one that begins changes from pair to pair."""
    if service_first:
        sent = by_service(service, client, film)
        bare_s, bare_cpu_s, bare_sha = by_command(service, film, folder, alike)
    else:
        bare_s, bare_cpu_s, bare_sha = by_command(service, film, folder, alike)
        sent = by_service(service, client, film)
    sha = sent.pop("sha256")
    return Pair(bare_s=bare_s, bare_cpu_s=bare_cpu_s, same=sha == bare_sha, **sent)


def family_cpu_s(service: Served) -> float:
    """Processor seconds so far of the service's processes, and of those that have ended below them."""
    total_s = 0.0
    for process in service.process.family():
        with contextlib.suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            total_s += times.user + times.system + times.children_user + times.children_system
    return total_s


def by_command(service: Served, film: Path, folder: Path, alike: bool) -> tuple[float, float, str]:
    """`cuesmith score` from nothing: wall and processor time, and the film's hash.

    alike: as nice to others as a worker's child is. In a session of its own, as the service is: Linux shares its
    processors out among sessions first.
    """
    folder.mkdir()
    out = folder / "out.mp4"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began_s = time.perf_counter()
    subprocess.run(
        [*COMMAND, "score", str(film), "-o", str(out), "--json"],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=service.rig.environment(),
        start_new_session=True,
        preexec_fn=(lambda: os.nice(NICE)) if alike else None,
    )
    took_s = time.perf_counter() - began_s
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return took_s, cpu_s, hashlib.sha256(out.read_bytes()).hexdigest()


def by_service(service: Served, client: httpx.Client, film: Path) -> dict[str, Any]:
    """The fields of a Pair but the bare ones, and the film's hash."""
    cpu_s = -family_cpu_s(service)
    began_s = time.perf_counter()
    upload_id = upload(client, film)
    sent_s, asked_at_s = time.perf_counter(), time.time()
    job = ended(client, ask(client, upload_id))
    done_s, seen_at_s = time.perf_counter(), time.time()
    (file,) = (file for file in job["files"] if file["media_type"] == "video/mp4")
    content = client.get(file["url"]).raise_for_status().content
    fetched_s = time.perf_counter()
    rows = sorted(service.rig.units(job["id"]), key=lambda row: row.started_s)
    gaps_s, busy_until_s = 0.0, rows[0].started_s
    for row in rows:
        gaps_s += max(0.0, row.started_s - busy_until_s)
        busy_until_s = max(busy_until_s, row.ended_s)
    return {
        "upload_s": sent_s - began_s,
        "job_s": done_s - sent_s,
        "download_s": fetched_s - done_s,
        "first_s": rows[0].started_s - asked_at_s,
        "gaps_s": gaps_s,
        "units_s": sum(row.ended_s - row.started_s for row in rows),
        "seen_s": seen_at_s - busy_until_s,
        "cpu_s": cpu_s + family_cpu_s(service),
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def report(pairs: list[Pair]) -> None:
    """The medians, of paired differences where two are compared."""

    def middle(values: list[float]) -> float:
        return statistics.median(values)

    bare_s = middle([pair.bare_s for pair in pairs])
    allowed_s = SHARE * bare_s + FIXED_S
    rows = {
        "without the upload": [pair.job_s - pair.bare_s for pair in pairs],
        "with the upload": [pair.upload_s + pair.job_s - pair.bare_s for pair in pairs],
        "with upload and download": [pair.upload_s + pair.job_s + pair.download_s - pair.bare_s for pair in pairs],
    }
    print(f"\nthe bare command, median {bare_s:.2f} s; allowed over it {allowed_s:.2f} s ({SHARE:.0%} + {FIXED_S:g} s)")
    for name, values in rows.items():
        print(
            f"{name:<26}{middle(values):+8.2f} s   {middle(values) / bare_s:+7.1%}   "
            f"({min(values):+.2f} to {max(values):+.2f})"
        )
    print(
        f"processor time, medians: the command {middle([pair.bare_cpu_s for pair in pairs]):.2f} s, "
        f"the service {middle([pair.cpu_s for pair in pairs]):.2f} s"
    )
    print("where the job's time goes, medians: " + json.dumps({
        "until the first unit": round(middle([pair.first_s for pair in pairs]), 3),
        "in units": round(middle([pair.units_s for pair in pairs]), 3),
        "between units": round(middle([pair.gaps_s for pair in pairs]), 3),
        "until the client knew": round(middle([pair.seen_s for pair in pairs]), 3),
    }))  # fmt: skip
    print(f"the same film, byte for byte: {sum(pair.same for pair in pairs)} of {len(pairs)}; {machine()}")
