"""The listener's connection to the broker, with one of kombu's gaps closed."""

from __future__ import annotations

import contextlib
from typing import Any

from celery import Celery
from kombu import Connection
from kombu.transport import redis
from kombu.transport.virtual import QoS


class _Books(redis.QoS):  # type: ignore[misc]  # kombu has no types
    """Which messages were taken and are not acknowledged yet.

    kombu takes a message off its list before it writes it into these books, and where Redis is full (maxmemory,
    noeviction) it refuses the writing: the message would be gone. Here it is held in memory instead, which is no less
    than it needs: it is done with as soon as its job's row is on the disk. Only who dies or has to give it back in just
    these moments, while Redis is full, loses one.
    """

    def __init__(self, channel: Any, prefetch_count: int = 0) -> None:
        super().__init__(channel, prefetch_count)
        # A connection that broke gave nothing back, and what it held has come again since: not once more at the exit.
        self._on_collect.cancel()

    def append(self, message: Any, delivery_tag: str) -> None:
        try:
            super().append(message, delivery_tag)
        except redis.redis.exceptions.ResponseError:
            QoS.append(self, message, delivery_tag)

    def ack(self, delivery_tag: str) -> None:
        # kombu does both in a transaction, inside which a full Redis refuses even what would make room.
        with self.channel.conn_or_acquire() as client:
            client.zrem(self.unacked_index_key, delivery_tag)
            client.hdel(self.unacked_key, delivery_tag)
        QoS.ack(self, delivery_tag)

    def restore_visible(self, *args: Any, **kwargs: Any) -> None:
        """Look for messages whose holders died; later, where Redis has no room for the lock that this takes."""
        with contextlib.suppress(redis.redis.exceptions.ResponseError):
            super().restore_visible(*args, **kwargs)


class _Channel(redis.Channel):  # type: ignore[misc]
    QoS = _Books

    def close(self) -> None:
        """Close it, and its sockets too where Redis is gone and kombu gives up half-way."""
        try:
            with contextlib.suppress(OSError, redis.redis.exceptions.RedisError):
                super().close()
        finally:
            self._disconnect_pools()


def connection_of(app: Celery, heartbeat_s: float) -> Connection:
    """A connection to listen on; it is made when it is first used."""
    connection = app.connection_for_read(heartbeat=heartbeat_s)
    transport = connection.transport
    if transport.driver_type == "redis":
        transport.Channel = _Channel
    return connection
