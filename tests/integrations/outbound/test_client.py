"""Requests to checked addresses: what is sent, to whom, and when it ends."""

from __future__ import annotations

import socket
import threading
import time
from pathlib import Path

import pytest
from receivers import Dialler, Names, Said, canary, certificate, public_name, receiving

from integrations.outbound.client import Client
from integrations.outbound.guard import Guard
from integrations.outbound.line import Patience, PinnedBackend
from scoring.errors import AddressRefused, Cancelled, FetchFailed

# Far above what a call takes that ends by its own deadline, far below one that does not end.
SOON_S = 8.0


def _named(port: int, *answers: list[str]) -> Guard:
    return Guard(
        allowed_hosts=(f"hooks.example.com:{port}",),
        resolve=public_name(*(answers or (["127.0.0.1"],))),
    )


def test_a_request_arrives_as_it_was_given() -> None:
    with receiving(Said(201, b"made", {"X-Left": "3"})) as receiver:
        client = Client(Guard(allowed_hosts=(receiver.host,)))
        answer = client.send("POST", receiver.url("/a?b=c"), headers={"X-One": "1"}, content=b"{}")
        heard = receiver.heard[0]
    assert (answer.status, answer.body, answer.is_cut, answer.headers["x-left"]) == (201, b"made", False, "3")
    assert (heard.method, heard.path, heard.body) == ("POST", "/a?b=c", b"{}")
    assert heard.headers == {
        "host": receiver.host,
        "user-agent": "Cuesmith",
        "accept-encoding": "identity",
        "connection": "close",
        "x-one": "1",
        "content-length": "2",
    }


def test_the_name_stays_in_header_tls_and_certificate_while_the_address_is_pinned(tmp_path: Path) -> None:
    server, trusting = certificate(tmp_path, "hooks.example.com")
    with receiving(tls=server) as receiver:
        dialler, names = Dialler(), public_name(["127.0.0.1"], ["10.0.0.1"])
        guard = Guard(allowed_hosts=(f"hooks.example.com:{receiver.port}",), resolve=names)
        answer = Client(guard, tls=trusting, below=dialler).send("GET", receiver.url(host="hooks.example.com"))
    assert answer.status == 200
    assert dialler.asked == [("127.0.0.1", receiver.port)]
    assert receiver.names == ["hooks.example.com"]
    assert receiver.heard[0].headers["host"] == f"hooks.example.com:{receiver.port}"
    assert names.asked == ["hooks.example.com"]  # looked up once


def test_a_certificate_for_another_name_ends_it_before_anything_is_said(tmp_path: Path) -> None:
    server, trusting = certificate(tmp_path, "other.example.com", "127.0.0.1")
    with receiving(tls=server) as receiver:
        with pytest.raises(FetchFailed, match="certificate"):
            Client(_named(receiver.port), tls=trusting).send("GET", receiver.url(host="hooks.example.com"))
        assert receiver.heard == []


def test_a_certificate_that_nobody_vouches_for_ends_it(tmp_path: Path) -> None:
    server, _ = certificate(tmp_path, "hooks.example.com")
    with receiving(tls=server) as receiver:
        with pytest.raises(FetchFailed, match="certificate"):
            Client(_named(receiver.port)).send("GET", receiver.url(host="hooks.example.com"))
        assert receiver.heard == []


def test_an_address_as_host_must_be_in_the_certificate(tmp_path: Path) -> None:
    server, trusting = certificate(tmp_path, "127.0.0.1")
    with receiving(tls=server) as receiver:
        assert Client(Guard(allowed_hosts=(receiver.host,)), tls=trusting).send("GET", receiver.url()).status == 200


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with canary() as proxy, receiving() as receiver:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert Client(Guard(allowed_hosts=(receiver.host,))).send("GET", receiver.url()).status == 200
        assert proxy.connects == 0


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_an_answer_and_is_not_followed(status: int) -> None:
    with canary() as elsewhere:
        location = {"Location": f"http://127.0.0.1:{elsewhere.port}/"}
        with receiving(Said(status, b"", location)) as receiver:
            assert Client(Guard(allowed_hosts=(receiver.host,))).send("POST", receiver.url()).status == status
            assert len(receiver.heard) == 1
        assert elsewhere.connects == 0


def test_another_peer_than_was_checked_is_sent_nothing() -> None:
    with receiving() as impostor, receiving() as receiver:
        dialler = Dialler(elsewhere=("127.0.0.1", impostor.port))
        with pytest.raises(AddressRefused, match="another address"):
            Client(Guard(allowed_hosts=(receiver.host,)), below=dialler).send("POST", receiver.url(), content=b"secret")
        assert impostor.heard == receiver.heard == []


def test_the_pinned_backend_connects_to_its_target_only() -> None:
    with canary() as listener:
        guard = Guard(allowed_hosts=(f"127.0.0.1:{listener.port}",))
        dialler = Dialler()
        backend = PinnedBackend(guard.check(f"http://127.0.0.1:{listener.port}/"), Patience(5, 5), dialler)
        for host, port in (("127.0.0.1", listener.port + 1), ("localhost", listener.port)):
            with pytest.raises(AddressRefused):
                backend.connect_tcp(host, port)
        with pytest.raises(AddressRefused):
            backend.connect_unix_socket("/run/docker.sock")
        assert dialler.asked == []


def test_the_next_address_is_tried_where_one_does_not_answer() -> None:
    with receiving() as receiver:
        dialler = Dialler()
        # Nobody listens on 127.0.0.2: the server is bound to 127.0.0.1.
        client = Client(_named(receiver.port, ["127.0.0.2", "127.0.0.1"]), below=dialler)
        assert client.send("GET", receiver.url(host="hooks.example.com")).status == 200
    assert [host for host, _ in dialler.asked] == ["127.0.0.2", "127.0.0.1"]


def test_nobody_there_is_said_without_the_path_or_the_query() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(FetchFailed, match="cannot be connected to") as failed:
        Client(Guard(allowed_hosts=(f"127.0.0.1:{port}",))).send("GET", f"http://127.0.0.1:{port}/hidden?token=hidden")
    assert "hidden" not in str(failed.value)


@pytest.mark.parametrize(
    "said",
    [
        Said(body=b"x" * 1_000_000, announced=10**12),
        Said(body=b"x" * 1_000_000, chunked=True, ends_after=1_000_000),
    ],
    ids=["length", "chunks"],
)
def test_no_more_of_a_body_is_read_than_the_limit(said: Said) -> None:
    # Whoever read on would find that it breaks off.
    with receiving(said) as receiver:
        answer = Client(Guard(allowed_hosts=(receiver.host,))).send("GET", receiver.url())
    assert (len(answer.body), answer.is_cut) == (65536, True)


def test_compressed_bodies_are_not_unpacked() -> None:
    with receiving(Said(body=b"\x1f\x8b\x08", headers={"Content-Encoding": "gzip"})) as receiver:
        assert Client(Guard(allowed_hosts=(receiver.host,))).send("GET", receiver.url()).body == b"\x1f\x8b\x08"


def test_a_body_that_drips_for_ever_ends_with_the_deadline() -> None:
    with receiving(Said(body=b"x" * 10_000, drip_s=0.05)) as receiver:
        began_s = time.monotonic()
        with pytest.raises(FetchFailed, match="not over after"):
            Client(Guard(allowed_hosts=(receiver.host,))).send("GET", receiver.url(), total_s=0.5)
        assert time.monotonic() - began_s < SOON_S


def _raw(sends: bytes, every_s: float, is_over: threading.Event) -> tuple[socket.socket, threading.Thread]:
    """A server that is no HTTP server: it sends one thing again and again."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(10)

    def run() -> None:
        try:
            caller, _ = listener.accept()
            with caller:
                while not is_over.is_set():
                    caller.sendall(sends)
                    is_over.wait(every_s)
        except OSError:
            return

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return listener, thread


@pytest.mark.parametrize(
    ("sends", "every_s"),
    [
        (b"H", 0.05),  # a header that never ends
        (b"HTTP/1.1 100 Continue\r\n\r\n", 0.001),  # answers before the answer
        (b"X: " + b"y" * 1000 + b"\r\n", 0.0),  # not HTTP
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000, 0.0),  # a head without an end
        (b"", 0.05),  # nothing
    ],
    ids=["drip", "continue", "rubbish", "head", "silence"],
)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_whoever_answers_no_http_is_left_in_time(sends: bytes, every_s: float, scheme: str) -> None:
    is_over = threading.Event()
    listener, thread = _raw(sends, every_s, is_over)
    with listener:
        host = f"127.0.0.1:{listener.getsockname()[1]}"
        began_s = time.monotonic()
        with pytest.raises(FetchFailed):
            Client(Guard(allowed_hosts=(host,))).send("GET", f"{scheme}://{host}/", total_s=0.5)
        assert time.monotonic() - began_s < SOON_S
        is_over.set()
        thread.join()


def test_a_receiver_that_takes_nothing_ends_with_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:  # accepts by itself, and reads nothing
        host = f"127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(FetchFailed):
            Client(Guard(allowed_hosts=(host,))).send("POST", f"http://{host}/", content=bytes(50_000_000), total_s=0.5)


def test_a_wait_ends_when_the_user_says_stop() -> None:
    stopped = threading.Event()
    with receiving(Said(body=b"x" * 10_000, drip_s=0.05)) as receiver:
        client = Client(Guard(allowed_hosts=(receiver.host,)))
        patience = Patience(60, 60, stopped.is_set)
        with client.opened("GET", receiver.url(), patience=patience) as reply:
            assert next(reply.chunks)
            stopped.set()
            with pytest.raises(Cancelled):
                list(reply.chunks)


def test_silence_ends_before_the_whole_time_is_over() -> None:
    with receiving(Said(body=b"x" * 10, drip_s=30.0)) as receiver:
        client = Client(Guard(allowed_hosts=(receiver.host,)))
        with (
            pytest.raises(FetchFailed, match="nothing came for"),
            client.opened("GET", receiver.url(), patience=Patience(60, 0.6)) as reply,
        ):
            list(reply.chunks)


def test_a_host_that_cannot_be_looked_up_in_time_counts_against_the_deadline() -> None:
    may_go = threading.Event()

    def hanging(*_: object) -> list[tuple[object, ...]]:
        may_go.wait(30)
        return []

    try:
        with pytest.raises(FetchFailed, match="within"):
            Client(Guard(resolve=hanging)).send("GET", "https://hooks.example.com/", total_s=0.3)  # type: ignore[arg-type]
    finally:
        may_go.set()


def test_a_name_with_one_private_address_among_public_ones_is_not_tried_at_all() -> None:
    dialler = Dialler()
    names = Names({"hooks.example.com": [["93.184.216.34", "127.0.0.1"]]})
    with pytest.raises(AddressRefused):
        Client(Guard(resolve=names), below=dialler).send("POST", "https://hooks.example.com/")
    assert dialler.asked == []
