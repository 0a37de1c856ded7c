"""HTTP to addresses that a stranger gave: one request, one connection, no redirects, no proxy, bounded."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

import httpcore

from integrations.outbound.guard import LOOKUP_S, Guard
from integrations.outbound.line import Patience, PinnedBackend
from integrations.outbound.url import Url
from scoring.errors import FetchFailed

MOST_BODY_BYTES = 64 * 1024
WEBHOOK_S = 10.0
_AGENT = "Cuesmith"


@dataclass(frozen=True, slots=True)
class Reply:
    """What answered. headers: lower-case names, the first of each. chunks: the body as it comes,
    undecoded; raises FetchFailed where it breaks off."""

    url: Url
    status: int
    headers: Mapping[str, str]
    chunks: Iterator[bytes]


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer. body: at most the limit that was given; is_cut: there was more."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    is_cut: bool


class Client:
    """Sends requests where the guard allows.

    tls: whom to trust; the public authorities of the system and of certifi where it is not given. below: what opens
    connections. Safe to use from several threads: nothing is shared between two requests, and no connection is kept.
    """

    def __init__(
        self, guard: Guard, *, tls: ssl.SSLContext | None = None, below: httpcore.NetworkBackend | None = None
    ) -> None:
        self.guard = guard
        self._given_tls = tls
        self._below = httpcore.SyncBackend() if below is None else below

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return httpcore.default_ssl_context() if self._given_tls is None else self._given_tls

    @contextmanager
    def opened(
        self,
        method: str,
        url: str,
        *,
        patience: Patience,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> Iterator[Reply]:
        """Check the URL now, connect to what was checked, send, and give the reply before its body has come.

        A redirect is a reply like another. Raises AddressRefused before anything is sent; FetchFailed where nobody
        answers, not in time, or not in HTTP; Cancelled. No message has the URL's path or query.
        """
        target = self.guard.check(url, within_s=min(LOOKUP_S, patience.left_s()))
        where = target.url
        sent: dict[bytes | str, bytes | str] = {
            "Host": where.authority,
            "User-Agent": _AGENT,
            "Accept-Encoding": "identity",
            "Connection": "close",
        }
        sent.update(headers or {})
        address = httpcore.URL(
            scheme=where.scheme.encode(), host=where.host.encode(), port=where.port, target=where.target.encode()
        )
        with (
            _explaining(where),
            httpcore.ConnectionPool(
                ssl_context=self._tls if where.scheme == "https" else None,
                max_connections=1,
                retries=0,
                network_backend=PinnedBackend(target, patience, self._below),
            ) as pool,
            pool.stream(method, address, headers=sent, content=content) as response,
        ):
            yield Reply(where, response.status, _first_of_each(response.headers), _chunks(where, response))

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        most_bytes: int = MOST_BODY_BYTES,
        total_s: float = WEBHOOK_S,
    ) -> Answer:
        """As opened, with the body read up to most_bytes and within total_s."""
        patience = Patience(total_s, total_s)
        body = bytearray()
        with self.opened(method, url, patience=patience, headers=headers, content=content) as reply:
            for chunk in reply.chunks:
                body += chunk
                if len(body) > most_bytes:
                    break
        return Answer(reply.status, reply.headers, bytes(body[:most_bytes]), len(body) > most_bytes)


@contextmanager
def _explaining(url: Url) -> Iterator[None]:
    """Turn the errors of the network into our own."""
    try:
        yield
    except httpcore.ConnectError as error:
        raise FetchFailed(f"{url.origin} cannot be connected to ({error})", "Try again later") from error
    except httpcore.TimeoutException as error:
        raise FetchFailed(f"{url.origin} did not answer in time", "Try again later") from error
    except httpcore.NetworkError as error:
        raise FetchFailed(f"{url.origin} broke off ({error})", "Try again later") from error
    except httpcore.ProtocolError as error:
        raise FetchFailed(f"{url.origin} does not speak HTTP as it should ({error})", "Try again later") from error


def _chunks(url: Url, response: httpcore.Response) -> Iterator[bytes]:
    with _explaining(url):
        yield from response.iter_stream()


def _first_of_each(headers: list[tuple[bytes, bytes]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in headers:
        found.setdefault(name.decode("latin-1").lower(), value.decode("latin-1"))
    return found
