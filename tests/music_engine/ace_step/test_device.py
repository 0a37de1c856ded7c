"""Where and how precisely the engine computes."""

from __future__ import annotations

import pytest
import torch

from music_engine.ace_step import device, precision
from music_engine.ace_step.device import choose_device, codec_device
from music_engine.ace_step.precision import PRECISIONS, choose_precision
from scoring.errors import EngineUnavailable, UnknownChoice

CPU, CUDA, MPS = torch.device("cpu"), torch.device("cuda"), torch.device("mps")


def test_the_cpu_can_always_be_asked_for() -> None:
    assert choose_device("cpu") == CPU


def test_auto_takes_the_best_device_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "_has", lambda kind: kind in ("mps", "cpu"))
    assert choose_device("auto") == MPS
    monkeypatch.setattr(device, "_has", lambda kind: True)
    assert choose_device("auto") == CUDA


def test_a_device_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "_has", lambda kind: kind == "cpu")
    with pytest.raises(EngineUnavailable, match="cuda:1"):
        choose_device("cuda:1")


def test_the_codec_computes_beside_the_transformer_but_for_mps_whose_convolutions_are_too_short() -> None:
    assert [codec_device(where) for where in (CPU, CUDA, MPS)] == [CPU, CUDA, CPU]


def test_an_unknown_device_or_precision_is_refused_with_the_choices() -> None:
    with pytest.raises(UnknownChoice, match="cpu, cuda, mps"):
        choose_device("tpu")
    with pytest.raises(UnknownChoice, match="bfloat16-stored"):
        choose_precision("float64", CPU)


@pytest.mark.parametrize(
    ("where", "is_fast", "expected"),
    [
        (CUDA, True, "bfloat16"),
        (CUDA, False, "float32"),
        (CPU, True, "bfloat16-mixed"),
        (CPU, False, "float32"),
        (MPS, False, "float32"),
    ],
)
def test_auto_takes_bfloat16_only_where_it_is_fast(
    monkeypatch: pytest.MonkeyPatch, where: torch.device, is_fast: bool, expected: str
) -> None:
    monkeypatch.setattr(precision, "has_fast_bfloat16", lambda device: is_fast)
    assert choose_precision("auto", where) is PRECISIONS[expected]
