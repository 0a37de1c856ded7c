"""The listener's connection to the broker, with one of kombu's gaps closed."""

from __future__ import annotations

from typing import Any

from celery import Celery
from kombu import Connection
from kombu.transport import redis
from kombu.transport.virtual import QoS


class _Books(redis.QoS):  # type: ignore[misc]  # kombu has no types
    """Which messages were taken and are not acknowledged yet.

    kombu takes a message off its list before it writes it into these books, and where Redis is full (maxmemory,
    noeviction) it refuses the writing: the message would be gone. Here it is held in memory instead, which is no less
    than it needs: it is done with as soon as its job's row is on the disk. Only a process that dies in just these
    moments, while Redis is full, loses one.
    """

    def append(self, message: Any, delivery_tag: str) -> None:
        try:
            super().append(message, delivery_tag)
        except redis.redis.exceptions.ResponseError:
            QoS.append(self, message, delivery_tag)


class _Channel(redis.Channel):  # type: ignore[misc]
    QoS = _Books


def connection_of(app: Celery, heartbeat_s: float) -> Connection:
    """A connection to listen on; it is made when it is first used."""
    connection = app.connection_for_read(heartbeat=heartbeat_s)
    transport = connection.transport
    if transport.driver_type == "redis":
        transport.Channel = _Channel
    return connection
