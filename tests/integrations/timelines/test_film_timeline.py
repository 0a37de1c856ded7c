from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from timelines_made import film_project, timeline_of

from integrations.timelines.film_timeline import timeline_start
from pipeline.project import Project
from scoring.errors import InputError
from scoring.timebase import FrameRate
from scoring.video_info import AudioStream

NTSC = FrameRate(30_000, 1001)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return film_project(tmp_path, [0.0, 10.0], [], FrameRate(25))


def test_a_timeline_starts_at_the_films_own_timecode_or_where_it_is_told(project: Project) -> None:
    assert timeline_start(project).frame == 0
    own = timeline_start(replace(project, starts_at_s=3600.0))
    assert (own.frame, own.film_frame, own.timecode.label(own.frame)) == (90_000, 90_000, "01:00:00:00")
    told = timeline_start(replace(project, starts_at_s=3600.0), "10:00:00:00")
    assert (told.frame, told.film_frame) == (900_000, 90_000)


def test_a_broadcast_wave_counts_real_seconds_which_timecode_at_ntsc_rates_does_not(tmp_path: Path) -> None:
    project = film_project(tmp_path, [0.0, 10.0], [], NTSC)
    assert timeline_start(project, "01:00:00:00").real_s == pytest.approx(3603.6, abs=1e-9)
    assert timeline_start(project, "01:00:00;00").real_s == pytest.approx(3599.9964, abs=1e-9)


@pytest.mark.parametrize(("label", "is_drop"), [("01:00:00;02", True), ("01:00:00:02", False), ("", False)])
def test_a_films_own_labels_are_kept_drop_frame_or_not(tmp_path: Path, label: str, is_drop: bool) -> None:
    project = replace(film_project(tmp_path, [0.0, 10.0], [], NTSC), timecode=label, starts_at_s=3600.0)
    assert timeline_start(project).timecode.is_drop == is_drop
    assert not timeline_start(replace(project, timecode="01:00:00;02"), "01:00:00:02").timecode.is_drop


def test_a_drop_frame_label_of_a_film_at_another_rate_is_written_without(tmp_path: Path) -> None:
    project = replace(film_project(tmp_path, [0.0, 10.0], [], FrameRate(25)), timecode="01:00:00;02")
    assert not timeline_start(project).timecode.is_drop


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("one o'clock", "HH:MM:SS:FF"),
        ("01:00:00:25", "--start"),
        ("01:00:00;00", "drop-frame"),
        ("23:59:59:00", "midnight"),
    ],
)
def test_a_start_that_does_not_fit_is_refused_with_what_would(project: Project, label: str, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        timeline_start(project, label)
    assert caught.value.advice


def test_the_films_own_sound_is_beside_its_picture_unless_it_is_not_heard(project: Project) -> None:
    heard = timeline_of(project)
    assert [clip.path.name for clip in heard.sounds] == ["film.mp4", "film.music.wav"]
    replaced = timeline_of(replace(project, has_sound=False))
    assert [clip.path.name for clip in replaced.sounds] == ["film.music.wav"]
    assert heard.losses == replaced.losses
    assert all("analysis.json" in loss for loss in heard.losses)


def test_the_finished_film_stands_in_for_one_that_is_gone_without_the_music_in_its_sound(project: Project) -> None:
    project.film.unlink()
    stood_in = timeline_of(project)
    assert stood_in.picture.path.name == "film.scored.mp4"
    assert [clip.path.name for clip in stood_in.sounds] == ["film.music.wav"]
    assert any("no longer there" in loss for loss in stood_in.losses)
    neither = timeline_of(replace(project, video=None))
    assert neither.picture.path.name == "film.mp4"
    assert any("show your program" in loss for loss in neither.losses)


def test_stems_are_muted_there_where_there_are_some_and_left_out_or_missed_when_told(project: Project) -> None:
    stems = (project.folder.parent / "film.stems" / "bass.flac",)
    with_some = replace(project, stems=stems)
    assert [(clip.name, clip.is_muted) for clip in timeline_of(with_some).stems] == [("bass", True)]
    assert timeline_of(with_some, with_stems=False).stems == ()
    assert timeline_of(project).stems == ()
    assert "score --stems" in timeline_of(project, with_stems=True).losses[-1]


def test_a_variable_rate_and_further_sound_tracks_are_said(project: Project) -> None:
    assert project.info is not None
    tracks = (*project.info.audio, AudioStream(2, "aac", 48_000, 2, "stereo", "fra"))
    info = replace(project.info, is_variable_rate=True, audio=tracks, frame_rate=FrameRate(287, 10))
    sheet = replace(project.sheet, frame_rate=FrameRate(287, 10))
    made = timeline_of(replace(project, info=info, sheet=sheet))
    assert made.timecode.rate == NTSC
    assert any("varies" in loss for loss in made.losses)
    assert any("2 sound tracks" in loss for loss in made.losses)
    assert made.frames == 300
