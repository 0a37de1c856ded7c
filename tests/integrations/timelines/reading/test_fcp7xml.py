"""Final Cut Pro 7's XML as Premiere Pro and Resolve write it."""

from __future__ import annotations

from pathlib import Path

import pytest

from integrations.timelines.reading.read_timeline import read_timeline
from scoring.edit import Edit, Mark
from scoring.errors import TimelineError
from scoring.timebase import FrameRate

RATE = FrameRate(30_000, 1001)
NTSC = "<rate><timebase>30</timebase><ntsc>TRUE</ntsc></rate>"


def item(name: str, start: int, end: int, more: str = "", first: int = 0) -> str:
    place = f"<start>{start}</start><end>{end}</end><in>{first}</in><out>{first + end - start}</out>"
    return f"<clipitem><name>{name}</name>{NTSC}{place}{more}</clipitem>"


def file(name: str) -> str:
    return f'<file id="{name}"><name>{name}</name><pathurl>file://localhost/{name}</pathurl></file>'


def read(folder: Path, tracks: str, markers: str = "", more: str = "") -> Edit:
    path = folder / "cut.xml"
    path.write_text(
        f"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE xmeml>
<xmeml version="4"><sequence id="sequence-1"><name>cut 7</name><duration>300</duration>{NTSC}{markers}
<media><video>{tracks}</video><audio>{more}</audio></media>
<timecode>{NTSC}<string>01;00;00;00</string><frame>107892</frame><displayformat>DF</displayformat></timecode>
</sequence></xmeml>""",
        "utf-8",
    )
    return read_timeline(path, frame_rate=RATE)


def frames(edit: Edit) -> list[int]:
    return [round(cut.time_s * RATE.fraction) for cut in edit.cuts or ()]


def test_disabled_clips_and_tracks_text_and_adjustment_layers_are_looked_through(tmp_path: Path) -> None:
    base = item("a", 0, 100, file("a.mov")) + item("b", 100, 300, file("b.mov"))
    over = item("off", 20, 40, "<enabled>FALSE</enabled>" + file("c.mov"))
    over += "<generatoritem><name>Text</name><start>50</start><end>60</end><in>0</in><out>10</out></generatoritem>"
    over += item("layer", 120, 140, "<adjustmentLayer>TRUE</adjustmentLayer>" + file("d.mov"))
    over += item("Graphic", 150, 160, '<file id="g"><mediaSource>GraphicAndType</mediaSource></file>')
    over += item("e", 200, 210, file("e.mov"))
    off = f"<track><enabled>FALSE</enabled>{item('f', 0, 10, file('f.mov'))}</track>"
    assert frames(read(tmp_path, f"<track>{base}</track><track>{over}</track>{off}")) == [100, 200, 210]


def test_edges_that_a_transition_hides_are_where_it_cuts(tmp_path: Path) -> None:
    def change(start: int, end: int, alignment: str, name: str = "Cross Dissolve") -> str:
        place = f"<start>{start}</start><end>{end}</end><alignment>{alignment}</alignment>"
        return f"<transitionitem>{place}{NTSC}<effect><name>{name}</name></effect></transitionitem>"

    track = item("a", 0, -1, file("a.mov")) + change(90, 110, "center") + item("b", -1, -1, file("b.mov"))
    track += change(190, 200, "end-black", "Dip to Black") + item("c", 200, 300, file("c.mov"))
    edit = read(tmp_path, f"<track>{track}</track>")
    found = [
        (cut.kind, *(round(t * RATE.fraction) for t in (cut.start_s, cut.time_s, cut.end_s))) for cut in edit.cuts or ()
    ]
    assert found == [("dissolve", 90, 100, 110), ("fade", 190, 195, 200)]


def test_a_nested_sequence_shows_its_cuts_wherever_it_is_used(tmp_path: Path) -> None:
    inner_items = item("a", 0, 40, file("a.mov")) + item("b", 40, 100, file("b.mov"))
    inner = f'<sequence id="s2">{NTSC}<media><video><track>{inner_items}</track></video></media></sequence>'
    track = item("nest", 0, 60, inner, first=10) + item("c", 60, 200, file("c.mov"))
    track += item("nest", 200, 300, '<sequence id="s2"/>')
    assert frames(read(tmp_path, f"<track>{track}</track>")) == [30, 60, 200, 240]


def test_the_same_file_going_on_is_no_cut_unless_its_speed_may_have_changed(tmp_path: Path) -> None:
    track = item("a", 0, 100, file("a.mov"), first=50) + item("a", 100, 200, '<file id="a.mov"/>', first=150)
    retimed = '<file id="a.mov"/><filter><effect><effectid>timeremap</effectid></effect></filter>'
    assert frames(read(tmp_path, f"<track>{track}{item('a', 200, 300, retimed, first=250)}</track>")) == [200]


def test_markers_of_the_sequence_and_of_clips_have_their_times_and_colours(tmp_path: Path) -> None:
    def marker(name: str, frame: int, more: str = "") -> str:
        return f"<marker><name>{name}</name><comment>why</comment><in>{frame}</in><out>-1</out>{more}</marker>"

    on_clip = marker("on clip", 60, "<color><alpha>0</alpha><red>250</red><green>5</green><blue>0</blue></color>")
    clip = item("a", 30, 300, file("a.mov") + on_clip + marker("cut away", 10), first=50)
    sound = item("s", 0, 300, file("s.wav") + marker("in the sound", 90, "<pproColor>4280578025</pproColor>"))
    edit = read(tmp_path, f"<track>{clip}</track>", marker("plain", 15), f"<track>{sound}</track>")
    assert edit.marks == (
        Mark(RATE.time_of(15), "plain", "", "why"),
        Mark(RATE.time_of(40), "on clip", "Red", "why"),
        Mark(RATE.time_of(90), "in the sound", "Orange", "why"),
    )


def test_a_timeline_that_starts_in_drop_frame_is_entered_by_its_own_labels(tmp_path: Path) -> None:
    read(tmp_path, f"<track>{item('a', 0, 100, file('a.mov'))}{item('b', 100, 300, file('b.mov'))}</track>")
    edit = read_timeline(tmp_path / "cut.xml", frame_rate=RATE, start="01:00:01:00")
    assert frames(edit) == [70]


@pytest.mark.parametrize(
    ("tracks", "named"),
    [
        ("<track><clipitem><start>0</start><end>9</end></clipitem></track>", "without in"),
        (f"<track>{item('a', -1, 9, file('a.mov'))}</track>", "no transition beside it"),
        ("<track><clipitem><start>zero</start><end>9</end><in>0</in></clipitem></track>", "cannot be read"),
        ("", "no picture and no marker"),
    ],
)
def test_what_has_no_place_is_refused(tmp_path: Path, tracks: str, named: str) -> None:
    with pytest.raises(TimelineError, match=named):
        read(tmp_path, tracks)


def test_several_sequences_are_named_and_one_within_itself_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "two.xml"
    path.write_text(
        "<xmeml><project><children><sequence><name>one</name></sequence>"
        "<sequence><name>two</name></sequence></children></project></xmeml>"
    )
    with pytest.raises(TimelineError, match="2 sequences: 'one', 'two'"):
        read_timeline(path, frame_rate=RATE)
    itself = item("nest", 0, 60, '<sequence id="sequence-1"/>')
    with pytest.raises(TimelineError, match="timelines within timelines"):
        read(tmp_path, f"<track>{itself}</track>")
