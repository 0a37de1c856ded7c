"""Jobs taken in and worked on without a worker: what a test needs to move the rows."""

from __future__ import annotations

from typing import Any

from integrations.jobs.claiming import Lease, claim
from integrations.jobs.database import Database
from integrations.jobs.intake import Ask, take_in
from integrations.jobs.leasing import finish
from integrations.jobs.orders import read_order
from integrations.jobs.reading import JobView, read_job
from integrations.jobs.tenants import Tenant
from integrations.service.settings import QUEUES, Quota, ServiceSettings
from integrations.work.task import File, Outcome, Step

FILM = {"key": "uploads/ann/up/source", "sha256": "ab" * 32, "size_bytes": 5, "name": "film.mp4"}


def asked(tenant: str = "ann", source: dict[str, Any] | None = None, same: str | None = None, **order: Any) -> Ask:
    """An ask for a film to be scored, or for what the order says."""
    kind = order.get("kind", "score")
    film = None if kind in ("music", "compose_cue") else {**FILM, **(source or {})}
    return Ask(read_order(order), film, same=same)


def submit(database: Database, tenant: str = "ann", quota: Quota | None = None, **more: Any) -> str:
    """A job's id."""
    return take_in(database, Tenant(tenant, quota or Quota()), asked(tenant, **more)).job_id


def take(database: Database, settings: ServiceSettings, owner: str = "w", **more: Any) -> Lease:
    """The next unit, which must be there."""
    lease = claim(database, settings, owner, QUEUES, **more)
    assert lease is not None
    return lease


def file(lease: Lease, name: str, *, shown: bool = True) -> File:
    """A file as an attempt would have stored it."""
    return File(name, f"{lease.task.prefix}/{name}", 3, "cd" * 32, "application/json", shown)


def outcome_of(lease: Lease, cues: int = 3) -> Outcome:
    """What a unit of that kind makes, in form."""
    kind, name = lease.task.kind, lease.task.name
    if kind == "spot":
        steps = tuple(Step("compose", f"1m{n}", {"n": n}, key=f"{lease.job_id[-8:]}{n}") for n in range(1, cues + 1))
        return Outcome((file(lease, "cues.json"),), {"cues": cues}, steps)
    return Outcome((file(lease, f"{kind}{name}.json"),), {"made": kind})


def work_off(database: Database, settings: ServiceSettings, most: int = 100) -> list[str]:
    """Do everything that waits; the kinds and names in order."""
    done = []
    while (lease := claim(database, settings, "w", QUEUES)) is not None:
        assert finish(database, settings, (lease.unit_id, lease.token), outcome_of(lease))
        done.append(f"{lease.task.kind} {lease.task.name}".strip())
        assert len(done) <= most
    return done


def view(database: Database, job_id: str, tenant: str = "ann") -> JobView:
    """The job as its tenant sees it."""
    with database.reading() as connection:
        return read_job(connection, tenant, job_id)
