"""Logs as JSON lines, one object each, for people and for machines; no secret and no query string gets into one."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

# Our own keys and webhook secrets, the query of any URL (signatures travel there), a password before a host.
_HIDDEN = (
    (re.compile(r"\b(csk_|whsec_)[A-Za-z0-9_+/=-]+"), r"\1…"),
    (re.compile(r"(\w+://[^\s?\"'\\<>]*)\?[^\s\"'\\<>]+"), r"\1?…"),
    (re.compile(r"(\w+://[^/\s:@\"'\\]*:)[^@/\s\"'\\]+@"), r"\1…@"),
)
_OWN = "integrations"
_SHARED: tuple[Any, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
    structlog.processors.format_exc_info,
)


class _Handler(logging.StreamHandler[TextIO]):
    """Ours, told from handlers that others have set."""


def log_to_stderr(stream: TextIO | None = None, *, level: int = logging.INFO) -> None:
    """Send what this process logs, the libraries' warnings too, to a stream (standard error) as JSON lines.

    Each has time, level, logger, event and what was bound: request, tenant, job. Called again, the last call counts.
    """
    handler = _Handler(sys.stderr if stream is None else stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_SHARED,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _render],
        )
    )
    root = logging.getLogger()
    for before in list(root.handlers):
        if isinstance(before, _Handler):
            root.removeHandler(before)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)  # of libraries only what went wrong
    logging.getLogger(_OWN).setLevel(level)


def logger(name: str) -> structlog.stdlib.BoundLogger:
    """A module's logger: logger(__name__).info("request", status=200). Silent but for warnings before log_to_stderr."""
    found: structlog.stdlib.BoundLogger = structlog.wrap_logger(
        logging.getLogger(name),
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    return found


def without_secrets(text: str) -> str:
    """A text with keys, webhook secrets, passwords and the queries of URLs taken out."""
    for pattern, instead in _HIDDEN:
        text = pattern.sub(instead, text)
    return text


_to_json = structlog.processors.JSONRenderer()


def _render(log: Any, name: str, event: MutableMapping[str, Any]) -> str:
    line = _to_json(log, name, event)
    return without_secrets(line if isinstance(line, str) else line.decode("utf-8"))
