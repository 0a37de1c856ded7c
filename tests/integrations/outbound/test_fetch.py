"""Films fetched from URLs."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from receivers import Dialler, Names, Said, canary, certificate, receiving

from integrations.outbound.client import Client
from integrations.outbound.fetch import FetchLimits, fetch_film
from integrations.outbound.guard import Guard
from scoring.errors import (
    AddressRefused,
    Cancelled,
    CuesmithError,
    DiskFull,
    FetchFailed,
    MediaTooLarge,
    OutputRefused,
    VideoMissing,
)

FILM = bytes(range(256)) * 2000
LIMITS = FetchLimits(size_bytes=10**6, total_s=20.0, stall_s=10.0)


def _client(*hosts: str) -> Client:
    return Client(Guard(allowed_hosts=hosts))


def _nothing_in(folder: Path) -> bool:
    return list(folder.iterdir()) == []


@pytest.mark.parametrize("chunked", [False, True])
def test_a_film_arrives_whole_under_our_name(tmp_path: Path, chunked: bool) -> None:
    told: list[tuple[int, int | None]] = []
    disposition = {"Content-Disposition": 'attachment; filename="../../evil.mp4"'}
    with receiving(Said(body=FILM, chunked=chunked, headers=disposition)) as host:
        fetched = fetch_film(
            host.url("/..%2f..%2fevil.mp4"),
            tmp_path / "source",
            _client(host.host),
            limits=LIMITS,
            progress=lambda done, total: told.append((done, total)),
        )
    assert (tmp_path / "source").read_bytes() == FILM
    assert [path.name for path in tmp_path.iterdir()] == ["source"]
    assert (fetched.size_bytes, fetched.sha256) == (len(FILM), hashlib.sha256(FILM).hexdigest())
    assert told[-1] == (len(FILM), None if chunked else len(FILM))
    assert [done for done, _ in told] == sorted(done for done, _ in told)


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (Said(body=bytes(1_000_001)), MediaTooLarge),
        (Said(body=b"x", announced=10**15), MediaTooLarge),
        (Said(body=bytes(3_000_000), chunked=True), MediaTooLarge),
        (Said(body=FILM, announced=len(FILM) + 1), FetchFailed),  # less than announced
        (Said(body=FILM, ends_after=1000), FetchFailed),
        (Said(body=FILM, ends_after=1000, chunked=True), FetchFailed),
        (Said(body=FILM, endless=True), FetchFailed),  # no length at all
        (Said(body=b""), VideoMissing),
        (Said(body=b"", chunked=True), VideoMissing),
        (Said(404), VideoMissing),
        (Said(403), VideoMissing),
        (Said(410), VideoMissing),
        (Said(429), FetchFailed),
        (Said(500), FetchFailed),
        (Said(503), FetchFailed),
        (Said(206, FILM), FetchFailed),
        (Said(204), FetchFailed),
        (Said(302, b""), FetchFailed),
        (Said(body=b"\x1f\x8b", headers={"Content-Encoding": "gzip"}), FetchFailed),
        (Said(302, b"", {"Location": "gopher://a/"}), AddressRefused),
        (Said(302, b"", {"Location": "file:///etc/passwd"}), AddressRefused),
        (Said(302, b"", {"Location": "//127.0.0.1:1/"}), AddressRefused),
        (Said(302, b"", {"Location": "http://[::1"}), AddressRefused),
        (Said(302, b"", {"Location": "/again"}), AddressRefused),
    ],
    ids=lambda value: getattr(value, "__name__", None) or f"{value.status} {len(value.body)} {value.headers}",
)
def test_what_is_no_whole_film_leaves_nothing_behind(tmp_path: Path, said: Said, error: type[CuesmithError]) -> None:
    with receiving(said) as host, pytest.raises(error) as raised:
        fetch_film(host.url("/film?token=hidden"), tmp_path / "source", _client(host.host), limits=LIMITS)
    assert _nothing_in(tmp_path)
    assert raised.value.advice
    assert "hidden" not in str(raised.value)


def test_more_than_was_announced_is_not_taken(tmp_path: Path) -> None:
    with receiving(Said(body=FILM, announced=1000)) as host:
        assert fetch_film(host.url(), tmp_path / "source", _client(host.host), limits=LIMITS).size_bytes == 1000


def test_three_redirects_are_followed_and_a_fourth_is_not(tmp_path: Path) -> None:
    there = [Said(status, b"", {"Location": f"/film{n}"}) for n, status in enumerate((301, 303, 308, 302))]
    with receiving(*there[:3], Said(body=FILM)) as host:
        assert fetch_film(host.url(), tmp_path / "a", _client(host.host), limits=LIMITS).size_bytes == len(FILM)
        assert [heard.path for heard in host.heard] == ["/hook", "/film0", "/film1", "/film2"]
    with receiving(*there, Said(body=FILM)) as host:
        with pytest.raises(AddressRefused, match="more than 3"):
            fetch_film(host.url(), tmp_path / "b", _client(host.host), limits=LIMITS)
        assert len(host.heard) == 4


@pytest.mark.parametrize("where", ["127.0.0.1", "0x7f.1", "[::1]", "localhost", "loop.example.com", "a@127.0.0.1"])
def test_a_redirect_into_the_network_is_not_followed(tmp_path: Path, where: str) -> None:
    with canary() as inside, receiving(Said(302, b"", {"Location": f"http://{where}:{inside.port}/"})) as host:
        dialler = Dialler()
        guard = Guard(
            allowed_hosts=(host.host,),
            ports=(inside.port,),
            https_only=False,
            resolve=Names({"loop.example.com": [["127.0.0.1"]]}),
        )
        with pytest.raises(AddressRefused):
            fetch_film(host.url(), tmp_path / "source", Client(guard, below=dialler), limits=LIMITS)
        assert dialler.asked == [("127.0.0.1", host.port)]
        assert inside.connects == 0
    assert _nothing_in(tmp_path)


def test_a_redirect_away_from_https_is_not_followed(tmp_path: Path) -> None:
    server, trusting = certificate(tmp_path, "127.0.0.1")
    with receiving(Said(body=FILM)) as plain:
        with receiving(Said(302, b"", {"Location": plain.url()}), tls=server) as host:
            client = Client(Guard(allowed_hosts=(host.host, plain.host)), tls=trusting)
            with pytest.raises(AddressRefused, match="away from https"):
                fetch_film(host.url(), tmp_path / "source", client, limits=LIMITS)
        assert plain.heard == []


def test_a_film_that_drips_ends_with_the_time_limit(tmp_path: Path) -> None:
    with receiving(Said(body=FILM, drip_s=0.02)) as host, pytest.raises(FetchFailed, match="not over after"):
        fetch_film(host.url(), tmp_path / "source", _client(host.host), limits=FetchLimits(total_s=0.5))
    assert _nothing_in(tmp_path)


def test_stop_ends_it_and_leaves_nothing(tmp_path: Path) -> None:
    done: list[int] = []
    with receiving(Said(body=FILM, drip_s=0.02)) as host, pytest.raises(Cancelled):
        fetch_film(
            host.url(),
            tmp_path / "source",
            _client(host.host),
            limits=LIMITS,
            progress=lambda so_far, _: done.append(so_far),
            cancelled=lambda: bool(done),
        )
    assert done
    assert _nothing_in(tmp_path)


def test_a_film_that_no_disk_holds_is_refused_before_it_comes(tmp_path: Path) -> None:
    told: list[int] = []
    with receiving(Said(body=FILM, announced=10**17)) as host, pytest.raises(DiskFull):
        fetch_film(
            host.url(),
            tmp_path / "source",
            _client(host.host),
            limits=FetchLimits(size_bytes=10**18),
            progress=lambda done, _: told.append(done),
        )
    assert told == []
    assert _nothing_in(tmp_path)


@pytest.mark.parametrize("chunked", [False, True])
def test_a_folder_that_is_not_there_is_our_error(tmp_path: Path, chunked: bool) -> None:
    with receiving(Said(body=FILM, chunked=chunked)) as host, pytest.raises(OutputRefused):
        fetch_film(host.url(), tmp_path / "none" / "source", _client(host.host), limits=LIMITS)
