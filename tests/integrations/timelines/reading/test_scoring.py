"""A film scored by its editor's timeline: the cuts that are in it, and the marks that the music lands on."""

from __future__ import annotations

from itertools import accumulate
from pathlib import Path

import opentimelineio as otio
import pytest
from edits_made import MadeEdit, Piece, edl_of, otio_of
from films import ffmpeg, tone

from integrations.timelines.reading.read_timeline import read_timeline
from pipeline.score_video import score_video
from pipeline.wish import Wish
from scoring.analysis import Analysis
from scoring.edit import with_edit
from scoring.json_text import read_json
from scoring.timebase import FrameRate

RATE = FrameRate(25)
# Seconds: two shots that look alike, a dissolve of one second into another, and a cut to the last.
LENGTHS_S = (4.0, 4.0, 4.0, 4.0)
LOOKS = ("0x88BBDD", "0x88BBDD", "0x401010", "0xD0D040")
DISSOLVE_FRAMES = 24


def film(path: Path) -> Path:
    """The shots as ffmpeg joins them; nothing of it is made by what is tested."""
    half_s = DISSOLVE_FRAMES / 2 / 25
    lengths_s = [LENGTHS_S[0], LENGTHS_S[1] + half_s, LENGTHS_S[2] + half_s, LENGTHS_S[3]]
    inputs: list[str] = []
    for look, length_s in zip(LOOKS, lengths_s, strict=True):
        inputs += ["-f", "lavfi", "-i", f"color={look}:s=192x108:r=25:d={length_s}"]
    joined = (
        "[0:v][1:v]concat=n=2:v=1[ab];[ab]settb=1/25,fps=25[abt];[2:v]settb=1/25,fps=25[ct];"
        f"[abt][ct]xfade=duration={DISSOLVE_FRAMES / 25}:offset={8.0 - half_s}[abc];"
        "[3:v]settb=1/25,fps=25[dt];[abc][dt]concat=n=2:v=1,noise=alls=6:allf=t[v]"
    )
    ffmpeg(
        *inputs, *tone(sum(LENGTHS_S)), "-filter_complex", joined, "-map", "[v]", "-map", "4:a",
        "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", path,
    )  # fmt: skip
    return path


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film(tmp_path_factory.mktemp("film") / "film.mp4")


def edited(last: Piece) -> MadeEdit:
    """The film's edit with two marks, in a timeline that starts at one hour."""
    first, second, third, _ = (round(length_s * 25) for length_s in LENGTHS_S)
    pieces = (Piece(first, 0), Piece(second, 1), Piece(third, 2, dissolve=DISSOLVE_FRAMES), last)
    return MadeEdit(pieces, ((55, "DOOR"), (250, "KISS")), 90_000)


def test_the_timelines_cuts_take_the_place_of_those_that_are_seen(video: Path, tmp_path: Path) -> None:
    otio.adapters.write_to_file(otio_of(edited(Piece(100, 3)), RATE), str(tmp_path / "cut.otio"))
    edit = read_timeline(tmp_path / "cut.otio", frame_rate=RATE)
    made = score_video(video, Wish(edit=edit, output=tmp_path / "scored.mp4"))
    hits = [hit for cue in made.sheet.cues for hit in cue.hit_points]
    assert [(hit.time_s, hit.kind) for hit in hits if hit.locked] == [(2.2, "manual"), (10.0, "manual")]
    assert [hit.time_s for hit in hits if hit.kind == "cut"] == [12.0]
    seen = Analysis.from_json(read_json((made.workspace / "analysis.json").read_text("utf-8")))
    boundaries_s = list(accumulate(LENGTHS_S))[:-1]
    # The first cut is one that nobody can see: the two shots look alike.
    assert not any(abs(cut.time_s - boundaries_s[0]) < 0.5 for cut in seen.shots.cuts)
    known = with_edit(seen, edit).shots.cuts
    assert [(cut.kind, cut.time_s) for cut in known] == list(zip(("cut", "dissolve", "cut"), boundaries_s, strict=True))


def test_a_cut_that_the_timeline_does_not_have_is_no_hit(video: Path, tmp_path: Path) -> None:
    (tmp_path / "cut.edl").write_text(edl_of(edited(Piece(100, 2, goes_on=True)), RATE), "utf-8")
    edit = read_timeline(tmp_path / "cut.edl", frame_rate=RATE)
    made = score_video(video, Wish(edit=edit, output=tmp_path / "scored.mp4"))
    hits = [hit for cue in made.sheet.cues for hit in cue.hit_points]
    assert [hit.time_s for hit in hits if hit.locked] == [2.2, 10.0]
    assert not any(hit.kind == "cut" for hit in hits)
