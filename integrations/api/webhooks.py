"""Webhooks: where a tenant wants to be told of its jobs, and what was sent there."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from integrations.api.desk import At, Caller
from integrations.api.documented import answers
from integrations.jobs import endpoints
from integrations.jobs.endpoints import Endpoint, Sent
from integrations.jobs.happenings import TOLD
from integrations.outbound.url import MOST_CHARACTERS

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"])

_KINDS = f"Which events; none of them named means all. {', '.join(TOLD)}"


class Hook(BaseModel):
    """A receiver."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"url": "https://hooks.example.com/cuesmith", "events": ["job.succeeded"]}]},
    )

    url: str = Field(max_length=MOST_CHARACTERS, description="https; checked now, and at every delivery.")
    events: list[str] = Field(default_factory=list, max_length=len(TOLD), description=_KINDS)


class HookChange(BaseModel):
    """What is to be different; what is left out stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"enabled": True}]})

    url: str | None = Field(default=None, max_length=MOST_CHARACTERS)
    events: list[str] | None = Field(default=None, max_length=len(TOLD), description=_KINDS)
    enabled: bool | None = Field(default=None, description="true also sends what waited meanwhile.")


class HookShown(BaseModel):
    """A receiver as it can be shown again. Times are seconds since 1970."""

    id: str = Field(examples=["hook_0cc175b9c0f1b6a831c399e269772661"])
    url: str
    events: list[str]
    enabled: bool
    created_s: float
    disabled_s: float | None = None
    why_disabled: str | None = None


class HookMade(HookShown):
    """A new receiver."""

    secret: str = Field(description="What deliveries are signed with. It is shown this once.")


class HooksShown(BaseModel):
    """The oldest first."""

    webhooks: list[HookShown]


class NewSecret(BaseModel):
    """Until the next change the one before signs too."""

    secret: str = Field(description="It is shown this once.")


class SentShown(BaseModel):
    """A delivery. Times are seconds since 1970."""

    id: str = Field(description="The receiver's webhook-id, the same at every attempt.")
    job_id: str
    kind: str = Field(examples=["job.succeeded"])
    state: str = Field(description="waiting, sending, delivered or failed (given up)")
    attempts: int
    next_s: float = Field(description="When it is tried next, while it waits.")
    status: int | None = Field(default=None, description="Of the last answer.")
    error: str | None = None
    created_s: float


class SentList(BaseModel):
    """The newest first."""

    deliveries: list[SentShown]


@router.post("", status_code=201, response_model=HookMade, responses=answers(400, 503), summary="Register a webhook")
def create(hook: Hook, response: Response, at: At, tenant: Caller) -> HookMade:
    """Refused where the address leads into a private network."""
    at.hooks.check(hook.url)
    made, secret = endpoints.add_endpoint(at.database, tenant.id, hook.url, hook.events)
    response.headers["Location"] = f"/v1/webhooks/{made.id}"
    return HookMade(**_shown(made).model_dump(), secret=secret)


@router.get("", response_model=HooksShown, responses=answers(), summary="List webhooks")
def index(at: At, tenant: Caller) -> HooksShown:
    """Without their secrets."""
    with at.database.reading() as connection:
        return HooksShown(webhooks=[_shown(each) for each in endpoints.list_endpoints(connection, tenant.id)])


@router.get("/{webhook_id}", response_model=HookShown, responses=answers(404), summary="Read a webhook")
def read(webhook_id: str, at: At, tenant: Caller) -> HookShown:
    """Without its secret."""
    with at.database.reading() as connection:
        return _shown(endpoints.read_endpoint(connection, tenant.id, webhook_id))


@router.patch(
    "/{webhook_id}", response_model=HookShown, responses=answers(400, 404, 503), summary="Change or enable a webhook"
)
def change(webhook_id: str, wanted: HookChange, at: At, tenant: Caller) -> HookShown:
    """A receiver that answered 410 is disabled until its owner enables it."""
    with at.database.reading() as connection:
        endpoints.read_endpoint(connection, tenant.id, webhook_id)
    if wanted.url is not None:
        at.hooks.check(wanted.url)
    return _shown(
        endpoints.change_endpoint(
            at.database, tenant.id, webhook_id, url=wanted.url, kinds=wanted.events, enabled=wanted.enabled
        )
    )


@router.delete("/{webhook_id}", status_code=204, responses=answers(404), summary="Delete a webhook")
def delete(webhook_id: str, at: At, tenant: Caller) -> Response:
    """With all that waits for it."""
    endpoints.delete_endpoint(at.database, tenant.id, webhook_id)
    return Response(status_code=204)


@router.post("/{webhook_id}/secret", response_model=NewSecret, responses=answers(404), summary="Change the secret")
def rotate(webhook_id: str, at: At, tenant: Caller) -> NewSecret:
    """Deliveries are signed with both, the new one first, until the next change."""
    return NewSecret(secret=endpoints.rotate_secret(at.database, tenant.id, webhook_id))


@router.get("/{webhook_id}/deliveries", response_model=SentList, responses=answers(404), summary="List deliveries")
def deliveries(webhook_id: str, at: At, tenant: Caller, limit: Annotated[int, Query(ge=1, le=200)] = 50) -> SentList:
    """What was or is to be sent."""
    with at.database.reading() as connection:
        found = endpoints.list_sent(connection, tenant.id, webhook_id, limit)
    return SentList(deliveries=[_sent(each) for each in found])


@router.post(
    "/{webhook_id}/deliveries/{delivery_id}/replay",
    status_code=202,
    response_model=SentShown,
    responses=answers(404),
    summary="Send a delivery again",
)
def replay(webhook_id: str, delivery_id: str, at: At, tenant: Caller) -> SentShown:
    """At once, under the same webhook-id."""
    return _sent(endpoints.replay(at.database, tenant.id, webhook_id, delivery_id))


def _shown(endpoint: Endpoint) -> HookShown:
    return HookShown(
        id=endpoint.id,
        url=endpoint.url,
        events=list(endpoint.kinds),
        enabled=endpoint.disabled_s is None,
        created_s=endpoint.created_s,
        disabled_s=endpoint.disabled_s,
        why_disabled=endpoint.why_disabled,
    )


def _sent(sent: Sent) -> SentShown:
    return SentShown(**asdict(sent))
