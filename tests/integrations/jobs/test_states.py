"""The table of a job's states."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.jobs.states import ENDED, EXPIRED, OF_STAGE, QUEUED, STATES, SUCCEEDED, WORKING, may_follow


def test_work_goes_forwards_only() -> None:
    order = (QUEUED, *WORKING, SUCCEEDED)
    for before, after in itertools.product(order, order):
        assert may_follow(before, after) == (order.index(after) > order.index(before))


@pytest.mark.parametrize("before", ENDED)
@pytest.mark.parametrize("after", STATES)
def test_nothing_follows_an_end_but_its_expiry(before: str, after: str) -> None:
    assert may_follow(before, after) == (after == EXPIRED and before != EXPIRED)


@pytest.mark.parametrize("before", [QUEUED, *WORKING])
def test_any_job_that_goes_on_can_fail_or_be_cancelled_and_only_a_queued_one_be_aborted(before: str) -> None:
    assert may_follow(before, "failed")
    assert may_follow(before, "canceled")
    assert may_follow(before, "aborted") == (before == QUEUED)
    assert not may_follow(before, EXPIRED)


@given(st.lists(st.sampled_from(STATES), max_size=30))
def test_no_walk_comes_back_to_where_it_was(wishes: list[str]) -> None:
    state, seen = QUEUED, [QUEUED]
    for wish in wishes:
        if may_follow(state, wish):
            state = wish
            seen.append(state)
    assert len(seen) == len(set(seen))


def test_every_stage_of_the_pipeline_has_a_state() -> None:
    assert set(OF_STAGE.values()) == set(WORKING)
