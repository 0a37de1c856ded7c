from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from storage_places import SECRET, Place, bucket_url, http

from integrations.storage.opening import open_storage
from scoring.errors import CapacityError, CuesmithError, DiskFull, FetchFailed, InputError

MB = 1 << 20


@contextmanager
def answering(status: int, code: str) -> Iterator[str]:
    """A server that answers each request with one error of S3's."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            body = f"<Error><Code>{code}</Code><Message>no</Message></Error>".encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _answer  # noqa: N815 - the library's names

        def log_message(self, format: str, *given: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def url(endpoint: str, bucket: str = "films") -> str:
    return f"s3://{bucket}/p?endpoint={endpoint}&key=canary-id&secret={SECRET}&region=us-east-1"


def uploads(place: Place) -> str:
    """What a bucket has begun and not ended, as XML."""
    return http().get(f"{bucket_url(place)}?uploads").raise_for_status().text


def test_nobody_answering_is_said_without_a_secret() -> None:
    with open_storage(url("http://127.0.0.1:9")) as storage:
        for call in (
            lambda: storage.put_bytes(b"x", "k"),
            lambda: storage.exists("k"),
            storage.check,
        ):
            with pytest.raises(FetchFailed) as caught:
                call()
            assert caught.value.retry == "later"
            assert SECRET not in f"{caught.value}{caught.value!r}{storage!r}"
            assert "canary-id" not in f"{caught.value}{storage!r}"


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (503, "SlowDown", CapacityError),
        (409, "ConditionalRequestConflict", CapacityError),
        (507, "XMinioStorageFull", DiskFull),
        (403, "AccessDenied", FetchFailed),
        (403, "SignatureDoesNotMatch", FetchFailed),
        (500, "InternalError", FetchFailed),
        (418, "Teapot", FetchFailed),
    ],
)
def test_each_refusal_of_a_server_has_its_error(status: int, code: str, expected: type[CuesmithError]) -> None:
    with answering(status, code) as endpoint, open_storage(url(endpoint)) as storage:
        with pytest.raises(CuesmithError) as caught:
            storage.put_bytes(b"x", "k")
        assert type(caught.value) is expected
        assert code in str(caught.value)


def test_a_bucket_that_is_not_there_is_not_an_empty_one(s3_endpoint: str, tmp_path: Path) -> None:
    (tmp_path / "film").write_bytes(bytes(9 * MB))
    with open_storage(url(s3_endpoint, "no-such-bucket")) as storage:
        for call in (
            lambda: storage.exists("k"),
            lambda: storage.get_bytes("k", 1),
            lambda: storage.put_bytes(b"x", "k"),
            lambda: storage.put_file(tmp_path / "film", "k"),
            lambda: storage.list_keys(""),
            lambda: storage.delete_prefix("k"),
            storage.check,
        ):
            with pytest.raises(FetchFailed):
                call()


def test_an_object_that_arrives_other_than_it_was_stored_is_not_put_in_its_place(bucket: Place, tmp_path: Path) -> None:
    headers = {"x-amz-meta-cuesmith-sha256": hashlib.sha256(b"right").hexdigest()}
    http().put(f"{bucket_url(bucket)}/some/where/k", content=b"wrong", headers=headers).raise_for_status()
    with open_storage(bucket.url) as storage, pytest.raises(FetchFailed, match="did not arrive"):
        storage.fetch("k", tmp_path / "film")
    assert list(tmp_path.iterdir()) == []


def test_an_upload_that_breaks_off_leaves_neither_an_object_nor_parts(bucket: Place, tmp_path: Path) -> None:
    film = tmp_path / "film"
    film.write_bytes(os.urandom(20 * MB))
    with open_storage(bucket.url) as storage:
        for size_mb in (20, 5):  # in parts and at once
            os.truncate(film, size_mb * MB)
            with pytest.raises(InputError, match="changed"):  # its hash is not the one that was found before
                storage.put_file(film, "film", sha256=hashlib.sha256(b"before").hexdigest(), take=True)
            assert film.exists()
        assert storage.list_keys("") == []
    assert "<Key>" not in http().get(bucket_url(bucket)).text
    assert "<UploadId>" not in uploads(bucket)


def test_parts_that_a_killed_writer_left_are_swept_up(bucket: Place) -> None:
    for name in ("some/where/film", "elsewhere/film"):
        http().post(f"{bucket_url(bucket)}/{name}?uploads").raise_for_status()
    with open_storage(bucket.url) as storage:
        assert storage.sweep(86_400.0, 0.0) == 0
        assert storage.list_keys("") == []
        assert storage.sweep(86_400.0, time.time() + 90_000.0) == 1
    assert "elsewhere/film" in uploads(bucket)
    assert "some/where/film" not in uploads(bucket)


def test_more_than_one_page_is_listed_and_deleted(bucket: Place) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: bucket.tamper(f"many/{n:04}", b"x"), range(1003)))
    bucket.tamper("other", b"x")
    with open_storage(bucket.url) as storage:
        assert len(storage.list_keys("many")) == 1003
        assert storage.usage_bytes("many") == 1003
        storage.delete_prefix("many")
        assert storage.list_keys("") == ["other"]


def test_names_that_are_no_keys_are_not_listed(bucket: Place) -> None:
    bucket.tamper("good", b"x")
    bucket.tamper("folder/", b"")
    bucket.tamper("two words", b"x")
    with open_storage(bucket.url) as storage:
        assert storage.list_keys("") == ["good"]


WITHOUT = """
import sys
for name in ("s3fs", "fsspec", "botocore", "aiobotocore", "aiohttp"):
    sys.modules[name] = None
from integrations.storage.opening import open_storage
from scoring.errors import EngineUnavailable
try:
    open_storage("s3://films").exists("k")
except EngineUnavailable as error:
    print(error)
"""


def test_without_the_service_extra_a_bucket_says_what_to_install() -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "pip install 'cuesmith[service]'" in done.stdout


FORKED = """
import os, sys
from integrations.storage.opening import open_storage
from scoring.errors import CuesmithError
url, inherited = sys.argv[1], open_storage(sys.argv[1])
inherited.put_bytes(b"parent", "parent")
children = []
for number in range(3):
    child = os.fork()
    if child == 0:
        try:
            inherited.get_bytes("parent", 10)
            os._exit(1)
        except CuesmithError as error:
            assert "fork" in str(error), error
        with open_storage(url) as own:
            assert own.get_bytes("parent", 10) == b"parent"
            own.put_bytes(b"child", f"children/{number}")
            assert own.exists(f"children/{number}")
        os._exit(0)
    children.append(child)
assert [os.waitpid(child, 0)[1] for child in children] == [0, 0, 0]
assert len(inherited.list_keys("children")) == 3
inherited.close()
assert inherited.exists("parent")
"""


def test_a_forked_child_opens_its_own_and_is_told_when_it_does_not(bucket: Place) -> None:
    done = subprocess.run([sys.executable, "-c", FORKED, bucket.url], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


STREAMED = """
import pathlib, re, sys
from integrations.storage.opening import open_storage
url, film, into = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
def peak_mb():
    # Not ru_maxrss, which begins with what the parent had.
    return int(re.search(r"VmHWM:\\s+(\\d+)", pathlib.Path("/proc/self/status").read_text())[1]) / 1024
with open_storage(url) as storage:
    storage.put_bytes(bytes(100_000), "warm")
    storage.fetch("warm", into)
    before = peak_mb()
    storage.put_file(film, "film", take=True)
    size_bytes = sum(len(block) for block in storage.open_range("film"))
    assert storage.fetch("film", into).stat().st_size == size_bytes == 300 << 20
    print(peak_mb() - before)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc")
def test_a_large_object_streams_in_flat_memory(place: Place, tmp_path: Path) -> None:
    film = tmp_path / "film"
    with film.open("wb") as file:
        for _ in range(300):
            file.write(os.urandom(MB))
    given = [place.url, str(film), str(tmp_path / "into")]
    done = subprocess.run([sys.executable, "-c", STREAMED, *given], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    print(f"{place.kind}: 300 MB stored, read and fetched, {float(done.stdout):.1f} MB more than before at the peak")
    assert float(done.stdout) < 50.0
