"""How fast one key may ask: a bucket of tokens that fills steadily."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

BURST_S = 10.0  # a key that was quiet may send this many seconds' worth at once
_MOST_KEYS = 10_000


@dataclass(slots=True)
class _Bucket:
    per_minute: int
    tokens: float
    at_s: float


class Buckets:
    """One for a process; the keys used longest ago are forgotten, which gives them a full bucket."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, key: str, now_s: float, per_minute: int | None = None) -> float:
        """Take one token: 0 when there was one, else seconds until there is.

        per_minute: how fast this key's bucket fills; None for one whose speed is not known yet, which takes nothing.
        """
        bucket = self._known.get(key)
        if per_minute is not None and (bucket is None or bucket.per_minute != per_minute):
            bucket = _Bucket(per_minute, _room(per_minute), now_s)
            self._known[key] = bucket
            if len(self._known) > _MOST_KEYS:
                self._known.popitem(last=False)
        if bucket is None:
            return 0.0
        self._known.move_to_end(key)
        speed = bucket.per_minute / 60.0
        bucket.tokens = min(_room(bucket.per_minute), bucket.tokens + (now_s - bucket.at_s) * speed)
        bucket.at_s = now_s
        if bucket.tokens < 1.0:
            return (1.0 - bucket.tokens) / speed if speed else 60.0
        bucket.tokens -= 1.0
        return 0.0

    def set_speed(self, key: str, per_minute: int) -> None:
        """From now on a known key's bucket fills that fast; it takes nothing."""
        if key in self._known:
            self._known[key].per_minute = per_minute

    def knows(self, key: str) -> bool:
        """Whether the key's speed is known."""
        return key in self._known


def _room(per_minute: int) -> float:
    return max(1.0, per_minute / 60.0 * BURST_S) if per_minute else 0.0
