from __future__ import annotations

import hashlib
import random
from pathlib import Path

import pytest
from api_made import MOVIE, scored
from api_rig import ApiRig
from cutting_proxy import CuttingProxy
from range_server import range_server

from integrations.client import CuesmithClient, FileOf, Job
from integrations.client.downloading import download
from integrations.client.wire import Patience, Wire
from scoring.errors import ChecksumRefused, FetchFailed, OutputRefused, UnknownId

DATA = random.Random(1).randbytes(700_000)


@pytest.fixture
def job(api: ApiRig, client: CuesmithClient) -> Job:
    with api.client() as http:
        return client.job(scored(api, http))


def a_file(path: str = "/x/resolve/main/film.mp4") -> FileOf:
    return FileOf("film.mp4", len(DATA), hashlib.sha256(DATA).hexdigest(), "video/mp4", path)


def test_a_file_lands_under_its_name_or_another(client: CuesmithClient, job: Job, tmp_path: Path) -> None:
    told: list[int] = []
    assert client.download(job, "film.scored.mp4", tmp_path, lambda done, whole: told.append(done)) == (
        tmp_path / "film.scored.mp4"
    )
    assert client.download(job, "film.scored.mp4", tmp_path / "mine.mp4").read_bytes() == MOVIE
    assert (tmp_path / "film.scored.mp4").read_bytes() == MOVIE
    assert told[-1] == len(MOVIE)
    with pytest.raises(UnknownId, match=r"film\.scored\.mp4"):
        client.download(job, "nothing", tmp_path)
    with pytest.raises(OutputRefused, match="no folder"):
        client.download(job, "film.scored.mp4", tmp_path / "none" / "film.mp4")


@pytest.mark.parametrize("seed", range(10))
def test_a_file_arrives_whole_over_connections_cut_anywhere(
    proxy: CuttingProxy, through: CuesmithClient, job: Job, tmp_path: Path, seed: int
) -> None:
    draw = random.Random(seed)
    proxy.down += [draw.randrange(len(MOVIE)) for _ in range(3)]
    assert through.download(job, "film.scored.mp4", tmp_path).read_bytes() == MOVIE
    assert proxy.cut > 0
    assert [path.name for path in tmp_path.iterdir()] == ["film.scored.mp4"]


def test_after_a_cut_only_the_rest_is_asked_for(tmp_path: Path) -> None:
    with range_server() as hub:
        served = hub.serve("x", "film.mp4", DATA, etag=f'"{a_file().sha256}"', break_after=300_000, breaks=2)
        wire = Wire(hub.address, "csk_x", Patience(first_wait_s=0.01))
        assert download(wire, a_file(), tmp_path).read_bytes() == served.body
        wire.close()
        asked = [header for _, header in hub.asked]
    assert asked[0] is None
    assert [int(header.removeprefix("bytes=").removesuffix("-")) for header in asked[1:] if header] == [
        300_000,
        600_000,
    ]


def test_one_who_heeds_no_ranges_sends_it_all_again(tmp_path: Path) -> None:
    with range_server() as hub:
        hub.serve("x", "film.mp4", DATA, etag='"another"', break_after=300_000, breaks=1)
        wire = Wire(hub.address, "csk_x", Patience(first_wait_s=0.01))
        assert download(wire, a_file(), tmp_path).read_bytes() == DATA
        wire.close()


def test_other_bytes_than_announced_never_get_the_files_name(tmp_path: Path) -> None:
    (tmp_path / "film.mp4").write_bytes(b"mine")
    for body in (DATA[:-1] + b"x", DATA + b"x"):
        with range_server() as hub:
            hub.serve("x", "film.mp4", body)
            wire = Wire(hub.address, "csk_x", Patience(first_wait_s=0.01))
            with pytest.raises(ChecksumRefused):
                download(wire, a_file(), tmp_path)
            wire.close()
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"film.mp4": b"mine"}


def test_one_that_breaks_off_every_time_ends_after_the_retries(tmp_path: Path) -> None:
    with range_server() as hub:
        hub.serve("x", "film.mp4", DATA, break_after=0, breaks=99)
        wire = Wire(hub.address, "csk_x", Patience(first_wait_s=0.01, retries=2))
        with pytest.raises(FetchFailed):
            download(wire, a_file(), tmp_path)
        wire.close()
        assert len(hub.asked) == 3
    assert list(tmp_path.iterdir()) == []
