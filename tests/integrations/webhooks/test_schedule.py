"""When a webhook is tried again."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.webhooks.schedule import DELAYS_S, JITTER, MOST_ASKED_S, meaning, next_delay_s, retry_after_s

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


def test_ten_attempts_take_75_hours_and_a_half() -> None:
    made = [next_delay_s(attempts, jitter=0.0) for attempts in range(11)]
    assert made[:10] == [0, 5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]
    assert made[10] is None
    assert round(sum(DELAYS_S) / 3600, 1) == 75.6


@given(st.integers(0, 30), st.floats(-1, 2), st.one_of(st.none(), st.floats(0, 1e9)))
def test_a_delay_is_never_shorter_than_the_schedule_nor_longer_than_its_bounds(
    attempts: int, jitter: float, asked_s: float | None
) -> None:
    delay_s = next_delay_s(attempts, jitter=jitter, asked_s=asked_s)
    if attempts >= len(DELAYS_S):
        assert delay_s is None
    else:
        assert delay_s is not None
        assert DELAYS_S[attempts] <= delay_s <= max(DELAYS_S[attempts] * (1 + JITTER), MOST_ASKED_S)
        assert delay_s >= min(asked_s or 0.0, MOST_ASKED_S)


def test_what_a_receiver_asks_for_counts_where_it_is_longer() -> None:
    assert next_delay_s(1, jitter=0.0, asked_s=90.0) == 90.0
    assert next_delay_s(3, jitter=0.0, asked_s=90.0) == 1800.0
    assert next_delay_s(1, jitter=0.0, asked_s=1e9) == MOST_ASKED_S
    assert next_delay_s(2, jitter=1.0) == pytest.approx(330.0)


def test_only_2xx_is_delivered_and_only_410_is_for_good() -> None:
    meant = {status: meaning(status) for status in range(100, 600)}
    assert {status for status, means in meant.items() if means == "delivered"} == set(range(200, 300))
    assert [status for status, means in meant.items() if means == "gone"] == [410]
    assert set(meant.values()) == {"delivered", "gone", "retry"}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ("", None),
        ("0", 0.0),
        (" 120 ", 120.0),
        ("9" * 400, 999999999.0),
        ("-5", None),
        ("1.5", None),
        ("١٢", None),
        ("soon", None),
        ("Sun, 01 Mar 2026 12:10:00 GMT", 600.0),
        ("Sun, 01 Mar 2026 11:10:00 GMT", 0.0),
        ("Sun, 01 Mar 2026 14:10:00 +0200", 600.0),
        ("Sun, 01 Mar 2026 12:10:00", 600.0),
        ("Sun, 99 Mar 99999 12:10:00 GMT", None),
    ],
)
def test_retry_after_reads_seconds_and_dates_and_nothing_else(value: str | None, expected: float | None) -> None:
    assert retry_after_s(value, NOW) == expected
    assert retry_after_s(value, NOW.astimezone()) == expected


@given(st.text())
def test_whatever_stands_in_retry_after_breaks_nothing(value: str) -> None:
    found = retry_after_s(value, NOW)
    assert found is None or found >= 0
