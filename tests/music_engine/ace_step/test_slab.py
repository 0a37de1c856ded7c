"""Room for weights: from large pieces, none of it twice."""

from __future__ import annotations

import pytest
import torch

from music_engine.ace_step import slab
from music_engine.ace_step.slab import Slabs

CPU = torch.device("cpu")


def test_tensors_do_not_overlap_and_start_where_vectors_like_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slab, "SLAB_BYTES", 256)
    slabs = Slabs(CPU)
    made = [
        slabs.empty(torch.Size(shape), dtype).fill_(number)
        for number, (shape, dtype) in enumerate(
            [((3, 5), torch.float32), ((7,), torch.int8), ((100, 9), torch.bfloat16), ((1,), torch.float32)] * 3
        )
    ]
    assert all((tensor == number).all() for number, tensor in enumerate(made))
    assert all(tensor.data_ptr() % 64 == 0 for tensor in made)


def test_small_tensors_share_a_piece() -> None:
    slabs = Slabs(CPU)
    first, second = (slabs.empty(torch.Size((4,)), torch.float32) for _ in range(2))
    assert first.untyped_storage().data_ptr() == second.untyped_storage().data_ptr()


def test_what_is_right_already_is_handed_back_itself() -> None:
    tensor = torch.ones(3, dtype=torch.bfloat16)
    assert Slabs(CPU).copy(tensor, torch.bfloat16) is tensor
    assert Slabs(CPU).copy(tensor, torch.float32).tolist() == [1.0, 1.0, 1.0]
