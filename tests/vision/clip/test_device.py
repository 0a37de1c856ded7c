"""Where an encoder computes."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from scoring.errors import EngineUnavailable
from vision.clip import device
from vision.clip.device import batch_of, choose_device, choose_precision, right_threads


def test_auto_takes_the_graphics_card_then_apple_s_then_the_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    there = {"cuda", "mps", "cpu"}
    monkeypatch.setattr(device, "_has", lambda kind: kind in there)
    for expected in ("cuda", "mps", "cpu"):
        assert choose_device().type == expected
        there.remove(expected)


def test_a_device_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "_has", lambda kind: kind == "cpu")
    with pytest.raises(EngineUnavailable, match="no device cuda:1"):
        choose_device("cuda:1")


def test_a_graphics_card_computes_in_half_precision_and_everything_else_in_full() -> None:
    precisions = {kind: choose_precision(torch.device(kind), None) for kind in ("cuda", "mps", "cpu")}
    assert precisions == {"cuda": torch.float16, "mps": torch.float32, "cpu": torch.float32}
    assert choose_precision(torch.device("cpu"), "bfloat16") == torch.bfloat16
    assert batch_of(torch.device("cuda")) > batch_of(torch.device("cpu"))


def test_threads_are_no_more_than_the_container_s_share_and_afterwards_as_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    torch.set_num_threads(2)
    monkeypatch.setattr(device, "_quota", lambda: 1)
    with right_threads():
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == 2


@pytest.mark.parametrize(
    ("text", "expected"), [("max 100000", None), ("250000 100000", 2), ("50000 100000", 1), ("", None), ("x y", None)]
)
def test_a_container_s_share_is_read_in_whole_processors(tmp_path: Path, text: str, expected: int | None) -> None:
    (tmp_path / "cpu.max").write_text(text, "ascii")
    assert device._quota(tmp_path / "cpu.max") == expected
    assert device._quota(tmp_path / "nowhere") is None
