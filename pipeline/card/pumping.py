"""How restless the music's gain is where nothing gives it a reason to move (row E3)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.card.evidence import Series
from pipeline.card.laid import MUTED_DB
from pipeline.sound.automation import HOLD_S, LOOK_AHEAD_S, MUTE_FADE_S, RATE_HZ, UP_S
from scoring.timebase import TimeRange

CHANGE_DB = 3.0
_LATE_S = 0.5  # a gain may move this much before and after it is drawn to
_EVERY = RATE_HZ // 10  # a gain takes longer than a tenth of a second to move


def free_points(gain_db: Series, speech: Sequence[TimeRange], quiet: Sequence[TimeRange]) -> NDArray[np.bool_]:
    """[N] where no speech begins or ends and no rest fades, of a gain with RATE_HZ points a second."""
    free = np.ones(gain_db.size, bool)
    fade_s = MUTE_FADE_S + _LATE_S
    for stretch in speech:
        _close(free, stretch.start_s - LOOK_AHEAD_S - _LATE_S, stretch.start_s + _LATE_S)
        _close(free, stretch.end_s - _LATE_S, stretch.end_s + HOLD_S + UP_S + _LATE_S)
    for stretch in quiet:
        _close(free, stretch.start_s - fade_s, stretch.end_s + fade_s)
    for first, last in _runs(gain_db < MUTED_DB):
        _close(free, first / RATE_HZ - fade_s, last / RATE_HZ + fade_s)
    return free


def changes_s(gain_db: Series, free: NDArray[np.bool_]) -> list[float]:
    """When the gain has moved by more than CHANGE_DB one way, within each free stretch; one long move counts once."""
    found: list[float] = []
    for first, last in _runs(free):
        low = high = float(gain_db[first])  # since the last move, its far end
        way = 0
        for point in range(first, last, _EVERY):
            value = float(gain_db[point])
            low, high = min(low, value), max(high, value)
            rises, falls = value - low > CHANGE_DB, high - value > CHANGE_DB
            if (rises and way <= 0) or (falls and way >= 0):
                way = 1 if rises and way <= 0 else -1
                found.append(point / RATE_HZ)
            # Along the way only the far end counts; a move back is measured from there.
            if way > 0:
                low = high
            elif way < 0:
                high = low
    return found


def _close(free: NDArray[np.bool_], begin_s: float, end_s: float) -> None:
    first, last = (min(free.size, max(0, round(t * RATE_HZ))) for t in (begin_s, end_s))
    free[first:last] = False


def _runs(holds: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], holds, [False]]).astype(np.int8))).reshape(-1, 2)
    return [(int(first), int(last)) for first, last in edges]
