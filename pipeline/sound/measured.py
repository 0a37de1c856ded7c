"""Loudness and true peak of a finished file, as ffmpeg's ebur128 reads them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.media import ffmpeg_gate
from pipeline.media.probe import MediaProbe
from pipeline.settings import Settings
from scoring.errors import MediaToolError

_NOTHING_LUFS = -69.9  # ebur128 prints −70 for "nothing passed the gate"

Advance = Callable[[float], None]  # called with the share done, 0..1


@dataclass(frozen=True, slots=True)
class Measured:
    """Integrated loudness, loudness range (EBU Tech 3342) and true peak of an encoded file. −inf where it is silent."""

    integrated_lufs: float
    true_peak_dbtp: float
    range_lu: float


def measure(path: Path, film_s: float, settings: Settings, advance: Advance = lambda share: None) -> Measured:
    """What a sound file that we wrote measures. Raises MediaToolError."""
    return _measured(ffmpeg_gate.own_input(path).audio, film_s, settings, advance)


def measure_film(film: MediaProbe, settings: Settings, advance: Advance = lambda share: None) -> Measured:
    """What the first sound stream of a film from outside measures. Raises MediaToolError."""
    source = ffmpeg_gate.outside_input(film.path, film.container, settings)
    return _measured(source[str(film.info.audio[0].index)], film.longest_s, settings, advance)


def _measured(sound: Any, film_s: float, settings: Settings, advance: Advance) -> Measured:
    heard = sound.filter("ebur128", peak="true", framelog="verbose")
    output = ffmpeg_gate.own_output(heard, format="null")
    return _parse(ffmpeg_gate.run_through(output, settings, film_s=film_s, advance=advance))


def _parse(text: str) -> Measured:
    summary = text[text.rfind("Summary:") :]
    values = {}
    for name, pattern in (
        ("integrated_lufs", r"I:\s+(\S+) LUFS"),
        ("range_lu", r"LRA:\s+(\S+) LU\b"),
        ("true_peak_dbtp", r"True peak:\s+Peak:\s+(\S+) dBFS"),
    ):
        found = re.search(pattern, summary)
        if found is None:
            raise MediaToolError("ffmpeg's loudness summary could not be read", "Run with --debug and report it")
        values[name] = float(found.group(1))
    if values["integrated_lufs"] <= _NOTHING_LUFS:
        values["integrated_lufs"] = -math.inf
    return Measured(**values)
