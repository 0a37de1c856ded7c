"""Units that kill, exhaust or hang their process, at every attempt: three, then an error, and the queue moves on."""

from __future__ import annotations

from pathlib import Path

import pytest
from disturbing import gone, hands, holder
from service_rig import Rig, rig

from integrations.jobs import states

ROOT = Path(__file__).parents[2]
PATH = f"{Path(__file__).parent / 'poison'}:{ROOT}"


def music(service: Rig, prompt: str) -> str:
    """A job of ten seconds of music."""
    return service.submit(kind="music", music={"prompt": prompt, "duration_s": 10, "output_format": "wav"})


@pytest.mark.slow
def test_what_kills_its_process_fails_after_three_attempts_with_advice_and_others_go_on(tmp_path: Path) -> None:
    died = {"kill": "SIGKILL", "crash": "SIGSEGV", "memory": "out of memory", "leave": "exit code 7"}
    with rig(tmp_path / "rig", PYTHONPATH=PATH) as service:
        worker = service.worker()
        poisoned = {name: music(service, f"poison: {name}") for name in died}
        healthy = music(service, "warm piano")
        service.succeeded(healthy)
        for name, job in poisoned.items():
            view = service.ended(job)
            assert (view.state, view.error["code"]) == (states.FAILED, "worker_lost"), (name, view.error)
            assert died[name] in view.error["what"]
            assert view.error["advice"]
            assert view.error["attempts"] == 3
            assert [row.attempt for row in service.units(job)] == [3]
            assert not (service.settings.work / job).exists()
        service.succeeded(music(service, "and on"))
        assert worker.terminate() == 0


@pytest.mark.slow
def test_what_moves_nothing_is_ended_tried_again_and_fails_as_too_long(tmp_path: Path) -> None:
    with rig(tmp_path / "rig", PYTHONPATH=PATH, CUESMITH_STALL_S="4") as service:
        worker = service.worker()
        hanging = music(service, "poison: hang")
        holder(service, [worker])
        hung = hands(worker)
        view = service.ended(hanging)
        assert (view.state, view.error["code"], view.error["attempts"]) == (states.FAILED, "took_too_long", 3)
        assert "moved nothing for 4 s" in view.error["what"]
        assert hung
        gone(hung)


@pytest.mark.slow
def test_a_unit_is_ended_at_its_hard_limit_however_it_moves(tmp_path: Path, film: Path) -> None:
    with rig(tmp_path / "rig", CUESMITH_UNIT_S="0.3", CUESMITH_ATTEMPTS="1") as service:
        service.worker()
        view = service.ended(service.submit(film))
        assert (view.state, view.error["code"]) == (states.FAILED, "took_too_long")
        assert "longer than 0.3 s" in view.error["what"]
