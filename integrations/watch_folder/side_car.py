"""Side-cars: files beside a film that say how it is to be scored. `film.mp4.toml` or `film.toml`, `film.srt` …"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from integrations.watch_folder.known_names import SETTINGS_NAME, known_names
from integrations.watch_folder.names import is_inside, shown
from integrations.watch_folder.said import FILES, Said, check_together, read_file, read_said
from integrations.watch_folder.toml_file import read_toml
from scoring.errors import ConfigError


@dataclass(frozen=True, slots=True)
class SideCar:
    """kind: settings, cues, prompts, words or timeline. is_own: its name has the film's suffix too, `film.mp4.srt`."""

    kind: str
    path: Path
    is_own: bool


@dataclass(frozen=True, slots=True)
class SideCars:
    """What lies beside a film and belongs to it, the nearer ones of a kind first.

    identity: "" for none; it changes whenever one comes, goes or is written to, so that a film waits while one of its
    side-cars is still being copied.
    """

    found: tuple[SideCar, ...] = ()
    identity: str = ""

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files, used or not."""
        return tuple(one.path for one in self.found)


def side_cars_of(film: Path, names: Collection[str] | None = None, kinds: Collection[str] | None = None) -> SideCars:
    """The side-cars of a film. names: what its folder holds, where that is known already; asked when None.
    kinds: those that count, all when None. Opens nothing. Raises OSError when the folder cannot be listed.
    """
    if names is None:
        with os.scandir(film.parent) as entries:
            names = {entry.name for entry in entries}
    found: list[SideCar] = []
    stats: list[tuple[str, int, int, int, int, int]] = []
    for kind, name, is_own in _candidates(film.name, kinds):
        if name not in names or name in (film.name, SETTINGS_NAME):
            continue
        try:
            status = os.lstat(film.with_name(name))
        except FileNotFoundError:
            continue
        found.append(SideCar(kind, film.with_name(name), is_own))
        identity = status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino, status.st_mode
        stats.append((name, *identity))
    if not found:
        return SideCars()
    return SideCars(tuple(found), hashlib.sha256(repr(stats).encode("utf-8", "backslashreplace")).hexdigest())


def read_side_cars(cars: SideCars, root: Path) -> tuple[Said, tuple[str, ...]]:
    """What a film's side-cars say, and notes about those that are not used. root: the watch folder, which no side-car
    may lead out of. Raises ConfigError, which refuses the film.
    """
    said, notes = Said(), []
    used: dict[str, Path] = {}
    for one in cars.found:
        name = shown(one.path.name)
        if one.kind in used and one.kind != "settings":
            notes.append(f"{name} is not used: {shown(used[one.kind].name)} is")
            continue
        used.setdefault(one.kind, one.path)
        found = _read(one, name, root)
        check_together(found, name, is_whole=False)
        # Settings of `film.mp4.toml` come before those of `film.toml`, and both before nothing; other files say more
        # by being there than any settings.
        said = found.then(said) if one.kind == "settings" else said.then(found)
    return said, tuple(notes)


def _candidates(film: str, kinds: Collection[str] | None) -> Iterator[tuple[str, str, bool]]:
    """Kind, name, is_own; settings first, so that what they name gives way to a file that lies there itself."""
    stem = Path(film).stem
    for kind, endings in known_names().side_cars.items():
        if kinds is None or kind in kinds:
            for base in (film, stem):
                for ending in endings:
                    yield kind, base + ending, base is film
                    yield kind, base + ending.upper(), base is film


def _read(one: SideCar, name: str, root: Path) -> Said:
    try:
        inside, status = is_inside(one.path, root), one.path.stat()
    except (OSError, RuntimeError) as error:
        raise ConfigError(f"{name} is a link that leads nowhere", "Put the file itself there") from error
    if not inside:
        raise ConfigError(f"{name} is a link out of the watch folder", "Put the file itself there")
    if not stat.S_ISREG(status.st_mode):
        raise ConfigError(f"{name} is no regular file", "Take it away, or put the file itself there")
    if one.kind == "settings":
        return read_said(read_toml(one.path), name, one.path.parent, root)
    if one.kind == "timeline":
        return Said(timeline=one.path, paths=(one.path,))
    text = read_file(one.path, name, any_encoding=one.kind == "words")
    return Said(texts={FILES[one.kind]: text}, paths=(one.path,))
