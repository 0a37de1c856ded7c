"""The gate before every route under /v1: whose key it is, how fast it may ask, how much it may send."""

from __future__ import annotations

import asyncio
import hashlib
import math
import time
from collections.abc import Callable

from anyio import to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from integrations.api.buckets import Buckets
from integrations.api.desk import Desk
from integrations.api.problems import problem_response
from integrations.jobs.tenants import Tenant, authenticate
from scoring.errors import CuesmithError, MediaTooLarge, NotAuthorised, QuotaReached

MOST_BODY_BYTES = 8 * 2**20  # of a JSON document: a long film's sheet and subtitles are a tenth of it
BODY_S = 60.0  # without a byte of a body that was announced
TUS = "1.0.0"
_UPLOADS = "/v1/uploads"
TRUSTED_S = 1.0  # a key that is revoked is refused after this at the latest; who asks often is looked up once
_MOST_KEYS = 10_000
_OVERRIDES = ("PATCH", "DELETE")
_ADVICE = "Send Authorization: Bearer and a key that `cuesmith keys create` made"


class Gate:
    """Refuses before anything of the body is read. A new route cannot forget to ask: it lies behind this."""

    def __init__(
        self, app: ASGIApp, *, clock: Callable[[], float] = time.monotonic, body_s: float | None = None
    ) -> None:
        self._app, self._clock = app, clock
        self._body_s = BODY_S if body_s is None else body_s
        self._buckets = Buckets()
        self._good: dict[str, tuple[Tenant, float]] = {}  # the hash of a key → whose it is, and until when that holds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI has it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        path: str = scope["path"]
        is_upload = path == _UPLOADS or path.startswith(f"{_UPLOADS}/")
        if path == "/v1" or path.startswith("/v1/"):
            try:
                scope["state"]["tenant"] = await self._let_in(scope["app"].state.desk, headers)
            except _TooFast as error:
                told = QuotaReached("this key asks more often than it may", f"Wait {error.wait_s} s")
                await problem_response(scope, told, {"Retry-After": str(error.wait_s)})(scope, receive, send)
                return
            except CuesmithError as error:
                await problem_response(scope, error)(scope, receive, send)
                return
            if is_upload and scope["method"] == "POST":
                # tus: for clients, and proxies between, that know no PATCH.
                override = headers.get("x-http-method-override", "").upper()
                if override in _OVERRIDES:
                    scope["method"] = override
        if is_upload:
            send = _Tus(send)
        most_bytes = None if is_upload else MOST_BODY_BYTES
        announced = headers.get("content-length", "0")
        if most_bytes is not None and announced.isdecimal() and int(announced[:20]) > most_bytes:
            await problem_response(scope, _too_large(most_bytes))(scope, receive, send)
            return
        await self._app(scope, _Body(receive, most_bytes, self._body_s), send)

    async def _let_in(self, desk: Desk, headers: Headers) -> Tenant:
        scheme, _, key = headers.get("authorization", "").partition(" ")
        key = key.strip()
        if scheme.lower() != "bearer" or not key:
            raise NotAuthorised("the request has no API key", _ADVICE)
        # Known by its hash, so that no key lies about in memory; asked first, so that a storm costs no look-up.
        mark = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
        was_known = self._buckets.knows(mark)
        self._take(mark, None)
        tenant, until_s = self._good.get(mark, (None, 0.0))
        if tenant is None or self._clock() >= until_s:
            tenant = await to_thread.run_sync(authenticate, desk.database, key, desk.settings.quota)
            if tenant is None:
                self._good.pop(mark, None)
                raise NotAuthorised("the API key is not a good one", _ADVICE)
            if len(self._good) >= _MOST_KEYS:
                self._good.clear()
            self._buckets.set_speed(mark, tenant.quota.requests_per_minute)
            self._good[mark] = (tenant, self._clock() + TRUSTED_S)
        if not was_known:
            self._take(mark, tenant.quota.requests_per_minute)
        return tenant

    def _take(self, mark: str, per_minute: int | None) -> None:
        wait_s = self._buckets.take(mark, self._clock(), per_minute)
        if wait_s > 0.0:
            raise _TooFast(wait_s)


class _TooFast(Exception):
    """A key asks faster than it may."""

    def __init__(self, wait_s: float) -> None:
        super().__init__(wait_s)
        self.wait_s = math.ceil(wait_s)


class _Body:
    """A request's body, counted and timed as it comes; what comes after it is the connection's own business."""

    def __init__(self, receive: Receive, most_bytes: int | None, body_s: float) -> None:
        self._receive, self._most_bytes, self._body_s = receive, most_bytes, body_s
        self._bytes = 0
        self._is_whole = False

    async def __call__(self) -> Message:
        if self._is_whole:
            return await self._receive()
        try:
            message = await asyncio.wait_for(self._receive(), self._body_s)
        except TimeoutError as error:
            raise HTTPException(408, f"no byte of the body came for {self._body_s:g} s") from error
        if message["type"] == "http.request":
            self._is_whole = not message.get("more_body", False)
            self._bytes += len(message.get("body", b""))
            if self._most_bytes is not None and self._bytes > self._most_bytes:
                raise HTTPException(413, _too_large(self._most_bytes).what)
        return message


class _Tus:
    """Every answer of the uploads says which tus this is."""

    def __init__(self, send: Send) -> None:
        self._send = send

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).setdefault("Tus-Resumable", TUS)
        await self._send(message)


def _too_large(most_bytes: int) -> MediaTooLarge:
    return MediaTooLarge(f"the body has more than {most_bytes:,} bytes", "Films go to /v1/uploads")
