"""A running service to measure, what a client does with it, and what its API process takes of the machine."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
from film import ffmpeg
from service_rig import Process, Rig, rig

TUS = {"Tus-Resumable": "1.0.0"}
OFFSETS = "application/offset+octet-stream"
_BLOCK_BYTES = 1 << 20
_SAMPLE_S = 0.05
_AS_SHIPPED = {"CUESMITH_POLL_S": "2", "CUESMITH_GRACE_S": "5"}  # the rig of the tests looks for work more often


@dataclass(frozen=True, slots=True)
class Served:
    """A service and the key of the tenant `local`."""

    rig: Rig
    process: Process
    address: str
    key: str

    def client(self, key: str | None = None) -> httpx.Client:
        """One that keeps its connection."""
        headers = {"Authorization": f"Bearer {key or self.key}"}
        return httpx.Client(base_url=self.address, headers=headers, timeout=120)

    def many(self, connections: int) -> httpx.AsyncClient:
        """One with so many connections at once."""
        limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
        headers = {"Authorization": f"Bearer {self.key}"}
        return httpx.AsyncClient(base_url=self.address, headers=headers, timeout=600, limits=limits)


@contextmanager
def served(folder: Path, workers: int, **environment: str) -> Iterator[Served]:
    """`cuesmith serve` with so many workers beside it, on a database and a storage of its own, times as shipped."""
    with rig(folder, **(_AS_SHIPPED | environment)) as made:
        process, address = made.api(workers)
        yield Served(made, process, address, made.key())


def upload(client: httpx.Client, film: Path) -> str:
    """A film sent by tus in one request; the upload's id."""

    def blocks() -> Iterator[bytes]:
        with film.open("rb") as file:
            while block := file.read(_BLOCK_BYTES):
                yield block

    headers = {**TUS, "Upload-Length": str(film.stat().st_size), "Content-Type": OFFSETS}
    answer = client.post("/v1/uploads", headers=headers, content=blocks()).raise_for_status()
    return answer.headers["Location"].rpartition("/")[2]


def ask(client: httpx.Client, upload_id: str | None = None, **order: Any) -> str:
    """A job asked for; its id."""
    body = {**order, **({} if upload_id is None else {"source": {"upload": upload_id}})}
    job_id: str = client.post("/v1/jobs", json=body).raise_for_status().json()["id"]
    return job_id


def ended(client: httpx.Client, job_id: str, deadline_s: float = 1200.0) -> dict[str, Any]:
    """The job once it has ended, told by the API as soon as it knows. Raises RuntimeError unless it succeeded."""
    until_s = time.monotonic() + deadline_s
    while time.monotonic() < until_s:
        job: dict[str, Any] = client.get(f"/v1/jobs/{job_id}", params={"wait_s": 30}).raise_for_status().json()
        if job["has_ended"]:
            if job["state"] != "succeeded":
                raise RuntimeError(f"{job_id} is {job['state']}: {job['error']}")
            return job
    raise RuntimeError(f"{job_id} did not end within {deadline_s:g} s")


def fresh(film: Path, mark: str, folder: Path) -> Path:
    """The same pictures and sound under another hash: remuxed with a comment, so that no earlier result fits it."""
    path = folder / f"{film.stem}-{mark}.mp4"
    ffmpeg("-i", film, "-map", "0", "-c", "copy", "-metadata", f"comment={mark}", path)
    return path


class Watch:
    """Memory and processor time of one process, without its children, while the block runs.

    before_bytes, peak_bytes: resident. cpu_s: user and system.
    """

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self.before_bytes = self.peak_bytes = self.after_bytes = 0
        self.cpu_s = self.wall_s = 0.0

    def __enter__(self) -> Watch:
        self.before_bytes = self.peak_bytes = self._process.memory_info().rss
        self.cpu_s, self.wall_s = -self._cpu(), -time.perf_counter()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self.after_bytes = self._process.memory_info().rss
        self.cpu_s += self._cpu()
        self.wall_s += time.perf_counter()

    def _cpu(self) -> float:
        times = self._process.cpu_times()
        return float(times.user + times.system)

    def _look(self) -> None:
        while not self._over.wait(_SAMPLE_S):
            self.peak_bytes = max(self.peak_bytes, self._process.memory_info().rss)

    def memory(self) -> str:
        """For people."""
        before, peak, after = (n / 1e6 for n in (self.before_bytes, self.peak_bytes, self.after_bytes))
        return f"{before:.0f} MB before, {peak:.0f} MB at most ({peak - before:+.0f}), {after:.0f} MB after"


def percentile(values: Sequence[float], share: float) -> float:
    """By the nearest rank from above, so that it is one of the values and never flatters."""
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def show(name: str, values: Sequence[float], unit: str = "ms", scale: float = 1e3) -> None:
    """One row: count, p50, p95, p99, most."""
    p50, p95, p99 = (percentile(values, share) * scale for share in (0.5, 0.95, 0.99))
    print(f"{name:<44}{len(values):>6}{p50:>9.2f}{p95:>9.2f}{p99:>9.2f}{max(values) * scale:>9.2f} {unit}", flush=True)


def head() -> None:
    """The head of `show`'s table."""
    print(f"{'':<44}{'n':>6}{'p50':>9}{'p95':>9}{'p99':>9}{'most':>9}")


def machine() -> str:
    """What a figure was seen on."""
    return f"{os.cpu_count()} processors, load average {os.getloadavg()[0]:.1f}, {os.getloadavg()[1]:.1f}"
