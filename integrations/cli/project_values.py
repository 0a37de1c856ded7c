"""What may stand in a `cuesmith.toml`: its keys, the kinds of their values, and the readers that the options have."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import typer

from scoring.errors import ConfigError, InputError, UnknownChoice

FILE_NAME = "cuesmith.toml"
TABLE = "score"
_FILES = ("cues", "prompts", "vocabulary", "words", "calibration", "timeline")
KEYS = (
    *("style", "engine", "fallback", "steps", "guidance-scale", "seed", "takes", "loudness", "stems", "music"),
    *("prompt", "avoid", "instruments", "mood", "bpm", "key", "describe", "subtitles", "analyser", "encoder"),
    *("dialogue", "clearance", "existing-music", "music-level", "surround", "range", "no-music"),
    *("hit-colour", "timeline-track", "timeline-start", "starts-at", *_FILES),
)
OF_ONE_FILM = ("cues", "prompts", "words", "timeline", "timeline-start")
_OF_THE_MACHINE = {
    "output": "Say it with -o",
    "checkpoint": "Say it with --checkpoint, or set CUESMITH_CHECKPOINT",
    "lora": "Say it with --lora, or set CUESMITH_LORA",
    "lora-weight": "Say it with --lora-weight, or set CUESMITH_LORA_WEIGHT",
    "device": "Say it with --device, or set CUESMITH_DEVICE",
    "precision": "Say it with --precision, or set CUESMITH_PRECISION",
    "server": "Say it with --server",
    "api-key": "Say it with --api-key",
    "key-file": "Say it with --key-file",
}


def checked_values(path: Path, options: Mapping[str, Any], ctx: Any) -> dict[str, Any]:
    """A file's values, option name → value as the option takes it, its paths absolute.

    options: those of the command by name, with ctx, for their own bounds. Raises ConfigError with the file, the key,
    the value found and what is allowed.
    """
    values = dict(_table(path))
    for name in values:
        if name not in KEYS:
            raise _unknown(path, name)
    for name in (name for name in _FILES if name in values):
        values[name] = _file(path, name, values[name])
    for name, value in values.items():
        _check_kind(path, name, value)
        if name in options and name not in _FILES:
            _check_option(path, name, value, options[name], ctx)
    _check_meaning(path, values)
    return values


def _table(path: Path) -> Mapping[str, Any]:
    from integrations.watch_folder.toml_file import read_toml

    document = read_toml(path)
    for name in document:
        if name != TABLE:
            advice = f"Put settings under [{TABLE}]" if name in KEYS else f"The one table there is, is [{TABLE}]"
            raise refused(path, f"it has {name!r} outside of [{TABLE}]", advice)
    table = document.get(TABLE, {})
    if not isinstance(table, dict):
        raise refused(path, f"{TABLE} is {table!r}", f"Write it as a table, [{TABLE}], with a setting a line below it")
    return table


def _unknown(path: Path, name: str) -> ConfigError:
    import difflib

    if name in _OF_THE_MACHINE:
        what = f"{name} is not read from a {FILE_NAME}, as one may have come with the footage"
        return refused(path, what, _OF_THE_MACHINE[name])
    near = difflib.get_close_matches(name.lower().replace("_", "-"), KEYS, n=1)
    advice = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(sorted(KEYS))}"
    return refused(path, f"there is no setting {name!r}", advice)


_LISTS, _SWITCHES = ("no-music",), ("stems", "music", "fallback", "subtitles")
_WHOLE = ("seed", "takes", "steps", "timeline-track")
_NUMBERS = ("bpm", "clearance", "music-level", "surround", "guidance-scale")


def _check_kind(path: Path, name: str, value: object) -> None:
    """TOML knows kinds, so that "yes" is no switch and "12" no number."""
    if name in _SWITCHES:
        good, allowed = isinstance(value, bool), "true or false"
    elif name in _LISTS:
        good = isinstance(value, list) and all(isinstance(item, str) for item in value)
        allowed = 'a list of texts: ["0-10", "1:05-1:20"]'
    elif name in _WHOLE:
        good, allowed = isinstance(value, int) and not isinstance(value, bool), "a whole number"
    elif name in _NUMBERS:
        good = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        allowed = "a number"
    else:
        good, allowed = isinstance(value, str | Path), "a text in quotes"
    if not good:
        raise refused(path, f"{name} is {value!r}", f"Write {allowed}")


def _file(path: Path, name: str, value: object) -> Path:
    """A file in the folder of the settings: one that came with footage is not to name the rest of a disk."""
    if not isinstance(value, str):
        raise refused(path, f"{name} is {value!r}", "Write the file's name, in quotes")
    folder = path.parent.resolve()
    try:
        place = (folder / value).resolve()
        is_there = place.is_file() or (place.is_dir() and name == "timeline")
    except (OSError, ValueError) as error:
        raise refused(path, f"{name} is {value!r}: {error}", "Name a file") from error
    if not place.is_relative_to(folder):
        raise refused(
            path, f"{name} is {value!r}, outside of its folder", f"Move the file there, or say it with --{name}"
        )
    if not is_there:
        raise refused(
            path, f"{name} is {value!r}, and {place} is no file", "Paths are relative to the settings' folder"
        )
    return place


def _check_option(path: Path, name: str, value: Any, option: Any, ctx: Any) -> None:
    """What the command line would say of it: bounds, and the conversions of the option's type."""
    try:
        option.process_value(ctx, value)
    except typer.BadParameter as error:
        raise refused(path, f"{name} is {value!r}", error.message.rstrip(".")) from error


def _check_meaning(path: Path, values: Mapping[str, Any]) -> None:
    """Names and forms, by the readers that the options have."""
    for name, read in _readers(values).items():
        if name in values:
            try:
                for value in values[name] if name in _LISTS else [values[name]]:
                    read(value)
            except InputError as error:
                raise refused(path, f"{name} is {values[name]!r}: {error.what}", error.advice) from error


def _readers(values: Mapping[str, Any]) -> dict[str, Callable[[Any], object]]:
    from typing import get_args

    from integrations.cli.asking import ask
    from integrations.cli.ranges import one_of, read_range
    from music_engine.options import AUTO
    from music_engine.registry import own_name
    from pipeline.asking import read_key
    from pipeline.sound.loudness import loudness_target
    from pipeline.wish import Dialogue, ExistingMusic
    from scoring.style import load_style

    vocabulary = values.get("vocabulary")
    return {
        "style": load_style,
        "engine": lambda name: name == AUTO or own_name(name),
        "takes": _check_takes,
        "loudness": loudness_target,
        "instruments": lambda names: ask("", "", names, "", None, ""),
        "mood": lambda mood: ask("", "", "", mood, None, "", vocabulary),
        "key": read_key,
        "dialogue": lambda word: one_of("dialogue", word, get_args(Dialogue)),
        "existing-music": lambda word: one_of("existing-music", word, get_args(ExistingMusic)),
        "range": lambda text: read_range(text, "range"),
        "no-music": lambda text: read_range(text, "no-music"),
        "analyser": _check_analyser,
        "encoder": _check_encoder,
    }


def _check_takes(count: int) -> None:
    from pipeline.score_takes import MOST_TAKES

    if not 1 <= count <= MOST_TAKES:
        raise InputError(f"{count} takes cannot be made", f"Ask for 1 to {MOST_TAKES}")


def _check_analyser(name: str) -> None:
    """Not clip: that would fetch weights over the network, which nobody at this machine asked for."""
    from pipeline.watcher import ANALYSERS, CLIP

    if name == CLIP:
        raise InputError(
            "it would fetch weights where they are not here",
            "Write auto, which takes clip where they are; --analyser clip fetches them",
        )
    if name not in ANALYSERS:
        raise UnknownChoice.among("analyser", name, list(ANALYSERS))


def _check_encoder(name: str) -> None:
    """A name of the table, never a folder of weights."""
    from vision.clip.catalogue import encoder_card

    encoder_card(name)


def refused(path: Path, what: str, advice: str) -> ConfigError:
    """The error for something that a file says."""
    return ConfigError(f"{path}: {what}", advice)
