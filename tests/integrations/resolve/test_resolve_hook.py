"""The script against the stand-in, or with RESOLVE_LIVE=1 against the real program (Studio), in a scratch project."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from resolve_stage import IS_LIVE, FakeStage, LiveStage, own_markers, placed, stage, timeline_of

VERIFIED = Path(__file__).parent / "live-verified.json"
# rate, start timecode, its frame number
STARTS = [
    ("23.976", "00:00:00:00", 0),
    ("23.976", "01:00:00:00", 86_400),
    ("24", "01:00:00:00", 86_400),
    ("25", "10:00:00:00", 900_000),
    ("29.97", "01:00:00:00", 108_000),
    ("29.97 DF", "00:00:00;00", 0),
    ("29.97 DF", "01:00:00;00", 107_892),
    ("29.97 DF", "10:00:00;00", 1_078_920),
    ("30", "01:00:00:00", 108_000),
    ("50", "01:00:00:00", 180_000),
    ("59.94", "10:00:00:00", 2_160_000),
    ("59.94 DF", "01:00:00;00", 215_784),
    ("60", "01:00:00:00", 216_000),
]

Stage = FakeStage | LiveStage
Scores = Callable[..., str]


@pytest.fixture(scope="module", autouse=True)
def record(request: pytest.FixtureRequest) -> Iterator[None]:
    """Writes down which version this file passed against."""
    before = request.session.testsfailed
    yield
    if IS_LIVE and request.session.testsfailed == before:
        import DaVinciResolveScript  # type: ignore[import-not-found]

        version = DaVinciResolveScript.scriptapp("Resolve").GetVersionString()
        kept = json.loads(VERIFIED.read_text())
        VERIFIED.write_text(json.dumps({**kept, version: date.today().isoformat()}, indent=1) + "\n")


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Stage]:
    with stage(tmp_path) as opened:
        yield opened


@pytest.mark.parametrize(("rate", "start", "frame"), STARTS)
def test_the_music_lies_on_the_first_frame_and_ends_on_the_last(
    on: Stage, score: Scores, rate: str, start: str, frame: int
) -> None:
    on.open(rate, start, 48, 73, 60)
    assert timeline_of(on.resolve).GetStartFrame() == frame
    score(on.resolve)
    assert placed(on.resolve) == [(frame, 181)]


def test_cues_and_hits_are_marked_on_offsets_from_the_start(on: Stage, score: Scores) -> None:
    on.open("25", "01:00:00:00", 50, 75)
    score(on.resolve)
    found = own_markers(on.resolve)
    assert {at: (m["color"], m["name"], m["duration"]) for at, m in found.items()} == {
        0: ("Blue", "1M1 tense → calm", 63.0),
        25: ("Red", "Hit", 1.0),
        63: ("Blue", "1M2 calm", 62.0),
    }
    assert "warm strings; 96 bpm; D minor; music -21.3 LUFS" in found[0]["note"]


def test_the_track_is_stereo_and_the_users_stay_as_they_were(on: Stage, score: Scores) -> None:
    on.open("25", "01:00:00:00", 50, 75)
    timeline = timeline_of(on.resolve)
    before = timeline.GetTrackCount("audio")
    score(on.resolve)
    assert timeline.GetTrackCount("audio") == before + 1
    assert timeline.GetTrackName("audio", before + 1) == "Cuesmith"
    assert timeline.GetTrackSubType("audio", before + 1) == "stereo"
    assert [item.GetStart() for item in timeline.GetItemListInTrack("video", 1)] == [90_000, 90_050]


def test_running_again_leaves_one_music_and_one_set_of_markers(on: Stage, score: Scores) -> None:
    on.open("25", "01:00:00:00", 50, 75)
    score(on.resolve)
    tracks, markers = timeline_of(on.resolve).GetTrackCount("audio"), own_markers(on.resolve)
    told = score(on.resolve)
    assert placed(on.resolve) == [(90_000, 125)]
    assert timeline_of(on.resolve).GetTrackCount("audio") == tracks
    assert own_markers(on.resolve) == markers
    assert "took the place of the earlier music" in told


def test_only_the_marked_range_is_scored(on: Stage, score: Scores) -> None:
    on.open("25", "01:00:00:00", 50, 75)
    timeline_of(on.resolve).SetMarkInOut(50, 99, "all")
    score(on.resolve)
    assert placed(on.resolve) == [(90_050, 50)]
    assert min(own_markers(on.resolve)) == 50
    assert timeline_of(on.resolve).GetMarkInOut()["video"] == {"in": 50, "out": 99}


def test_stems_lie_on_muted_tracks(on: Stage, score: Scores) -> None:
    on.open("25", "01:00:00:00", 50, 75)
    score(on.resolve, stems=True)
    timeline = timeline_of(on.resolve)
    names = {timeline.GetTrackName("audio", n): n for n in range(1, timeline.GetTrackCount("audio") + 1)}
    for stem in ("Cuesmith brass", "Cuesmith strings"):
        assert placed(on.resolve, stem) == [(90_000, 125)]
        assert not timeline.GetIsTrackEnabled("audio", names[stem])
    assert timeline.GetIsTrackEnabled("audio", names["Cuesmith"])


def test_the_users_page_and_bin_and_render_settings_are_as_before(on: Stage, score: Scores) -> None:
    on.open("25", "01:00:00:00", 50, 75)
    project = on.resolve.GetProjectManager().GetCurrentProject()

    def seen() -> tuple[object, ...]:
        folder = project.GetMediaPool().GetCurrentFolder().GetUniqueId()
        return on.resolve.GetCurrentPage(), folder, project.GetCurrentRenderFormatAndCodec(), project.GetRenderJobList()

    before = seen()
    score(on.resolve)
    assert seen() == before


def test_files_are_imported_once_into_our_bin(on: Stage, score: Scores) -> None:
    on.open("25", "01:00:00:00", 50, 75)
    score(on.resolve)
    score(on.resolve)
    root = on.resolve.GetProjectManager().GetCurrentProject().GetMediaPool().GetRootFolder()
    (ours,) = [folder for folder in root.GetSubFolderList() if folder.GetName() == "Cuesmith"]
    assert len(ours.GetClipList()) == 1
