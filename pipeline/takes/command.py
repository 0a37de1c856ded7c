"""The command that goes on from one take: its cue sheet, and what was asked besides that no sheet holds."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from pipeline.wish import Wish
from scoring.timebase import TimeRange

# What a take's own cue sheet says, or the command says anyhow.
IN_THE_SHEET = {"output", "style", "seed", "cues", "prompts", "asked", "edit"}


def _word(option: str) -> Callable[[Any], list[str]]:
    return lambda value: [option, f"{value:g}" if isinstance(value, float) else str(value)]


def _flag(option: str) -> Callable[[Any], list[str]]:
    return lambda value: [option]


def _stretch(stretch: TimeRange) -> str:
    return "-".join(_seconds(edge_s, 3) for edge_s in (stretch.start_s, stretch.end_s))


def _seconds(time_s: float, decimals: int = 6) -> str:
    return f"{time_s:.{decimals}f}".rstrip("0").rstrip(".")


def _path(option: str) -> Callable[[Any], list[str]]:
    return lambda path: [option, str(_folder(path))]


def _folder(name: str) -> Path:
    return Path(name).expanduser().absolute()


def _sampling(chosen: Mapping[str, object]) -> list[str]:
    """The settings of sampling that the command has options for; the others come from the environment."""
    named = {"steps": "--steps", "guidance_scale": "--guidance-scale"}
    return [word for name, option in named.items() if name in chosen for word in _word(option)(chosen[name])]


def _nothing(value: object) -> list[str]:
    """What no option says, because it comes from the settings."""
    return []


ENGINE: Mapping[str, Callable[[Any], list[str]]] = {
    "soundfont": _nothing,
    "checkpoint": _path("--checkpoint"),
    "vocabulary": _nothing,
    "device": _word("--device"),
    "precision": _word("--precision"),
    "lora": _path("--lora"),
    "lora_weight": _word("--lora-weight"),
    "sampling": _sampling,
}
OPTIONS: Mapping[str, Callable[[Any], list[str]]] = {
    "engine": _word("--engine"),
    "engines": lambda options: [word for name, value in options.said().items() for word in ENGINE[name](value)],
    "loudness": _word("--loudness"),
    "stems": _flag("--stems"),
    "music": _flag("--music"),
    "starts_at_s": lambda time_s: ["--starts-at", _seconds(time_s)],
    "dialogue": _word("--dialogue"),
    "clearance_lu": _word("--clearance"),
    "existing_music": _word("--existing-music"),
    "music_level_db": _word("--music-level"),
    "surround_db": _word("--surround"),
    "only": lambda stretch: ["--range", _stretch(stretch)],
    "no_music": lambda rows: [word for row in rows for word in ("--no-music", _stretch(row))],
    "fallback": _flag("--fallback"),
    "analyser": _word("--analyser"),
    "encoder": lambda name: ["--encoder", str(_folder(name) if _folder(name).is_dir() else name)],
    "calibration": _path("--calibration"),
    "vocabulary": _path("--vocabulary"),
    "words": _path("--words"),
    "describe": _word("--describe"),
    "subtitles": _flag("--no-subtitles"),
}


def keeping_command(film: Path, cues: Path, result: Path, wish: Wish) -> str:
    """What to type in the result's folder to score the film from a take's sheet, quoted for a POSIX shell.

    result: where the run by itself is to put its film. The music is the take's, sample by sample, until the sheet is
    edited.
    """
    folder = result.parent
    is_beside = film.absolute().parent == folder
    words = ["cuesmith", "score", _relative(film.name) if is_beside else str(film.absolute())]
    words += ["--cues", _relative(cues.name)]
    if wish.output is not None:
        words += ["-o", _relative(result.name)]
    usual = Wish()
    for field in fields(Wish):
        value = getattr(wish, field.name)
        if field.name in OPTIONS and value != getattr(usual, field.name):
            words += OPTIONS[field.name](value)
    return shlex.join(words)


def _relative(name: str) -> str:
    """A name that no command takes for an option."""
    return f"./{name}" if name.startswith("-") else name
