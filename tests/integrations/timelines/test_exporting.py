"""A real film, scored and exported."""

from __future__ import annotations

import shutil
from pathlib import Path

import av
import opentimelineio as otio
import pytest
import soundfile
from films import colour_film, ffmpeg, picture, plain_film, tone
from timelines_made import seen_in_edl, seen_in_fcpxml, seen_in_otio

from integrations.timelines.exporting import Exported, export, formats
from integrations.timelines.reading.read_timeline import read_timeline
from pipeline.project import open_project, workspace_of
from pipeline.score_video import score_video
from pipeline.wish import Wish
from scoring.errors import InputError, OutputRefused, ProjectMissing, UnknownChoice
from scoring.timebase import FrameRate
from scoring.timecode import Timecode

TIMELINES = ["otio", "fcpxml", "fcp7xml", "edl"]
RATE = FrameRate(25)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("scored") / 'a "film" & <more>.mp4'
    colour_film(path, [("red", 4.0), ("blue", 5.0), ("green", 6.0)])
    score_video(path, Wish(stems=True))
    return path


@pytest.fixture(scope="module")
def made(film: Path) -> Exported:
    return export(film, TIMELINES, start="01:00:00:00")


def time_reference(path: Path) -> int:
    """The first sample's number since midnight, EBU Tech 3285, read from the chunk itself."""
    data = path.read_bytes()
    chunk = data.index(b"bext") + 8
    # After description 256, originator 32, its reference 32, date 10 and time 8.
    return int.from_bytes(data[chunk + 338 : chunk + 346], "little")


def test_everything_lies_in_one_folder_named_after_the_film(film: Path, made: Exported) -> None:
    folder = film.with_name('a "film" & <more>.timelines')
    assert [path.parent for path in made.files] == [folder] * 6
    ends = [".music.wav", ".otio", ".fcpxml", ".xml", ".edl", ".markers.edl"]
    assert [path.name for path in made.files] == [f'a "film" & <more>{end}' for end in ends]
    assert all(path.stat().st_size for path in made.files)
    assert sorted(path.name for path in folder.iterdir()) == sorted(path.name for path in made.files)


def test_every_format_has_the_same_picture_music_stems_and_markers_on_the_same_frames(
    film: Path, made: Exported
) -> None:
    texts = {path.name.removeprefix(film.stem): path for path in made.files}
    seen = [
        seen_in_otio(otio.adapters.read_from_file(str(texts[".otio"]))),
        seen_in_otio(otio.adapters.read_from_file(str(texts[".xml"]))),
        seen_in_fcpxml(texts[".fcpxml"].read_text(encoding="utf-8")),
    ]
    project = open_project(film.with_suffix(".cuesmith"))
    hits = [round(hit.time_s * 25) for cue in project.sheet.cues for hit in cue.hit_points]
    assert hits
    for one in seen:
        assert one.start == 90_000
        assert {first for _, _, first, _ in one.tracks} == {0}
        assert {count for _, _, _, count in one.tracks} == {375}
        assert [first for first, _, name in one.markers if "hit" in name] == hits
        assert one.markers == seen[0].markers
    edl = seen_in_edl(texts[".edl"].read_text(encoding="utf-8"), RATE)
    assert (edl.start, len(edl.tracks)) == (90_000, 3)


def test_every_media_file_that_a_timeline_names_is_there(made: Exported) -> None:
    timeline = otio.adapters.read_from_file(str(made.files[1]))
    urls = {clip.media_reference.target_url for clip in timeline.find_clips()}
    assert all(Path(otio.url_utils.filepath_from_url(url)).is_file() for url in urls)
    assert len(urls) == 2 + len(list(Path(made.files[0].parent.with_suffix(".stems")).glob("*.flac")))


def test_the_music_is_as_long_as_the_film_and_stamped_with_the_timelines_start(made: Exported) -> None:
    sound = soundfile.info(made.files[0])
    assert (sound.samplerate, sound.channels, sound.subtype, sound.frames) == (48_000, 2, "PCM_24", 15 * 48_000)
    assert time_reference(made.files[0]) == 3600 * 48_000


def test_what_is_written_comes_back_without_cuesmiths_own_markers(made: Exported) -> None:
    for path in made.files[1:5]:
        edit = read_timeline(path, frame_rate=RATE)
        assert edit.marks == ()
        assert edit.cuts == ()


def test_a_second_export_writes_the_same_bytes(film: Path, made: Exported, tmp_path: Path) -> None:
    before = {path.name: path.read_bytes() for path in made.files}
    again = export(film, TIMELINES, start="01:00:00:00")
    assert {path.name: path.read_bytes() for path in again.files} == before


def test_music_that_lies_beside_the_result_is_used_as_it_is(film: Path, made: Exported, tmp_path: Path) -> None:
    copy = tmp_path / "film.mp4"
    shutil.copy(film, copy)
    score_video(copy, Wish(music=True, starts_at_s=60.0))
    written = export(copy.with_suffix(".cuesmith"), ["otio"], tmp_path / "out" / "deep", start="02:00:00:00")
    assert [path.name for path in written.files] == ["film.otio"]
    timeline = otio.adapters.read_from_file(str(tmp_path / "out" / "deep" / "film.otio"))
    (music,) = [clip for clip in timeline.find_clips() if clip.name == "Music"]
    assert music.media_reference.target_url == (tmp_path / "film.music.wav").as_uri()
    assert music.source_range.start_time == otio.opentime.RationalTime(60 * 25, 25)
    assert time_reference(tmp_path / "film.music.wav") == 60 * 48_000
    assert timeline.global_start_time == otio.opentime.RationalTime(7200 * 25, 25)


@pytest.mark.parametrize(("rate", "label"), [("24000/1001", "01:00:00:00"), ("30000/1001", "01:00:00;00")])
def test_a_real_ntsc_films_timeline_has_as_many_frames_as_the_film(rate: str, label: str, tmp_path: Path) -> None:
    film = plain_film(tmp_path / "film.mp4", 2.5, rate=rate)
    with av.open(str(film)) as container:
        pictures = sum(1 for _ in container.decode(video=0))
    score_video(film, Wish())
    export(film, ["otio", "fcpxml"], tmp_path / "out", start=label)
    seen = seen_in_otio(otio.adapters.read_from_file(str(tmp_path / "out" / "film.otio")))
    assert {count for _, _, _, count in seen.tracks} == {pictures}
    in_fcpxml = seen_in_fcpxml((tmp_path / "out" / "film.fcpxml").read_text(encoding="utf-8"))
    assert [track[1:] for track in in_fcpxml.tracks] == [seen.tracks[0][1:], seen.tracks[-1][1:]]
    timecode = Timecode(FrameRate.parse(rate), ";" in label)
    first = timecode.frame(label)
    assert seen.start == first
    assert time_reference(tmp_path / "out" / "film.music.wav") == timecode.samples(first)


def test_a_real_film_of_a_variable_rate_gets_a_constant_timeline_whose_times_are_the_films(tmp_path: Path) -> None:
    film = tmp_path / "film.mkv"
    uneven = ("-vf", "select='not(mod(n,4))+lt(t,2)',setpts=PTS", "-fps_mode", "vfr")
    ffmpeg(*picture(8.0, rate="30"), *tone(8.0), *uneven, "-c:v", "libx264", "-preset", "ultrafast", film)
    score_video(film, Wish())
    written = export(film, ["otio"], tmp_path / "out")
    assert any("varies" in loss for loss in written.losses)
    project = open_project(film.with_suffix(".cuesmith"))
    timeline = otio.adapters.read_from_file(str(tmp_path / "out" / "film.otio"))
    rate = timeline.global_start_time.rate
    assert timeline.duration().to_seconds() == pytest.approx(project.sheet.duration_s, abs=0.5 / rate + 1e-9)
    times_s = [cue.in_s for cue in project.sheet.cues]
    times_s += [hit.time_s for cue in project.sheet.cues for hit in cue.hit_points]
    marked_s = [
        marker.marked_range.start_time.to_seconds()
        for marker in timeline.tracks.markers
        if marker.metadata["cuesmith"]["role"] in ("cue", "hit")
    ]
    assert sorted(marked_s) == pytest.approx(sorted(times_s), abs=0.5 / rate + 1e-9)


def test_every_format_is_written_by_one_command(film: Path, tmp_path: Path) -> None:
    written = export(film, formats(), tmp_path / "out", with_stems=False)
    ends = [path.name.removeprefix(film.stem) for path in written.files]
    assert ends == [
        ".music.wav", ".otio", ".fcpxml", ".xml", ".edl", ".markers.edl", ".mid", ".cues.csv", ".cues.pdf",
    ]  # fmt: skip
    documents = export(film, ["pdf", "midi"], tmp_path / "documents")
    assert [path.suffix for path in documents.files] == [".mid", ".pdf"]


def test_a_start_that_does_not_fit_is_refused_before_anything_is_written(film: Path, tmp_path: Path) -> None:
    for name in ("otio", "csv"):
        with pytest.raises(InputError):
            export(film, [name], tmp_path / "out", start="25:00:00:00")
    assert list(tmp_path.iterdir()) == []


def test_a_film_and_a_finished_film_stand_for_their_workspace(film: Path) -> None:
    folder = film.with_suffix(".cuesmith")
    for path in (film, folder, film.with_name(f"{film.stem}.scored.mp4"), film.with_name(f"{film.stem}.scored.mov")):
        assert workspace_of(path) == folder
    assert workspace_of(Path("film.scored.take2.mp4")) == Path("film.cuesmith")


def test_a_format_that_is_not_there_and_a_folder_that_is_no_workspace_are_refused(film: Path, tmp_path: Path) -> None:
    with pytest.raises(UnknownChoice, match="aaf") as caught:
        export(film, ["otio", "aaf"])
    assert all(name in caught.value.advice for name in formats())
    with pytest.raises(ProjectMissing):
        export(tmp_path, ["otio"])
    with pytest.raises(ProjectMissing):
        export(tmp_path / "other.mp4", ["otio"])
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_refused_before_any_work(film: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for out in (tmp_path / "file", tmp_path / "file" / "deeper"):
        with pytest.raises(OutputRefused):
            export(film, ["otio"], out)
