"""The two attentions against their formulas, written out one pair at a time."""

from __future__ import annotations

import torch
from torch import Tensor

from music_engine.ace_step.dit.attention import CrossAttention, LinearAttention, allowed_pairs
from music_engine.ace_step.dit.rotary import rotary, turned

HEADS, WIDTH, THETA = 2, 16, 1_000_000.0


def drawn(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def layer_of(kind: type) -> torch.nn.Module:
    torch.manual_seed(3)
    return kind(WIDTH, HEADS).requires_grad_(False)


def test_linear_attention_is_a_weighted_mean_of_the_values_over_all_pairs() -> None:
    layer, x = layer_of(LinearAttention), drawn(1, 5, WIDTH)
    table = rotary(5, WIDTH // HEADS, THETA)
    q = turned(layer.to_q(x).view(1, 5, HEADS, -1), table).relu()[0]
    k = turned(layer.to_k(x).view(1, 5, HEADS, -1), table).relu()[0]
    v = layer.to_v(x).view(5, HEADS, -1)
    out = torch.zeros(5, HEADS, WIDTH // HEADS)
    for t in range(5):
        for h in range(HEADS):
            weights = torch.stack([q[t, h] @ k[s, h] for s in range(5)])
            out[t, h] = sum(weights[s] * v[s, h] for s in range(5)) / (weights.sum() + 1e-15)
    torch.testing.assert_close(layer(x, table), layer.to_out[0](out.flatten(1))[None], atol=1e-5, rtol=1e-4)


def test_a_query_with_nothing_positive_hears_nothing() -> None:
    layer = layer_of(LinearAttention)
    layer.to_q.weight.zero_()
    layer.to_q.bias.fill_(0.0)
    heard = layer(drawn(1, 4, WIDTH), rotary(4, WIDTH // HEADS, THETA))
    torch.testing.assert_close(heard, layer.to_out[0].bias.expand(1, 4, -1))


def test_a_pair_is_allowed_only_where_the_masks_multiply_to_exactly_one() -> None:
    keys, queries = torch.tensor([[1.0, 0.5, 2.0, 0.0]]), torch.tensor([[1.0, 0.5]])
    assert allowed_pairs(keys, None).tolist() == [[[[True, False, False, False]]]]
    assert allowed_pairs(keys, queries).tolist() == [[[[True, False, False, False], [False, False, True, False]]]]


def test_a_query_that_may_look_nowhere_gets_only_the_bias() -> None:
    layer, states = layer_of(CrossAttention), drawn(1, 3, WIDTH, seed=1)
    table = rotary(3, WIDTH // HEADS, THETA)
    allowed = allowed_pairs(torch.ones(1, 3), torch.tensor([[1.0, 0.0, 1.0]]))
    out = layer(drawn(1, 3, WIDTH), layer.remember(states, table), table, allowed)
    assert torch.equal(out[0, 1], layer.to_out[0].bias)
    assert out.isfinite().all()


def test_neighbours_turn_by_angles_of_their_own() -> None:
    table = rotary(4, 8, THETA)
    x = drawn(1, 4, 1, 8)
    angle = 3 / THETA ** (torch.arange(4) / 4)
    y = turned(x, table)[0, 3, 0]
    a0, a1 = angle[0], angle[1]  # channels 0 and 1 are a pair, and each has the next angle of the half-split table
    torch.testing.assert_close(y[0], x[0, 3, 0, 0] * a0.cos() - x[0, 3, 0, 1] * a0.sin())
    torch.testing.assert_close(y[1], x[0, 3, 0, 1] * a1.cos() + x[0, 3, 0, 0] * a1.sin())
    torch.testing.assert_close(y[4], x[0, 3, 0, 4] * a0.cos() - x[0, 3, 0, 5] * a0.sin())
