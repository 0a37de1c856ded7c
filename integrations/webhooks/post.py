"""One attempt to tell a receiver of an event."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from integrations.outbound.client import MOST_BODY_BYTES, WEBHOOK_S, Client, Reply
from integrations.outbound.line import Patience
from integrations.webhooks.schedule import meaning, retry_after_s
from integrations.webhooks.signing import sign
from scoring.errors import AddressRefused, CapacityError, FetchFailed, InputError


@dataclass(frozen=True, slots=True)
class Event:
    """What happened. id: the same for every attempt; a receiver knows a second copy by it. data: JSON."""

    id: str
    type: str
    occurred_at: datetime
    data: Mapping[str, Any]

    def body(self) -> str:
        """The event as it is sent, the same ASCII text each time. Raises InputError for data that is not JSON."""
        occurred_at = self.occurred_at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        whole = {"type": self.type, "timestamp": occurred_at, "data": self.data}
        try:
            return json.dumps(whole, allow_nan=False, separators=(",", ":"))
        except (TypeError, ValueError) as error:
            raise InputError(
                f"the data of event {self.id} is not JSON", "Give numbers, text, lists and objects"
            ) from error


@dataclass(frozen=True, slots=True)
class Attempt:
    """How one attempt went. status: of the answer, None where there was none. gone: send nothing there again.

    error: why it was not delivered, for the endpoint's owner; nothing of the answer's body. asked_s: how long the
    receiver asked to be left alone.
    """

    status: int | None
    delivered: bool
    gone: bool
    error: str | None
    elapsed_s: float
    asked_s: float | None = None


def post_event(
    endpoint_url: str,
    secrets: Sequence[str],
    event: Event,
    *,
    client: Client,
    now: datetime,
    total_s: float = WEBHOOK_S,
    clock: Callable[[], float] = time.monotonic,
) -> Attempt:
    """Sign an event as of now, send it, and say how that went. Never raises for what a receiver does or does not do.

    The URL is checked anew, nothing is followed, and what is answered beside the status is read, up to 64 kB, and
    forgotten. Raises InputError for a secret, an event's id or data that is none: that is ours
    to mend.
    """
    body = event.body()
    headers = {"Content-Type": "application/json", **sign(secrets, event.id, now, body)}
    patience = Patience(total_s, total_s, clock=clock)
    try:
        with client.opened(
            "POST", endpoint_url, patience=patience, headers=headers, content=body.encode("utf-8")
        ) as reply:
            status, retry_after = reply.status, reply.headers.get("retry-after")
            _drain(reply)
    except (AddressRefused, FetchFailed, CapacityError) as error:
        return Attempt(None, False, False, error.what, patience.elapsed_s)
    means = meaning(status)
    return Attempt(
        status=status,
        delivered=means == "delivered",
        gone=means == "gone",
        error=None if means == "delivered" else _why(status),
        elapsed_s=patience.elapsed_s,
        asked_s=None if means == "delivered" else retry_after_s(retry_after, now),
    )


def _drain(reply: Reply) -> None:
    """Let a receiver finish its answer, which some take for a fault otherwise. The status holds in any case."""
    read_bytes = 0
    try:
        for chunk in reply.chunks:
            read_bytes += len(chunk)
            if read_bytes >= MOST_BODY_BYTES:
                return
    except FetchFailed:
        return


def _why(status: int) -> str:
    if 300 <= status < 400:
        return f"the receiver answered {status}; redirects are not followed"
    return f"the receiver answered {status}"
