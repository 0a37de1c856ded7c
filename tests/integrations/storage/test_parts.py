from __future__ import annotations

import base64
import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from storage_places import Place

from integrations.storage.checksum import Checksum
from integrations.storage.folder import FolderStorage
from integrations.storage.opening import open_storage
from integrations.storage.parts import PartFile
from scoring.errors import (
    ChecksumRefused,
    DiskFull,
    InputError,
    MediaTooLarge,
    StoredMissing,
    UploadConflict,
)

MB = 1 << 20


def sha1(data: bytes) -> Checksum:
    return Checksum.parse("sha1 " + base64.b64encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode())


@pytest.fixture
def part(tmp_path: Path) -> PartFile:
    (tmp_path / "incoming").mkdir()
    made = PartFile(tmp_path / "incoming", "u1", 10)
    made.create()
    return made


def again(part: PartFile) -> PartFile:
    """As another process sees it."""
    return PartFile(part.folder.parent, part.folder.name, part.length_bytes)


def test_an_upload_grows_and_moves_into_the_storage_without_a_copy(part: PartFile, tmp_path: Path) -> None:
    assert part.offset_bytes() == 0
    assert part.append(0, [b"hel", b"lo"]) == 5
    assert again(part).append(5, [b"world"], sha1(b"world")) == 10
    inode = (part.folder / "data").stat().st_ino
    storage = FolderStorage(tmp_path / "storage")
    stored = again(part).finish(storage, "sources/u1")
    assert stored.sha256 == hashlib.sha256(b"helloworld").hexdigest()
    assert (storage.root / "sources" / "u1").stat().st_ino == inode
    assert (storage.root / "sources" / "u1").stat().st_nlink == 1
    assert not part.folder.exists()
    assert again(part).finish(storage, "sources/u1") == stored


def test_an_upload_moves_into_either_storage(part: PartFile, place: Place) -> None:
    part.append(0, [b"helloworld"])
    with open_storage(place.url) as storage:
        stored = part.finish(storage, "sources/u1")
        assert storage.get_bytes("sources/u1", 10) == b"helloworld"
        assert part.finish(storage, "sources/u1") == stored
    assert not part.folder.exists()


@pytest.mark.parametrize("offset_bytes", [0, 4, 6, -1, 10**15])
def test_a_wrong_offset_is_refused_with_the_right_one(part: PartFile, offset_bytes: int) -> None:
    part.append(0, [b"12345"])
    with pytest.raises(UploadConflict, match="stands at 5") as caught:
        part.append(offset_bytes, [b"x"])
    assert caught.value.http_status == 409
    assert part.offset_bytes() == 5


def test_bytes_that_are_not_the_announced_ones_are_forgotten(part: PartFile) -> None:
    part.append(0, [b"123"])
    with pytest.raises(ChecksumRefused) as caught:
        part.append(3, [b"45", b"6"], sha1(b"45x"))
    assert caught.value.http_status == 460
    assert again(part).offset_bytes() == 3
    assert again(part).append(3, [b"456"], sha1(b"456")) == 6
    assert (part.folder / "data").read_bytes() == b"123456"


def test_more_than_the_length_announced_is_refused_and_what_was_before_it_is_kept(part: PartFile) -> None:
    with pytest.raises(MediaTooLarge, match="10 bytes"):
        part.append(0, [b"12345678", b"90x"])
    assert part.offset_bytes() == 8
    assert part.append(8, [b"90"]) == 10
    with pytest.raises(MediaTooLarge):
        part.append(10, [b"x"])


def broken(*blocks: bytes) -> Iterator[bytes]:
    yield from blocks
    raise ConnectionResetError("the client went away")


def test_a_request_that_breaks_off_keeps_what_came_unless_it_had_a_checksum(part: PartFile) -> None:
    with pytest.raises(ConnectionResetError):
        part.append(0, broken(b"12", b"3"))
    assert part.offset_bytes() == 3
    with pytest.raises(ConnectionResetError):
        part.append(3, broken(b"45"), sha1(b"456"))
    assert part.offset_bytes() == 3
    assert part.append(3, [b"456"], sha1(b"456")) == 6


def test_one_request_at_a_time_writes(part: PartFile, tmp_path: Path) -> None:
    with part.appending(0) as into:
        into.write(b"12")
        for call in (
            lambda: again(part).append(2, [b"x"]),
            lambda: again(part).finish(FolderStorage(tmp_path / "storage"), "k"),
        ):
            with pytest.raises(UploadConflict, match="another request"):
                call()
        assert again(part).offset_bytes() == 2
    assert again(part).append(2, [b"3"]) == 3


def test_bytes_with_a_checksum_do_not_count_before_they_are_checked(part: PartFile) -> None:
    with part.appending(0, sha1(b"1234")) as into:
        into.write(b"12")
        assert again(part).offset_bytes() == 0
        into.write(b"34")
    assert again(part).offset_bytes() == 4


def test_an_unfinished_upload_is_not_stored(part: PartFile, tmp_path: Path) -> None:
    part.append(0, [b"12345"])
    storage = FolderStorage(tmp_path / "storage")
    with pytest.raises(InputError, match="5 of 10"):
        part.finish(storage, "k")
    assert part.offset_bytes() == 5
    assert storage.list_keys("") == []


def test_an_upload_that_is_given_up_is_not_there(part: PartFile, tmp_path: Path) -> None:
    part.append(0, [b"12345"])
    part.discard()
    part.discard()
    assert list((tmp_path / "incoming").iterdir()) == []
    for call in (
        part.offset_bytes,
        lambda: part.append(5, [b"x"]),
        lambda: part.finish(FolderStorage(tmp_path / "storage"), "k"),
    ):
        with pytest.raises(StoredMissing):
            call()
    part.create()
    with pytest.raises(UploadConflict):
        part.create()


def test_giving_up_while_somebody_writes_ends_the_upload(part: PartFile) -> None:
    with part.appending(0, sha1(b"1234")) as into:
        into.write(b"12")
        part.discard()
        into.write(b"34")
    assert not part.folder.exists()


@pytest.mark.parametrize("name", ["../x", "/x", "", ".x", "a b"])
def test_the_name_of_an_upload_is_a_servers(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError):
        PartFile(tmp_path, name, 1)


@pytest.mark.parametrize("has_checksum", [False, True])
def test_a_full_disk_keeps_what_has_room_and_can_be_gone_on_with(
    small_disk: Callable[[int], Path], has_checksum: bool
) -> None:
    disk = small_disk(4)
    (disk / "other").write_bytes(bytes(2 * MB))
    data = random.Random(1).randbytes(3 * MB)
    part = PartFile(disk, "u1", 3 * MB)
    part.create()
    with pytest.raises(DiskFull) as caught:
        part.append(0, [data], sha1(data) if has_checksum else None)
    assert caught.value.http_status == 507
    offset_bytes = part.offset_bytes()
    assert offset_bytes == 0 if has_checksum else 0 < offset_bytes < 3 * MB
    (disk / "other").unlink()
    rest = data[offset_bytes:]
    assert part.append(offset_bytes, [rest], sha1(rest)) == 3 * MB
    assert (part.folder / "data").read_bytes() == data


WRITER = """
import pathlib, sys
from integrations.storage.checksum import Checksum
from integrations.storage.parts import PartFile
incoming, source, has_checksum = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3] == "True"
data = source.read_bytes()
part = PartFile(incoming, "u1", len(data))
checksum = Checksum("sha256", bytes(32)) if has_checksum else None
with part.appending(part.offset_bytes(), checksum) as into:
    print("begun", flush=True)
    while into.offset_bytes < len(data) - 4096:
        into.write(data[into.offset_bytes : into.offset_bytes + 4096])
    print("written", flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("has_checksum", [False, True])
def test_writers_killed_again_and_again_leave_an_upload_to_go_on_with(tmp_path: Path, has_checksum: bool) -> None:
    data = os.urandom(8 * MB)
    (tmp_path / "source").write_bytes(data)
    (tmp_path / "incoming").mkdir()
    part = PartFile(tmp_path / "incoming", "u1", len(data))
    part.create()
    part.append(0, [data[:100]])
    for wait_s in (0.0, 0.002, 0.01):
        arguments = [tmp_path / "incoming", tmp_path / "source", has_checksum]
        child = subprocess.Popen(
            [sys.executable, "-c", WRITER, *map(str, arguments)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert child.stdin is not None
        assert child.stdout is not None
        with child.stdin, child.stdout:
            assert child.stdout.readline() == b"begun\n"
            time.sleep(wait_s)
            child.send_signal(signal.SIGKILL)
            child.wait(30)
        offset_bytes = part.offset_bytes()
        assert offset_bytes == 100 if has_checksum else offset_bytes >= 100
        assert (part.folder / "data").read_bytes()[:offset_bytes] == data[:offset_bytes]
    part.append(part.offset_bytes(), [data[part.offset_bytes() :]])
    stored = part.finish(FolderStorage(tmp_path / "storage"), "k")
    assert stored.sha256 == hashlib.sha256(data).hexdigest()


@settings(max_examples=25, deadline=None)
@given(st.binary(min_size=1, max_size=400), st.integers(0, 2**32))
def test_cut_anywhere_the_bytes_come_together(tmp_path_factory: pytest.TempPathFactory, data: bytes, seed: int) -> None:
    folder, chance = tmp_path_factory.mktemp("cut"), random.Random(seed)
    part = PartFile(folder, "u1", len(data))
    part.create()
    while (at := part.offset_bytes()) < len(data):
        block = data[at : at + chance.randint(0, 90)]
        kind = chance.choice(["plain", "checked", "wrong", "broken"])
        if kind == "wrong":
            with pytest.raises(ChecksumRefused):
                part.append(at, [block], sha1(block + b"!"))
        elif kind == "broken":
            with pytest.raises(ConnectionResetError):
                part.append(at, broken(block))
        else:
            assert part.append(at, [block], sha1(block) if kind == "checked" else None) == at + len(block)
    stored = part.finish(FolderStorage(folder / "storage"), "k")
    assert stored.sha256 == hashlib.sha256(data).hexdigest()
