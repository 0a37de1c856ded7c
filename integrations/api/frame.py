"""Around every request: an id, security headers, one log line, the metrics, and an answer when something breaks."""

from __future__ import annotations

import time
from typing import Any

import structlog
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from integrations.api.desk import Desk
from integrations.api.problems import crash_response
from integrations.jobs.ids import new_id
from integrations.service.logs import logger

_QUIET = ("/healthz", "/readyz", "/metrics")  # asked every few seconds, and logged only when they fail
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
# What is served is data; nothing of it may run in a browser, be framed, guessed at or kept by a proxy.
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Frame:
    """The outermost layer; nothing that happens within gets past it unanswered."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI has it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        desk: Desk = scope["app"].state.desk
        request_id = new_id("req")
        scope.setdefault("state", {})["request_id"] = request_id
        began_s = time.perf_counter()
        answered = _Answered(send, request_id, began_s)
        with structlog.contextvars.bound_contextvars(request=request_id):
            try:
                await self._app(scope, receive, answered)
            except ClientDisconnect:
                answered.note = "the client went away"
            except Exception:
                logger(__name__).error("crashed", **_facts(scope), exc_info=True)
                if not answered.status:
                    await crash_response(scope)(scope, receive, answered)
                else:  # half an answer is out: the connection is cut, so that nobody takes it for a whole one
                    answered.note = "broke off"
                    raise
            finally:
                _tell(scope, answered, desk, time.perf_counter() - began_s)


class _Answered:
    def __init__(self, send: Send, request_id: str, began_s: float) -> None:
        self._send, self._request_id, self._began_s = send, request_id, began_s
        self.status = 0
        self.first_byte_s = 0.0
        self.note = ""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.first_byte_s = time.perf_counter() - self._began_s
            headers = MutableHeaders(scope=message)
            headers["X-Request-Id"] = self._request_id
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
        await self._send(message)


def _facts(scope: Scope) -> dict[str, Any]:
    """What a log may say of a request: its route, never its path or query as sent."""
    state = scope["state"]
    method = scope["method"] if scope["method"] in _METHODS else "other"
    facts: dict[str, Any] = {"method": method, "route": _route(scope)}
    if "tenant" in state:
        facts["tenant"] = state["tenant"].id
    for name, label in (("job_id", "job"), ("upload_id", "upload"), ("task_id", "job")):
        if value := scope.get("path_params", {}).get(name):
            facts[label] = str(value)[:80]
    if "job" in state:
        facts["job"] = state["job"]
    return facts


def _route(scope: Scope) -> str:
    return str(getattr(scope.get("route"), "path", "unmatched"))


def _tell(scope: Scope, answered: _Answered, desk: Desk, took_s: float) -> None:
    facts = _facts(scope)
    labels = {"method": facts["method"], "route": facts["route"]}
    desk.metrics.requests.labels(**labels, status=str(answered.status)).inc()
    if answered.status:
        desk.metrics.request_seconds.labels(**labels).observe(answered.first_byte_s)
    if scope["path"] in _QUIET and answered.status < 400:
        return
    if answered.note:
        facts["note"] = answered.note
    log = logger(__name__)
    told = log.error if answered.status >= 500 else log.info
    told("request", status=answered.status, seconds=round(took_s, 4), **facts)
