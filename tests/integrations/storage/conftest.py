from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer
from storage_places import Place, bucket_place, folder_place


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    """A real server that speaks S3, on this machine."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(params=["folder", "bucket"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """A place for bytes of each kind, empty."""
    if request.param == "folder":
        return folder_place(tmp_path / "storage")
    return bucket_place(request.getfixturevalue("s3_endpoint"))


@pytest.fixture
def bucket(s3_endpoint: str) -> Place:
    return bucket_place(s3_endpoint)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[int], Path]]:
    """Mounts a real file system of so many MB."""
    if shutil.which("mount") is None:
        pytest.skip("there is no mount here")
    mounted: list[Path] = []

    def mount(size_mb: int) -> Path:
        at = tmp_path / f"disk{len(mounted)}"
        at.mkdir()
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size_mb}m", "tmpfs", at], capture_output=True)
        if done.returncode:
            pytest.skip("this machine does not let us mount a small disk")
        mounted.append(at)
        return at

    yield mount
    for at in mounted:
        subprocess.run(["umount", at], check=True)
