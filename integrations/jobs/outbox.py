"""Webhooks that wait in the database: several processes may send them, and none is sent by two at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import or_, select, update

from integrations.jobs.database import Database
from integrations.jobs.tables import deliveries, endpoints
from integrations.webhooks.delivery import Delivery
from integrations.webhooks.post import Attempt, Event

CLAIM_S = 120.0  # longer than a round of attempts takes; after that, whoever claimed them has died


class DatabaseOutbox:
    """An integrations.webhooks.delivery.Outbox. told: hears each attempt as "delivered", "retry" or "failed"."""

    def __init__(self, database: Database, told: Callable[[str], None] = lambda outcome: None) -> None:
        self._database, self._told = database, told

    def due(self, now: datetime, limit: int) -> Sequence[Delivery]:
        """Deliveries whose time has come, claimed; those of disabled endpoints wait."""
        now_s = now.timestamp()
        ready = [
            or_(deliveries.c.state == "waiting", deliveries.c.state == "sending"),
            deliveries.c.next_s <= now_s,
            endpoints.c.disabled_s.is_(None),
        ]
        query = (
            select(deliveries, endpoints.c.url, endpoints.c.secrets)
            .join(endpoints, endpoints.c.id == deliveries.c.endpoint_id)
            .where(*ready)
            .order_by(deliveries.c.next_s, deliveries.c.id)
            .limit(limit)
        )
        # Mostly nothing is due: a look takes no write lock from the workers.
        with self._database.reading() as connection:
            if connection.execute(query.limit(1)).first() is None:
                return []
        with self._database.writing() as connection:
            rows = connection.execute(query.with_for_update(skip_locked=True, of=deliveries)).all()
            claimed = {"state": "sending", "next_s": now_s + CLAIM_S}
            ids = [row.id for row in rows]
            connection.execute(update(deliveries).where(deliveries.c.id.in_(ids)).values(claimed))
        return [
            Delivery(
                id=row.id,
                endpoint_id=row.endpoint_id,
                url=row.url,
                secrets=tuple(row.secrets),
                event=Event(row.id, row.kind, datetime.fromtimestamp(row.created_s, UTC), row.body["data"]),
                attempts=row.attempts,
            )
            for row in rows
        ]

    def record(self, delivery_id: str, attempt: Attempt, next_at: datetime | None) -> None:
        """Keep how an attempt went; one that was replayed meanwhile is sent again."""
        if attempt.delivered:
            outcome, state = "delivered", "delivered"
        elif next_at is None:
            outcome, state = "failed", "failed"
        else:
            outcome, state = "retry", "waiting"
        changes: dict[str, Any] = {
            "state": state,
            "attempts": deliveries.c.attempts + 1,
            "status": attempt.status,
            "error": attempt.error,
        }
        if next_at is not None:
            changes["next_s"] = next_at.timestamp()
        with self._database.writing() as connection:
            claimed = [deliveries.c.id == delivery_id, deliveries.c.state == "sending"]
            connection.execute(update(deliveries).where(*claimed).values(changes))
        self._told(outcome)

    def disable(self, endpoint_id: str) -> None:
        """Send it nothing more until its owner enables it."""
        with self._database.writing() as connection:
            changes = {
                "disabled_s": self._database.now_s(connection),
                "why_disabled": "the receiver answered 410 (gone)",
            }
            connection.execute(update(endpoints).where(endpoints.c.id == endpoint_id).values(changes))
