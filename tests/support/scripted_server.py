"""A web server on this machine that gives the answers it was told, in order."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Say:
    """An answer. body: JSON, or text as it is; a list of texts is sent one after the other, then the connection ends.
    hang: say nothing more then, until the server is over.
    """

    status: int = 200
    body: Any = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    hang: bool = False


@dataclass
class Scripted:
    """answers: what is still to be said; the last one for ever. asked: (method, path, headers) so far."""

    address: str
    answers: list[Say]
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    is_over: threading.Event = field(default_factory=threading.Event)


@contextmanager
def scripted(*answers: Say) -> Iterator[Scripted]:
    """A server with these answers."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            server.asked.append((self.command, self.path, dict(self.headers)))
            self.rfile.read(int(self.headers.get("Content-Length", "0")))
            say = server.answers.pop(0) if len(server.answers) > 1 else server.answers[0]
            self.send_response(say.status)
            for name, value in say.headers.items():
                self.send_header(name, value)
            if isinstance(say.body, list):
                self.send_header("Connection", "close")
                self.end_headers()
                with suppress(ConnectionError):
                    for part in say.body:
                        self.wfile.write(part.encode())
                        self.wfile.flush()
                if say.hang:
                    server.is_over.wait(60)
                self.close_connection = True
                return
            data = (say.body if isinstance(say.body, str) else json.dumps(say.body)).encode()
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            with suppress(ConnectionError):
                self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"):
        setattr(Handler, f"do_{method}", Handler._answer)
    web = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    web.daemon_threads = True
    server = Scripted(f"http://127.0.0.1:{web.server_address[1]}", list(answers))
    thread = threading.Thread(target=web.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.is_over.set()
        web.shutdown()
        web.server_close()
        thread.join()
