from __future__ import annotations

from collections.abc import Callable

from music_engine.ace_step.cues.orders import MOST_AT_ONCE, Item, Order, batches, items_of, noise_seed
from scoring.request import CueRequest


def test_only_items_of_equal_length_are_made_together_and_never_too_many() -> None:
    items = [Item(n, 0, 100 + n % 2, n) for n in range(2 * MOST_AT_ONCE + 3)]
    made = batches(items)
    assert sorted(item.order for batch in made for item in batch) == list(range(len(items)))
    for batch in made:
        assert len({item.frames for item in batch}) == 1
        assert len(batch) <= MOST_AT_ONCE


def test_every_segment_has_a_seed_of_its_own_and_the_first_the_cues(ask: Callable[..., CueRequest]) -> None:
    items = items_of([Order.of(ask(duration_s=900.0, seed=77))])
    assert len(items) == 4
    assert items[0].seed == 77
    assert len({item.seed for item in items}) == 4
    assert all(0 <= item.seed < 2**32 for item in items)
    assert noise_seed(2**32 + 5) == 5


def test_lead_in_body_and_tail_are_counted_in_samples(ask: Callable[..., CueRequest]) -> None:
    order = Order.of(ask(duration_s=10.0, lead_in_s=0.5, tail_s=4.0))
    assert (order.lead_in, order.body, order.tail, order.samples) == (24_000, 480_000, 192_000, 696_000)
