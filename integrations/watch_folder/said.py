"""What one table of settings says about films, read and checked: fields of an order's wish, and texts from files.

Which fields there are and what they may be is integrations.jobs.orders' to say; it is asked one field at a time, so
that a refusal can name the file, the table, the key and the value.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from integrations.jobs.orders import Order, check_order, read_order
from integrations.watch_folder.names import is_inside, shown
from pipeline.text.encoding import decode
from scoring.errors import ConfigError, CuesmithError, InputError

MOST_BYTES = 8 * 2**20  # of any text file that is read here; an order takes two million characters
FILES: Mapping[str, str] = {"cues": "sheet", "prompts": "prompts", "vocabulary": "vocabulary", "words": "words"}
TIMELINE, HIT_COLOUR = "timeline", "hit_colour"
_COLOUR_CHARACTERS = 40
_NOTHING: tuple[object, ...] = ("", [])


@dataclass(frozen=True, slots=True)
class Said:
    """What is said. An empty value takes back what was said further out.

    wish, texts: as an order has them. timeline: a file that holds the film's edit. hit_colour: of the marks in it that
    count, "" for all; None where nothing is said. paths: the files that were read.
    """

    wish: Mapping[str, Any] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    timeline: Path | None = None
    hit_colour: str | None = None
    paths: tuple[Path, ...] = ()

    def then(self, nearer: Said) -> Said:
        """Both together; what the nearer one says counts."""
        return Said(
            {**self.wish, **nearer.wish},
            {**self.texts, **nearer.texts},
            self.timeline if nearer.timeline is None else nearer.timeline,
            self.hit_colour if nearer.hit_colour is None else nearer.hit_colour,
            self.paths + nearer.paths,
        )

    def order(self, edit: str | None = None) -> Order:
        """The order for a film. edit: the text of its edit. Raises what check_order does."""
        texts = dict(self.texts) if edit is None else {**self.texts, "edit": edit}
        wish = {name: value for name, value in self.wish.items() if value not in _NOTHING}
        order = read_order({"kind": "score", "wish": wish, "texts": texts})
        check_order(order)
        return order


def read_said(table: Mapping[str, Any], where: str, folder: Path, limit: Path | None) -> Said:
    """Read a table. where: its file and name, for people. folder: what files named in it are relative to. limit: the
    folder that they must lie in, None for anywhere. Raises ConfigError.
    """
    wish: dict[str, Any] = {}
    texts: dict[str, str] = {}
    timeline, colour, paths = None, None, []
    for key, value in table.items():
        if key in FILES and value == "":
            texts[FILES[key]] = ""
        elif key in FILES or key == TIMELINE:
            path = _place(value, f"{where}: {key}", folder, limit)
            if key == TIMELINE:
                timeline = path
            else:
                texts[FILES[key]] = read_file(path, f"{where}: {key}", any_encoding=key == "words")
            paths.append(path)
        elif key == HIT_COLOUR:
            colour = _colour(value, f"{where}: {key}")
        else:
            wish.update(_wish(key, value, where))
    return Said(wish, texts, timeline, colour, tuple(paths))


def check_together(said: Said, where: str, *, is_whole: bool) -> None:
    """Raise ConfigError where what was said part by part does not go together, or names what there is not. is_whole:
    nothing is said further out, such as a vocabulary of one's own with moods of one's own.
    """
    if not is_whole and not said.texts.get("vocabulary"):
        said = replace(said, wish={key: value for key, value in said.wish.items() if key != "mood"})
    try:
        said.order()
    except CuesmithError as error:
        raise ConfigError(f"{where}: {_plain(error.what)}", error.advice) from error


def read_file(path: Path, where: str, *, any_encoding: bool) -> str:
    """The text of a file. any_encoding: subtitles come in every one there is; other files are UTF-8. Raises
    ConfigError for what is no regular file, too large, or no text.
    """
    name = shown(path)
    try:
        # Without waiting: a pipe put in a text's place would hold us up for ever.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise ConfigError(f"{where}: {name} is no regular file", "Put the file itself there")
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{where}: {name} cannot be read: {error.strerror}", "Check the path") from error
    if len(data) > MOST_BYTES:
        raise ConfigError(f"{where}: {name} has more than {MOST_BYTES // 2**20} MiB", "No text of a film is that long")
    if not data.strip():
        raise ConfigError(f"{where}: {name} is empty", "Fill it, or take it away")
    try:
        return decode(data, name).text if any_encoding else data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{where}: {name} is not UTF-8 text", "Save it as UTF-8") from error
    except InputError as error:
        raise ConfigError(f"{where}: {error.what}", error.advice) from error


def _place(value: object, where: str, folder: Path, limit: Path | None) -> Path:
    if not isinstance(value, str) or "\0" in value:
        raise ConfigError(f"{where} is {_short(value)}", "Give the path of a file, in quotes")
    try:
        path = folder / Path(value).expanduser()
        inside = limit is None or is_inside(path, limit)
    except (OSError, RuntimeError) as error:
        raise ConfigError(f"{where} is {_short(value)}, which leads nowhere ({error})", "Check the path") from error
    if not inside:
        # Whoever may drop a file here may not thereby read what the watcher may.
        raise ConfigError(
            f"{where} is {_short(value)}, which lies outside the watch folder",
            "Put the file into the watch folder, or name it in the file given with --config",
        )
    return path


def _colour(value: object, where: str) -> str:
    if not isinstance(value, str) or len(value) > _COLOUR_CHARACTERS or not value.isprintable():
        raise ConfigError(f"{where} is {_short(value)}", 'Give the name of a marker\'s colour, or "" for all markers')
    return value


def _wish(key: str, value: object, where: str) -> dict[str, Any]:
    try:
        read_order({"kind": "score", "wish": {key: None}})
    except InputError as error:
        more = ", ".join((*FILES, TIMELINE, HIT_COLOUR))
        raise ConfigError(f"{where}: {shown(key)} = {_short(value)} is not known", f"{error.advice}, {more}") from error
    if value in _NOTHING:
        return {key: value}
    try:
        return dict(read_order({"kind": "score", "wish": {key: value}}).wish)
    except CuesmithError as error:
        raise ConfigError(f"{where}: {_plain(error.what)}", error.advice) from error


def _plain(what: str) -> str:
    """An order's complaint without the names of its parts, which a settings file does not have."""
    for part in ("wish.", "texts."):
        what = what.replace(part, "", 1)
    return shown(what)


def _short(value: object) -> str:
    text = shown(repr(value))
    return text if len(text) <= 80 else text[:77] + "…"
