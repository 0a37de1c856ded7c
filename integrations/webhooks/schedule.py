"""When a webhook is tried again, and what an answer to it means."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Literal

# Standard Webhooks 1.0.0, "Retry schedule": ten attempts over 75.6 hours. The first is at once.
DELAYS_S = (0.0, 5.0, 300.0, 1800.0, 7200.0, 18000.0, 36000.0, 50400.0, 72000.0, 86400.0)
JITTER = 0.1  # the most that is added, as a share: receivers that were down together are not called together
MOST_ASKED_S = 6 * 3600.0  # how long a receiver may ask to be left alone

Meaning = Literal["delivered", "gone", "retry"]


def next_delay_s(attempts: int, *, jitter: float, asked_s: float | None = None) -> float | None:
    """Seconds from the last attempt to the next, None where there is none.

    attempts: made so far, 0 or more. jitter: random, 0 to 1. asked_s: what the receiver asked for with Retry-After;
    heeded where it is longer than the schedule, up to six hours.
    """
    if attempts >= len(DELAYS_S):
        return None
    delay_s = DELAYS_S[attempts] * (1.0 + JITTER * min(max(jitter, 0.0), 1.0))
    return max(delay_s, min(asked_s or 0.0, MOST_ASKED_S))


def meaning(status: int) -> Meaning:
    """What an answer's status means: 2xx delivered, 410 never again, all else, redirects too, again later."""
    if 200 <= status < 300:
        return "delivered"
    return "gone" if status == 410 else "retry"


def retry_after_s(value: str | None, now: datetime) -> float | None:
    """Seconds from now that a Retry-After header means, 0 or more; None where it means nothing (RFC 9110, 10.2.3)."""
    if value is None:
        return None
    value = value.strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])  # longer numbers are years as well
    try:
        until = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(0.0, (until - now).total_seconds())
