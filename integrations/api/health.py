"""Whether the service is well, for machines that ask often: no key is needed, and nothing of a tenant is told."""

from __future__ import annotations

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field
from sqlalchemy import func, select

from integrations.api.desk import At
from integrations.jobs.tables import workers
from integrations.service.metrics import ALIVE_S, CONTENT_TYPE
from scoring.errors import CuesmithError

router = APIRouter(tags=["health"])


class Alive(BaseModel):
    """The process runs."""

    status: str = Field(examples=["alive"])


class Ready(BaseModel):
    """What works."""

    status: str = Field(description="ready; degraded (jobs are taken and kept, but wait); unready", examples=["ready"])
    reasons: list[str] = Field(description="Why it is not simply ready.")


@router.get("/healthz", response_model=Alive, summary="Whether the process runs")
async def alive() -> Alive:
    """200 as long as it answers at all."""
    return Alive(status="alive")


@router.get(
    "/readyz",
    response_model=Ready,
    responses={503: {"model": Ready, "description": "The database does not answer"}},
    summary="Whether jobs can be taken",
)
def ready(response: Response, at: At) -> Ready:
    """Degraded is 200 too: jobs are taken, kept, and done when what is missing is back."""
    try:
        with at.database.reading() as connection:
            recent_s = at.database.now_s(connection) - ALIVE_S
            alive = connection.execute(select(func.count()).select_from(workers).where(workers.c.beat_s > recent_s))
            count = alive.scalar_one()
    except CuesmithError:
        response.status_code = 503
        return Ready(status="unready", reasons=["the database does not answer"])
    reasons = at.reasons.look()
    if not count:
        reasons.append("no worker is alive")
    return Ready(status="degraded" if reasons else "ready", reasons=reasons)


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"description": "Prometheus' text format", "content": {"text/plain": {}}}},
    summary="Metrics for Prometheus",
)
def metrics(at: At) -> Response:
    """Requests, queues, jobs by state, upload bytes, webhook attempts."""
    return Response(at.metrics.text(), headers={"Content-Type": CONTENT_TYPE})
