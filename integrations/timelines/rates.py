"""Which frame rate a film's timeline has: its own, or where no program knows that one, the nearest that serves."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources

from scoring.timebase import FrameRate

_SAME = 1e-4  # relative; a measured rate this near to a known one is it, as in FrameRate.nearest


@cache
def known_rates() -> tuple[FrameRate, ...]:
    """Every rate of data/rates.toml, slowest first."""
    text = (resources.files("integrations") / "timelines" / "data" / "rates.toml").read_text(encoding="utf-8")
    return tuple(FrameRate.parse(rate) for rate in tomllib.loads(text)["rates"])


def timeline_rate(film: FrameRate, is_variable: bool = False) -> tuple[FrameRate, str]:
    """The constant rate of a film's timeline, and what to tell people of it, "" where it is simply the film's.

    A film of a constant rate that no program knows gets the slowest known one that shows each of its pictures a whole
    number of times; where there is none, and for a film of a variable rate, the nearest.
    """
    nearest = min(known_rates(), key=lambda rate: abs(rate.fraction - film.fraction))
    is_known = abs(nearest.fraction - film.fraction) <= _SAME * film.fraction
    if is_variable:
        uneven = f"the film's frame rate varies, around {shown(film)}"
        return nearest, f"{uneven}; the timeline has {shown(nearest)} frames a second"
    if is_known:
        return nearest, ""
    whole = (rate for rate in known_rates() if (rate.fraction / film.fraction).denominator == 1)
    chosen = next(whole, nearest)
    return chosen, f"no program has timelines of {shown(film)} frames a second; this one has {shown(chosen)}"


def shown(rate: FrameRate) -> str:
    """A rate for people: "25", "29.97"."""
    return f"{float(rate.fraction):.3f}".rstrip("0").rstrip(".")
