"""Cues of several jobs composed in one call by ACE-Step with real modules and random weights."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch
from ace_step_checkpoints import tiny_checkpoint
from films import plain_film
from numpy.typing import NDArray
from units_done import Telling, attempt, do_job, source_of, task_of

from integrations.jobs.orders import Order, read_order
from integrations.storage.opening import open_storage
from integrations.storage.storage import Storage
from integrations.work.task import Outcome, Step, Task
from music_engine.ace_step.engine import AceStepV1
from music_engine.options import EngineOptions
from pipeline.settings import Settings
from scoring.errors import Cancelled, EngineError

ROUNDING = 1e-5  # of full scale, −100 dB; 1.4e-6 was measured with float32 on a processor


@dataclass(frozen=True)
class Planned:
    """Cues that can be composed together: one film from three seeds, a job each."""

    settings: Settings
    storage: Storage
    tasks: list[Task]
    steps: list[Step]


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Planned:
    folder = tmp_path_factory.mktemp("planned")
    options = EngineOptions(
        checkpoint=tiny_checkpoint(folder / "checkpoint"), device="cpu", precision="float32", sampling={"steps": 3}
    )
    settings = replace(Settings(), engines=options)
    film = plain_film(folder / "film.mp4", 6.0)
    storage = open_storage(str(folder / "storage"))
    source = source_of(storage, film)
    tasks, steps = [], []
    for seed in (1, 2, 3):
        order = read_order({"kind": "score", "wish": {"engine": "ace-step-v1", "seed": seed}})
        job = f"job{seed}"
        done = do_job(
            Order("spot", order.wish),
            storage,
            lambda s, n: folder / "w",
            source=source,
            settings=lambda s: settings,
            job=job,
        )
        (spotted,) = attempt(
            [task_of(order, Step("spot"), job=job, source=source, done=done.outcomes, token=2)],
            storage,
            folder / "w",
            settings=settings,
        )
        assert isinstance(spotted, Outcome)
        (step,) = spotted.steps
        steps.append(step)
        tasks.append(task_of(order, step, job=job, done={"spot": spotted}))
    return Planned(settings, storage, tasks, steps)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[list[int]]:
    """The seeds of each call of the real engine."""
    seen: list[list[int]] = []
    compose = AceStepV1.compose

    def watching(self: AceStepV1, requests: Any, **more: Any) -> Any:
        seen.append([request.film_seed for request in requests])
        return compose(self, requests, **more)

    monkeypatch.setattr(AceStepV1, "compose", watching)
    return seen


def sound(storage: Storage, outcome: object) -> NDArray[np.float64]:
    """[n, 2] as stored."""
    assert isinstance(outcome, Outcome), outcome
    (file,) = (file for file in outcome.files if file.name.endswith("/music.flac"))
    samples: NDArray[np.float64] = soundfile.read(io.BytesIO(storage.get_bytes(file.key, 10**8)))[0]
    return samples


def test_cues_of_one_length_have_one_batch_key_and_keys_of_their_own(planned: Planned) -> None:
    assert len({step.batch_key for step in planned.steps}) == 1
    assert planned.steps[0].batch_key
    assert len({step.key for step in planned.steps}) == 3


def test_a_batch_is_one_call_and_gives_each_cue_what_it_gets_alone(
    planned: Planned, calls: list[list[int]], tmp_path: Path
) -> None:
    together = attempt(planned.tasks, planned.storage, tmp_path / "together", settings=planned.settings)
    assert calls == [[1, 2, 3]]
    for task, outcome in zip(planned.tasks, together, strict=True):
        task = replace(task, prefix=task.prefix + "-alone")
        (alone,) = attempt([task], planned.storage, tmp_path / "alone", settings=planned.settings)
        assert isinstance(alone, Outcome)
        assert isinstance(outcome, Outcome)
        assert alone.facts["take"] == outcome.facts["take"]
        heard, wanted = sound(planned.storage, outcome), sound(planned.storage, alone)
        # Matrix products of several rows are summed in another order: that much and no more.
        assert np.abs(heard - wanted).max() < ROUNDING < 1e-3 * np.abs(wanted).max()
    first, second, third = (sound(planned.storage, outcome) for outcome in together)
    assert min(np.abs(first - second).max(), np.abs(second - third).max()) > 1000 * ROUNDING
    assert calls[1:] == [[1], [2], [3]]


def test_one_bad_cue_costs_the_others_nothing_but_time(
    planned: Planned, calls: list[list[int]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    answer = AceStepV1._answer

    def breaking(self: AceStepV1, request: Any, *rest: Any) -> Any:
        if request.film_seed == 2:
            raise EngineError("this one breaks")
        return answer(self, request, *rest)

    monkeypatch.setattr(AceStepV1, "_answer", breaking)
    settings = replace(planned.settings, engines=replace(planned.settings.engines, soundfont=tmp_path / "none.sf2"))
    results = attempt(
        [replace(t, prefix=t.prefix + "-bad") for t in planned.tasks],
        planned.storage,
        tmp_path / "w",
        settings=settings,
    )
    assert calls == [[1, 2, 3], [1], [2], [3]]
    assert [isinstance(result, Outcome) for result in results] == [True, False, True]
    assert isinstance(results[1], EngineError)
    assert "this one breaks" in str(results[1])


def test_a_cue_on_which_the_engine_fails_is_played_by_a_stand_in_and_says_so(
    planned: Planned, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def breaking(self: AceStepV1, *rest: Any) -> Any:
        raise EngineError("it breaks")

    monkeypatch.setattr(AceStepV1, "_answer", breaking)
    telling = Telling()
    task = replace(planned.tasks[0], prefix=planned.tasks[0].prefix + "-stood-in")
    (outcome,) = attempt([task], planned.storage, tmp_path / "w", settings=planned.settings, telling=telling)
    assert isinstance(outcome, Outcome)
    assert (outcome.facts["engine"], outcome.facts["tempo"]) == ("composer", "exact")
    assert outcome.facts["record"]["failed"] == [["ace-step-v1", "it breaks"]]
    assert outcome.facts["notes"] == telling.notes == ["1m1: ace-step-v1 failed (it breaks), composer stood in"]


def test_a_batch_that_is_no_longer_wanted_ends_within_a_step(planned: Planned, tmp_path: Path) -> None:
    seen: list[float] = []
    results = attempt(
        [replace(t, prefix=t.prefix + "-stopped") for t in planned.tasks],
        planned.storage,
        tmp_path / "w",
        settings=planned.settings,
        telling=Telling(lambda name, share: seen.append(share)),
        cancelled=lambda: len(seen) > 2,
    )
    assert [type(result) for result in results] == [Cancelled] * 3
    assert len(seen) == 3
