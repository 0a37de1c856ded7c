"""Receivers on this machine: HTTP servers that answer as told, with or without TLS, and listeners that only count."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import httpcore
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Said:
    """One answer. announced: another Content-Length than the body's; chunked or endless: none at all. drip_s: between
    two bytes of the body. ends_after: bytes of the body after which the connection is closed.
    """

    status: int = 200
    body: bytes = b"ok"
    headers: dict[str, str] = field(default_factory=dict)
    announced: int | None = None
    chunked: bool = False
    endless: bool = False
    drip_s: float = 0.0
    ends_after: int | None = None


@dataclass(frozen=True)
class Heard:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """script: answers one after another, the last for ever. heard: the requests that came."""

    port: int
    scheme: str
    script: list[Said] = field(default_factory=lambda: [Said()])
    heard: list[Heard] = field(default_factory=list)
    names: list[str | None] = field(default_factory=list)  # asked for in TLS
    is_over: threading.Event = field(default_factory=threading.Event)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def url(self, path: str = "/hook", host: str = "127.0.0.1") -> str:
        return f"{self.scheme}://{host}:{self.port}{path}"


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        pass  # a peer that goes away, or that trusts no certificate, is what some tests are about


@contextmanager
def receiving(*script: Said, tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """A server on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.heard.append(Heard(self.command, self.path, headers, body))
            said = receiver.script.pop(0) if len(receiver.script) > 1 else receiver.script[0]
            with suppress(OSError):
                self._say(said)
            self.close_connection = True

        do_GET = do_POST = _answer  # noqa: N815

        def _say(self, said: Said) -> None:
            self.send_response(said.status)
            for name, value in said.headers.items():
                self.send_header(name, value)
            if said.chunked:
                self.send_header("Transfer-Encoding", "chunked")
            elif not said.endless:
                self.send_header("Content-Length", str(len(said.body) if said.announced is None else said.announced))
            self.end_headers()
            body = said.body[: said.ends_after]
            pieces = [body[i : i + 1] for i in range(len(body))] if said.drip_s else [body]
            for piece in pieces:
                self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece) if said.chunked else piece)
                if said.drip_s and receiver.is_over.wait(said.drip_s):
                    return
            if said.chunked and said.ends_after is None:
                self.wfile.write(b"0\r\n\r\n")

        def log_message(self, *_: object) -> None:
            pass

    server = _Quiet(("127.0.0.1", 0), Handler)
    receiver = Receiver(server.server_address[1], "http" if tls is None else "https", list(script) or [Said()])
    if tls is not None:
        tls.sni_callback = lambda _socket, name, _context: receiver.names.append(name)
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.is_over.set()
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Canary:
    """A listener on this machine's addresses that answers nothing and counts who comes."""

    port: int
    connects: int = 0


@contextmanager
def canary() -> Iterator[Canary]:
    """Listens on every address of this machine, IPv4 and IPv6 where there is one, under one port."""
    has_ipv6 = socket.has_dualstack_ipv6()
    with socket.create_server(
        ("", 0), family=socket.AF_INET6 if has_ipv6 else socket.AF_INET, dualstack_ipv6=has_ipv6
    ) as listener:
        listener.settimeout(0.05)
        watched, is_over = Canary(listener.getsockname()[1]), threading.Event()

        def watch() -> None:
            while not is_over.is_set():
                with suppress(TimeoutError):
                    caller, _ = listener.accept()
                    watched.connects += 1
                    caller.close()

        thread = threading.Thread(target=watch, daemon=True)
        thread.start()
        try:
            yield watched
        finally:
            is_over.set()
            thread.join()


class Dialler(httpcore.SyncBackend):
    """Opens real connections and remembers each that was asked for. elsewhere: dials that instead."""

    def __init__(self, elsewhere: tuple[str, int] | None = None) -> None:
        self.asked: list[tuple[str, int]] = []
        self._elsewhere = elsewhere

    def connect_tcp(self, host: str, port: int, *args: Any, **kwargs: Any) -> httpcore.NetworkStream:
        self.asked.append((host, port))
        return super().connect_tcp(*(self._elsewhere or (host, port)), *args, **kwargs)


@dataclass
class Names:
    """A resolver on this machine: each name's answers one after another, the last for ever. otherwise: what all other
    names mean. asked: what came.
    """

    answers: dict[str, list[Sequence[str]]]
    otherwise: Sequence[str] = ()
    asked: list[str] = field(default_factory=list)

    def __call__(self, host: str, port: int, family: int, kind: int) -> list[tuple[Any, ...]]:
        self.asked.append(host)
        left = self.answers.get(host.removesuffix("."), [self.otherwise])
        if not left[0] and host.removesuffix(".") not in self.answers:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        found = left.pop(0) if len(left) > 1 else left[0]
        return [(_family(each), kind, 6, "", (each, port)) for each in found]


def _family(address: str) -> int:
    return socket.AF_INET if ip_address(address).version == 4 else socket.AF_INET6


def hostile_urls() -> list[str]:
    """URLs that lead, or try to, where no stranger may send us. PORT stands for a listener's on this machine."""
    text = (Path(__file__).parent / "hostile_urls.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert len(set(lines)) == len(lines) >= 100
    return [line.encode("ascii", "backslashreplace").decode("unicode_escape") for line in lines]


def public_name(*answers: Sequence[str], name: str = "hooks.example.com") -> Names:
    return Names({name: list(answers)})


def certificate(folder: Path, *names: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context with a self-made certificate for these names or addresses, and a client's that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a receiver in a test")])
    now = datetime.now(UTC)
    known = [x509.IPAddress(ip_address(n)) if n[0].isdigit() else x509.DNSName(n) for n in names]
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName(known), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "receiver.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    return server, ssl.create_default_context(cafile=str(file))


def until(is_so: Callable[[], bool], within_s: float = 10.0) -> None:
    """Wait for a state. Raises AssertionError where it does not come."""
    ends_s = time.monotonic() + within_s
    while not is_so():
        assert time.monotonic() < ends_s, f"not so within {within_s} s"
        time.sleep(0.02)
