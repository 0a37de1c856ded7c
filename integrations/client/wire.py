"""HTTP with the service: the key, retries that make nothing twice, and its errors as the one error tree again."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

from integrations.client.answers import Document, read_document
from integrations.service.problems import code_of, error_of
from scoring.errors import (
    CapacityError,
    Conflict,
    CuesmithError,
    FetchFailed,
    Gone,
    InputError,
    MediaTooLarge,
    NotAuthorised,
    UnknownId,
)

LONGEST_WAIT_S = 60.0  # between two tries, whatever the server asks for
_SLOWEST_S = 8.0  # between two tries where it asks for nothing
_CONNECT_S = 10.0
_MOST_OF_AN_ERROR = 64 << 10
_TRY_AGAIN = (429, 502, 503, 504)
_REFUSED = (429, 503)  # the service says so before it does anything
_BY_STATUS: Mapping[int, type[CuesmithError]] = {
    401: NotAuthorised,
    404: UnknownId,
    409: Conflict,
    410: Gone,
    413: MediaTooLarge,
    429: CapacityError,
    502: FetchFailed,
    503: FetchFailed,
    504: FetchFailed,
}

Body = Callable[[], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class Patience:
    """timeout_s: without a byte. retries: after the first try. first_wait_s: before the second; doubled after that."""

    timeout_s: float = 30.0
    retries: int = 5
    first_wait_s: float = 0.5

    def wait_s(self, failures: int) -> float:
        """How long to wait after so many failures in a row."""
        return float(min(_SLOWEST_S, self.first_wait_s * 2 ** min(failures - 1, 16)))


class Again(Exception):
    """Worth another try. error: what to raise when there is none. after_s: as the server asked."""

    def __init__(self, error: CuesmithError, after_s: float | None = None) -> None:
        super().__init__(str(error))
        self.error = error
        self.after_s = after_s


class Wire:
    """One server and one key. Safe to share among threads.

    Raises InputError for an address or a key that cannot be one.
    """

    def __init__(self, server: str, key: str, patience: Patience) -> None:
        self.server = _address(server)
        self.patience = patience
        if not key or not all("!" <= c <= "~" for c in key):
            raise InputError("the API key is empty or has characters that no key has", "Give it as it was shown")
        self._http = httpx.Client(
            base_url=self.server,
            headers={"Authorization": f"Bearer {key}", "Accept": "application/json"},
            timeout=httpx.Timeout(patience.timeout_s, connect=min(_CONNECT_S, patience.timeout_s)),
            follow_redirects=False,  # the key is for this server alone
        )

    def close(self) -> None:
        """Close every connection."""
        self._http.close()

    def ask(
        self,
        method: str,
        path: str,
        *,
        document: object = None,
        body: Body | None = None,
        files: Callable[[], Mapping[str, Any]] | None = None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str | int | float] | None = None,
        is_repeatable: bool = True,
        timeout_s: float | None = None,
    ) -> httpx.Response:
        """An answer below 400, asked for again where that can help. body, files: made anew for every try.

        is_repeatable: whether asking twice does no harm; else it is only asked again where the server did nothing.
        Raises the server's error, FetchFailed when it cannot be reached.
        """

        def once() -> httpx.Response:
            more: dict[str, Any] = {} if timeout_s is None else {"timeout": timeout_s}
            if document is not None:
                more["json"] = document
            if body is not None:
                more["content"] = body()
            if files is not None:
                more["files"] = files()
            try:
                response = self._http.request(method, path, headers=headers, params=query, **more)
            except httpx.TransportError as error:
                failed = self.unreachable(error)
                if is_repeatable or isinstance(error, httpx.ConnectError):
                    raise Again(failed) from error
                raise failed from error
            self.check(response, _TRY_AGAIN if is_repeatable else _REFUSED)
            return response

        return self._retried(once)

    def read(self, method: str, path: str, **more: Any) -> Document:
        """The JSON object that is answered; the rest as ask has it. Raises CuesmithError for another answer too."""
        return read_document(self.ask(method, path, **more).content)

    def once(
        self, method: str, path: str, *, headers: Mapping[str, str], body: Iterator[bytes] | None = None
    ) -> httpx.Response:
        """A single try. Raises Again where another may help, the server's error."""
        try:
            response = self._http.request(method, path, headers=headers, content=body)
        except httpx.TransportError as error:
            raise Again(self.unreachable(error)) from error
        self.check(response, _TRY_AGAIN)
        return response

    @contextmanager
    def stream(
        self, path: str, *, headers: Mapping[str, str], timeout_s: float | None = None
    ) -> Iterator[httpx.Response]:
        """An answer whose body is read as it comes. timeout_s: without a byte, another than usual.

        Raises Again where another try may help, also while the body is read, and the server's error.
        """
        more: dict[str, Any] = {} if timeout_s is None else {"timeout": timeout_s}
        try:
            with self._http.stream("GET", path, headers=headers, **more) as response:
                if response.status_code >= 300:
                    # Of an error no more is read than a message has.
                    self.check(response, _TRY_AGAIN, next(response.iter_bytes(_MOST_OF_AN_ERROR), b""))
                yield response
        except httpx.TransportError as error:
            raise Again(self.unreachable(error)) from error

    def _retried(self, once: Callable[[], httpx.Response]) -> httpx.Response:
        """What `once` answers, tried again as long as it raises Again and there are tries left."""
        retrying = Retrying(
            retry=retry_if_exception_type(Again),
            stop=stop_after_attempt(self.patience.retries + 1),
            wait=self._wait_s,
            reraise=True,
        )
        try:
            return retrying(once)
        except Again as again:
            raise again.error from again

    def check(self, response: httpx.Response, try_again: tuple[int, ...] = (), content: bytes | None = None) -> None:
        """Raise what the server says went wrong; Again for one of some statuses. content: the body, where it is not
        the response's own.
        """
        if 300 <= response.status_code < 400 and response.status_code != HTTPStatus.NOT_MODIFIED:
            where = response.headers.get("Location", "somewhere else")
            raise InputError(f"{self.server} sends one on to {where[:200]}", "Give the server's own address")
        if response.status_code < 400:
            return
        error = _error(response, response.content if content is None else content)
        if response.status_code in try_again:
            raise Again(error, _retry_after_s(response))
        raise error

    def unreachable(self, error: httpx.TransportError) -> FetchFailed:
        """What to say of a connection that failed."""
        reason = str(error) or type(error).__name__
        return FetchFailed(f"{self.server} does not answer: {reason}", "Check the address, and that the service runs")

    def _wait_s(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome is not None else None
        asked_s = error.after_s if isinstance(error, Again) else None
        return self.patience.wait_s(state.attempt_number) if asked_s is None else min(asked_s, LONGEST_WAIT_S)


def new_key() -> str:
    """An idempotency key: the same one at every try makes one job."""
    return uuid.uuid4().hex


def _address(server: str) -> str:
    try:
        parts = urlsplit(server.strip())
        is_good = parts.scheme in ("http", "https") and bool(parts.hostname) and not (parts.query or parts.username)
        parts.port  # noqa: B018 - read to be checked
    except ValueError:
        is_good = False
    if not is_good:
        raise InputError(f"the server's address is {server[:200]!r}", "Give it as http://host:port or https://host")
    return server.strip().rstrip("/")


def _error(response: httpx.Response, content: bytes) -> CuesmithError:
    """The error of the tree that the server raised; by the status where it says nothing we know."""
    try:
        problem = json.loads(content)
    except ValueError:
        problem = None
    if isinstance(problem, dict) and "code" in problem:
        what, advice = str(problem.get("detail", "it failed")), str(problem.get("advice", ""))
        found = error_of({"code": problem["code"], "what": what, "advice": advice})
        if code_of(type(found)) == problem["code"]:
            return found
        return _kind(response.status_code)(what, advice)
    said = f"the server answered {response.status_code} {response.reason_phrase}".strip()
    return _kind(response.status_code)(said, "Something between may have answered in its place")


def _kind(status: int) -> type[CuesmithError]:
    return _BY_STATUS.get(status, InputError if status < 500 else CuesmithError)


def _retry_after_s(response: httpx.Response) -> float | None:
    """Seconds to wait, from a number or a date (RFC 9110, section 10.2.3)."""
    said = response.headers.get("Retry-After", "").strip()
    if said.isascii() and said.isdigit():
        return float(said[:9])
    try:
        until = parsedate_to_datetime(said)
    except (ValueError, TypeError):
        return None
    return max(0.0, (until.replace(tzinfo=until.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
