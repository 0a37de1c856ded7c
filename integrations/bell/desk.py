"""The desk at which tasks are taken in: a job's row for each, or a refusal, and then the message may be forgotten."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection

from celery.utils.collections import LimitedSet

from integrations.bell import books
from integrations.bell.answers import Answer, failed, revoked
from integrations.bell.calls import read_call
from integrations.bell.films import find_film
from integrations.bell.messages import Sent
from integrations.experiments.assigning import assign
from integrations.jobs.cancelling import cancel
from integrations.jobs.database import Database
from integrations.jobs.intake import Ask, Taken, take_in
from integrations.jobs.reception import Reception
from integrations.jobs.tenants import LOCAL, Tenant, ensure_tenant, tenant_of
from integrations.service.faults import checkpoint
from integrations.service.logs import logger
from integrations.service.settings import ServiceSettings
from integrations.storage.opening import open_storage
from integrations.storage.storage import Storage
from scoring.errors import CapacityError, CuesmithError, FetchFailed, InputError, QuotaReached, UnknownId

# As many revokes of tasks that nobody knows yet, and as long, as Celery's own workers remember.
_MOST_REVOKED, _REVOKED_S = 50_000, 10_800

Tell = Callable[[Sent, Answer], None]


class Desk:
    """Takes tasks in and cancels them; any thread may. tell: answers a client of whose task no job came."""

    def __init__(self, settings: ServiceSettings, database: Database, tell: Tell) -> None:
        self._settings, self._database, self._tell = settings, database, tell
        self._revoked = LimitedSet(maxlen=_MOST_REVOKED, expires=_REVOKED_S)
        self._lock = threading.Lock()
        self._storage: Storage | None = None
        self._log = logger(__name__)

    def take(self, sent: Sent) -> bool:
        """Take a task in; True when its message is done with, False when it has to come again: there is no room, or
        the database, the storage or the place for results does not answer.
        """
        try:
            refusal = self._answer(sent)
            if refusal is not None:
                self._tell(sent, refusal)
        except (CapacityError, FetchFailed) as error:
            self._log.warning("a task has to wait", task=sent.id, what=error.what)
            return False
        return True

    def revoke(self, task_ids: Collection[str]) -> None:
        """Cancel the jobs of those tasks; those that have not come yet are remembered, and will not be begun.

        Raises CapacityError when the database does not answer.
        """
        with self._lock:
            for task_id in task_ids:
                self._revoked.add(task_id)
        for tenant, job_id in books.jobs_of(self._database, task_ids):
            self._cancel(tenant, job_id)

    def close(self) -> None:
        """Let go of the storage."""
        if self._storage is not None:
            self._storage.close()

    def _answer(self, sent: Sent) -> Answer | None:
        try:
            return self._refusal(sent)
        except (CapacityError, FetchFailed):
            raise
        except Exception:  # the rim: a task that breaks us must not come again for ever
            self._log.exception("a task could not be taken in", task=sent.id, name=sent.name)
            return failed(CuesmithError("the task could not be taken in; the service's log says why", "Send it again"))

    def _refusal(self, sent: Sent) -> Answer | None:
        """What to answer when no job comes of a task; None when one does."""
        if books.is_known(self._database, sent.id):
            return None
        if self._is_revoked(sent.id):
            return revoked("revoked")
        if sent.expires_s is not None and sent.expires_s < time.time():
            return revoked("expired")
        try:
            tenant, taken = self._take_in(sent)
        except QuotaReached as error:  # its row would be one too many, and its message no less
            return failed(error)
        except (CapacityError, FetchFailed):
            raise
        except CuesmithError as error:
            self._log.info("a task was refused", task=sent.id, name=sent.name, what=error.what)
            return failed(error)
        checkpoint("task.taken")
        books.note(self._database, sent, tenant.id, taken.job_id)
        checkpoint("task.noted")
        self._log.info("a task was taken in", task=sent.id, name=sent.name, tenant=tenant.id, job=taken.job_id)
        if self._is_revoked(sent.id):  # it was, while its film was looked for
            self._cancel(tenant.id, taken.job_id)
        return None

    def _take_in(self, sent: Sent) -> tuple[Tenant, Taken]:
        if sent.extras:
            raise InputError(
                f"the task asks for {', '.join(sent.extras)}, which is not done here",
                "Send it without: wait for its result, then send what follows",
            )
        call = read_call(sent.name, sent.args, sent.kwargs)
        tenant = self._tenant(call.tenant)
        found = None
        if call.source is not None:
            storage = self._opened()
            reception = Reception(self._database, storage, self._settings)
            found = find_film(reception, storage, self._settings.storage_url, tenant, call.source)
        source = None if found is None else found.source
        order, arm = assign(self._database, tenant, call.order, source)
        ask = Ask(
            order,
            source=source,
            upload_id=None if found is None else found.upload_id,
            same=f"task:{sent.id}" if call.request_id is None else f"request:{call.request_id}",
            outside_id=sent.id,
            deadline_s=sent.expires_s,
            arm=arm,
            asked=call.order,
        )
        return tenant, take_in(self._database, tenant, ask)

    def _tenant(self, name: str) -> Tenant:
        try:
            with self._database.reading() as connection:
                return tenant_of(connection, name, self._settings.quota)
        except UnknownId:
            if name != LOCAL:
                raise
        ensure_tenant(self._database, LOCAL)  # every service has this one, though nobody may have used it yet
        with self._database.reading() as connection:
            return tenant_of(connection, name, self._settings.quota)

    def _opened(self) -> Storage:
        with self._lock:
            if self._storage is None:
                self._storage = open_storage(self._settings.storage_url, self._settings.environment)
            return self._storage

    def _is_revoked(self, task_id: str) -> bool:
        with self._lock:
            return task_id in self._revoked

    def _cancel(self, tenant: str, job_id: str) -> None:
        try:
            if cancel(self._database, self._settings, tenant, job_id):
                self._log.info("a task was revoked", tenant=tenant, job=job_id)
        except UnknownId:
            self._log.info("a task was revoked whose job is gone", job=job_id)
