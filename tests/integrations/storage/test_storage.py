from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from storage_places import Place

from integrations.storage.opening import open_storage
from integrations.storage.storage import RANGE_BLOCK_BYTES, Storage
from scoring.errors import InputError, MediaTooLarge, OutputRefused, StoredMissing, VideoMissing

BIG_BYTES = (17 << 20) + 3  # three parts in a bucket


@pytest.fixture
def storage(place: Place) -> Iterator[Storage]:
    with open_storage(place.url) as opened:
        yield opened


@pytest.fixture
def big(tmp_path: Path) -> Path:
    path = tmp_path / "big.bin"
    path.write_bytes(os.urandom(BIG_BYTES))
    return path


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("data", [b"", b"x", b"film" * 1000], ids=["empty", "one byte", "4 kB"])
def test_what_is_put_comes_back(storage: Storage, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "given").write_bytes(data)
    from_memory = storage.put_bytes(data, "a/memory")
    from_file = storage.put_file(tmp_path / "given", "a/file")
    assert (from_memory.size_bytes, from_memory.sha256) == (len(data), sha256(data))
    assert (from_file.size_bytes, from_file.sha256) == (len(data), sha256(data))
    for key in ("a/memory", "a/file"):
        assert storage.get_bytes(key, 10_000) == data
        assert storage.fetch(key, tmp_path / "fetched").read_bytes() == data
        assert b"".join(storage.open_range(key)) == data
        assert storage.size_bytes(key) == len(data)
        assert storage.exists(key)
    assert storage.stored("a/memory") == from_memory
    assert (tmp_path / "given").read_bytes() == data


def test_a_large_file_comes_back_and_nothing_stays_beside_it(storage: Storage, big: Path, tmp_path: Path) -> None:
    stored = storage.put_file(big, "films/1")
    assert stored.sha256 == sha256(big.read_bytes())
    assert storage.stored("films/1") == stored
    (tmp_path / "into").mkdir()
    assert storage.fetch("films/1", tmp_path / "into" / "film").read_bytes() == big.read_bytes()
    assert [p.name for p in (tmp_path / "into").iterdir()] == ["film"]
    assert storage.list_keys("") == ["films/1"]


@pytest.mark.parametrize("name", ["small", "big"])
def test_taking_a_file_moves_it(storage: Storage, big: Path, name: str) -> None:
    path = big.with_name(name)
    data = big.read_bytes() if name == "big" else b"small"
    path.write_bytes(data)
    storage.put_file(path, "taken", take=True)
    assert not path.exists()
    assert storage.get_bytes("taken", BIG_BYTES) == data


def test_a_hash_that_is_known_already_is_believed_or_found_out(storage: Storage, big: Path) -> None:
    known = sha256(big.read_bytes())
    assert storage.put_file(big, "known", sha256=known).sha256 == known


def test_fetching_replaces_what_was_there_and_twice_is_no_error(storage: Storage, tmp_path: Path) -> None:
    into = tmp_path / "film"
    into.write_bytes(b"old and longer")
    storage.put_bytes(b"new", "a")
    assert storage.fetch("a", into).read_bytes() == b"new"
    assert storage.fetch("a", into).read_bytes() == b"new"
    assert [p.name for p in tmp_path.glob("*") if p.name != "storage"] == ["film"]
    assert list(tmp_path.glob(".*")) == []


def test_the_same_bytes_again_are_no_error_and_other_bytes_are_refused(
    storage: Storage, place: Place, big: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.write_bytes(bytes(BIG_BYTES))
    storage.put_bytes(b"one", "small")
    storage.put_file(big, "big")
    assert storage.put_bytes(b"one", "small").sha256 == sha256(b"one")
    assert storage.put_file(big, "big").size_bytes == BIG_BYTES
    with pytest.raises(OutputRefused, match="taken"):
        storage.put_bytes(b"two", "small")
    with pytest.raises(OutputRefused, match="taken"):
        storage.put_file(other, "big", take=True)
    assert other.exists()
    assert storage.get_bytes("small", 10) == b"one"
    assert storage.get_bytes("big", BIG_BYTES) == big.read_bytes()


def test_what_somebody_else_put_there_is_compared_byte_by_byte(storage: Storage, place: Place) -> None:
    place.tamper("a/b", b"theirs")
    assert storage.put_bytes(b"theirs", "a/b") == storage.stored("a/b")
    with pytest.raises(OutputRefused):
        storage.put_bytes(b"mine!!", "a/b")


def test_of_many_writers_of_one_key_one_wins_and_its_bytes_are_whole(storage: Storage) -> None:
    blocks = [bytes([n]) * 200_000 for n in range(8)]
    start = threading.Barrier(8)

    def put(data: bytes) -> bool:
        start.wait(30)
        try:
            storage.put_bytes(data, "one/key")
        except OutputRefused:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        won = [data for data, has_won in zip(blocks, pool.map(put, blocks), strict=True) if has_won]
    assert won == [storage.get_bytes("one/key", 200_000)]


def test_threads_share_one_storage(storage: Storage, tmp_path: Path) -> None:
    def work(number: int) -> bytes:
        key = f"threads/{number % 3}/{number}"
        storage.put_bytes(str(number).encode() * 1000, key)
        assert key in storage.list_keys("threads")
        return storage.fetch(key, tmp_path / str(number)).read_bytes()

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(work, range(40))) == [str(n).encode() * 1000 for n in range(40)]
    assert len(storage.list_keys("threads")) == 40


def test_a_range_is_half_open_and_comes_in_blocks(storage: Storage, big: Path) -> None:
    storage.put_file(big, "film")
    data, seam = big.read_bytes(), 512 << 10  # of the first and the second answer of a bucket
    ranges = [(0, None), (0, 0), (5, 6), (0, RANGE_BLOCK_BYTES + 1), (BIG_BYTES, None), (0, seam), (0, seam + 1)]
    for start, stop in [*ranges, (BIG_BYTES - 1, 10 * BIG_BYTES)]:
        blocks = list(storage.open_range("film", start, stop))
        assert b"".join(blocks) == data[start:stop]
        assert all(len(block) == RANGE_BLOCK_BYTES for block in blocks[:-1])
        assert all(0 < len(block) <= RANGE_BLOCK_BYTES for block in blocks)


def test_a_range_outside_is_refused_before_the_first_block(storage: Storage) -> None:
    storage.put_bytes(b"abc", "k")
    for start, stop in ((-1, 2), (4, None), (3, 2), (9, 12)):
        with pytest.raises(InputError, match="3 bytes"):
            storage.open_range("k", start, stop)


def test_a_reader_that_stops_half_way_leaves_nothing_open(storage: Storage, big: Path) -> None:
    storage.put_file(big, "film")
    here = psutil.Process()
    before = here.num_fds()
    blocks = storage.open_range("film")
    next(blocks)
    blocks.close()  # type: ignore[attr-defined]
    assert here.num_fds() <= before + 1  # a connection may be kept


def test_what_is_not_there_is_said_as_such_by_every_call(storage: Storage, tmp_path: Path) -> None:
    storage.put_bytes(b"x", "folder/thing")
    for key in ("nothing", "folder", "folder/thing/below", "folder/thin"):
        for call in (
            lambda key=key: storage.get_bytes(key, 10),
            lambda key=key: storage.fetch(key, tmp_path / "into"),
            lambda key=key: storage.local_path(key),
            lambda key=key: storage.open_range(key),
            lambda key=key: storage.size_bytes(key),
            lambda key=key: storage.stored(key),
        ):
            with pytest.raises(StoredMissing, match=key):
                call()
        assert not storage.exists(key)
    assert list(tmp_path.glob("into*")) == []


def test_more_than_the_limit_is_not_read_into_memory(storage: Storage) -> None:
    storage.put_bytes(b"12345", "k")
    assert storage.get_bytes("k", 5) == b"12345"
    with pytest.raises(MediaTooLarge, match="5 bytes"):
        storage.get_bytes("k", 4)


def test_a_prefix_is_whole_segments(storage: Storage) -> None:
    for key in ("a/b", "a/bc", "a/b-2", "a/c/d", "ab"):
        storage.put_bytes(key.encode(), key)
    assert storage.list_keys("") == ["a/b", "a/b-2", "a/bc", "a/c/d", "ab"]
    assert storage.list_keys("a") == storage.list_keys("a/") == ["a/b", "a/b-2", "a/bc", "a/c/d"]
    assert storage.list_keys("a/b") == ["a/b"]
    assert storage.list_keys("none") == []
    assert storage.usage_bytes("a/c") == 5
    assert storage.usage_bytes("") == 3 + 4 + 5 + 5 + 2
    assert storage.usage_bytes("none") == 0


def test_deleting_a_prefix_takes_what_is_below_and_nothing_beside(storage: Storage) -> None:
    for key in ("jobs/1/a", "jobs/1/b/c", "jobs/12/a", "jobs/2"):
        storage.put_bytes(key.encode(), key)
    storage.delete_prefix("jobs/1")
    assert storage.list_keys("") == ["jobs/12/a", "jobs/2"]
    storage.delete_prefix("jobs/1")
    storage.delete_prefix("jobs/2")
    storage.delete_prefix("jobs/2/below")
    storage.delete_prefix("never/was")
    assert storage.list_keys("") == ["jobs/12/a"]
    storage.put_bytes(b"again", "jobs/1/a")
    assert storage.get_bytes("jobs/1/a", 10) == b"again"


def test_everything_is_not_deleted_by_an_empty_name(storage: Storage) -> None:
    storage.put_bytes(b"x", "k")
    with pytest.raises(InputError, match="everything"):
        storage.delete_prefix("")
    assert storage.exists("k")


def test_a_second_storage_sees_at_once_what_the_first_one_did(place: Place) -> None:
    with open_storage(place.url) as one, open_storage(place.url) as two:
        for number in range(3):
            assert not two.exists("k/x")
            assert two.list_keys("k") == []
            one.put_bytes(str(number).encode(), "k/x")
            assert two.list_keys("k") == ["k/x"]
            assert two.get_bytes("k/x", 10) == str(number).encode()
            two.delete_prefix("k")
            assert one.list_keys("k") == []
            assert not one.exists("k/x")


def test_a_tree_goes_in_and_comes_out(storage: Storage, tmp_path: Path) -> None:
    folder = tmp_path / "take"
    (folder / "stems").mkdir(parents=True)
    files = {"take.json": b"{}", "stems/strings.flac": b"s" * 100, "stems/drums.flac": b"d" * 50}
    for name, data in files.items():
        (folder / name).write_bytes(data)
    stored = storage.put_tree(folder, "takes/1")
    assert [s.key for s in stored] == ["takes/1/stems/drums.flac", "takes/1/stems/strings.flac", "takes/1/take.json"]
    assert storage.put_tree(folder, "takes/1/") == stored
    made = storage.fetch_tree("takes/1", tmp_path / "back")
    assert {p.relative_to(tmp_path / "back").as_posix(): p.read_bytes() for p in made} == files
    assert storage.fetch_tree("takes/none", tmp_path / "empty") == []


@pytest.mark.parametrize("bad", ["two words", ".hidden", "link"])
def test_a_tree_with_a_name_that_is_no_key_is_not_begun(storage: Storage, tmp_path: Path, bad: str) -> None:
    folder = tmp_path / "take"
    folder.mkdir()
    (folder / "a").write_bytes(b"a")
    if bad == "link":
        (folder / bad).symlink_to("/etc/hostname")
    else:
        (folder / bad).write_bytes(b"b")
    with pytest.raises(InputError):
        storage.put_tree(folder, "takes/1")
    assert storage.list_keys("") == []


def test_only_plain_files_are_stored(storage: Storage, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/etc/passwd")
    for name in ("pipe", "link", "storage-folder"):
        (tmp_path / "storage-folder").mkdir(exist_ok=True)
        with pytest.raises(InputError, match="plain file"):
            storage.put_file(tmp_path / name, "k")
    with pytest.raises(VideoMissing):
        storage.put_file(tmp_path / "none", "k")
    assert storage.list_keys("") == []


def test_no_key_reaches_out(storage: Storage, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    for key in (
        "../secret",
        "/etc/passwd",
        "a/../../secret",
        "",
        ".",
        "a//b",
        "a/",
        ".aside/x",
        "a\n",
        "a\0b",
        "a\\b",
        "é",
    ):
        with pytest.raises(InputError) as caught:
            storage.get_bytes(key, 100)
        assert not isinstance(caught.value, StoredMissing)
        with pytest.raises(InputError):
            storage.put_bytes(b"x", key)
        with pytest.raises(InputError):
            storage.fetch(key, tmp_path / "into")
        with pytest.raises(InputError):
            storage.exists(key)
    for prefix in ("..", "/", "a//", ".aside"):
        with pytest.raises(InputError):
            storage.delete_prefix(prefix)
        with pytest.raises(InputError):
            storage.list_keys(prefix)


def test_a_storage_that_works_says_so(storage: Storage, place: Place) -> None:
    storage.check()
    free_bytes = storage.free_bytes()
    assert free_bytes is None if place.kind == "bucket" else isinstance(free_bytes, int) and free_bytes > 0
    storage.put_bytes(b"x", "k")
    path = storage.local_path("k")
    assert path is None if place.kind == "bucket" else path is not None and path.read_bytes() == b"x"
    storage.close()
    storage.close()
