"""What each format is known for, and names that are hard on it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import opentimelineio as otio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from timelines_made import film_project, seen_in_edl, seen_in_fcpxml, seen_in_otio, timeline_of

from integrations.timelines.edl import MOST_EVENTS, write_edl, write_marker_edls
from integrations.timelines.fcp7xml import write_fcp7xml
from integrations.timelines.fcpxml import write_fcpxml
from integrations.timelines.film_timeline import Clip, FilmTimeline
from integrations.timelines.markers import Marker
from integrations.timelines.otio_file import write_otio
from integrations.timelines.wording import field, line, plain
from scoring.timebase import FrameRate

NTSC = FrameRate(30_000, 1001)
# Names that no program may stumble over: what XML escapes, other scripts, what a terminal or a line would obey.
HARD_NAMES = [
    """a & b < c > d "e" 'f'""",
    "愛 のテーマ",
    "🎬 take 👩‍👩‍👧",
    "two\nlines\tand\r\nmore",
    "|C:ResolveColorGreen |M:no |D:9",
    "* LOC: 01:00:00:00 RED   no",
    "]]> <!-- no --> <![CDATA[no]]>",
    "bell \x07 escape \x1b[31m nul \x00",
    "half a pair \udc80 and no character \uffff",
    "002  AX  V  C  00:00:00:00 00:00:00:01 00:00:00:00 00:00:00:01",
    "عنوان ‮reversed",
    "%20 %s \\ /",
]


@pytest.fixture
def timeline(tmp_path: Path) -> FilmTimeline:
    stems = (tmp_path / "film.stems" / "bass.flac", tmp_path / "film.stems" / "lead.flac")
    project = film_project(tmp_path, [0.0, 10.0, 20.0], [0.0, 4.2], FrameRate(25), stems=stems, starts_at_s=3600.0)
    return timeline_of(project)


def named(timeline: FilmTimeline, name: str) -> FilmTimeline:
    """The same with one marker, everything called so."""
    marker = Marker(5, 3, "cue", name, f"Music: {name}", f"cuesmith:v1:cue:{name}")
    music = Clip(name, timeline.music.path, timeline.music.starts_at)
    return replace(timeline, name=name, music=music, markers=(marker,))


def read_names(timeline: FilmTimeline, folder: Path) -> dict[str, str]:
    """The marker's name as every format gives it back."""
    write_otio(timeline, folder / "t.otio")
    write_fcp7xml(timeline, folder / "t.xml")
    write_fcpxml(timeline, folder / "t.fcpxml")
    write_edl(timeline, folder / "t.edl")
    write_marker_edls(timeline, folder / "t.markers.edl")
    rate = timeline.timecode.rate
    seen = {
        "otio": seen_in_otio(otio.adapters.read_from_file(str(folder / "t.otio"))),
        "fcp7xml": seen_in_otio(otio.adapters.read_from_file(str(folder / "t.xml"))),
        "fcpxml": seen_in_fcpxml((folder / "t.fcpxml").read_text(encoding="utf-8")),
        "markers": seen_in_edl((folder / "t.markers.edl").read_text(encoding="utf-8"), rate),
    }
    assert len(seen_in_edl((folder / "t.edl").read_text(encoding="utf-8"), rate).tracks) == 3
    for one in seen.values():
        assert [marker[1] for marker in one.markers] == [3]
    return {format_name: one.markers[0][2] for format_name, one in seen.items()}


@pytest.mark.parametrize("name", HARD_NAMES)
def test_hard_names_survive_or_are_cleaned_where_the_format_cannot_hold_them(
    timeline: FilmTimeline, name: str, tmp_path: Path
) -> None:
    found = read_names(named(timeline, name), tmp_path)
    assert found == {"otio": plain(name), "fcp7xml": line(name), "fcpxml": line(name), "markers": field(name)}


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(name=st.text(min_size=1).filter(lambda name: field(name) != ""))
def test_any_name_survives_or_is_cleaned(timeline: FilmTimeline, name: str, tmp_path: Path) -> None:
    found = read_names(named(timeline, name), tmp_path)
    assert found == {"otio": plain(name), "fcp7xml": line(name), "fcpxml": line(name), "markers": field(name)}


@given(st.text())
def test_cleaned_text_is_text_that_xml_holds_on_one_line(text: str) -> None:
    cleaned = line(text)
    document = ElementTree.Element("name", value=cleaned)
    document.text = plain(text)
    read = ElementTree.fromstring(ElementTree.tostring(document, encoding="utf-8"))
    assert (read.get("value"), read.text or "") == (cleaned, plain(text))
    assert len(cleaned.splitlines()) <= 1
    assert "|" not in field(text)


def test_an_otio_file_mutes_stems_and_tells_resolve_what_is_stereo(timeline: FilmTimeline, tmp_path: Path) -> None:
    write_otio(timeline, tmp_path / "film.otio")
    read = otio.adapters.read_from_file(str(tmp_path / "film.otio"))
    assert [track.name for track in read.tracks] == ["Picture", "Film sound", "Music", "bass", "lead"]
    assert [track.enabled for track in read.tracks] == [True, True, True, False, False]
    assert [clip.enabled for clip in read.find_clips()] == [True, True, True, False, False]
    assert [track.metadata["Resolve_OTIO"]["Audio Type"] for track in read.audio_tracks()] == ["Stereo"] * 4
    media = read.find_clips()[0].media_reference
    assert media.target_url == (tmp_path / "film.mp4").as_uri()
    assert media.available_range.start_time == otio.opentime.RationalTime(90_000, 25)
    marker = read.tracks.markers[0]
    assert marker.metadata["Resolve_OTIO"]["Note"].startswith(marker.comment)
    assert marker.metadata["cuesmith"]["tag"] == "cuesmith:v1:cue:1m1"
    assert [one.color for one in read.tracks.markers] == ["BLUE", "RED", "RED", "BLUE"]


def test_final_cut_7_xml_has_linked_channels_and_says_what_is_muted(timeline: FilmTimeline, tmp_path: Path) -> None:
    write_fcp7xml(timeline, tmp_path / "film.xml")
    root = ElementTree.parse(tmp_path / "film.xml").getroot()
    tracks = root.findall(".//sequence/media/audio/track")
    assert [track.get("currentExplodedTrackIndex") for track in tracks] == ["0", "1"] * 4
    assert [track.findtext("enabled") for track in tracks] == ["TRUE"] * 4 + ["FALSE"] * 4
    assert [track.findtext("clipitem/sourcetrack/trackindex") for track in tracks] == ["1", "2"] * 4
    items = {item.attrib["id"]: item for item in root.iter("clipitem")}
    linked = [[link.findtext("linkclipref") for link in item.iterfind("link")] for item in items.values()]
    assert [len(links) for links in linked] == [3, 3, 3, 2, 2, 2, 2, 2, 2]
    assert all(link in items for links in linked for link in links)
    urls = [url.text for url in root.iter("pathurl")]
    assert all(url is not None and url.startswith("file://localhost/") for url in urls)
    pictures = [file.find("media/video") is not None for file in root.iter("file") if file.find("media") is not None]
    assert pictures == [True, False, False, False]
    marker = root.find(".//sequence/marker")
    assert marker is not None
    assert marker.findtext("pproColor") == "4294741314"
    assert "[cuesmith:v1:cue:1m1]" in (marker.findtext("comment") or "")


@pytest.mark.parametrize(("label", "shown"), [("01:00:00;00", "DF"), ("01:00:00:00", "NDF")])
def test_every_format_says_whether_it_is_drop_frame(label: str, shown: str, tmp_path: Path) -> None:
    timeline = timeline_of(film_project(tmp_path, [0.0, 10.0], [], NTSC), label)
    write_fcp7xml(timeline, tmp_path / "film.xml")
    root = ElementTree.parse(tmp_path / "film.xml").getroot()
    sequence = root.find(".//sequence")
    assert sequence is not None
    assert sequence.findtext("timecode/string") == label
    assert sequence.findtext("timecode/displayformat") == shown
    assert (sequence.findtext("rate/timebase"), sequence.findtext("rate/ntsc")) == ("30", "TRUE")
    write_fcpxml(timeline, tmp_path / "film.fcpxml")
    found = ElementTree.parse(tmp_path / "film.fcpxml").getroot().find(".//sequence")
    assert found is not None
    assert found.get("tcFormat") == shown
    assert found.get("tcStart") == ("107999892/30000s" if shown == "DF" else "108108000/30000s")
    write_edl(timeline, tmp_path / "film.edl")
    edl = (tmp_path / "film.edl").read_text(encoding="utf-8")
    assert f"FCM: {'DROP FRAME' if shown == 'DF' else 'NON-DROP FRAME'}\n" in edl
    assert label in edl


def test_fcpxml_is_whole_frames_in_the_order_that_its_definition_asks(timeline: FilmTimeline, tmp_path: Path) -> None:
    losses = write_fcpxml(timeline, tmp_path / "film.fcpxml")
    assert "no colours" in losses[0]
    text = (tmp_path / "film.fcpxml").read_text(encoding="utf-8")
    assert "<!DOCTYPE fcpxml>" in text
    root = ElementTree.fromstring(text)
    ids = {resource.get("id") for resource in root.iterfind("resources/*")}
    picture = root.find("library/event/project/sequence/spine/asset-clip")
    assert picture is not None
    # The document type definition has what is connected to a clip before the clip's markers.
    assert [child.tag for child in picture] == ["asset-clip"] * 3 + ["marker"] * 4
    assert [clip.get("lane") for clip in picture.iterfind("asset-clip")] == ["-1", "-2", "-3"]
    assert [clip.get("enabled") for clip in picture.iterfind("asset-clip")] == ["1", "0", "0"]
    assert {clip.get("ref") for clip in root.iter("asset-clip")} <= ids
    assert [marker.get("completed") for marker in picture.iterfind("marker")] == [None, "0", "0", None]
    assert picture.get("offset") == "3600s"
    # The film's own timecode is where what is connected, and its markers, count from.
    assert {clip.get("offset") for clip in picture.iterfind("asset-clip")} == {"3600s"}
    assert picture.findall("marker")[2].get("start") == "90105/25s"


def test_a_film_without_sound_of_its_own_brings_only_its_picture(timeline: FilmTimeline, tmp_path: Path) -> None:
    silent = replace(timeline, picture=replace(timeline.picture, channels=0))
    write_fcpxml(silent, tmp_path / "film.fcpxml")
    clip = ElementTree.parse(tmp_path / "film.fcpxml").getroot().find(".//spine/asset-clip")
    assert clip is not None
    assert clip.get("srcEnable") == "video"
    write_edl(silent, tmp_path / "film.edl")
    seen = seen_in_edl((tmp_path / "film.edl").read_text(encoding="utf-8"), FrameRate(25))
    assert [name for _, name, _, _ in seen.tracks] == ["film.mp4", "film.music.wav"]
    write_fcp7xml(silent, tmp_path / "film.xml")
    read = otio.adapters.read_from_file(str(tmp_path / "film.xml"))
    assert len(read.audio_tracks()) == 3


@pytest.mark.parametrize("channels", [1, 2, 6])
def test_a_films_own_channels_are_one_sound_again_when_read(
    timeline: FilmTimeline, channels: int, tmp_path: Path
) -> None:
    made = replace(timeline, picture=replace(timeline.picture, channels=channels), stems=())
    write_fcp7xml(made, tmp_path / "film.xml")
    root = ElementTree.parse(tmp_path / "film.xml").getroot()
    assert len(root.findall(".//sequence/media/audio/track")) == channels + 2
    assert len(otio.adapters.read_from_file(str(tmp_path / "film.xml")).audio_tracks()) == 2


def test_a_marker_edl_is_what_resolve_writes_and_an_edl_without_stems_says_so(
    timeline: FilmTimeline, tmp_path: Path
) -> None:
    assert "stems" in write_edl(timeline, tmp_path / "film.edl")[0]
    (path,), losses = write_marker_edls(timeline, tmp_path / "film.markers.edl")
    text = path.read_text(encoding="utf-8")
    assert text.startswith("TITLE: film\nFCM: NON-DROP FRAME\n\n001  001      V     C        01:00:00:00 01:00:00:01 ")
    assert "[cuesmith:v1:hit:1m1:0] |C:ResolveColorBlue |M:1M1 calm + 1M1 hit: cut |D:250\n" in text
    assert "[cuesmith:v1:hit:1m1:1] |C:ResolveColorRed |M:1M1 hit: cut |D:1\n" in text
    assert "1 of them" in losses[0]


@pytest.mark.parametrize(("count", "files"), [(0, 1), (1, 1), (MOST_EVENTS, 1), (MOST_EVENTS + 1, 2), (2500, 3)])
def test_more_markers_than_an_edl_can_number_go_on_in_another(
    timeline: FilmTimeline, count: int, files: int, tmp_path: Path
) -> None:
    markers = tuple(Marker(2 * n, 1, "hit", f"hit {n}", "Hit: cut", f"cuesmith:v1:hit:{n}") for n in range(count))
    written, losses = write_marker_edls(replace(timeline, markers=markers), tmp_path / "film.markers.edl")
    assert len(written) == files
    assert losses == ()
    names = []
    for path in written:
        text = path.read_text(encoding="utf-8")
        numbers = [int(row[:3]) for row in text.splitlines() if row[:3].isdigit()]
        assert numbers == list(range(1, len(numbers) + 1))
        assert len(numbers) <= MOST_EVENTS
        names += [part.split(" |D:")[0] for part in text.split("|M:")[1:]]
    assert names == [f"hit {n}" for n in range(count)]
