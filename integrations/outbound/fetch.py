"""A film fetched from a URL that a stranger gave, into a file whose name is ours."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

from integrations.outbound.client import Client, Reply
from integrations.outbound.line import Patience
from pipeline.publish import check_room, published
from scoring.errors import AddressRefused, CuesmithError, FetchFailed, MediaTooLarge, VideoMissing

Progress = Callable[[int, int | None], None]
Cancelled = Callable[[], bool]

_REDIRECTS = (301, 302, 303, 307, 308)
_ASK_AGAIN = (408, 425, 429)  # among the refusals, those that may pass


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """What one film may take. size_bytes: the most that is written. total_s: from the first look-up to the last byte.
    stall_s: without a byte. redirects: followed one by one, each checked as the first URL is.
    """

    size_bytes: int = 20 * 10**9
    total_s: float = 3600.0
    stall_s: float = 30.0
    redirects: int = 3


@dataclass(frozen=True, slots=True)
class Fetched:
    """A film that came whole. sha256: of its bytes, in hexadecimal."""

    path: Path
    size_bytes: int
    sha256: str


def fetch_film(
    url: str,
    path: Path,
    client: Client,
    *,
    limits: FetchLimits = FetchLimits(),
    progress: Progress = lambda done_bytes, total_bytes: None,
    cancelled: Cancelled = lambda: False,
) -> Fetched:
    """Fetch a film to path, which appears only when it is whole.

    path: a name that the server made; nothing of the URL or of what answers goes into a name. progress: told the bytes
    written and the bytes announced, if any. cancelled: asked twice a second. Raises AddressRefused; MediaTooLarge as
    soon as it is announced or found; VideoMissing where the host refuses it; FetchFailed where it does not come, breaks
    off or takes too long; Cancelled; DiskFull and OutputRefused. No message has the URL's path or query.
    """
    patience = Patience(limits.total_s, limits.stall_s, cancelled)
    for _ in range(limits.redirects + 1):
        with client.opened("GET", url, patience=patience, headers={"Accept": "video/*, */*;q=0.5"}) as reply:
            if reply.status not in _REDIRECTS:
                return _write(reply, path, limits, progress)
            url = _next(url, reply)
    raise AddressRefused(f"the URL was redirected more than {limits.redirects} times", "Give the film's own URL")


def _next(url: str, reply: Reply) -> str:
    location = reply.headers.get("location", "")
    if not location:
        raise FetchFailed(f"{reply.url.origin} redirects to nowhere", "Give the film's own URL")
    try:
        following = urljoin(url, location)
    except ValueError as error:
        raise AddressRefused(f"{reply.url.origin} redirects to no URL", "Give the film's own URL") from error
    if reply.url.scheme == "https" and not following.lower().startswith("https:"):
        raise AddressRefused(f"{reply.url.origin} redirects away from https", "Give the film's own URL")
    return following.partition("#")[0]


def _write(reply: Reply, path: Path, limits: FetchLimits, progress: Progress) -> Fetched:
    total_bytes = _announced(reply)
    if total_bytes is not None and total_bytes > limits.size_bytes:
        raise _too_large(f"{total_bytes:,} bytes", limits)
    found, done_bytes = hashlib.sha256(), 0
    with published(path) as aside:
        check_room(path.parent, total_bytes or 0)
        with aside.open("wb") as out:
            for chunk in reply.chunks:
                done_bytes += len(chunk)
                if done_bytes > limits.size_bytes:
                    raise _too_large("more bytes than are taken", limits)
                out.write(chunk)
                found.update(chunk)
                progress(done_bytes, total_bytes)
        if done_bytes == 0:
            raise VideoMissing(f"{reply.url.origin} answered with an empty file", "Give the film's own URL")
    return Fetched(path, done_bytes, found.hexdigest())


def _announced(reply: Reply) -> int | None:
    """The bytes announced, None for a body in chunks. Raises for an answer that is not a whole film."""
    origin, status = reply.url.origin, reply.status
    if status != 200:
        raise _refusal(origin, status)
    if reply.headers.get("content-encoding", "identity").lower() not in ("identity", ""):
        raise FetchFailed(f"{origin} sends the film compressed, which was not asked for", "Give another URL")
    if "transfer-encoding" in reply.headers:
        return None
    length = reply.headers.get("content-length")
    if length is None:
        # It would end where the connection ends, and half a film looks like a whole one to every decoder.
        raise FetchFailed(f"{origin} does not say how long the film is", "Give a URL that answers with Content-Length")
    return int(length)


def _refusal(origin: str, status: int) -> CuesmithError:
    if 400 <= status < 500 and status not in _ASK_AGAIN:
        return VideoMissing(f"{origin} answered {status}", "Check that the URL is right and still allowed")
    return FetchFailed(f"{origin} answered {status}", "Try again later, or give the film's own URL")


def _too_large(size: str, limits: FetchLimits) -> MediaTooLarge:
    return MediaTooLarge(f"the film has {size}; the limit is {limits.size_bytes:,}", "Give a smaller one")
