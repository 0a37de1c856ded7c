from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from integrations.storage.folder import FolderStorage
from scoring.errors import CapacityError, DiskFull, FetchFailed, InputError, OutputRefused, StoredMissing

MB = 1 << 20


def asides(root: Path) -> list[Path]:
    return list((root / ".aside").iterdir())


def run(script: str, *given: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", script, *map(str, given)], capture_output=True, text=True, timeout=60)


def test_a_file_that_would_not_fit_twice_is_stored_and_fetched_all_the_same(small_disk: Callable[[int], Path]) -> None:
    disk = small_disk(8)
    (disk / "film").write_bytes(os.urandom(5 * MB))
    storage = FolderStorage(disk / "storage")
    storage.put_file(disk / "film", "a/film")
    storage.put_file(disk / "film", "b/film", take=True)
    fetched = storage.fetch("a/film", disk / "fetched")
    assert not (disk / "film").exists()
    assert fetched.stat().st_size == storage.usage_bytes("b") == 5 * MB


def test_a_file_from_another_disk_is_copied(small_disk: Callable[[int], Path], tmp_path: Path) -> None:
    disk = small_disk(8)
    (disk / "film").write_bytes(os.urandom(3 * MB))
    data = (disk / "film").read_bytes()
    storage = FolderStorage(tmp_path / "storage")
    storage.put_file(disk / "film", "kept")
    storage.put_file(disk / "film", "taken", take=True)
    assert storage.get_bytes("kept", 3 * MB) == storage.get_bytes("taken", 3 * MB) == data
    assert storage.fetch("kept", disk / "back").read_bytes() == data
    assert not (disk / "film").exists()


def test_a_full_disk_is_said_and_no_part_of_an_object_is_seen(
    small_disk: Callable[[int], Path], tmp_path: Path
) -> None:
    disk = small_disk(4)
    storage = FolderStorage(disk / "storage")
    storage.put_bytes(bytes(MB), "first")
    (tmp_path / "film").write_bytes(bytes(6 * MB))
    with pytest.raises(DiskFull):
        storage.put_bytes(bytes(6 * MB), "a/memory")
    with pytest.raises(DiskFull):
        storage.put_file(tmp_path / "film", "a/film", take=True)
    assert (tmp_path / "film").exists()
    assert storage.list_keys("") == ["first"]
    assert asides(storage.root) == []
    storage.delete_prefix("first")
    storage.put_bytes(bytes(3 * MB), "a/memory")
    assert storage.usage_bytes("a") == 3 * MB


@pytest.mark.parametrize("room_bytes", [0, 1, 4096, 5000, 100_000, MB])
def test_wherever_the_disk_fills_up_the_object_is_whole_or_not_there(
    small_disk: Callable[[int], Path], room_bytes: int
) -> None:
    disk = small_disk(2)
    storage = FolderStorage(disk / "storage")
    with contextlib.suppress(OSError), (disk / "other").open("wb", buffering=0) as other:
        while other.write(bytes(4096)):
            pass
    os.truncate(disk / "other", max(0, (disk / "other").stat().st_size - room_bytes))
    for size_bytes in (MB // 2, 2000):
        try:
            storage.put_bytes(b"x" * size_bytes, f"deep/er/{size_bytes}")
        except DiskFull:
            assert not storage.exists(f"deep/er/{size_bytes}")
        else:
            assert storage.get_bytes(f"deep/er/{size_bytes}", MB) == b"x" * size_bytes
    assert asides(storage.root) == []


def test_a_scratch_disk_that_fills_up_leaves_no_part_of_a_file(
    small_disk: Callable[[int], Path], tmp_path: Path
) -> None:
    scratch = small_disk(2)
    storage = FolderStorage(tmp_path / "storage")
    storage.put_bytes(bytes(4 * MB), "film")
    with pytest.raises(DiskFull):
        storage.fetch("film", scratch / "film")
    assert list(scratch.iterdir()) == []


def test_a_disk_that_may_only_be_read_is_a_fault_of_ours_that_may_pass(small_disk: Callable[[int], Path]) -> None:
    disk = small_disk(4)
    storage = FolderStorage(disk / "storage")
    storage.put_bytes(b"x", "k")
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    for call in (lambda: storage.put_bytes(b"y", "l"), lambda: storage.delete_prefix("k"), storage.check):
        with pytest.raises(FetchFailed) as caught:
            call()
        assert caught.value.retry == "later"
    assert storage.get_bytes("k", 1) == b"x"


def test_a_folder_that_is_gone_is_not_an_empty_one(tmp_path: Path) -> None:
    storage = FolderStorage(tmp_path / "storage")
    (tmp_path / "storage").rename(tmp_path / "elsewhere")
    for call in (
        lambda: storage.exists("k"),
        lambda: storage.get_bytes("k", 1),
        lambda: storage.put_bytes(b"x", "k"),
        lambda: storage.list_keys(""),
        lambda: storage.delete_prefix("k"),
        storage.check,
        storage.free_bytes,
    ):
        with pytest.raises(FetchFailed):
            call()
    with pytest.raises(FetchFailed):
        FolderStorage(tmp_path / "not" / "mounted")


def test_links_below_the_root_lead_nowhere(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_bytes(b"secret")
    storage = FolderStorage(tmp_path / "storage")
    storage.put_bytes(b"mine", "inside/file")
    (storage.root / "file").symlink_to(outside / "secret")
    (storage.root / "folder").symlink_to(outside)
    (storage.root / "inside" / "up").symlink_to("../..")
    (storage.root / "own").symlink_to(storage.root / "inside")
    for key in ("file", "folder/secret", "inside/up/outside/secret", "own/file"):
        assert not storage.exists(key)
        for call in (
            lambda key=key: storage.get_bytes(key, 10),
            lambda key=key: storage.open_range(key),
            lambda key=key: storage.local_path(key),
            lambda key=key: storage.fetch(key, tmp_path / "into"),
            lambda key=key: storage.stored(key),
        ):
            with pytest.raises(StoredMissing):
                call()
    for key in ("file", "folder/new", "inside/up/new", "own/new"):
        with pytest.raises(OutputRefused):
            storage.put_bytes(b"x", key)
    assert storage.list_keys("") == ["inside/file"]
    assert storage.list_keys("folder") == storage.list_keys("own") == []
    storage.delete_prefix("folder/secret")
    storage.delete_prefix("folder")
    storage.delete_prefix("inside")
    assert sorted(p.name for p in outside.iterdir()) == ["secret"]
    assert not (tmp_path / "into").exists()


def test_the_root_itself_may_be_behind_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    storage = FolderStorage(tmp_path / "link" / "storage")
    storage.put_bytes(b"x", "a/b")
    assert storage.list_keys("a") == ["a/b"]


def test_pipes_that_somebody_laid_there_are_not_waited_for(tmp_path: Path) -> None:
    storage = FolderStorage(tmp_path / "storage")
    os.mkfifo(storage.root / "pipe")
    assert not storage.exists("pipe")
    assert storage.list_keys("") == []
    with pytest.raises(OutputRefused):
        storage.put_bytes(b"x", "pipe")


def test_a_key_is_not_a_folder_as_well(tmp_path: Path) -> None:
    storage = FolderStorage(tmp_path / "storage")
    storage.put_bytes(b"x", "a/b")
    for key in ("a", "a/b/c", "a/b/c/d"):
        with pytest.raises(OutputRefused):
            storage.put_bytes(b"x", key)
    assert storage.list_keys("") == ["a/b"]


def test_a_file_that_grows_while_it_is_stored_is_refused(tmp_path: Path) -> None:
    film, is_done = tmp_path / "film", threading.Event()
    film.write_bytes(bytes(40 * MB))

    def grow() -> None:
        with film.open("ab", buffering=0) as file:
            while not is_done.is_set() and file.tell() < 80 * MB:
                file.write(b"more")
                time.sleep(0.0005)

    storage = FolderStorage(tmp_path / "storage")
    writer = threading.Thread(target=grow)
    writer.start()
    try:
        with pytest.raises(InputError, match="changed"):
            storage.put_file(film, "film")
    finally:
        is_done.set()
        writer.join()
    assert storage.list_keys("") == asides(storage.root) == []
    storage.put_file(film, "film")


KILLED_BEFORE_PUBLISHING = """
import os, pathlib, signal, sys
from integrations.storage.folder import FolderStorage
storage = FolderStorage(pathlib.Path(sys.argv[1]))
os.link = lambda *given, **named: os.kill(os.getpid(), signal.SIGKILL)
storage.put_bytes(bytes(1 << 20), "a/film")
"""
KILLED_WHILE_DELETING = """
import os, pathlib, shutil, signal, sys
from integrations.storage.folder import FolderStorage
shutil.rmtree = lambda path: os.kill(os.getpid(), signal.SIGKILL)
FolderStorage(pathlib.Path(sys.argv[1])).delete_prefix("a")
"""


def test_a_writer_that_is_killed_leaves_nothing_under_the_key_and_is_swept_up_later(tmp_path: Path) -> None:
    storage = FolderStorage(tmp_path / "storage")
    assert run(KILLED_BEFORE_PUBLISHING, storage.root).returncode == -9
    assert not storage.exists("a/film")
    assert len(asides(storage.root)) == 1
    assert storage.sweep(3600.0, time.time()) == 0
    assert storage.sweep(3600.0, time.time() + 3700.0) == 1
    assert asides(storage.root) == []
    storage.put_bytes(b"again", "a/film")


def test_a_deletion_that_is_killed_has_taken_everything_from_sight(tmp_path: Path) -> None:
    storage = FolderStorage(tmp_path / "storage")
    for number in range(20):
        storage.put_bytes(b"x", f"a/{number}")
    assert run(KILLED_WHILE_DELETING, storage.root).returncode == -9
    assert storage.list_keys("") == []
    storage.delete_prefix("a")
    assert storage.sweep(3600.0, time.time() + 3700.0) == 1
    assert asides(storage.root) == []


def test_writers_and_deleters_of_one_folder_do_not_trip_over_each_other(tmp_path: Path) -> None:
    storage = FolderStorage(tmp_path / "storage")

    def work(number: int) -> None:
        storage.put_bytes(b"x" * number, f"shared/folder/{number}")
        storage.delete_prefix(f"shared/folder/{number}")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(200)))
    assert storage.list_keys("") == []
    assert sorted(p.name for p in storage.root.iterdir()) == [".aside"]


OUT_OF_FILES = """
import pathlib, resource, sys
from integrations.storage.folder import FolderStorage
from scoring.errors import CapacityError
storage = FolderStorage(pathlib.Path(sys.argv[1]))
storage.put_bytes(b"x", "k")
held = []
resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))
try:
    while True:
        held.append(open("/dev/null"))
except OSError:
    pass
try:
    storage.put_bytes(b"y", "l")
except CapacityError as error:
    print(error.retry)
held.clear()
assert storage.list_keys("") == ["k"]
storage.put_bytes(b"y", "l")
"""


def test_a_process_out_of_files_is_told_to_try_later(tmp_path: Path) -> None:
    done = run(OUT_OF_FILES, tmp_path / "storage")
    assert (done.returncode, done.stdout) == (0, "later\n"), done.stderr
    assert CapacityError.retry == "later"
