"""Scripts put into places, found there, taken away again. Nothing is touched that is not ours, or that was edited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from integrations.resolve.installing.text import NAMES, OPTIONS, Stamp, is_ours, options_text, script_text
from pipeline.publish import refusing, write_text
from scoring.errors import OutputRefused

State = Literal["current", "older", "edited", "missing"]
Deed = Literal["put", "was there", "removed", "kept", "was not there"]


@dataclass(frozen=True, slots=True)
class Done:
    """What was done about a file. why: of what was kept, for people."""

    path: Path
    deed: Deed
    why: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A script's or the options' state in a folder. current: as this version would write it; edited: not by us."""

    path: Path
    state: State


def install(folder: Path, languages: Sequence[str], data: Path | None) -> list[Done]:
    """Put scripts of these languages and the options into a folder, made when missing.

    data: the service's folder of the user whom the scripts are for, None where they are for everybody. Raises
    OutputRefused before anything is written where something of another's is in the way, or the folder is no good.
    """
    stamp = Stamp(folder / OPTIONS, data)
    texts = {folder / NAMES[language]: script_text(language, stamp) for language in languages}
    before = {path: _text(path) for path in texts}
    for path, text in before.items():
        if text is not None and not is_ours(text):
            raise OutputRefused(f"{path} is not as Cuesmith put it there", "Move it away, and install again")
    with refusing(folder / OPTIONS):
        folder.mkdir(parents=True, exist_ok=True)
    done = []
    for path, text in texts.items():
        if before[path] == text:
            done.append(Done(path, "was there"))
        else:
            write_text(path, text)
            done.append(Done(path, "put"))
    return [*done, _put_options(stamp.options)]


def look(folder: Path, data: Path | None) -> list[Found]:
    """What of ours is in a folder."""
    stamp = Stamp(folder / OPTIONS, data)
    found = []
    for language, name in NAMES.items():
        text = _text(folder / name)
        state: State = "missing"
        if text is not None:
            is_current = text == script_text(language, stamp)
            state = "current" if is_current else "older" if is_ours(text) else "edited"
        found.append(Found(folder / name, state))
    options = _text(stamp.options)
    is_default = options == options_text()
    return [*found, Found(stamp.options, "missing" if options is None else "current" if is_default else "edited")]


def remove(folder: Path) -> list[Done]:
    """Take away what install put there. What was edited since is kept. Raises OutputRefused where it cannot be."""
    done = []
    for name in NAMES.values():
        path, text = folder / name, _text(folder / name)
        if text is None:
            done.append(Done(path, "was not there"))
        elif not is_ours(text):
            done.append(Done(path, "kept", "it is not as Cuesmith put it there"))
        else:
            done.append(_remove(path))
    path, options = folder / OPTIONS, _text(folder / OPTIONS)
    if options is None:
        done.append(Done(path, "was not there"))
    elif options != options_text():
        done.append(Done(path, "kept", "it has your settings"))
    else:
        done.append(_remove(path))
    return done


def _put_options(path: Path) -> Done:
    if _text(path) is not None:
        return Done(path, "was there")
    write_text(path, options_text())
    return Done(path, "put")


def _remove(path: Path) -> Done:
    with refusing(path):
        path.unlink()
    return Done(path, "removed")


def _text(path: Path) -> str | None:
    """A file's text; None where there is none. Raises OutputRefused where it cannot be read."""
    if not path.exists():
        return None
    with refusing(path):
        return path.read_text(encoding="utf-8", errors="surrogateescape")
