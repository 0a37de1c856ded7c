from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from films import colour_film
from scored import decoded
from spoiling import Spoil, Spoilt, muttering, whistling

from music_engine.options import EngineOptions
from pipeline.job import Job, Players, open_job
from pipeline.listen import Heard, listen
from pipeline.project import open_project, write_music
from pipeline.score_video import Deliverable, produce
from pipeline.settings import Settings
from pipeline.sheet import make_sheet
from pipeline.wish import Silent, Wish
from scoring.cue_sheet import CueSheet, Transition


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("gate")
    return colour_film(folder / "film.mp4", [("0x203040", 10.0), ("0x604020", 10.0)])


def opened(film: Path, output: Path, engine: Spoilt) -> tuple[Job, Heard, CueSheet]:
    """A job whose music that engine plays, and a sheet of two cues that fade into each other."""
    job = open_job(film, Wish(output=output), Silent(), Settings())
    job = replace(job, players=Players((engine,), "for a test", EngineOptions()))
    heard = listen(job)
    sheet = make_sheet(job, heard.analysis)
    first, second, *_ = sheet.cues if len(sheet.cues) > 1 else (sheet.cues[0], sheet.cues[0])
    alike = {"intensity": ((0.0, 0.5),), "density": (), "bpm": 96.0, "key": first.key, "arousal": 0.0, "hit_points": ()}
    ends = (Transition("crossfade", 2), Transition("end", 0))
    cues = tuple(
        replace(cue, id=f"1m{n + 1}", in_s=at_s, out_s=at_s + 10, first_downbeat_s=at_s, transition=end, **alike)
        for n, (cue, at_s, end) in enumerate(zip((first, second), (0.0, 10.0), ends, strict=True))
    )
    return job, heard, replace(sheet, cues=cues)


def scored(film: Path, folder: Path, spoils: Sequence[Spoil | None], *, cues: Sequence[str] = ("1m2",)) -> Deliverable:
    return produce(*opened(film, folder / "film.scored.mp4", Spoilt(spoils, cues=cues)))


def test_a_cue_that_fails_only_beside_its_neighbour_is_composed_again_and_the_other_untouched(
    film: Path, tmp_path: Path
) -> None:
    made = scored(film, tmp_path, [muttering])
    (attempt,) = [one for one in made.report.tried if one.how == "in the film"]
    assert attempt.cue == "1m2"
    assert "B1" in attempt.failed
    assert not attempt.kept
    assert {row["id"]: row["seed"] for row in made.report.cues}["1m2"] != attempt.seed
    assert not [row for row in made.report.checks if row.id == "B1" and row.status == "fail"]


def test_the_film_comes_back_with_the_best_take_when_none_passes(film: Path, tmp_path: Path) -> None:
    made = scored(film, tmp_path, [muttering] * 9)
    assert made.video.is_file()
    tried = [one for one in made.report.tried if one.cue == "1m2"]
    assert [one.how for one in tried] == ["in the film", "next seed", "next seed", "next seed"]
    assert sum(one.kept for one in tried) == 1
    assert [row.id for row in made.report.fell_short if row.id == "B1"] == ["B1"]
    assert not any(row["withheld"] for row in made.report.cues)


def test_only_the_unsafe_cue_is_left_out_and_the_report_says_so(film: Path, tmp_path: Path) -> None:
    made = scored(film, tmp_path, [whistling] * 9)
    rows = {row["id"]: row for row in made.report.cues}
    assert rows["1m2"]["withheld"]
    assert not rows["1m1"]["withheld"]
    assert any("1m2: no music" in note for note in made.report.warnings)
    sound = decoded(made.video)
    loud = [np.sqrt(np.mean(sound[:, 48_000 * a : 48_000 * b] ** 2)) for a, b in ((2, 8), (13, 19))]
    spectrum = np.abs(np.fft.rfft(sound[0, 48_000 * 13 : 48_000 * 19]))
    assert spectrum[19_000 * 6 - 30 : 19_000 * 6 + 30].max() < 1e-3 * spectrum.max()
    assert loud[0] > 0
    alone = write_music(open_project(made.workspace), tmp_path / "alone.wav")
    assert alone.is_file()
    assert json.loads(made.report_path.read_text("utf-8"))["cues"][1]["withheld"]
