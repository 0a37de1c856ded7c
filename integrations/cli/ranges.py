"""Option values as people type them: film times (1:05), stretches (12-30, 1:05-1:20.5) and words from a list."""

from __future__ import annotations

import re
from typing import Any

from scoring.errors import InputError, UnknownChoice
from scoring.timebase import TimeRange

_CLOCK = r"(?:(?:(\d+):)?(\d{1,2}):)?(\d+(?:\.\d+)?)"
_TIME = re.compile(rf"\s*{_CLOCK}\s*")
_RANGE = re.compile(rf"\s*{_CLOCK}\s*[-–]\s*{_CLOCK}\s*")


def read_range(text: str, option: str) -> TimeRange:
    """A half-open stretch, film seconds. Raises InputError that names the option and shows how it is written."""
    found = _RANGE.fullmatch(text)
    if found:
        start_s, end_s = _seconds(*found.groups()[:3]), _seconds(*found.groups()[3:])
        if start_s < end_s:
            return TimeRange(start_s, end_s)
    raise InputError(f"{option} is {text!r}", "Write it as IN-OUT, for example 12-30.5 or 1:05-1:20")


def read_time(text: str, option: str) -> float:
    """A film time, seconds. Raises InputError that names the option and shows how it is written."""
    found = _TIME.fullmatch(text)
    if found is None:
        raise InputError(f"{option} is {text!r}", "Write seconds or a clock, for example 12.5 or 1:05")
    return _seconds(*found.groups())


def _seconds(hours: str | None, minutes: str | None, seconds: str) -> float:
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + float(seconds)


def one_of(option: str, found: str, known: tuple[str, ...]) -> Any:
    """The word, when it is on the list. Raises UnknownChoice."""
    if found not in known:
        raise UnknownChoice.among(option, found, list(known))
    return found
