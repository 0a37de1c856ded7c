"""Look a machine over: what the main job needs, what would make it better."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import ffmpeg

from music_engine.registry import ENGINES
from pipeline.media import ffmpeg_gate, limits
from pipeline.media.limits import DESCRIPTION
from pipeline.settings import Settings
from pipeline.watcher import AUTO, CLIP, choose_watcher
from pipeline.wish import Wish
from scoring.errors import CuesmithError

State = Literal["ok", "missing", "could"]  # "could": works, and could be better

_PACKAGES = ("cv2", "av", "numpy", "scipy", "soundfile", "pyloudnorm", "symusic", "pretty_midi", "moviepy", "rich")
_ROOM_BYTES = 2 * 10**9


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: its name, its state, what was found, and what to do about it."""

    name: str
    state: State
    found: str
    advice: str = ""


def examine(settings: Settings) -> list[Finding]:
    """Everything worth knowing, most needed first."""
    found = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    return [
        Finding("python", "ok" if sys.version_info >= (3, 11) else "missing", found),
        *_packages(),
        _ffmpeg(settings),
        *_engines(settings),
        _clip(settings),
        _room(),
        Finding("processors", "ok", str(os.cpu_count())),
        Finding("child limits", "ok", DESCRIPTION),
        Finding("child network", "ok" if limits.without_network() else "could", *_network()),
    ]


def _packages() -> list[Finding]:
    missing = [name for name in _PACKAGES if find_spec(name) is None]
    if missing:
        return [Finding("packages", "missing", f"not installed: {', '.join(missing)}", "pip install cuesmith again")]
    return [Finding("packages", "ok", f"{len(_PACKAGES)} of {len(_PACKAGES)} installed")]


def _ffmpeg(settings: Settings) -> Finding:
    """Run the binary once, on a tone of its own making."""
    advice = "Set CUESMITH_FFMPEG to an ffmpeg of version 5.1 or later"
    try:
        binary = settings.ffmpeg or ffmpeg_gate.bundled_ffmpeg()
        tone = ffmpeg.input("sine=duration=0.1", f="lavfi").filter("ebur128", peak="true")
        with ffmpeg_gate.run(ffmpeg_gate.own_output(tone, format="null"), settings, film_s=1.0) as child:
            child.stdout.read()
            child.finish()
    except (CuesmithError, OSError) as error:
        return Finding("ffmpeg", "missing", str(error), advice)
    return Finding("ffmpeg", "ok", f"{binary.name}, runs")


def _engines(settings: Settings) -> list[Finding]:
    """Each engine; one that cannot start is missing only where no other can."""
    found = {name: entry.check(settings.engines) for name, entry in ENGINES.items()}
    without: State = "could" if any(state.ready for state in found.values()) else "missing"
    rows = []
    for name, state in found.items():
        text = f"{state.reason}; auto leaves it alone: {state.unfit}" if state.unfit else state.reason
        rows.append(Finding(f"engine {name}", "ok" if state.ready else without, text, state.advice))
    return rows


def _clip(settings: Settings) -> Finding:
    """Whether what is shown can be read; without it colour and motion are."""
    watcher = choose_watcher(
        Wish(analyser=AUTO), settings, stage=lambda name: lambda share: None, note=lambda text: None
    )
    if watcher.kind == CLIP:
        return Finding("analyser clip", "ok", watcher.why)
    steps = watcher.why.partition(": ")[2]
    return Finding("analyser clip", "could", "not ready; colour-motion reads films", steps)


def _network() -> tuple[str, str]:
    if limits.without_network():
        return "cut off: each child has a network of its own with nothing in it", ""
    return "not cut off on this system", "The white-list of protocols (files only) still holds"


def _room() -> Finding:
    folder = Path(tempfile.gettempdir())
    free_bytes = shutil.disk_usage(folder).free
    text = f"{free_bytes / 1e9:.0f} GB free in {folder}"
    if free_bytes < _ROOM_BYTES:
        return Finding("disk", "could", text, "An hour of film takes about 4 GB while it is worked on")
    return Finding("disk", "ok", text)
