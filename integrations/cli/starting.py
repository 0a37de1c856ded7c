"""`--starts-at`: what the film's timecode says at its first picture."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

import typer

StartsAt = Annotated[
    str | None,
    typer.Option(
        "--starts-at",
        help="The first picture's timecode, HH:MM:SS:FF (;FF for drop-frame), or seconds. Default: the film's own.",
    ),
]
_DAY_S = 86_400.0


def read_start(text: str, film: Path) -> float:
    """Real seconds since midnight. A timecode counts the film's frames, so the film is looked at for its rate.

    Raises InputError for what is neither seconds of a day nor a timecode of that rate; what probe raises.
    """
    from scoring.errors import InputError

    allowed = "Write HH:MM:SS:FF, or seconds from 0 to below 86400"
    try:
        seconds = float(text)
    except ValueError:
        return _of_timecode(text, film, allowed)
    if not (math.isfinite(seconds) and 0 <= seconds < _DAY_S):
        raise InputError(f"--starts-at is {text!r}", allowed)
    return seconds


def _of_timecode(label: str, film: Path, allowed: str) -> float:
    from pipeline.media.probe import probe
    from pipeline.settings import Settings
    from scoring.errors import InputError
    from scoring.timecode import Timecode, is_drop_label

    if label.count(":") + label.count(";") < 2:
        raise InputError(f"--starts-at is {label!r}", allowed)
    rate = probe(film, Settings.from_env()).info.frame_rate
    try:
        timecode = Timecode(rate, is_drop_label(label))
        return float(timecode.seconds(timecode.frame(label)))
    except ValueError as error:
        raise InputError(f"--starts-at is {label!r}: {error}", allowed) from error
