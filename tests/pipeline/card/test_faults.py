"""The quick half of the fault matrix (benchmarks/faults/matrix.py): one short film, scored by the real pipeline."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest
from films import colour_film

from pipeline.job import open_job
from pipeline.report.evidence import gather
from pipeline.score_video import spot_video
from pipeline.settings import Settings
from pipeline.wish import Silent, Wish
from scoring.cue_sheet import Transition
from scoring.cue_sheet_json import dumps

sys.path.append(str(Path(__file__).resolve().parents[3] / "benchmarks"))

from faults import at_seams, delivery, safety, shape, through, timing
from faults.base import Base, base_of, card, finished
from faults.fault import SIZES, YES_NO, Fault

FAULTS = {
    fault.name: fault for family in (at_seams, delivery, safety, shape, through, timing) for fault in family.FAULTS
}
SCALED = (
    "missing seconds",
    "silent tail of the film",
    "loudness step at a seam",
    "grid shifted",
    "wrong integrated loudness",
    "clipped run",
    "fold-down loss",
    "19 kHz tone",
    "mux offset",
    "sound cut short",
)
ON_OR_OFF = ("mono collapse", "energy spike")
REAL = ("missing seconds", "19 kHz tone", "clipped run")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Base:
    """A calm shot and a run of quick ones: two cues, which fade over into each other."""
    folder = tmp_path_factory.mktemp("faults")
    film = colour_film(folder / "film.mp4", [("0x203040", 16.0), *[("0xFFD040", 0.8), ("0xC03020", 0.8)] * 8])
    sheet = spot_video(film, Wish(engine="composer", seed=3, output=folder / "film.spotted.mp4")).sheet
    faded = (replace(sheet.cues[0], transition=Transition("crossfade", 4)), *sheet.cues[1:])
    (folder / "cues.json").write_text(dumps(replace(sheet, cues=faded)), encoding="utf-8")
    (folder / "scored").mkdir()
    output = folder / "scored" / "film.mp4"
    wish = Wish(engine="composer", seed=3, cues=folder / "cues.json", music=True, output=output)
    run = finished(open_job(film, wish, Silent(), Settings()), folder / "scored")
    return base_of("short", run, gather(run))


def failing(base: Base, fault: Fault, size: str, *, real: bool = False) -> set[str]:
    amount = fault.sizes(base)[size]
    return {
        row.id for row in card(through.evidence_of(base, fault, amount, real=real)).values() if row.status == "fail"
    }


def test_a_film_that_is_right_fails_nothing(base: Base) -> None:
    assert [row.id for row in base.card.values() if row.status == "fail"] == []


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", SCALED)
def test_half_a_fault_is_let_pass_and_a_whole_one_is_caught(base: Base, name: str, size: str) -> None:
    fault = FAULTS[name]
    assert bool(failing(base, fault, size) & set(fault.rows)) == (size in fault.caught)


@pytest.mark.parametrize("size", YES_NO)
@pytest.mark.parametrize("name", ON_OR_OFF)
def test_a_fault_is_caught_where_it_is(base: Base, name: str, size: str) -> None:
    fault = FAULTS[name]
    assert bool(failing(base, fault, size) & set(fault.rows)) == (size in fault.caught)


@pytest.mark.parametrize("size", ["0.5", "3"])
@pytest.mark.parametrize("name", REAL)
def test_a_fault_is_still_caught_in_the_finished_file(base: Base, name: str, size: str) -> None:
    fault = FAULTS[name]
    assert bool(failing(base, fault, size, real=True) & set(fault.rows)) == (size in fault.caught)
