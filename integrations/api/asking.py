"""Jobs made for a request: the one place where the API takes one in and rings for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated

from fastapi import Header, Response
from starlette.types import Scope

from integrations.api.desk import Desk
from integrations.api.shapes import JobTaken, job_url, taken
from integrations.experiments.assigning import assign
from integrations.jobs.intake import Ask, Taken, take_in
from integrations.jobs.plan import first_steps, queue_of
from integrations.jobs.tenants import Tenant
from scoring.errors import InputError

LONGEST_KEY = 200
_DESCRIPTION = (
    "Anything of your own, 1 to 200 visible ASCII characters. The same key with the same request answers with the job "
    "that is there, as long as jobs are kept; with another request, 409."
)

Same = Annotated[str | None, Header(alias="Idempotency-Key", description=_DESCRIPTION)]


def ask_for(desk: Desk, scope: Scope, tenant: Tenant, ask: Ask, *, assigns: bool = False) -> Taken:
    """Take a job in and ring for it. assigns: it may become part of an experiment. Raises as take_in does."""
    _check_key(ask.same)
    if assigns:
        order, arm = assign(desk.database, tenant, ask.order, ask.source)
        ask = replace(ask, order=order, arm=arm, asked=ask.order)
    made = take_in(desk.database, tenant, ask)
    scope["state"]["job"] = made.job_id
    if not made.was_there:
        for step in first_steps(ask.order, ask.source):
            desk.bell(queue_of(step, ask.order))
    return made


def answer_taken(response: Response, made: Taken, headers: Mapping[str, str] | None = None) -> JobTaken:
    """202 with the job's address, 200 when it was there."""
    response.status_code = 200 if made.was_there else 202
    response.headers["Location"] = job_url(made.job_id)
    response.headers.update(headers or {})
    return taken(made.job_id, made.was_there)


def _check_key(key: str | None) -> None:
    if key is not None and not (0 < len(key) <= LONGEST_KEY and all("!" <= c <= "~" for c in key)):
        raise InputError(
            f"the Idempotency-Key is {key[:40]!r}", f"Use 1 to {LONGEST_KEY} visible ASCII characters, no blanks"
        )
