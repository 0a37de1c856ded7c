"""A model hub on this machine: files with tags and ranges, that break off, redirect, hang or are something else."""

from __future__ import annotations

import hashlib
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COMMIT = "c0ffee" + "0" * 34


@dataclass
class Served:
    """What is told of one path. break_after: bytes of each body after which the connection ends, for the next `breaks`
    answers. hang_after: bytes after which nothing more comes. range_most: how long a range is at most. announced: a
    Content-Length other than the truth. chunked: no length at all, and what body there is.
    """

    body: bytes
    etag: str | None = ""  # "": made from the body
    status: int = 200
    location: str | None = None
    break_after: int | None = None
    breaks: int = 0
    hang_after: int | None = None
    range_most: int | None = None
    announced: int | None = None
    chunked: bool = False
    statuses: list[int] = field(default_factory=list)  # answers before the real one
    ignores_if_range: bool = False
    headers: dict[str, str] = field(default_factory=dict)

    def tag(self) -> str | None:
        return f'"{hashlib.sha256(self.body).hexdigest()[:16]}"' if self.etag == "" else self.etag


@dataclass
class RangeServer:
    """files: by path. asked: every request as (path, Range). sent: body bytes written, by path."""

    address: str
    files: dict[str, Served] = field(default_factory=dict)
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    sent: dict[str, int] = field(default_factory=dict)
    is_over: threading.Event = field(default_factory=threading.Event)

    def serve(self, repository: str, path: str, body: bytes, revision: str | None = None, **more: object) -> Served:
        """Serve a repository's file, of today's commit or of another; what is served last under a path holds."""
        served = Served(body, **more)  # type: ignore[arg-type]
        for commit in ("main", COMMIT) if revision is None else (revision,):
            self.files[f"/{repository}/resolve/{commit}/{path}"] = served
        return served


@contextmanager
def range_server() -> Iterator[RangeServer]:
    """A hub that serves nothing yet."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            hub.asked.append((self.path, self.headers.get("Range")))
            served = hub.files.get(self.path)
            if served is None:
                self._bare(404)
            elif served.statuses:
                self._bare(served.statuses.pop(0))
            elif served.location is not None:
                self._bare(302, Location=served.location, **{"X-Repo-Commit": COMMIT}, **served.headers)
            elif served.status != 200:
                self._bare(served.status)
            else:
                self._file(served)

        def _bare(self, status: int, **headers: str) -> None:
            self.send_response(status)
            for name, value in {"Content-Length": "0", **headers}.items():
                self.send_header(name, value)
            self.end_headers()

        def _file(self, served: Served) -> None:
            body, start = served.body, self._start(served)
            if start is not None and start >= len(body):
                self._bare(416, **{"Content-Range": f"bytes */{len(body)}"})
                return
            end = len(body) if start is None or served.range_most is None else start + served.range_most
            rest = body[start or 0 : end]
            self.send_response(200 if start is None else 206)
            tag = served.tag()
            if tag is not None:
                self.send_header("ETag", tag)
            if start is not None:
                self.send_header("Content-Range", f"bytes {start}-{start + len(rest) - 1}/{len(body)}")
            if served.chunked:
                self.send_header("Transfer-Encoding", "chunked")
            else:
                self.send_header("Content-Length", str(len(rest) if served.announced is None else served.announced))
            for name, value in {"X-Repo-Commit": COMMIT, **served.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self._body(served, rest)

        def _start(self, served: Served) -> int | None:
            asked, tag = self.headers.get("Range"), self.headers.get("If-Range")
            if asked is None or (tag != served.tag() and not served.ignores_if_range):
                return None
            return int(asked.removeprefix("bytes=").removesuffix("-"))

        def _body(self, served: Served, rest: bytes) -> None:
            if served.break_after is not None and served.breaks > 0:
                served.breaks -= 1
                rest = rest[: served.break_after]
                self.close_connection = True
            if served.announced is not None:
                self.close_connection = True
            if served.hang_after is not None:
                rest = rest[: served.hang_after]
            hub.sent[self.path] = hub.sent.get(self.path, 0) + len(rest)
            with suppress(ConnectionError):  # the other side has read enough
                if served.chunked:
                    self.wfile.write(f"{len(rest):x}\r\n".encode() + rest + b"\r\n0\r\n\r\n")
                else:
                    self.wfile.write(rest)
            if served.hang_after is not None:
                self.close_connection = True
                hub.is_over.wait()

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            if not isinstance(sys.exception(), ConnectionError):  # the other side may leave when it likes
                super().handle_error(request, client_address)  # type: ignore[arg-type]

    server = Server(("127.0.0.1", 0), Handler)
    hub = RangeServer(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        hub.is_over.set()
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def black_hole() -> Iterator[str]:
    """The address of one who lets others connect and never says anything."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def closed_port() -> str:
    """An address nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"
