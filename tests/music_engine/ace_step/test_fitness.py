"""What is predicted of a checkpoint on this machine, from headers alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from ace_step_checkpoints import tiny_checkpoint

from music_engine.ace_step import fitness
from music_engine.ace_step.fitness import look
from music_engine.options import EngineOptions
from music_engine.registry import availability
from scoring.errors import CheckpointRefused, EngineUnavailable, UnknownChoice

ON_CPU = {"device": "cpu", "precision": "float32"}


def test_the_prediction_follows_steps_and_guidance(checkpoint: Path) -> None:
    def pace(**sampling: object) -> float:
        return look(EngineOptions(checkpoint=checkpoint, **ON_CPU, sampling=sampling)).pace

    assert pace(steps=60) == pytest.approx(10 * pace(steps=6))
    assert pace(steps=60, guidance_scale=1.0) == pytest.approx(pace(steps=60) / 1.5)


def test_the_published_size_is_too_slow_for_auto_on_two_cores(
    checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # 2.588 G live parameters (ACE-Step v1 reference): 18 minutes for 30 s on two cores.
    monkeypatch.setattr(fitness, "_live_parameters", lambda found: 2_588_000_000)
    monkeypatch.setattr(fitness.os, "cpu_count", lambda: 2)
    monkeypatch.setattr(fitness, "_free_bytes", lambda device: 32_000_000_000)
    found = look(EngineOptions(checkpoint=checkpoint, **ON_CPU))
    assert found.pace == pytest.approx(36, rel=0.2)
    state = availability("ace-step-v1", EngineOptions(checkpoint=checkpoint, **ON_CPU))
    assert state.ready
    assert "times the film's length" in state.unfit


def test_what_does_not_fit_the_memory_is_said_in_numbers(checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitness, "_free_bytes", lambda device: 1_000_000_000)
    assert "1.0 are free" in look(EngineOptions(checkpoint=checkpoint, **ON_CPU)).too_large
    monkeypatch.setattr(fitness, "_free_bytes", lambda device: None)
    assert look(EngineOptions(checkpoint=checkpoint, **ON_CPU)).too_large == ""


def test_dead_tensors_are_not_counted(tmp_path: Path) -> None:
    with_dead = look(EngineOptions(checkpoint=tiny_checkpoint(tmp_path / "dead"), **ON_CPU))
    without = look(EngineOptions(checkpoint=tiny_checkpoint(tmp_path / "live", dead=False), **ON_CPU))
    assert with_dead.pace == without.pace


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        ({"checkpoint": Path("nowhere")}, EngineUnavailable),
        ({"checkpoint": Path(__file__).parent}, CheckpointRefused),
        ({"device": "tpu"}, UnknownChoice),
    ],
)
def test_what_cannot_start_is_refused(checkpoint: Path, options: dict[str, object], kind: type[Exception]) -> None:
    with pytest.raises(kind):
        look(EngineOptions(**{"checkpoint": checkpoint, **options}))  # type: ignore[arg-type]


def test_a_checkpoint_with_a_wrong_tensor_is_not_ready(tmp_path: Path) -> None:
    folder = tiny_checkpoint(tmp_path / "other")
    config = folder / "music_vocoder" / "config.json"
    text = config.read_text("utf-8")
    config.write_text(text.replace('"upsample_initial_channel": ', '"upsample_initial_channel": 1'), "utf-8")
    assert text != config.read_text("utf-8")
    assert not availability("ace-step-v1", EngineOptions(checkpoint=folder, **ON_CPU)).ready
