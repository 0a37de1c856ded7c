"""Side-cars: found by name, part of what a film's identity is, read into its order, refused with the film."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.watch_folder.config import Wanted, WatchConfig, read_config
from integrations.watch_folder.side_car import side_cars_of
from scoring.errors import ConfigError, InputError
from scoring.timebase import FrameRate

SRT = "1\n00:00:01,000 --> 00:00:02,000\n{}\n"
EDL = """TITLE: cut 7
FCM: NON-DROP FRAME

001  AX       V     C        00:00:00:00 00:00:02:00 01:00:00:00 01:00:02:00
* FROM CLIP NAME: a.mov
002  AX       V     C        00:00:10:00 00:00:13:00 01:00:02:00 01:00:05:00
* FROM CLIP NAME: b.mov
"""


def put(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def film(tmp_path: Path) -> Path:
    return put(tmp_path / "sub" / "film.mp4", "x")


@pytest.fixture
def config(tmp_path: Path) -> WatchConfig:
    return read_config(None, tmp_path)


def wanted(config: WatchConfig, film: Path) -> Wanted:
    return config.wanted_for(film.relative_to(config.root))


@pytest.mark.parametrize(
    "name",
    [
        *(f"film{end}" for end in (".toml", ".cues.json", ".prompts.txt", ".srt", ".vtt", ".ass", ".txt", ".otio")),
        *(f"film.mp4{end}" for end in (".toml", ".cues.json", ".prompts.txt", ".srt", ".txt", ".edl", ".fcpxml")),
        "film.SRT",
        "film.mp4.EDL",
    ],
)
def test_a_file_with_the_films_name_belongs_to_it(film: Path, name: str) -> None:
    put(film.with_name(name), "x")
    assert [path.name for path in side_cars_of(film).paths] == [name]


@pytest.mark.parametrize(
    "name",
    ["film.mp4.reason.txt", "film2.srt", "film.scored.mp4", "Film.srt", "film.report.json", "film.mp4.part", "a"],
)
def test_a_file_with_another_name_does_not(film: Path, name: str) -> None:
    put(film.with_name(name), "x")
    assert side_cars_of(film).found == ()
    assert side_cars_of(film).identity == ""


def test_the_folders_own_settings_are_no_films_side_car(tmp_path: Path) -> None:
    put(tmp_path / "watch.toml", "[score]\nseed = 1")
    assert side_cars_of(put(tmp_path / "watch.mp4", "x")).found == ()


def test_a_listing_that_is_known_already_is_not_made_again(film: Path) -> None:
    put(film.with_name("film.srt"), "x")
    assert side_cars_of(film, {"film.mp4"}).found == ()
    assert side_cars_of(film, {"film.mp4", "film.srt", "film.vtt"}).paths == (film.with_name("film.srt"),)


def test_the_identity_changes_when_one_comes_grows_or_goes(film: Path) -> None:
    seen = [side_cars_of(film).identity]
    side = put(film.with_name("film.srt"), "1")
    seen.append(side_cars_of(film).identity)
    assert side_cars_of(film).identity == seen[-1]
    side.write_text("12", encoding="utf-8")
    seen.append(side_cars_of(film).identity)
    put(film.with_name("film.toml"), "seed = 1")
    seen.append(side_cars_of(film).identity)
    side.unlink()
    seen.append(side_cars_of(film).identity)
    assert len(set(seen)) == 5


def test_a_copy_that_sets_its_time_back_changes_the_identity_too(film: Path) -> None:
    side = put(film.with_name("film.srt"), "11")
    before, status = side_cars_of(film).identity, side.stat()
    side.write_text("22", encoding="utf-8")
    os.utime(side, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert side_cars_of(film).identity != before


def test_what_lies_beside_a_film_is_in_its_order(config: WatchConfig, film: Path) -> None:
    put(film.with_name("film.toml"), "style = 'ambient'\nseed = 3\nstems = true")
    put(film.with_name("film.srt"), SRT.format("Hello there."))
    put(film.with_name("film.prompts.txt"), '[0:00-0:02] "soft guitar"\n')
    order = wanted(config, film).order
    assert order.wish == {"style": "ambient", "seed": 3, "stems": True}
    assert "Hello there." in order.texts["words"]
    assert "soft guitar" in order.texts["prompts"]


def test_a_changed_side_car_is_another_wish_and_a_touched_one_is_not(config: WatchConfig, film: Path) -> None:
    side = put(film.with_name("film.toml"), "seed = 1")
    first = wanted(config, film)
    side.touch()
    touched = wanted(config, film)
    put(side, "seed = 2")
    changed = wanted(config, film)
    assert touched.order.digest() == first.order.digest() != changed.order.digest()
    assert touched.side_cars.identity != first.side_cars.identity


def test_the_nearer_of_two_settings_counts_key_by_key(config: WatchConfig, film: Path) -> None:
    put(config.root / "sub/watch.toml", "[score]\nseed = 1\nstyle = 'upbeat'\nbpm = 99")
    config = read_config(None, config.root)
    put(film.with_name("film.toml"), "seed = 2\nstyle = 'ambient'")
    put(film.with_name("film.mp4.toml"), "seed = 3")
    assert wanted(config, film).order.wish == {"seed": 3, "style": "ambient", "bpm": 99.0}


def test_of_two_of_a_kind_one_is_used_and_the_other_is_told_of(config: WatchConfig, film: Path) -> None:
    put(film.with_name("film.srt"), SRT.format("one"))
    put(film.with_name("film.mp4.vtt"), "WEBVTT\n\n00:01.000 --> 00:02.000\ntwo\n")
    found = wanted(config, film)
    assert "two" in found.order.texts["words"]
    assert found.notes == ("film.srt is not used: film.mp4.vtt is",)
    assert len(found.side_cars.paths) == 2


def test_a_file_beside_the_film_counts_before_one_that_its_settings_name(config: WatchConfig, film: Path) -> None:
    put(film.with_name("other.srt"), SRT.format("other"))
    put(film.with_name("film.toml"), "words = 'other.srt'")
    assert "other" in wanted(config, film).order.texts["words"]
    put(film.with_name("film.srt"), SRT.format("own"))
    assert "own" in wanted(config, film).order.texts["words"]


def test_subtitles_in_an_old_encoding_are_read(config: WatchConfig, film: Path) -> None:
    film.with_name("film.srt").write_bytes(SRT.format("Où est la forêt ?").encode("cp1252"))
    assert "Où est la forêt ?" in wanted(config, film).order.texts["words"]


def test_kinds_that_are_switched_off_are_not_there(tmp_path: Path) -> None:
    film = put(tmp_path / "DJI_1.mp4", "x")
    put(tmp_path / "DJI_1.SRT", SRT.format("F/2.8, SS 1000"))
    put(tmp_path / "DJI_1.toml", "seed = 1")
    put(tmp_path / "watch.toml", "[watch]\nside_cars = ['settings', 'cues']")
    config = read_config(None, tmp_path)
    assert [path.name for path in config.side_cars_of(Path("DJI_1.mp4")).paths] == ["DJI_1.toml"]
    assert wanted(config, film).order.texts == {}


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("film.toml", "stile = 1", r"film\.toml: stile = 1 is not known"),
        ("film.toml", "seed = 'x'", r"film\.toml: seed is 'x'. Give a whole number"),
        ("film.toml", "seed = ", r"film\.toml is not TOML"),
        ("film.mp4.toml", "words = '/etc/passwd'", "outside the watch folder"),
        ("film.mp4.toml", "words = '../../x'", "outside the watch folder"),
        ("film.toml", "instruments = ['nose flute of doom']", r"film\.toml: .*nose flute of doom"),
        ("film.cues.json", "{", r"film\.cues\.json"),
        ("film.cues.json", '{"schema": "cuesmith.cues/99"}', r"film\.cues\.json: .*schema"),
        ("film.srt", "", r"film\.srt is empty"),
        ("film.srt", "\0" * 50, r"film\.srt"),
        ("film.prompts.txt", "\udcff", r"film\.prompts\.txt is not UTF-8"),
    ],
)
def test_a_bad_side_car_refuses_its_film_with_the_reason(
    config: WatchConfig, film: Path, name: str, text: str, said: str
) -> None:
    film.with_name(name).write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ConfigError, match=said):
        wanted(config, film)
    other = put(film.with_name("other.mp4"), "x")
    assert wanted(config, other).order.wish == {}


def test_a_pipe_a_folder_or_a_link_in_a_side_cars_place_refuses_the_film_and_blocks_nobody(
    config: WatchConfig, film: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    side = film.with_name("film.srt")
    os.mkfifo(side)
    with pytest.raises(ConfigError, match="no regular file"):
        wanted(config, film)
    side.unlink()
    side.mkdir()
    with pytest.raises(ConfigError, match="no regular file"):
        wanted(config, film)
    side.rmdir()
    side.symlink_to(put(tmp_path_factory.mktemp("out") / "secret.srt", SRT.format("secret")))
    with pytest.raises(ConfigError, match="link out of the watch folder"):
        wanted(config, film)
    side.unlink()
    side.symlink_to(side.name)
    with pytest.raises(ConfigError, match="leads nowhere"):
        wanted(config, film)


def test_a_link_to_a_file_in_the_watch_folder_is_a_side_car(config: WatchConfig, film: Path) -> None:
    film.with_name("film.srt").symlink_to(put(config.root / "all/words.srt", SRT.format("shared words")))
    assert "shared words" in wanted(config, film).order.texts["words"]


def test_a_timeline_beside_the_film_is_its_edit(config: WatchConfig, film: Path) -> None:
    put(film.with_name("film.edl"), EDL)
    found = config.wanted_for(film.relative_to(config.root), frame_rate=FrameRate(25))
    edit = json.loads(found.order.texts["edit"])
    assert [cut["time_s"] for cut in edit["cuts"]] == [2.0]


def test_a_timeline_that_is_none_refuses_the_film(config: WatchConfig, film: Path) -> None:
    put(film.with_name("film.otio"), "{}")
    with pytest.raises(InputError, match=r"film\.otio"):
        config.wanted_for(film.relative_to(config.root), frame_rate=FrameRate(25))


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0/"), min_size=1, max_size=20))
def test_whatever_a_film_is_called_it_is_not_its_own_side_car(
    tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    film = tmp_path_factory.getbasetemp() / f"{name}.mp4"
    assert film not in side_cars_of(film, {film.name}).paths
