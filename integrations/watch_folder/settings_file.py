"""A settings file of a watch folder, read: its `[watch]`, its `[score]`, and its tables for sub-folders."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path, PurePath
from typing import Any

from integrations.watch_folder.known_names import known_names
from integrations.watch_folder.names import is_inside, shown
from integrations.watch_folder.said import Said, check_together, read_said
from integrations.watch_folder.toml_file import only, read_toml, table_of
from scoring.errors import ConfigError

IN_PLACE = "in-place"
_MOVES = ("done", "failed")


@dataclass(frozen=True, slots=True)
class Moves:
    """Where a film goes: a folder, seen from the watch folder, or "in-place" to leave it; None: nothing is said."""

    done: str | None = None
    failed: str | None = None

    def then(self, nearer: Moves) -> Moves:
        """Both together; what the nearer one says counts."""
        return Moves(
            self.done if nearer.done is None else nearer.done, self.failed if nearer.failed is None else nearer.failed
        )


@dataclass(frozen=True, slots=True)
class FolderRule:
    """What is said about folders whose path fits a pattern, and all below them. place: of the rule in its file."""

    pattern: tuple[str, ...]
    place: int
    said: Said
    moves: Moves

    def rank(self, folder: PurePath) -> tuple[int, int, int] | None:
        """How closely the rule fits a folder: how deep the folder lies that it names, how many of the names it spells
        out, then its place. None where it does not fit.
        """
        parts = [_plain(part) for part in folder.parts]
        depth = next((d for d in range(len(parts), -1, -1) if _fits(parts[:d], self.pattern)), None)
        if depth is None:
            return None
        return depth, sum(not set(part) & set("*?[") for part in self.pattern), self.place


@dataclass(frozen=True, slots=True)
class SettingsFile:
    """watch: the values of `[watch]`, checked. base, moves: for every film. rules: for folders. paths: the file and
    those that it names: when one of them changes, it is read again.
    """

    path: Path
    watch: Mapping[str, Any] = field(default_factory=dict)
    base: Said = field(default_factory=Said)
    moves: Moves = field(default_factory=Moves)
    rules: tuple[FolderRule, ...] = ()
    paths: tuple[Path, ...] = ()

    def own_folders(self, root: Path) -> tuple[Path, ...]:
        """The folders that films are moved to. root: the watch folder."""
        moves = (self.moves, *(rule.moves for rule in self.rules))
        named = (name for one in moves for name in (one.done, one.failed) if name is not None and name != IN_PLACE)
        return tuple(dict.fromkeys(root / name for name in named))

    def for_folder(self, folder: PurePath) -> tuple[Said, Moves]:
        """What it says about films in a folder. folder: relative to where the file counts."""
        said, moves = self.base, self.moves
        ranked = [(rank, rule) for rule in self.rules if (rank := rule.rank(folder)) is not None]
        for _, rule in sorted(ranked, key=lambda pair: pair[0]):
            said, moves = said.then(rule.said), moves.then(rule.moves)
        return said, moves


def read_settings(path: Path, root: Path, *, is_trusted: bool, is_main: bool) -> SettingsFile:
    """Read a settings file. root: the watch folder. is_trusted: files and folders named in it may lie outside of that.
    is_main: it is the watch folder's own, which may hold `[watch]`. Raises ConfigError with file, table, key, value and
    what is allowed.
    """
    name, limit = shown(path), None if is_trusted else root
    document = read_toml(path)
    if not is_main and "watch" in document:
        raise ConfigError(f"{name}: [watch] is for the whole watch folder", "Say it in its own settings, not down here")
    only(name, document, (*(("watch",) if is_main else ()), "score", "folders"))
    watch = _read_watch(table_of(f"{name}: watch", document.get("watch", {})), f"{name}: [watch]")
    moves = Moves(watch.pop("done", None), watch.pop("failed", None))
    table = table_of(f"{name}: score", document.get("score", {}))
    base = read_said(table, f"{name}: [score]", path.parent, limit)
    check_together(base, f"{name}: [score]", is_whole=is_main)
    rules = []
    for place, (pattern, value) in enumerate(table_of(f"{name}: folders", document.get("folders", {})).items()):
        where = f'{name}: [folders."{shown(pattern)}"]'
        rules.append(_read_rule(pattern, place, table_of(where, value), where, path.parent, limit, is_main=is_main))
        check_together(base.then(rules[-1].said), where, is_whole=False)
    named = [*base.paths, *(named for rule in rules for named in rule.said.paths)]
    read = SettingsFile(path, watch, base, moves, tuple(rules), (path, *named))
    for folder in read.own_folders(root):
        if root.is_relative_to(folder) or not (is_trusted or is_inside(folder, root)):
            outside = "" if is_trusted else "; outside the watch folder only in a file given with --config"
            raise ConfigError(f"{name}: films are to be moved to {shown(folder)}", f"Give another folder{outside}")
    return read


def _read_rule(
    pattern: str, place: int, table: dict[str, Any], where: str, folder: Path, limit: Path | None, *, is_main: bool
) -> FolderRule:
    parts = pattern.split("/")
    if "\\" in pattern or "" in parts[:-1] or {".", ".."} & set(parts) or not pattern.strip("/"):
        raise ConfigError(f"{where} names no folder", 'Write it from the watch folder down, with /: "trailers/**"')
    while parts and parts[-1] in ("", "**"):  # everything below a folder that fits has its settings anyway
        parts.pop()
    moves = Moves(**{key: _folder(table.pop(key), f"{where}: {key}") for key in _MOVES if is_main and key in table})
    return FolderRule(tuple(map(_plain, parts)), place, read_said(table, where, folder, limit), moves)


def _fits(parts: list[str], pattern: tuple[str, ...]) -> bool:
    if not pattern:
        return not parts
    if pattern[0] == "**":
        return any(_fits(parts[skipped:], pattern[1:]) for skipped in range(len(parts) + 1))
    return bool(parts) and fnmatchcase(parts[0], pattern[0]) and _fits(parts[1:], pattern[1:])


def _plain(part: str) -> str:
    # A Mac writes é as two characters, everybody else as one.
    return unicodedata.normalize("NFC", part)


def _read_watch(table: dict[str, Any], where: str) -> dict[str, Any]:
    only(where, table, _WATCH)
    return {key: _WATCH[key](value, f"{where}: {key}") for key, value in table.items()}


def _number(low: float, high: float) -> Callable[[object, str], float]:
    def read(value: object, where: str) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
            raise ConfigError(f"{where} is {shown(repr(value))[:80]}", f"Give a number of {low:g} to {high:g}")
        return float(value)

    return read


def _whole(low: int, high: int) -> Callable[[object, str], int]:
    def read(value: object, where: str) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ConfigError(f"{where} is {shown(repr(value))[:80]}", f"Give a whole number of {low} to {high}")
        return value

    return read


def _folder(value: object, where: str) -> str:
    bad = not isinstance(value, str) or not value.strip() or "\0" in value or ".." in PurePath(value).parts
    if bad or PurePath(str(value)) == PurePath():
        raise ConfigError(f"{where} is {shown(repr(value))[:80]}", f'Give a folder, or "{IN_PLACE}"')
    return str(value)


def _patterns(value: object, where: str) -> tuple[str, ...]:
    good = isinstance(value, list) and 0 < len(value) <= 100
    names = value if isinstance(value, list) and good else [None]
    for name in names:
        if not isinstance(name, str) or not name.strip() or "/" in name or "\\" in name:
            raise ConfigError(f"{where} is {shown(repr(value))[:80]}", 'Give a list of names: ["*.mp4", "*_final.mov"]')
    return tuple(name.lower() for name in names if isinstance(name, str))


def _kinds(value: object, where: str) -> tuple[str, ...]:
    known = tuple(known_names().side_cars)
    if not isinstance(value, list) or any(kind not in known for kind in value):
        raise ConfigError(f"{where} is {shown(repr(value))[:80]}", f"Give a list of any of: {', '.join(known)}")
    return tuple(kind for kind in known if kind in value)


_WATCH: Mapping[str, Callable[[object, str], Any]] = {
    "poll_s": _number(0.1, 3600.0),
    "settle_s": _number(0.0, 3600.0),
    "looks": _whole(2, 100),
    "patience_s": _number(0.0, 86_400.0),
    "workers": _whole(0, 256),
    "patterns": _patterns,
    "side_cars": _kinds,
    "done": _folder,
    "failed": _folder,
}
