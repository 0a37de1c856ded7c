"""A take's sound as an inline SVG: its peaks, with cues and cuts marked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_WIDTH, _HEIGHT, _CUT_HEIGHT = 1000, 100, 7
_LEAST = 0.004  # of full height: silence is a line, not nothing


def draw_waveform(
    peaks: NDArray[np.float64],
    rms: NDArray[np.float64],
    duration_s: float,
    cues_s: Sequence[float],
    cuts_s: Sequence[float],
    passage_s: tuple[float, float],
) -> str:
    """An SVG element that stretches to whatever holds it. peaks, rms: [n] 0..1, one drawn inside the other.

    cues_s: where cues begin. cuts_s: cuts of the picture. passage_s: start and end of what the clip compares.
    """
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        f'<rect class="passage" x="{_x(passage_s[0], duration_s)}" y="0" '
        f'width="{_x(passage_s[1] - passage_s[0], duration_s)}" height="{_HEIGHT}"/>'
        f'<path class="peaks" d="{_outline(peaks)}"/><path class="rms" d="{_outline(rms)}"/>'
        f'<path class="cuts" d="{_ticks(cuts_s, duration_s, _HEIGHT - _CUT_HEIGHT)}"/>'
        f'<path class="cues" d="{_ticks(cues_s, duration_s, 0)}"/></svg>'
    )


def _outline(shares: NDArray[np.float64]) -> str:
    height = np.clip(shares, _LEAST, 1) * _HEIGHT / 2
    x = (np.arange(shares.size) + 0.5) * _WIDTH / shares.size
    above = [f"{a:.1f} {_HEIGHT / 2 - h:.1f}" for a, h in zip(x, height, strict=True)]
    below = [f"{a:.1f} {_HEIGHT / 2 + h:.1f}" for a, h in zip(x[::-1], height[::-1], strict=True)]
    return f"M{'L'.join([*above, *below])}Z"


def _ticks(times_s: Sequence[float], duration_s: float, top: int) -> str:
    bottom = _HEIGHT
    return "".join(f"M{_x(time_s, duration_s)} {top}V{bottom}" for time_s in times_s)


def _x(time_s: float, duration_s: float) -> str:
    return f"{_WIDTH * time_s / duration_s:.1f}"
