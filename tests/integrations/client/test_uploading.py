from __future__ import annotations

import hashlib
import random
from pathlib import Path

import pytest
from api_rig import FILM, ApiRig
from cutting_proxy import CuttingProxy

from integrations.client import CuesmithClient, uploading
from integrations.client.uploading import SMALL_BYTES
from scoring.errors import ChecksumRefused, FetchFailed, InputError, UnknownId, UnsupportedMedia, VideoMissing

BIG = FILM + random.Random(6).randbytes(3 * SMALL_BYTES)


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "Unser Film – 夏.mp4"
    path.write_bytes(BIG)
    return path


def stored(api: ApiRig, upload_id: str) -> bytes:
    """What the service has of an upload."""
    keys = [key for key in api.storage.list_keys("") if upload_id in key]
    assert len(keys) == 1, keys
    return api.storage.get_bytes(keys[0], 10**8)


def test_small_and_big_films_arrive_under_their_names(
    api: ApiRig, client: CuesmithClient, film: Path, tmp_path: Path
) -> None:
    small = tmp_path / "small.mp4"
    small.write_bytes(FILM)
    for path, data in ((small, FILM), (film, BIG)):
        told: list[tuple[int, int]] = []
        made = client.upload(path, lambda done, whole, told=told: told.append((done, whole)))
        assert (made.state, made.name, made.length_bytes) == ("complete", path.name, len(data))
        assert made.sha256 == hashlib.sha256(data).hexdigest()
        assert stored(api, made.id) == data
        assert told[-1] == (len(data), len(data))
        assert told == sorted(told)


@pytest.mark.parametrize("seed", range(12))
def test_a_film_arrives_whole_over_connections_cut_anywhere(
    api: ApiRig, proxy: CuttingProxy, through: CuesmithClient, film: Path, seed: int
) -> None:
    draw = random.Random(seed)
    # Whichever connection it is, and whichever way its bytes go: in a request, in an answer, before either.
    proxy.up += [
        draw.randrange(len(BIG)),
        *(draw.randrange(len(BIG)) if draw.random() < 0.7 else None for _ in "12345"),
    ]
    proxy.down += [draw.randrange(900) if draw.random() < 0.3 else None for _ in "123456"]
    told: list[int] = []
    made = through.upload(film, lambda done, whole: told.append(done))
    assert stored(api, made.id) == BIG
    assert told == sorted(told)
    assert proxy.cut > 0


def test_what_arrived_before_a_cut_is_not_sent_again(
    api: ApiRig, proxy: CuttingProxy, through: CuesmithClient, film: Path
) -> None:
    proxy.up += [2_500_000]
    bytes_before = api.app.state.desk.metrics.upload_bytes._value.get()
    through.upload(film)
    assert proxy.cut == 1
    assert proxy.made == 2
    assert api.app.state.desk.metrics.upload_bytes._value.get() - bytes_before == len(BIG)


def test_an_upload_that_had_to_be_given_up_is_carried_on_by_its_id(
    api: ApiRig, proxy: CuttingProxy, through: CuesmithClient, client: CuesmithClient, film: Path
) -> None:
    proxy.up += [1_000_000] + [0] * 20
    with pytest.raises(FetchFailed) as refused:
        through.upload(film)
    upload_id = refused.value.advice.rpartition("upload_id=")[2].strip("'")
    told: list[int] = []
    made = client.upload(film, lambda done, whole: told.append(done), upload_id=upload_id)
    assert made.id == upload_id
    assert told[0] > 0
    assert stored(api, made.id) == BIG


def test_what_is_no_film_is_refused_as_it_would_be_here(client: CuesmithClient, tmp_path: Path) -> None:
    text = tmp_path / "film.mp4"
    for size in (1000, 4 * SMALL_BYTES):
        text.write_bytes(b"#EXTM3U\n" * (size // 8))
        with pytest.raises(UnsupportedMedia):
            client.upload(text)
    with pytest.raises(VideoMissing):
        client.upload(tmp_path / "none.mp4")
    with pytest.raises(InputError, match="not a file"):
        client.upload(tmp_path)
    (tmp_path / "empty.mp4").touch()
    with pytest.raises(InputError, match="empty"):
        client.upload(tmp_path / "empty.mp4")


def test_a_film_that_changes_while_it_is_sent_is_refused_and_removed(
    client: CuesmithClient, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploading, "PIECE_BYTES", 1 << 20)

    def change(done: int, whole: int) -> None:
        if done >= 2 << 20:
            film.write_bytes(BIG[:-1] + b"x")
            film.write_bytes(b"y" * 100 + BIG[100:])

    with pytest.raises(ChecksumRefused, match="SHA-256") as refused:
        client.upload(film, change)
    assert refused.value.exit_code == 2
    film.write_bytes(BIG)
    seen: list[str] = []

    def shrink(done: int, whole: int) -> None:
        if done >= 2 << 20 and not seen:
            seen.append("shrunk")
            film.write_bytes(BIG[: 2 << 20])

    with pytest.raises(ChecksumRefused, match="shorter"):
        client.upload(film, shrink)


def test_an_upload_can_be_deleted(client: CuesmithClient, film: Path) -> None:
    made = client.upload(film)
    client.delete_upload(made.id)
    with pytest.raises(UnknownId):
        client.delete_upload("up_" + "0" * 32)
