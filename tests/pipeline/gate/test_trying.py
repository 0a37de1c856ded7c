from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sheets import sheet
from spoiling import Spoil, Spoilt, hushed, whistling

from music_engine.options import EngineOptions
from pipeline.gate.ladder import MOST_AGAIN, plainer
from pipeline.job import Players
from pipeline.stages.requests import requests_of
from pipeline.stages.take import Band, Made, Ordered, compose_one, compose_together, take_key
from pipeline.workspace import Workspace
from scoring.errors import Cancelled
from scoring.request import CueRequest


@pytest.fixture
def request_() -> CueRequest:
    (one,) = requests_of(sheet([0.0, 12.0]), [])
    return replace(one, palette=("harp",), density=((0.0, 0.9),), intensity=((0.0, 0.5),))


def band_of(*engines: Spoilt, fallback: bool = True) -> Band:
    return Band(Players(engines, "for a test", EngineOptions()), fallback)


def made_by(request: CueRequest, folder: Path, *engines: Spoilt, fallback: bool = True) -> Made:
    return compose_one(Ordered(request, Workspace(folder)), band_of(*engines, fallback=fallback), lambda share: None)


def test_a_take_that_passes_is_kept_and_nothing_else_is_tried(request_: CueRequest, tmp_path: Path) -> None:
    engine = Spoilt([])
    made = made_by(request_, tmp_path / "w", engine)
    assert made.take.tried == ()
    assert (made.take.seed, made.take.withheld) == (request_.seed, "")
    assert len(engine.asked) == 1


def test_the_next_seed_takes_the_place_of_a_take_that_falls_silent(request_: CueRequest, tmp_path: Path) -> None:
    engine = Spoilt([hushed])
    made = made_by(request_, tmp_path / "w", engine)
    first, second = made.take.tried
    assert (first.how, first.kept, second.how, second.kept) == ("as asked", False, "next seed", True)
    assert "G1" in first.failed
    assert first.why
    assert second.failed == ()
    assert made.take.seed == second.seed != request_.seed
    assert [replace(ask, seed=0) for ask in engine.asked] == [replace(request_, seed=0)] * 2


def test_after_the_seed_comes_a_plainer_plan_that_keeps_tempo_key_and_bars(
    request_: CueRequest, tmp_path: Path
) -> None:
    engine = Spoilt([hushed, hushed])
    made = made_by(request_, tmp_path / "w", engine)
    assert [one.how for one in made.take.tried] == ["as asked", "next seed", "next plan"]
    plan = engine.asked[-1]
    assert (plan.palette, plan.density) == ((), ())
    assert replace(plan, seed=0) == replace(plainer(request_), seed=0)


def test_the_last_resort_is_the_next_engine(request_: CueRequest, tmp_path: Path) -> None:
    bad, good = Spoilt([hushed] * 9, name="bad"), Spoilt([], name="good")
    made = made_by(request_, tmp_path / "w", bad, good)
    assert [one.how for one in made.take.tried] == ["as asked", "next seed", "next plan", "next engine"]
    assert made.take.engine == "good"
    assert [one.kept for one in made.take.tried] == [False, False, False, True]


def test_another_engine_is_not_tried_where_none_may_stand_in(request_: CueRequest, tmp_path: Path) -> None:
    bad, good = Spoilt([hushed] * 9, name="bad"), Spoilt([], name="good")
    made = made_by(request_, tmp_path / "w", bad, good, fallback=False)
    assert made.take.engine == "bad"
    assert good.asked == []
    assert len(made.take.tried) == 3


def test_what_still_fails_is_delivered_all_the_same_after_at_most_three_more(
    request_: CueRequest, tmp_path: Path
) -> None:
    engines = [Spoilt([hushed] * 9, name=name) for name in ("a", "b", "c")]
    made = made_by(request_, tmp_path / "w", *engines)
    assert sum(len(engine.asked) for engine in engines) == 1 + MOST_AGAIN
    assert made.take.withheld == ""
    assert sum(one.kept for one in made.take.tried) == 1


def test_the_best_of_bad_takes_is_kept(request_: CueRequest, tmp_path: Path) -> None:
    def both(audio):  # type: ignore[no-untyped-def]
        return whistling(hushed(audio))

    made = made_by(request_, tmp_path / "w", Spoilt([both, hushed, both]))
    assert [one.kept for one in made.take.tried] == [False, True, False]


@pytest.mark.parametrize("spoils", [[whistling] * 9])
def test_only_what_is_unsafe_is_withheld(spoils: list[Spoil], request_: CueRequest, tmp_path: Path) -> None:
    made = made_by(request_, tmp_path / "w", Spoilt(spoils))
    assert made.take.withheld
    assert any(name.startswith("S1") for name in made.take.tried[0].failed)


def test_an_attempt_that_breaks_is_noted_and_the_next_one_tried(request_: CueRequest, tmp_path: Path) -> None:
    made = made_by(request_, tmp_path / "w", Spoilt([hushed, None]))
    assert [one.how for one in made.take.tried] == ["as asked", "next seed", "next plan"]
    assert made.take.tried[1].why == "the model gave up"
    assert made.take.tried[2].kept


def test_the_second_run_finds_the_better_take_where_it_would_have_made_the_first(
    request_: CueRequest, tmp_path: Path
) -> None:
    engine = Spoilt([hushed])
    made = made_by(request_, tmp_path / "w", engine)
    again = made_by(request_, tmp_path / "w", Spoilt([]))
    assert not again.was_made
    assert again.take == made.take
    assert again.key == take_key(request_, engine)


def test_cues_of_one_batch_are_judged_too(request_: CueRequest, tmp_path: Path) -> None:
    engine = Spoilt([hushed], cues=["two"])
    workspace = Workspace(tmp_path / "w")
    asked = [Ordered(replace(request_, cue_id=name), workspace) for name in ("one", "two")]
    one, two = compose_together(asked, band_of(engine), lambda share: None)
    assert isinstance(one, Made)
    assert isinstance(two, Made)
    assert one.take.tried == ()
    assert [attempt.how for attempt in two.take.tried] == ["as asked", "next seed"]


def test_a_withheld_take_stays_withheld_on_disk(request_: CueRequest, tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "w")
    made = compose_one(Ordered(request_, workspace), band_of(Spoilt([])), lambda share: None)
    told = workspace.withhold(made.key, made.take, "it hurts")
    assert workspace.take(request_.cue_id, made.key) == told
    assert told.withheld == "it hurts"


def test_stopping_stops_further_attempts_too(request_: CueRequest, tmp_path: Path) -> None:
    class Stopping(Spoilt):
        def compose(self, *args, **kwargs):  # type: ignore[no-untyped-def]
            if self.asked:
                raise Cancelled("stopped", "")
            return super().compose(*args, **kwargs)

    with pytest.raises(Cancelled):
        made_by(request_, tmp_path / "w", Stopping([hushed]))
    assert np.all([not path.name.startswith("1m1") for path in (tmp_path / "w" / "cues").glob("*")])
