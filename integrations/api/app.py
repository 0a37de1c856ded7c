"""The application: every route, behind the gate, inside the frame."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

from anyio import CapacityLimiter
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from integrations.api import events, files, health, jobs, music, ratings, sheets, takes, uploads, webhooks
from integrations.api.chores import Chores
from integrations.api.desk import DISK_THREADS, Bell, Desk, caller
from integrations.api.frame import Frame
from integrations.api.gate import Gate
from integrations.api.lookout import Lookout
from integrations.api.problems import Problem, handle_problems
from integrations.api.reasons import Reasons
from integrations.experiments.routes import make_router
from integrations.jobs.database import Database
from integrations.jobs.reception import Reception
from integrations.outbound.guard import Guard
from integrations.service.metrics import Metrics
from integrations.service.settings import ServiceSettings
from integrations.storage.opening import open_storage
from integrations.storage.storage import Storage

_DESCRIPTION = """A film in, the same film out with original music: durable jobs over HTTP.

Every route under /v1 wants `Authorization: Bearer csk_…`. Errors are application/problem+json (RFC 9457)."""
_ROOMS = (jobs, events, files, sheets, takes, ratings, uploads, webhooks, music, health)


def create_app(
    settings: ServiceSettings,
    *,
    database: Database | None = None,
    storage: Storage | None = None,
    ring: Callable[[str], None] = lambda queue: None,
) -> FastAPI:
    """The API. The database has been migrated. database, storage: where they are given they stay open at the end.

    ring: says that there may be work in a queue; it may fail and take its time. Connects to nothing before it serves.
    """
    base = Database(settings.database_url) if database is None else database
    place = open_storage(settings.storage_url, settings.environment) if storage is None else storage
    desk = Desk(
        settings=settings,
        database=base,
        storage=place,
        reception=Reception(base, place, settings),
        lookout=Lookout(base),
        metrics=Metrics(),
        bell=Bell(ring),
        hooks=Guard(allowed_hosts=settings.webhook_hosts),
        reasons=Reasons(settings, place),
        disk=CapacityLimiter(DISK_THREADS),
    )
    desk.metrics.watch(base)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        chores = Chores(desk)
        chores.start()
        try:
            yield
        finally:
            desk.lookout.close()
            chores.stop()
            desk.bell.close()
            if storage is None:
                place.close()
            if database is None:
                base.close()

    app = FastAPI(
        title="Cuesmith",
        version=version("cuesmith"),
        description=_DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,  # its page loads scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.desk = desk
    handle_problems(app)
    for room in _ROOMS:
        app.include_router(room.router)
    app.include_router(make_router(base, caller))
    app.add_middleware(Gate)
    app.add_middleware(Frame)
    app.openapi = lambda: _document(app)  # type: ignore[method-assign]
    return app


def _document(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        form = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= form.pop("$defs", {})
        schemas["Problem"] = form
        app.openapi_schema = document
    return app.openapi_schema
