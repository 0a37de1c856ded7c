from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.project import workspace_of
from pipeline.review.scored import open_scored
from pipeline.score_video import Deliverable
from scoring import cue_sheet_json
from scoring.errors import ProjectMissing


@pytest.fixture
def copy(finished: Deliverable, tmp_path: Path) -> Path:
    """The finished film and its workspace, to be changed."""
    folder = shutil.copytree(finished.workspace, tmp_path / finished.workspace.name)
    change(folder / "manifest.json", lambda facts: facts["output"].update(path=str(tmp_path / finished.video.name)))
    return Path(shutil.copy(finished.video, tmp_path))


def change(path: Path, how: Any) -> None:
    document = json.loads(path.read_text(encoding="utf-8"))
    how(document)
    path.write_text(json.dumps(document), encoding="utf-8")


def test_the_film_the_finished_film_and_the_workspace_mean_the_same(finished: Deliverable) -> None:
    film = finished.workspace.with_suffix(".mp4")
    found = [open_scored(path) for path in (finished.video, film, finished.workspace)]
    assert {one.video for one in found} == {finished.video}
    assert all(one.sheet == finished.sheet for one in found)


def test_beats_hits_and_gain_are_the_runs_own(finished: Deliverable) -> None:
    known = open_scored(finished.video)
    assert [counted.is_planned for counted in known.beats] == [False] * len(finished.sheet.cues)
    planned = sorted(hit.time_s for cue in finished.sheet.cues for hit in cue.hit_points if hit.weight > 0)
    assert [hit.time_s for hit in known.hits] == planned
    landed = {row.time_s: row.landed for row in finished.report.hits}
    assert {hit.time_s: hit.landed for hit in known.hits if hit.landed is not None} == landed
    assert known.gain is not None
    assert known.target_lufs == -14.0
    assert known.curve is not None


def test_what_failed_becomes_a_sentence_and_reports_before_the_card_have_none(copy: Path) -> None:
    row = {
        "id": "B1", "name": "loudness step", "value": -4.25, "unit": "LU", "allowed": "at most 1.5", "status": "fail",
        "at_s": 4.0, "advice": "Compose it again",
    }  # fmt: skip
    rows = [
        row,
        {**row, "status": "warn"},
        {**row, "id": "F1", "value": None, "at_s": None, "advice": ""},
        {"name": "true peak", "value": 1.0, "unit": "dBTP", "allowed": "at most -1", "passed": False},
    ]
    report = workspace_of(copy) / "report.json"
    change(report, lambda facts: facts.update(checks=rows))
    told = [(one.at_s, one.words) for one in open_scored(copy).shortfalls]
    assert told == [
        (4.0, "B1 loudness step: −4.25 LU. Compose it again."),
        (None, "F1 loudness step. allowed is at most 1.5."),
    ]


def test_without_the_takes_and_the_analysis_the_plan_counts_and_the_curve_is_not_known(copy: Path) -> None:
    folder = workspace_of(copy)
    shutil.rmtree(folder / "cues")
    (folder / "analysis.json").unlink()
    known = open_scored(copy)
    assert all(counted.is_planned for counted in known.beats)
    assert known.curve is None
    assert known.cuts_s == ()


def test_a_take_that_tells_no_beats_is_counted_as_planned(copy: Path) -> None:
    for path in (workspace_of(copy) / "cues").glob("*/take.json"):
        change(path, lambda facts: facts.update(beats_s=[], bars_s=[]))
    assert all(counted.is_planned for counted in open_scored(copy).beats)


def test_a_further_take_is_shown_with_its_own_sheet_and_report(copy: Path, finished: Deliverable) -> None:
    second = Path(shutil.copy(copy, copy.with_name("film.scored.take2.mp4")))
    moody = replace(finished.sheet, cues=tuple(replace(cue, mood="solemn") for cue in finished.sheet.cues))
    cues = copy.with_name("film.take2.cues.json")
    cues.write_text(cue_sheet_json.dumps(moody), encoding="utf-8")
    row = {"take": 2, "seed": 5, "cues": str(cues), "output": {"path": str(second)}}
    change(workspace_of(copy) / "manifest.json", lambda facts: facts.update(further_takes=[row]))
    known = open_scored(second)
    assert known.video == second
    assert {cue.mood for cue in known.sheet.cues} == {"solemn"}
    assert all(counted.is_planned for counted in known.beats)
    assert known.shortfalls == ()
    document = json.loads((workspace_of(copy) / "report.json").read_text(encoding="utf-8"))
    copy.with_name("film.take2.report.json").write_text(json.dumps(document), encoding="utf-8")
    known = open_scored(second)
    assert known.target_lufs == -14.0
    assert known.gain is not None


def test_a_finished_film_of_another_name_is_found_by_its_workspaces_manifest(copy: Path) -> None:
    cut = copy.rename(copy.with_name("cut 2.mp4"))
    folder = copy.with_name("film.cuesmith")
    change(folder / "manifest.json", lambda facts: facts["output"].update(path=str(cut)))
    assert open_scored(cut).video == cut


def test_a_video_without_a_workspace_is_refused_with_what_to_do(copy: Path, tmp_path: Path) -> None:
    foreign = Path(shutil.copy(copy, tmp_path / "foreign.mp4"))
    with pytest.raises(ProjectMissing, match="no workspace") as caught:
        open_scored(foreign)
    assert "score" in caught.value.advice


def test_another_video_beside_the_workspace_is_not_taken_for_its_film(copy: Path) -> None:
    other = Path(shutil.copy(copy, copy.with_name("film.scored.take7.mp4")))
    with pytest.raises(ProjectMissing, match=r"not of film\.scored\.take7\.mp4"):
        open_scored(other)


def test_a_finished_film_that_is_gone_is_said(copy: Path) -> None:
    copy.unlink()
    with pytest.raises(ProjectMissing, match="gone"):
        open_scored(copy)
