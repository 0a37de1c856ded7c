"""Webhooks: where to be told of jobs, and checking what arrives there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from integrations.client.answers import Delivery, Webhook
from integrations.client.wire import Wire

_PATH = "/v1/webhooks"


class Webhooks:
    """The tenant's receivers. Every call raises what the server refuses, and FetchFailed when it is not there."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def create(self, url: str, events: Sequence[str] = ()) -> Webhook:
        """Register a receiver. events: kinds such as job.succeeded, none for all. Its secret is shown this once."""
        # Not repeatable: a second one would be told of everything twice.
        answer = self._wire.read("POST", _PATH, document={"url": url, "events": list(events)}, is_repeatable=False)
        return Webhook.of(answer)

    def list(self) -> list[Webhook]:
        """Every receiver, the oldest first."""
        return [Webhook.of(row) for row in self._wire.read("GET", _PATH)["webhooks"]]

    def get(self, webhook_id: str) -> Webhook:
        """A receiver."""
        return Webhook.of(self._wire.read("GET", _at(webhook_id)))

    def change(
        self,
        webhook_id: str,
        *,
        url: str | None = None,
        events: Sequence[str] | None = None,
        enabled: bool | None = None,
    ) -> Webhook:
        """Change what is given. enabled: True also sends what waited meanwhile."""
        said = {"url": url, "events": None if events is None else [*events], "enabled": enabled}
        wanted = {name: value for name, value in said.items() if value is not None}
        return Webhook.of(self._wire.read("PATCH", _at(webhook_id), document=wanted))

    def delete(self, webhook_id: str) -> None:
        """Forget a receiver and what waits for it."""
        self._wire.ask("DELETE", _at(webhook_id))

    def rotate_secret(self, webhook_id: str) -> str:
        """A new secret; until the next change the one before signs too."""
        answer = self._wire.read("POST", f"{_at(webhook_id)}/secret", is_repeatable=False)
        return str(answer["secret"])

    def deliveries(self, webhook_id: str, most: int = 50) -> Sequence[Delivery]:
        """What was or is to be sent, the newest first."""
        answer = self._wire.read("GET", f"{_at(webhook_id)}/deliveries", query={"limit": most})
        return [Delivery.of(row) for row in answer["deliveries"]]

    def replay(self, webhook_id: str, delivery_id: str) -> Delivery:
        """Send a delivery again, at once."""
        path = f"{_at(webhook_id)}/deliveries/{quote(delivery_id, safe='')}/replay"
        return Delivery.of(self._wire.read("POST", path))


def verify_webhook(
    body: str | bytes,
    headers: Mapping[str, str],
    secrets: str | Sequence[str],
    *,
    now: datetime | None = None,
    tolerance_s: float = 300.0,
) -> Any:
    """Check a webhook as it arrived and return the event in it: integrations.webhooks.signing.verify, which is loaded
    when this is called, as it needs standardwebhooks. Raises SignatureRefused, InputError for a secret that is none.
    """
    from integrations.webhooks.signing import verify

    return verify(body, headers, secrets, now=now, tolerance_s=tolerance_s)


def _at(webhook_id: str) -> str:
    return f"{_PATH}/{quote(webhook_id, safe='')}"
