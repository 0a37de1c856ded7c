"""Edit decision lists as programs really write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from integrations.timelines.reading.read_timeline import read_timeline
from scoring.edit import Edit, Mark
from scoring.errors import TimelineError
from scoring.timebase import FrameRate

RATE = FrameRate(25)

RESOLVE = """\
TITLE: Timeline 1
FCM: NON-DROP FRAME

001  AX       V     C        10:00:00:00 10:00:04:00 01:00:00:00 01:00:04:00
* FROM CLIP NAME: A001.mov
* LOC: 01:00:02:12 PINK    door slams

002  AX       V     C        10:00:04:00 10:00:06:00 01:00:04:00 01:00:06:00
* FROM CLIP NAME: A001.mov

003  AX       V     C        00:00:00:00 00:00:00:00 01:00:06:00 01:00:06:00
003  AX       V     D    024 02:00:00:00 02:00:04:00 01:00:06:00 01:00:10:00
* FROM CLIP NAME: A001.mov
* TO CLIP NAME: B002.mov
M2   AX       050.0                02:00:00:00

004  BL       V     C        00:00:00:00 00:00:02:00 01:00:10:00 01:00:12:00

005  AX       AA    C        00:00:00:00 00:00:20:00 01:00:00:00 01:00:20:00
* FROM CLIP NAME: music.wav

006  AX       V     C        03:00:00:00 03:00:08:00 01:00:12:00 01:00:16:00
* FROM CLIP NAME: C003.mov
M2   AX       050.0                03:00:00:00

007  AX       V     W001 012 04:00:00:00 04:00:04:00 01:00:16:00 01:00:20:00
* FROM CLIP NAME: C003.mov
* TO CLIP NAME: D004.mov
"""

MARKERS = """\
TITLE: Timeline 1
FCM: NON-DROP FRAME

001  001      V     C        01:00:01:00 01:00:01:01 01:00:01:00 01:00:01:01
the door | slams |C:ResolveColorPink |M:Marker 1 |D:1

002  001      V     C        01:00:02:12 01:00:02:13 01:00:02:12 01:00:02:13
2. a note that begins as an event does |C:ResolveColorBlue |M:Marker 2 |D:1

003  001      V     C        01:00:04:00 01:00:04:01 01:00:04:00 01:00:04:01
 |C:ResolveColorRed |M:cuesmith's |D:1

004  001      V     C        01:00:05:00 01:00:05:01 01:00:05:00 01:00:05:01
Hit: cut [cuesmith:v1:hit:1m1:0] |C:ResolveColorRed |M:1M1 hit: cut |D:1
"""


def read(folder: Path, text: str | bytes, rate: FrameRate = RATE, start: str | None = None) -> Edit:
    path = folder / "cut.edl"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_timeline(path, frame_rate=rate, start=start)


def cuts(edit: Edit) -> list[tuple[str, float, float, float]]:
    return [(cut.kind, cut.start_s, cut.time_s, cut.end_s) for cut in edit.cuts or ()]


def test_cuts_dissolves_wipes_black_and_speeds_are_where_the_record_has_them(tmp_path: Path) -> None:
    edit = read(tmp_path, RESOLVE)
    # No cut at 4 s, where the same clip goes on.
    assert cuts(edit) == [
        ("dissolve", 6.0, 6.48, 6.96),
        ("cut", 10.0, 10.0, 10.0),
        ("cut", 12.0, 12.0, 12.0),
        ("dissolve", 16.0, 16.24, 16.48),
    ]
    assert edit.marks == (Mark(2.48, "door slams", "Pink"),)
    assert (edit.duration_s, edit.source) == (20.0, "cut.edl")


def test_a_list_of_resolves_markers_has_marks_and_no_cuts(tmp_path: Path) -> None:
    edit = read(tmp_path, MARKERS)
    assert edit.cuts is None
    assert edit.marks == (
        Mark(1.0, "Marker 1", "Pink", "the door"),
        Mark(2.48, "Marker 2", "Blue", "2. a note that begins as an event does"),
        Mark(4.0, "cuesmith's", "Red"),
    )
    # Its zero is the hour that it begins in, unless somebody says what the film begins with.
    assert read(tmp_path, MARKERS, start="01:00:02:00").marks[0] == Mark(0.48, *_rest(edit.marks[1]))


def _rest(mark: Mark) -> tuple[str, str, str]:
    return mark.name, mark.colour, mark.note


def test_fades_from_and_to_black_are_fades(tmp_path: Path) -> None:
    edit = read(
        tmp_path,
        """\
001  BL  V C        00:00:00:00 00:00:00:00 00:00:00:00 00:00:00:00
001  A   V D    025 00:00:00:00 00:00:05:00 00:00:00:00 00:00:05:00
002  A   V C        00:00:05:00 00:00:05:00 00:00:05:00 00:00:05:00
002  BL  V D    025 00:00:00:00 00:00:02:00 00:00:05:00 00:00:07:00
003  BL  V C        00:00:00:00 00:00:00:00 00:00:07:00 00:00:07:00
003  B   V D    025 00:00:00:00 00:00:05:00 00:00:07:00 00:00:12:00
004  B   V C        00:00:05:00 00:00:05:00 00:00:12:00 00:00:12:00
004  BL  V D    025 00:00:00:00 00:00:04:00 00:00:12:00 00:00:16:00
005  BL  V C        00:00:00:00 00:00:00:00 00:00:16:00 00:00:16:00
005  C   V D    025 00:00:00:00 00:00:05:00 00:00:16:00 00:00:21:00
""",
    )
    assert cuts(edit) == [
        ("fade", 0.0, 1.0, 1.0),  # opens the film: where the picture is fully there
        ("fade", 5.0, 6.48, 8.0),  # out and in again within two seconds of dark: the middle of it
        ("fade", 12.0, 13.0, 13.0),  # out; the dark lasts three seconds
        ("fade", 16.0, 16.0, 17.0),  # and in
    ]


@pytest.mark.parametrize("separator", [";", ":"])
def test_drop_frame_counts_without_the_numbers_that_are_left_out(tmp_path: Path, separator: str) -> None:
    rate = FrameRate(30_000, 1001)
    text = """\
TITLE: drop
FCM: DROP FRAME
001  A   V C  00:00:00;00 00:10:00;00 01:00:00;00 01:10:00;00
002  B   V C  00:00:00;00 00:00:10;00 01:10:00;00 01:10:10;00
""".replace(";", separator)
    edit = read(tmp_path, text, rate)
    assert [round(cut.time_s * rate.fraction) for cut in edit.cuts or ()] == [17_982]
    other = read(tmp_path, text.replace("FCM: DROP FRAME\n", ""), rate)
    assert [round(cut.time_s * rate.fraction) for cut in other.cuts or ()] == [17_982 if separator == ";" else 18_000]


def test_the_upper_of_two_video_tracks_is_seen_and_one_can_be_chosen(tmp_path: Path) -> None:
    path = tmp_path / "two.edl"
    path.write_text(
        "001 A V  C 00:00:00:00 00:00:10:00 00:00:00:00 00:00:10:00\n"
        "002 B V2 C 00:00:00:00 00:00:02:00 00:00:04:00 00:00:06:00\n"
        "003 C B  C 00:00:00:00 00:00:02:00 00:00:10:00 00:00:12:00\n"
    )
    assert [cut.time_s for cut in read_timeline(path, frame_rate=RATE).cuts or ()] == [4.0, 6.0, 10.0]
    assert [cut.time_s for cut in read_timeline(path, frame_rate=RATE, track=1).cuts or ()] == [10.0]
    with pytest.raises(TimelineError, match="2 video tracks, and no track 3"):
        read_timeline(path, frame_rate=RATE, track=3)


def test_a_locator_that_counts_the_sources_timecode_is_put_where_it_is_seen(tmp_path: Path) -> None:
    text = "001 A V C 10:00:00:00 10:00:10:00 01:00:00:00 01:00:05:00\n* LOC: 10:00:04:00 RED mid\n"
    assert read(tmp_path, text).marks == (Mark(2.0, "mid", "Red"),)


def test_lists_in_other_encodings_are_read(tmp_path: Path) -> None:
    text = "001 A V C 00:00:00:00 00:00:02:00 00:00:00:00 00:00:02:00\n* LOC: 00:00:01:00 RED Türe\n"
    for encoding in ("utf-8-sig", "utf-16", "cp1252"):
        assert read(tmp_path, text.encode(encoding)).marks == (Mark(1.0, "Türe", "Red"),)


def test_a_film_whose_rate_has_no_timecode_is_read_at_the_rate_that_programs_use_for_it(tmp_path: Path) -> None:
    text = (
        "001 A V C 00:00:00:00 00:00:01:01 00:00:00:00 00:00:01:01\n"
        "002 B V C 00:00:00:00 00:00:01:00 00:00:01:01 00:00:02:01\n"
    )
    edit = read(tmp_path, text, FrameRate(25, 2))
    assert [cut.time_s for cut in edit.cuts or ()] == [1.04]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("001 A V C 00:00:00:00 00:00:01:00 00:00:00:00 00:00:01:27\n", "line 1: .*00:00:01:27"),
        ("001 A V C 00:00:00:00 00:00:01:00 00:00:02:00 00:00:01:00\n", "line 1 ends before it begins"),
        ("001 A V Q 00:00:00:00 00:00:01:00 00:00:00:00 00:00:01:00\n", "line 1 is no edit"),
        ("TITLE: nothing\n\n", "no edit in it"),
        ("once upon a time", "no edit in it"),
        ("001 A A C 00:00:00:00 00:00:01:00 00:00:00:00 00:00:01:00\n", "only sound"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(TimelineError, match=named):
        read(tmp_path, text)
