"""What every handler works with, and how it gets at it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Annotated

from anyio import CapacityLimiter
from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from integrations.api.lookout import Lookout
from integrations.api.reasons import Reasons
from integrations.jobs.database import Database
from integrations.jobs.reception import Reception
from integrations.jobs.tenants import Tenant
from integrations.outbound.guard import Guard
from integrations.service.logs import logger
from integrations.service.metrics import Metrics
from integrations.service.settings import ServiceSettings
from integrations.storage.storage import Storage

DISK_THREADS = 8  # bytes of uploads and downloads wait for the disk here, so that looking at a job need not
_MOST_RINGS = 64  # more of them waiting would tell nobody anything


class Bell:
    """Rings in a thread of its own: a broker that hangs holds up no request."""

    def __init__(self, ring: Callable[[str], None]) -> None:
        self._ring = ring
        self._waiting = 0
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="bell")

    def __call__(self, queue: str) -> None:
        """Say that there may be work in a queue. It is a hint: workers look by themselves too."""
        with self._lock:
            if self._waiting >= _MOST_RINGS:
                return
            self._waiting += 1
        self._pool.submit(self._try, queue)

    def _try(self, queue: str) -> None:
        try:
            self._ring(queue)
        except Exception as error:
            logger(__name__).warning("ring failed", queue=queue, error=str(error))
        finally:
            with self._lock:
                self._waiting -= 1

    def close(self) -> None:
        """Ring no more."""
        self._pool.shutdown(wait=False, cancel_futures=True)


@dataclass(frozen=True, slots=True)
class Desk:
    """hooks: where webhooks may go. disk: bounds the threads that move bytes."""

    settings: ServiceSettings
    database: Database
    storage: Storage
    reception: Reception
    lookout: Lookout
    metrics: Metrics
    bell: Bell
    hooks: Guard
    reasons: Reasons
    disk: CapacityLimiter


_bearer = HTTPBearer(
    scheme_name="key", bearerFormat="csk_…", description="A key of `cuesmith keys create`.", auto_error=False
)


async def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


async def caller(
    request: Request, key: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)] = None
) -> Tenant:
    """Whose key the request has. The gate has looked it up; without a good one no request comes this far."""
    tenant: Tenant = request.state.tenant
    return tenant


At = Annotated[Desk, Depends(_desk)]
Caller = Annotated[Tenant, Depends(caller)]
