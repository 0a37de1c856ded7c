"""A scored film's workspace read again, and the finished music by itself."""

from __future__ import annotations

import json
import shutil
import struct
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile
from films import colour_film, plain_film
from talking import film_of, talk

from pipeline.project import open_project, write_music
from pipeline.score_video import Deliverable, score_video
from pipeline.settings import Settings
from pipeline.sound.alone import Alone, write_alone
from pipeline.sound.automation import automate
from pipeline.sound.file import SoundWriter
from pipeline.wish import Wish
from scoring.analysis import Cut
from scoring.edit import Edit, Mark
from scoring.errors import Conflict, ProjectMissing, TimelineError
from scoring.timecode import is_drop_label


def bext(path: Path) -> tuple[str, str, int]:
    """(description, originator, time reference in samples) of a Broadcast Wave, EBU Tech 3285."""
    data = path.read_bytes()
    at = data.index(b"bext") + 8
    low, high = struct.unpack_from("<II", data, at + 338)
    return (
        data[at : at + 256].rstrip(b"\0").decode(),
        data[at + 256 : at + 288].rstrip(b"\0").decode(),
        low | high << 32,
    )


@pytest.fixture(scope="module")
def talked(tmp_path_factory: pytest.TempPathFactory) -> Deliverable:
    """Speech in noise, scored with stems and the music by itself, at a start that drop-frame timecode calls an hour."""
    folder = tmp_path_factory.mktemp("talked")
    film = film_of(folder / "film.mkv", talk(noise_db=20, seed=0).sound, "stereo")
    return score_video(
        film, Wish(stems=True, music=True, loudness="ebu-r128", starts_at_s=3600.0, output=folder / "cut 2.mp4")
    )


def test_the_music_by_itself_is_a_broadcast_wave_with_its_place_in_it(talked: Deliverable) -> None:
    assert talked.music is not None
    assert talked.music.name == "cut 2.music.wav"
    info = soundfile.info(talked.music)
    assert (info.samplerate, info.channels, info.subtype) == (48_000, 2, "PCM_24")
    assert info.frames == round(talked.sheet.duration_s * 48_000)
    assert bext(talked.music) == ("film.mkv", "Cuesmith", 3600 * 48_000)


def test_beside_the_films_own_sound_it_is_where_the_mix_has_it(talked: Deliverable) -> None:
    assert talked.music is not None
    assert talked.stems is not None
    alone, _ = soundfile.read(talked.music, dtype="float64")
    mixed, _ = soundfile.read(talked.stems / "as mixed" / "music.flac", dtype="float64")
    loudness = talked.report.loudness
    # What the mix did to the film's own sound is taken off both: an editor's timeline plays that as it is.
    expected = mixed * 10 ** (-(loudness["gain_db"] + loudness["source_gain_db"]) / 20)
    assert np.abs(alone - expected).max() < 3e-6
    assert np.abs(alone).max() > 0.001


def test_a_film_without_sound_gets_music_at_the_standards_level(tmp_path: Path) -> None:
    made = score_video(plain_film(tmp_path / "film.mp4", 9.0, sound=False), Wish(music=True, stems=True))
    assert made.music is not None
    alone, _ = soundfile.read(made.music, dtype="float64")
    assert made.stems is not None
    mixed, _ = soundfile.read(made.stems / "as mixed" / "music.flac", dtype="float64")
    assert np.abs(alone - mixed).max() < 3e-6
    assert not open_project(made.workspace).has_sound


def test_a_workspace_is_read_again_and_makes_the_same_music_to_the_sample(talked: Deliverable, tmp_path: Path) -> None:
    project = open_project(talked.workspace)
    assert project.video == talked.video
    assert project.sheet == talked.sheet
    assert project.music == talked.music
    assert project.starts_at_s == 3600.0
    assert project.has_sound
    assert project.info is not None
    assert project.info.duration_s == pytest.approx(talked.sheet.duration_s, abs=0.05)
    assert {path.parent for path in project.stems} == {talked.stems}
    assert set(project.takes) == {cue.id for cue in talked.sheet.cues}
    for played in project.takes.values():
        assert all((played.folder / f"{stem}.flac").is_file() for stem in played.take.stems)
    again = write_music(project, tmp_path / "again.wav", starts_at_s=3600.0)
    assert talked.music is not None
    assert again.read_bytes() == talked.music.read_bytes()


def test_a_moved_project_finds_its_film_beside_it(talked: Deliverable, tmp_path: Path) -> None:
    shutil.copytree(talked.workspace, tmp_path / talked.workspace.name)
    shutil.copy(talked.video, tmp_path)
    manifest = json.loads((talked.workspace / "manifest.json").read_text("utf-8"))
    manifest["output"]["path"] = "/gone/" + talked.video.name
    (tmp_path / talked.workspace.name / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    assert open_project(tmp_path / talked.workspace.name).video == tmp_path / talked.video.name


def test_a_folder_that_is_none_is_refused_with_what_to_do(talked: Deliverable, tmp_path: Path) -> None:
    with pytest.raises(ProjectMissing, match=r"manifest\.json cannot be read"):
        open_project(tmp_path)
    copy = tmp_path / "copy.cuesmith"
    shutil.copytree(talked.workspace, copy)
    sheet = json.loads((copy / "cues.json").read_text("utf-8"))
    sheet["cues"][0]["bpm"] += 3
    (copy / "cues.json").write_text(json.dumps(sheet), "utf-8")
    with pytest.raises(Conflict, match="changed after the film was scored"):
        open_project(copy)


def test_a_workspace_without_its_takes_says_so(talked: Deliverable, tmp_path: Path) -> None:
    copy = tmp_path / "copy.cuesmith"
    shutil.copytree(talked.workspace, copy)
    shutil.rmtree(copy / "cues")
    with pytest.raises(ProjectMissing, match="take of 1m1"):
        write_music(open_project(copy), tmp_path / "music.wav")
    assert not (tmp_path / "music.wav").exists()
    assert not list(copy.glob(".export*"))


def test_music_that_would_pass_full_scale_is_turned_down_all_of_it_alike(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    loud = rng.uniform(-1, 1, (2, 96_000)).astype(np.float32)
    with SoundWriter(tmp_path / "music.w64", "float") as file:
        file.write(loud)
    alone = Alone(6.0, automate(2.0, ()))
    down_db = write_alone(tmp_path / "music.w64", alone, tmp_path / "out.wav", 96_000, tmp_path, Settings())
    assert down_db == pytest.approx(6.0 - 20 * np.log10(0.99), abs=0.01)
    heard, _ = soundfile.read(tmp_path / "out.wav")
    gain = 10 ** ((6.0 - down_db) / 20)
    assert np.abs(heard[:90_000] - loud.T[:90_000] * gain).max() < 3e-6


def test_an_editors_cuts_and_marks_are_what_is_spotted_from(tmp_path: Path) -> None:
    film = colour_film(tmp_path / "film.mp4", [("0x88BBDD", 6.0), ("0x401010", 6.0)])
    # A cut that no detector can see, between two shots that look alike; and not the one that it does see.
    edit = Edit((Cut(3.0, "cut", 0.5),), (Mark(7.5, "door slams"),), 12.0, "cut 7.otio")
    made = score_video(film, Wish(edit=edit))
    hits = [hit for cue in made.sheet.cues for hit in cue.hit_points]
    assert [(hit.time_s, hit.kind) for hit in hits if hit.locked] == [(7.5, "manual")]
    assert 6.0 not in [hit.time_s for hit in hits if hit.kind == "cut"]
    seen = score_video(film, Wish())
    assert 6.0 in [hit.time_s for cue in seen.sheet.cues for hit in cue.hit_points]
    with pytest.raises(TimelineError, match="the film lasts"):
        score_video(film, Wish(edit=replace(edit, marks=(Mark(13.0),))))


@pytest.mark.parametrize(
    ("rate", "timecode", "frames"),
    [("30000/1001", "01:00:00;02", 107_894), ("30000/1001", "01:00:00:02", 108_002), ("25", "10:00:00:05", 900_005)],
)
def test_a_films_own_timecode_is_where_its_music_starts(tmp_path: Path, rate: str, timecode: str, frames: int) -> None:
    film = plain_film(tmp_path / "film.mov", 1.0, rate=rate, extra=("-timecode", timecode))
    made = score_video(film, Wish(music=True))
    assert made.music is not None
    seconds = Fraction(frames) / Fraction(rate)
    assert bext(made.music)[2] == round(seconds * 48_000)
    project = open_project(made.workspace)
    assert project.starts_at_s == float(seconds)
    assert is_drop_label(project.timecode) == (";" in timecode)
    told = score_video(film, Wish(music=True, starts_at_s=0.0))
    assert told.music is not None
    assert bext(told.music)[2] == 0
