"""Downloads: whole, in ranges, under any name."""

from __future__ import annotations

import hashlib
import re
from email.message import Message
from urllib.parse import quote

import httpx
import psutil
import pytest
from api_made import MOVIE, scored
from api_rig import ApiRig

from integrations.api.ranges import Span, Unsatisfiable, attachment, read_range

SIZE = len(MOVIE)


@pytest.fixture(scope="module")
def movie(api: ApiRig) -> str:
    with api.client("a") as client:
        return f"/v1/jobs/{scored(api, client)}/files/film.scored.mp4"


def test_a_film_comes_whole_with_its_hash_and_runs_in_no_browser(a: httpx.Client, movie: str) -> None:
    answer = a.get(movie)
    assert answer.status_code == 200
    assert answer.content == MOVIE
    assert answer.headers["etag"] == f'"{hashlib.sha256(MOVIE).hexdigest()}"'
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.headers["content-length"] == str(SIZE)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["accept-ranges"] == "bytes"


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=0-", 0, SIZE),
        ("bytes=100-199", 100, 200),
        (f"bytes={SIZE - 1}-", SIZE - 1, SIZE),
        ("bytes=-10", SIZE - 10, SIZE),
        (f"bytes=-{SIZE * 2}", 0, SIZE),
        (f"bytes=10-{10**17}", 10, SIZE),
        ("bytes=262143-524289", 262143, 524290),  # over the edges of the blocks
    ],
)
def test_a_range_is_that_part_of_it(a: httpx.Client, movie: str, asked: str, start: int, stop: int) -> None:
    for verb in ("GET", "HEAD"):
        answer = a.request(verb, movie, headers={"Range": asked})
        assert answer.status_code == 206
        assert answer.headers["content-range"] == f"bytes {start}-{stop - 1}/{SIZE}"
        assert answer.headers["content-length"] == str(stop - start)
        assert answer.content == (MOVIE[start:stop] if verb == "GET" else b"")


@pytest.mark.parametrize("asked", [f"bytes={SIZE}-", f"bytes={SIZE + 5}-{SIZE + 9}", "bytes=-0"])
def test_a_range_behind_the_end_is_416(a: httpx.Client, movie: str, asked: str) -> None:
    answer = a.get(movie, headers={"Range": asked})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{SIZE}"


@pytest.mark.parametrize("asked", ["bytes=5-1", "bytes=a-b", "lines=0-1", "bytes=", "bytes=-", "bytes=0-1,5-9", "x"])
def test_a_range_that_does_not_read_is_answered_with_the_whole(a: httpx.Client, movie: str, asked: str) -> None:
    answer = a.get(movie, headers={"Range": asked})
    assert answer.status_code == 200
    assert len(answer.content) == SIZE


def test_a_range_is_only_of_the_file_that_the_client_has(a: httpx.Client, movie: str) -> None:
    etag = a.head(movie).headers["etag"]
    assert a.get(movie, headers={"Range": "bytes=0-9", "If-Range": etag}).status_code == 206
    for other in ('"other"', "Wed, 21 Oct 2015 07:28:00 GMT", f"W/{etag}"):
        assert a.get(movie, headers={"Range": "bytes=0-9", "If-Range": other}).status_code == 200
    assert a.get(movie, headers={"If-None-Match": etag}).status_code == 304


def test_a_download_broken_off_lets_go_of_its_file(a: httpx.Client, movie: str) -> None:
    me = psutil.Process()
    before = len(me.open_files())
    for _ in range(10):
        with a.stream("GET", movie) as answer:
            next(answer.iter_bytes(1000))
    assert len(me.open_files()) - before <= 2


def test_a_file_that_is_not_the_jobs_is_not_there(api: ApiRig, a: httpx.Client, movie: str) -> None:
    folder = movie.rpartition("/")[0]
    for name in (
        "none.mp4",
        "..%2f..%2fcuesmith.db",
        "../../../data/cuesmith.db",
        "%00",
        "cues/1m1-11/strings.flac",
        ".",
        "%2e%2e",
    ):
        answer = a.get(f"{folder}/{name}")
        assert answer.status_code in (404, 405), name
        assert "SQLite" not in answer.text
    with api.client("b") as other:
        assert other.get(movie).status_code == other.head(movie).status_code == 404


def test_a_file_that_is_no_longer_kept_is_gone(api: ApiRig, a: httpx.Client) -> None:
    job = scored(api, a)
    for key, _ in list(api.storage.walk("results")):
        if "film.scored" in key:
            api.storage.delete_prefix(key)
    answer = a.get(f"/v1/jobs/{job}/files/film.scored.mp4")
    assert answer.status_code == 410


HOSTILE = [
    "../../etc/passwd",
    "..\\..\\boot.ini",
    "/abs/x.mp4",
    "a\r\nSet-Cookie: x=1.mp4",
    'quote".mp4',
    "semi;colon.mp4",
    "夏.mp4",
    "e\u0301tude.mp4",
    "\u202egpj.exe",
    "con",
    ".hidden",
    "",
    "   ",
    "a" * 500 + ".mp4",
    "%0d%0ax",
    "back\\slash",
    "tab\t.mp4",
    "emoji🎬.mp4",
    "nul\0.mp4",
    "filename*=UTF-8''x",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_download_is_saved_under_a_name_without_a_path(name: str) -> None:
    header = attachment(name)
    header.encode("ascii")
    assert not re.search(r"[\r\n\0]", header)
    message = Message()
    message["Content-Disposition"] = header
    saved = message.get_filename()
    assert saved
    assert len(saved) <= 160
    assert "/" not in saved
    assert "\\" not in saved
    assert not saved.startswith(".")
    plain = re.match(r'attachment; filename="([^"]*)"; filename\*=UTF-8\'\'(.*)', header)
    assert plain is not None
    assert plain[2] == quote(plain[2], safe="%")


def test_ranges_are_read_as_the_rfc_says() -> None:
    assert read_range(None, 10) is None
    assert read_range("bytes=2-3", 10) == Span(2, 4)
    with pytest.raises(Unsatisfiable):
        read_range("bytes=0-", 0)
    with pytest.raises(Unsatisfiable):
        read_range("bytes=-5", 0)
