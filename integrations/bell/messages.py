"""Celery's messages, as its protocols 1 and 2 lay them out, read without running anything that they name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from kombu import Message

from scoring.errors import InputError

_LONGEST_ID = 200
_ADVICE = "Send it with a Celery client, as JSON"


@dataclass(frozen=True, slots=True)
class Sent:
    """A task as its client sent it. expires_s: seconds since 1970, not to be begun later. reply_to: the client's queue.

    extras: what the client asked of Celery that is not done here.
    """

    id: str
    name: str
    args: Sequence[Any]
    kwargs: Mapping[str, Any]
    expires_s: float | None = None
    reply_to: str | None = None
    extras: tuple[str, ...] = ()


def read_message(message: Message) -> Sent:
    """The task in a message. Raises InputError for one in which there is none, whose client nobody can answer."""
    try:
        body = message.decode()
    except Exception as error:  # of whatever the decoder met; a serialiser other than JSON is refused here too
        raise InputError(f"a message cannot be read ({type(error).__name__})", _ADVICE) from error
    headers = message.headers or {}
    if "task" in headers:
        meta: Mapping[str, Any] = headers
        args, kwargs, embedded = _parts(body)
    elif isinstance(body, Mapping) and "task" in body:
        meta = embedded = body
        args, kwargs = body.get("args") or [], body.get("kwargs") or {}
    else:
        raise InputError("a message has no task in it", _ADVICE)
    task_id, name = meta.get("id"), meta.get("task")
    if not (isinstance(task_id, str) and 0 < len(task_id) <= _LONGEST_ID and isinstance(name, str)):
        raise InputError("a message has no task id, or no name of a task", _ADVICE)
    if not (isinstance(args, Sequence) and isinstance(kwargs, Mapping)) or isinstance(args, str):
        raise InputError(f"the arguments of task {task_id} are not in the form of arguments", _ADVICE)
    reply_to = message.properties.get("reply_to")
    asked = [(part, embedded.get(part)) for part in ("callbacks", "errbacks", "chain", "chord")]
    extras = [part for part, value in asked if value]
    if meta.get("eta"):
        extras.append("eta")
    return Sent(
        task_id,
        name,
        args,
        kwargs,
        _time_s(meta.get("expires")),
        reply_to if isinstance(reply_to, str) and len(reply_to) <= 300 else None,
        tuple(extras),
    )


def _parts(body: Any) -> tuple[Any, Any, Mapping[str, Any]]:
    if not isinstance(body, (list, tuple)) or len(body) != 3:
        raise InputError("a task's message has another body than [args, kwargs, embedded]", _ADVICE)
    args, kwargs, embedded = body
    return args, kwargs, embedded if isinstance(embedded, Mapping) else {}


def _time_s(text: Any) -> float | None:
    if not isinstance(text, str):
        return None
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
