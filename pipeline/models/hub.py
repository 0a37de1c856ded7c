"""One file asked of the hub: redirects that stay encrypted, ranges, and no longer a wait than was agreed.

How the hub answers (huggingface_hub's file_download.py reads the same): `/OWNER/NAME/resolve/COMMIT/PATH` sends the
file or redirects to where it is stored; the first answer says the commit in X-Repo-Commit and, for large files, the
sha256 in X-Linked-Etag. Ranges and If-Range are those of RFC 9110, sections 13.1.5 and 14.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from urllib.parse import quote

import httpx

from pipeline.settings import LOOPBACK_HOSTS
from scoring.errors import FetchFailed
from scoring.pins import PinnedFile

_REDIRECTS = 5
# What asking can end with: also a client closed meanwhile, a port above all ports, a name that no name server takes.
_NO_ANSWER = (httpx.HTTPError, httpx.InvalidURL, RuntimeError, OverflowError, ValueError)
_REDIRECTING = (301, 302, 303, 307, 308)
_PASSING = (408, 429, 500, 502, 503, 504)
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_OTHERWISE = "set CUESMITH_HUB to a mirror, or fetch the files on another machine; docs/models.md says where they go"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait. answer_s: for the first answer of a run, so that no network is noticed within five seconds;
    later_s: for others; silence_s: between two pieces of a file. tries: in a row without one byte gained; backoff_s:
    before the second of them, doubled each time.
    """

    answer_s: float = 4.5
    later_s: float = 20.0
    silence_s: float = 20.0
    tries: int = 5
    backoff_s: float = 0.5


PATIENCE = Patience()


class BrokenOff(Exception):
    """The connection broke or the hub is busy: worth another try. Never leaves this folder."""


class RangeRefused(Exception):
    """The hub has no such range: what was kept is of another file. Never leaves this folder."""


@dataclass(frozen=True, slots=True)
class Answer:
    """start_bytes: where in the file the body begins. total_bytes: of the whole file. etag: a strong one, for a range
    later. revision: the commit. sha256: as the hub announces it. None: not said.
    """

    response: httpx.Response
    start_bytes: int
    total_bytes: int | None
    etag: str | None
    revision: str | None
    sha256: str | None

    def blocks(self) -> Iterator[bytes]:
        """The body. Raises BrokenOff when it breaks off."""
        try:
            yield from self.response.iter_raw()  # as they come: what is gathered is lost when it breaks off
        except httpx.HTTPError as error:
            raise BrokenOff(_words(error)) from error


class Hub:
    """Connections to one hub; a context manager. address: without a slash at its end."""

    def __init__(self, address: str, patience: Patience) -> None:
        self._address = address
        self._patience = patience
        self._is_local = httpx.URL(address).host in LOOPBACK_HOSTS
        self._has_answered = False
        self._client = httpx.Client(
            timeout=httpx.Timeout(patience.silence_s, connect=patience.later_s),
            headers={"User-Agent": "cuesmith", "Accept-Encoding": "identity"},
            trust_env=not self._is_local,  # proxies and certificates of the machine
        )

    def __enter__(self) -> Hub:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._client.close()

    def address(self, file: PinnedFile, revision: str | None) -> str:
        """Where a file is published; without a revision, as it is there today."""
        return f"{self._address}/{file.repository}/resolve/{revision or 'main'}/{quote(file.path)}"

    @contextmanager
    def opened(self, url: str, start_bytes: int = 0, etag: str | None = None) -> Iterator[Answer]:
        """The answer for a file, or for its rest where etag is still the file's.

        Raises BrokenOff and RangeRefused, and FetchFailed for what another try will not mend: nobody there at all, an
        answer of no use, a redirect that is not encrypted.
        """
        headers = {"Range": f"bytes={start_bytes}-", "If-Range": etag} if start_bytes and etag else {}
        response, chain = self._followed(url, headers)
        try:
            answer = _answer(url, response, chain, start_bytes if headers else 0)
            if answer.start_bytes and answer.etag not in (None, etag):
                raise RangeRefused  # the rest of another file, from one who takes no heed of If-Range
            yield answer
        finally:
            response.close()

    def _followed(self, url: str, headers: dict[str, str]) -> tuple[httpx.Response, list[httpx.Headers]]:
        """The last answer, and the headers of all."""
        here, chain = httpx.URL(url), []
        for _ in range(_REDIRECTS + 1):
            response = self._sent(here, headers)
            chain.append(response.headers)
            if response.status_code not in _REDIRECTING:
                return response, chain
            response.close()
            here = self._next(url, here, response.headers.get("Location", ""))
        raise FetchFailed(f"{url} is redirected more than {_REDIRECTS} times", _advice())

    def _next(self, url: str, here: httpx.URL, location: str) -> httpx.URL:
        """Where a redirect leads, if it may be followed: to an encrypted address, or on this machine."""
        there = here.join(location)  # httpx has refused what is no address
        is_local = there.scheme == "http" and self._is_local and there.host in LOOPBACK_HOSTS
        if there.scheme != "https" and not is_local:
            raise FetchFailed(
                f"{url} is redirected to {there.scheme}://{there.host}, which is not an encrypted address",
                f"Nothing was fetched from there; {_OTHERWISE}",
            )
        return there

    def _sent(self, url: httpx.URL, headers: dict[str, str]) -> httpx.Response:
        """An answer's head within the time agreed.

        Looking up a name knows no time limit, and every address of a name may take its own: so a thread asks, and is
        left behind when it takes too long.
        """
        outcome: list[httpx.Response | Exception] = []
        is_left = threading.Event()

        def ask() -> None:
            try:
                response = self._client.send(self._client.build_request("GET", url, headers=headers), stream=True)
            except _NO_ANSWER as error:
                outcome.append(error)
                return
            outcome.append(response)
            if is_left.is_set():
                response.close()

        thread = threading.Thread(target=ask, daemon=True)
        thread.start()
        wait_s = self._patience.later_s if self._has_answered else self._patience.answer_s
        thread.join(wait_s)
        if not outcome:
            is_left.set()
            raise self._nobody(url, f"no answer in {wait_s:g} s")
        if isinstance(outcome[0], Exception):
            raise self._nobody(url, _words(outcome[0])) from outcome[0]
        self._has_answered = True
        return outcome[0]

    def _nobody(self, url: httpx.URL, why: str) -> BrokenOff | FetchFailed:
        """Once the hub has answered, silence is a broken connection; before, it is no network."""
        if self._has_answered:
            return BrokenOff(why)
        return FetchFailed(f"{url.host} cannot be reached ({why})", _advice())


def _answer(url: str, response: httpx.Response, chain: list[httpx.Headers], asked_bytes: int) -> Answer:
    start_bytes, total_bytes = 0, _number(response.headers.get("Content-Length"))
    if response.status_code == 206:
        found = _RANGE.fullmatch(response.headers.get("Content-Range", ""))
        if found is None or int(found[1]) != asked_bytes:
            raise RangeRefused
        start_bytes, total_bytes = asked_bytes, int(found[3])
    elif response.status_code == 416:
        raise RangeRefused
    elif response.status_code != 200:
        raise _refusal(url, response.status_code)
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise FetchFailed(f"{url} comes compressed though that was not asked for", _advice())
    etag = response.headers.get("ETag")
    return Answer(
        response,
        start_bytes,
        total_bytes,
        etag if etag and etag.startswith('"') else None,  # W/"..." promises no equal bytes
        _first(chain, "X-Repo-Commit", _COMMIT),
        _first(chain, "X-Linked-Etag", _SHA256),
    )


def _refusal(url: str, status: int) -> BrokenOff | FetchFailed:
    if status in _PASSING:
        return BrokenOff(f"the hub answers {status}")
    if status in (401, 403):
        return FetchFailed(f"{url} is not given without a login ({status})", f"It may have been closed; {_OTHERWISE}")
    if status in (404, 410):
        return FetchFailed(f"{url} is not there ({status})", f"The publisher may have moved it; {_OTHERWISE}")
    return FetchFailed(f"{url} is answered with {status}", _advice())


def _advice() -> str:
    return f"Check the network and try again; or {_OTHERWISE}"


def _words(error: Exception) -> str:
    if isinstance(error, httpx.RemoteProtocolError) and re.search("closed|disconnected", str(error)):
        return "the other side ended the connection"
    if isinstance(error, httpx.TimeoutException):
        return "nothing came for too long"
    return str(error) or type(error).__name__


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() else None


def _first(chain: list[httpx.Headers], name: str, form: re.Pattern[str]) -> str | None:
    found = (headers.get(name, "").strip('"') for headers in chain)
    return next((value for value in found if form.fullmatch(value)), None)
