"""One look at a watched folder: what lies in it now, without following a link or opening a file."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from integrations.watch_folder.names import Judged, judge
from scoring.errors import FetchFailed

REASON_SUFFIX = ".reason.txt"


@dataclass(frozen=True, slots=True)
class Found:
    """An entry that may be a film. path: below the folder. identity: changes with the file (identity_of).

    arrived_ns: when its inode last changed, by the file system's clock: of files that were there before us, the order.
    refused: why it is never taken as it is, "" for a file that may be.
    """

    path: Path
    identity: str
    arrived_ns: int
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """films: by path below the folder. names: folder → all names in it. beside: folder → a digest of what may be
    side-cars there. unread: folders that cannot be listed, with why.
    """

    films: dict[Path, Found] = field(default_factory=dict)
    names: dict[Path, frozenset[str]] = field(default_factory=dict)
    beside: dict[Path, str] = field(default_factory=dict)
    unread: dict[Path, str] = field(default_factory=dict)


def look(root: Path, patterns: Sequence[str] | None = None, skip: frozenset[Path] = frozenset()) -> Look:
    """Everything below the root but the folders in skip (below the root) and what names.judge ignores.

    Links are entries, never ways: no folder is entered through one. Raises FetchFailed when the root cannot be listed;
    a folder below it that cannot is left out and named.
    """
    seen = Look()
    waiting = [Path()]
    while waiting:
        folder = waiting.pop()
        beside: list[str] = []
        names: list[str] = []
        try:
            with os.scandir(root / folder) as entries:
                for entry in entries:
                    path = folder / entry.name
                    names.append(entry.name)
                    judged = judge(entry, root, patterns)
                    if judged.standing == "folder":
                        if path not in skip:
                            waiting.append(path)
                    elif judged.standing == "ignored":
                        beside += _beside(entry)
                    else:
                        seen.films[path] = _found(path, judged)
        except OSError as error:
            if not folder.parts:
                raise FetchFailed(
                    f"{root} cannot be looked into ({error.strerror or error})", "Mount it, or make it; we wait"
                ) from error
            if not isinstance(error, FileNotFoundError):
                seen.unread[folder] = error.strerror or str(error)
            continue
        seen.names[folder] = frozenset(names)
        seen.beside[folder] = hashlib.sha256("\n".join(sorted(beside)).encode("utf-8", "surrogateescape")).hexdigest()
    return seen


def _found(path: Path, judged: Judged) -> Found:
    refused = f"{judged.what}. {judged.advice}" if judged.standing == "refused" else ""
    if judged.stat is None:
        return Found(path, "unknown", 0, refused)
    return Found(path, identity_of(judged.stat), judged.stat.st_ctime_ns, refused)


def _beside(entry: os.DirEntry[str]) -> list[str]:
    """What may be a side-car, as a line; our own reason files are none."""
    if entry.name.endswith(REASON_SUFFIX):
        return []
    try:
        return [f"{entry.name}\n{identity_of(entry.stat(follow_symlinks=False))}"]
    except OSError:  # it went while we looked
        return []


def identity_of(status: os.stat_result) -> str:
    """What changes when a file does. The device is left out: it gets another number with every mounting."""
    kind = "" if stat.S_ISREG(status.st_mode) else f":{stat.S_IFMT(status.st_mode):o}"
    return f"{status.st_size}:{status.st_mtime_ns}:{status.st_ctime_ns}:{status.st_ino}{kind}"


def identity_at(path: Path) -> str | None:
    """The identity of what lies at a path now, a link's own; None when nothing does. Raises OSError."""
    try:
        return identity_of(path.lstat())
    except (FileNotFoundError, NotADirectoryError):
        return None
