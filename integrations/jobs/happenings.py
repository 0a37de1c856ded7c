"""What happens to jobs, written down in the transaction in which it happens: events, and webhooks to be sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, insert, select

from integrations.jobs.ids import new_id
from integrations.jobs.tables import deliveries, endpoints, events

# What an endpoint may be told of.
TOLD = ("job.started", "job.succeeded", "job.failed", "job.canceled", "job.aborted", "job.expired")


def tell(
    connection: Connection, now_s: float, *, tenant: str, job_id: str, kind: str, body: Mapping[str, Any] | None = None
) -> None:
    """Write an event, and a delivery for each of the tenant's endpoints that wants to be told."""
    body = dict(body or {})
    row = {"job_id": job_id, "tenant_id": tenant, "at_s": now_s, "kind": kind, "body": body}
    connection.execute(insert(events).values(row))
    if kind not in TOLD:
        return
    wanted = select(endpoints.c.id, endpoints.c.kinds).where(
        endpoints.c.tenant_id == tenant, endpoints.c.disabled_s.is_(None)
    )
    for endpoint_id, kinds in connection.execute(wanted).all():
        if not kinds or kind in kinds:
            connection.execute(
                insert(deliveries).values(
                    id=new_id("msg"),
                    endpoint_id=endpoint_id,
                    tenant_id=tenant,
                    job_id=job_id,
                    kind=kind,
                    body={"type": kind, "timestamp_s": now_s, "data": {"job_id": job_id, **body}},
                    state="waiting",
                    attempts=0,
                    next_s=now_s,
                    created_s=now_s,
                )
            )
