"""Files of strangers: refused with what is wrong, or read; never more time, memory or trouble than that."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import opentimelineio as otio
import pytest
from edits_made import MadeEdit, Piece, edl_of, fcpxml_of, otio_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations.timelines.reading import opening
from integrations.timelines.reading.read_timeline import read_timeline
from scoring.edit import Edit
from scoring.errors import TimelineError
from scoring.timebase import FrameRate

RATE = FrameRate(25)
EDIT = MadeEdit((Piece(100, 0), Piece(30, 1, dissolve=8), Piece(40, 1, goes_on=True), Piece(50, 2)), ((20, "DOOR"),))
LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE fcpxml [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + "]><fcpxml><project name='&i;'/></fcpxml>"
)
OUTSIDE = (
    '<!DOCTYPE xmeml [<!ENTITY x SYSTEM "file:///etc/passwd">]><xmeml><sequence><name>&x;</name></sequence></xmeml>'
)


def texts() -> dict[str, bytes]:
    timeline = otio_of(EDIT, RATE)
    return {
        ".otio": otio.adapters.write_to_string(timeline, "otio_json").encode(),
        ".xml": otio.adapters.write_to_string(timeline, "fcp_xml").encode(),
        ".edl": edl_of(EDIT, RATE).encode(),
        ".fcpxml": fcpxml_of(EDIT, RATE),
    }


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"", "is empty"),
        (b"   \n ", "no timeline"),
        (b"\x00\x01\x02\x03" * 100, "no timeline"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "no timeline"),
        (b"PK\x03\x04 broken", "broken archive"),
        (b"{", "not whole JSON"),
        (b"{}", "is a AnyDictionary, not a timeline"),
        (b'{"OTIO_SCHEMA": "Timeline.1"}', "cannot be read as a timeline"),
        (b'{"OTIO_SCHEMA": "Nonsense.1"}', "cannot be read|not a timeline"),
        (b'{"a":' * 5000 + b"1" + b"}" * 5000, "not whole JSON|deep"),
        (b'{"a":' + b"[" * 600 + b"]" * 600 + b"}", "400 deep"),
        (b"<fcpxml><project>", "not whole XML"),
        (b"<html><body/></html>", "kind <html>"),
        (b"<fcpxml/>", "0 projects"),
        (b"<xmeml/>", "0 sequences"),
        (b"<fcpxml>" + b"<a>" * 300 + b"</a>" * 300 + b"</fcpxml>", "200 deep"),
        (LAUGHS.encode(), "an entity of its own"),
        (LAUGHS.encode("utf-16"), "an entity of its own"),
        (OUTSIDE.encode(), "an entity of its own"),
    ],
)
def test_what_is_no_timeline_is_refused_with_its_name_and_what_was_found(
    content: bytes, named: str, tmp_path: Path
) -> None:
    path = tmp_path / "from a stranger.otio"
    path.write_bytes(content)
    with pytest.raises(TimelineError, match=named) as refused:
        read_timeline(path, frame_rate=RATE)
    assert "from a stranger.otio" in refused.value.what
    assert refused.value.advice


def test_what_is_said_of_a_file_is_what_is_in_it_not_its_name(tmp_path: Path) -> None:
    found = []
    for content in texts().values():
        path = tmp_path / "cut.txt"
        path.write_bytes(content)
        found.append(read_timeline(path, frame_rate=RATE).cuts)
    assert found[0] is not None
    assert len(found[0]) == 2
    assert all(cuts == found[0] for cuts in found)


def test_what_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "large.otio"
    path.write_bytes(b"{")
    os.truncate(path, 60_000_000)
    with pytest.raises(TimelineError, match="60 MB, and a timeline may have 50"):
        read_timeline(path, frame_rate=RATE)
    archive = tmp_path / "large.otioz"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as held, held.open("content.otio", "w") as file:
        for _ in range(60):
            file.write(b" " * 1_000_000)
    assert archive.stat().st_size < 100_000
    with pytest.raises(TimelineError, match="60 MB, and a timeline may have 50"):
        read_timeline(archive, frame_rate=RATE)


def test_what_is_no_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.edl")
    (tmp_path / "folder.fcpxmld").mkdir()
    with zipfile.ZipFile(tmp_path / "other.otioz", "w") as held:
        held.writestr("readme.txt", "nothing")
    for name, named in [
        ("pipe.edl", "is no file"),
        ("missing.edl", "No such file"),
        ("folder.fcpxmld", r"without Info\.fcpxml"),
        ("other.otioz", r"without content\.otio"),
    ]:
        with pytest.raises(TimelineError, match=named):
            read_timeline(tmp_path / name, frame_rate=RATE)


@pytest.mark.parametrize("suffix", [".otio", ".xml", ".edl", ".fcpxml"])
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_file_is_read_or_refused_and_nothing_else(suffix: str, data: st.DataObject, tmp_path: Path) -> None:
    whole = texts()[suffix]
    for _ in range(data.draw(st.integers(1, 3))):
        first = data.draw(st.integers(0, len(whole) - 1))
        count = data.draw(st.integers(0, 30))
        put = data.draw(
            st.binary(max_size=8) | st.sampled_from([b"-1", b"1e308", b"NaN", b"9" * 30, b'"', b"null", b""])
        )
        whole = whole[:first] + put + whole[first + count :]
        if not whole:
            break
    path = tmp_path / f"damaged{suffix}"
    path.write_bytes(whole)
    try:
        found = read_timeline(path, frame_rate=RATE)
    except TimelineError:
        return
    assert isinstance(found, Edit)
    times_s = [cut.time_s for cut in found.cuts or ()]
    assert times_s == sorted(set(times_s))
    assert all(time_s > 0 for time_s in times_s)


def test_the_limits_are_those_that_are_documented() -> None:
    assert opening.MOST_BYTES == 50_000_000
