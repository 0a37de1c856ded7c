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


@pytest.mark.parametrize("suffix", [".otio", ".edl"])
def test_cuts_come_from_the_timeline_and_its_marks_are_locked_hits(suffix: str, tmp_path: Path) -> None:
    frames = [round(length_s * 25) for length_s in LENGTHS_S]
    pieces = [Piece(count, n) for n, count in enumerate(frames)]
    pieces[2] = Piece(frames[2], 2, dissolve=DISSOLVE_FRAMES)
    edit = MadeEdit(tuple(pieces), ((55, "DOOR"), (250, "KISS")), 90_000)
    path = tmp_path / f"cut{suffix}"
    if suffix == ".edl":
        path.write_text(edl_of(edit, RATE), "utf-8")
    else:
        otio.adapters.write_to_file(otio_of(edit, RATE), str(path))
    video = film(tmp_path / "film.mp4")
    made = score_video(video, Wish(edit=read_timeline(path, frame_rate=RATE)))
    hits = [hit for cue in made.sheet.cues for hit in cue.hit_points]
    assert [(hit.time_s, hit.kind) for hit in hits if hit.locked] == [(2.2, "manual"), (10.0, "manual")]
    boundaries_s = list(accumulate(LENGTHS_S))[:-1]
    assert {hit.time_s for hit in hits if hit.kind == "cut"} <= set(boundaries_s)
    # What the detector sees by itself lacks the first: the two shots look alike.
    kept = Analysis.from_json(read_json((made.workspace / "analysis.json").read_text("utf-8")))
    assert not any(abs(cut.time_s - boundaries_s[0]) < 0.5 for cut in kept.shots.cuts)
