"""The Celery app that both sides use, and the names of its queues. Making it connects to nothing."""

from __future__ import annotations

from urllib.parse import urlsplit

from celery import Celery
from kombu import Exchange, Queue

from integrations.service.settings import ServiceSettings
from scoring.errors import InputError, UnknownChoice

TASKS = "cuesmith"  # the queue of the task API
RING = "cuesmith.ring"
RESULT_URL = "CUESMITH_RESULT_URL"
KEPT_S = 86_400  # how long a result can be asked for

_REDIS, _AMQP = ("redis", "rediss"), ("amqp", "amqps", "pyamqp")
_CONNECT_S = 1.0
# A task message is acknowledged when its job's row is on the disk, which takes seconds, so one that a dead process held
# may come back soon. It never comes back to two jobs: its id is the idempotency key.
_UNSEEN_S = 60


def make_app(settings: ServiceSettings) -> Celery:
    """JSON only. Raises InputError without a broker, UnknownChoice for one that is neither Redis nor RabbitMQ."""
    if settings.broker_url is None:
        raise InputError("no broker is set", "Set CUESMITH_BROKER_URL to redis://… or amqp://…")
    scheme = _scheme(settings.broker_url)
    if scheme not in (*_REDIS, *_AMQP):
        raise UnknownChoice.among("kind of broker", scheme, [*_REDIS, *_AMQP])
    app = Celery("cuesmith", broker=settings.broker_url, backend=result_url(settings), set_as_current=False)
    app.conf.update(
        task_serializer="json",
        result_serializer="json",
        event_serializer="json",
        accept_content=["json"],
        result_accept_content=["json"],
        task_default_queue=TASKS,
        task_ignore_result=True,  # of rings; results of the task API are stored by hand
        result_expires=KEPT_S,
        result_backend_thread_safe=True,  # one connection pool, which can be closed, for all threads
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        broker_connection_retry_on_startup=True,
        broker_connection_timeout=_CONNECT_S,
        broker_transport_options=_redis_options() if scheme in _REDIS else {"confirm_publish": True},
        result_backend_transport_options={"retry_policy": {"max_retries": 0}, "visibility_timeout": _UNSEEN_S},
        redis_socket_connect_timeout=_CONNECT_S,
        redis_socket_timeout=2.0,
        redis_backend_health_check_interval=30,
    )
    return app


def result_url(settings: ServiceSettings) -> str:
    """Where results of tasks are stored: CUESMITH_RESULT_URL, else the broker's own Redis.

    With RabbitMQ alone each answer is sent to the queue that the client named in its message (Celery's rpc://): a
    client that knows only the broker gets it, as long as it lives.
    """
    given = settings.environment.get(RESULT_URL)
    if given:
        return given
    url = settings.broker_url or ""
    return url if _scheme(url) in _REDIS else "rpc://"


def is_kept(settings: ServiceSettings) -> bool:
    """Whether results can be read again where they are stored; not those that are sent as messages."""
    return _scheme(result_url(settings)) != "rpc"


def ring_queue(queue: str) -> Queue:
    """The Celery queue of one of the service's queues ("media"), in which rings wait."""
    name = f"cuesmith.{queue}"
    # To the queue itself, not through an exchange: kombu keeps an exchange's bindings in Redis, which may be wiped.
    return Queue(name, Exchange(""), routing_key=name, durable=True)


def task_queue(app: Celery) -> Queue:
    """The queue of the task API, declared as every Celery client declares it: RabbitMQ refuses any difference."""
    return app.amqp.queues.new_missing(TASKS)


def _scheme(url: str) -> str:
    return urlsplit(url).scheme.lower()


def _redis_options() -> dict[str, object]:
    return {
        "visibility_timeout": _UNSEEN_S,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        # Our own books: with shared ones the shortest visibility timeout of all programs on the broker counts for all.
        "unacked_key": "cuesmith.unacked",
        "unacked_index_key": "cuesmith.unacked_index",
        "unacked_mutex_key": "cuesmith.unacked_mutex",
        "socket_keepalive": True,
        "socket_connect_timeout": _CONNECT_S,
        "health_check_interval": 30,
    }
