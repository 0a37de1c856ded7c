"""Weights in fewer bits: what is held, and how far the velocity moves."""

from __future__ import annotations

import pytest
import torch
from ace_step_models import SMALL, condition, latents, reader, transformer
from torch import Tensor

from music_engine.ace_step.dit.linear import Linear
from music_engine.ace_step.precision import PRECISIONS, load_transformer, quantised
from music_engine.ace_step.slab import Slabs
from scoring.errors import CheckpointRefused


def velocity(precision: str) -> Tensor:
    model = transformer(precision)
    with torch.no_grad():
        found: Tensor = model(*latents(), condition(model))
    return found.float()


def drift(precision: str) -> float:
    exact = velocity("float32")
    return float((velocity(precision) - exact).norm() / exact.norm())


def test_bfloat16_weights_widened_for_each_layer_give_float32s_numbers() -> None:
    assert torch.equal(velocity("bfloat16-stored"), velocity("float32"))


@pytest.mark.parametrize(("precision", "most"), [("bfloat16-mixed", 0.01), ("bfloat16", 0.05), ("int8", 0.02)])
def test_fewer_bits_move_the_velocity_by_little_but_by_something(precision: str, most: float) -> None:
    assert 1e-5 < drift(precision) < most


@pytest.mark.parametrize("precision", PRECISIONS)
def test_matrices_are_held_as_the_precision_says(precision: str) -> None:
    model, wanted = transformer(precision), PRECISIONS[precision]
    assert {module.weight.dtype for module in model.modules() if isinstance(module, Linear)} == {wanted.stored}
    assert model.dtype == wanted.flowing
    assert not any(parameter.requires_grad for parameter in model.parameters())


def test_a_tensor_that_is_right_already_is_kept_and_not_copied() -> None:
    tensors: dict[str, Tensor] = {}
    stored = reader()
    model = load_transformer(SMALL, lambda key: tensors.setdefault(key, stored(key)), PRECISIONS["bfloat16-stored"])
    name = "transformer_blocks.0.attn.to_q.weight"
    assert model.get_parameter(name).data_ptr() == tensors[name].data_ptr()


def test_every_parameter_is_read_once_and_nothing_else() -> None:
    asked: list[str] = []
    stored = reader()
    model = load_transformer(SMALL, lambda key: (asked.append(key), stored(key))[1])
    assert sorted(asked) == sorted(dict(model.named_parameters()))
    assert not any("projectors" in name or "add_q_proj" in name for name in asked)


def test_a_tensor_of_another_shape_is_refused_with_its_name_and_both_shapes() -> None:
    name = "transformer_blocks.3.ff.point_conv.conv.weight"
    stored = reader()
    with pytest.raises(CheckpointRefused, match=rf"{name} has the shape \[1\], expected \[32, 80, 1\]"):
        load_transformer(SMALL, lambda key: torch.zeros(1) if key == name else stored(key))


def test_a_rounded_row_is_off_by_half_a_step_at_most_and_keeps_its_largest_value() -> None:
    weight = torch.randn(3, 5, 7, generator=torch.Generator().manual_seed(0))
    weight[2] = 0
    found, step = quantised(weight, Slabs(torch.device("cpu")))
    assert found.dtype == torch.int8
    assert found.shape == weight.shape
    error = (found.flatten(1) * step[:, None] - weight.flatten(1)).abs().amax(dim=1)
    assert (error <= step / 2 + 1e-7).all()
    assert found.flatten(1).abs().amax(dim=1).tolist() == [127, 127, 0]


def test_a_cast_in_pieces_is_the_cast_in_one(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = {name: velocity(name) for name in ("bfloat16-stored", "int8")}
    monkeypatch.setattr("music_engine.ace_step.dit.linear.CAST_ROWS", 5)
    monkeypatch.setattr("music_engine.ace_step.slab.SCRATCH_NUMBERS", 500)
    for name, expected in whole.items():
        torch.testing.assert_close(velocity(name), expected, atol=1e-5, rtol=0)
