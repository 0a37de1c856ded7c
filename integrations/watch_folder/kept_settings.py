"""Settings files as they last read well: they are edited while films come in, and an edit may be half done."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from integrations.watch_folder.settings_file import SettingsFile, read_settings
from scoring.errors import ConfigError

_Identity = tuple[tuple[int, ...] | None, ...]


@dataclass(frozen=True, slots=True)
class _Known:
    """good: as it last read well. seen: how its files stood when it was last read, well or not."""

    good: SettingsFile
    seen: _Identity


class KeptSettings:
    """Reads each file again when it, or a file that it names, has changed; keeps the last good one and says so."""

    def __init__(self, root: Path, tell: Callable[[str], None]) -> None:
        self._root, self._tell = root, tell
        self._known: dict[Path, _Known] = {}

    def read(self, path: Path, *, is_trusted: bool = False, is_main: bool = False) -> SettingsFile | None:
        """A file's settings, None where there is no such file. Otherwise as read_settings; raises for one that never
        read well.
        """
        known = self._known.get(path)
        if not os.path.lexists(path) and (known is None or not is_main):
            self._known.pop(path, None)
            return None
        paths = (path,) if known is None else known.good.paths
        seen = _identity(paths)
        if known is not None and known.seen == seen:
            return known.good
        try:
            good = read_settings(path, self._root, is_trusted=is_trusted, is_main=is_main)
        except ConfigError as error:
            if known is None:
                raise
            self._tell(f"{error}. Until then the settings stay as they were")
            self._known[path] = _Known(known.good, seen)
            return known.good
        self._known[path] = _Known(good, _identity(good.paths) if good.paths != paths else seen)
        return good


def _identity(paths: tuple[Path, ...]) -> _Identity:
    return tuple(_stat(path) for path in paths)


def _stat(path: Path) -> tuple[int, ...] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino
