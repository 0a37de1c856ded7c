"""kombu's connection to Redis where Redis is full."""

from __future__ import annotations

from pathlib import Path

from kombu import Consumer, Message
from redis_server import redis_server

from integrations.bell.app import make_app, task_queue
from integrations.bell.transport import connection_of
from integrations.service.settings import ServiceSettings


def test_a_message_that_is_taken_while_redis_is_full_is_neither_lost_nor_left(tmp_path: Path) -> None:
    with redis_server(tmp_path / "redis") as server, server.client() as look:
        app = make_app(ServiceSettings.from_env({"CUESMITH_DATA": str(tmp_path), "CUESMITH_BROKER_URL": server.url}))
        got: list[Message] = []
        with connection_of(app, 0) as connection, connection.channel() as channel:
            Consumer(channel, [task_queue(app)], accept=["json"], on_message=got.append).consume()
            with app.connection_for_write() as other, other.SimpleQueue("cuesmith") as queue:
                queue.put({"a": 1}, serializer="json")
            server.limit(1)
            connection.drain_events(timeout=5)  # kombu's own channel raises here, and the message is nowhere any more
            assert [message.decode() for message in got] == [{"a": 1}]
            got[0].ack()
            server.limit(0)
            assert look.llen("cuesmith") == 0
            assert look.zcard("cuesmith.unacked_index") == 0
        assert look.llen("cuesmith") == 0  # and it was not given back at the end
