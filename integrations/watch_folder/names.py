"""What an entry of a watch folder is: a film, a folder to look into, nothing of ours, or something refused.

Nothing here opens a file: a pipe named `film.mp4` would block, a device would do worse.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal

from integrations.cli.text import one_line
from integrations.watch_folder.known_names import known_names

Standing = Literal["film", "folder", "ignored", "refused"]
_SHOWN_CHARACTERS = 300
_KINDS = (
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISCHR, "a device"),
)


@dataclass(frozen=True, slots=True)
class Judged:
    """standing: film, folder to look into, ignored (nobody needs to hear of it), refused (somebody does).

    what, advice: of a refusal, one line each. stat: of the entry itself, a link not followed; None where it has gone.
    """

    standing: Standing
    what: str = ""
    advice: str = ""
    stat: os.stat_result | None = None


_IGNORED = Judged("ignored")


def judge(entry: os.DirEntry[str] | Path, root: Path, patterns: Sequence[str] | None = None) -> Judged:
    """Say what an entry is. root: the watch folder. patterns: what films are called, in lower case; the usual ones
    when None.

    No link is followed. A link whose name is a film's is refused when it leads out of the watch folder, to nothing, or
    round in a circle; one that stays inside is ignored, because what it leads to is looked at by itself.
    """
    name, path = entry.name, os.fspath(entry)
    if is_unfinished(name):
        return _IGNORED
    is_film = is_film_name(name, patterns)
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return _IGNORED  # renamed or removed since the folder was read
    except OSError as error:
        if not is_film:
            return _IGNORED
        return Judged(
            "refused", f"{shown(name)} cannot be looked at: {error.strerror}", "Check its name and its rights"
        )
    if stat.S_ISDIR(found.st_mode):
        return _IGNORED if _matches(name, known_names().folders_of_others) else Judged("folder", stat=found)
    if not is_film:
        return _IGNORED
    if stat.S_ISLNK(found.st_mode):
        return _link(path, name, root, found)
    if not stat.S_ISREG(found.st_mode):
        kind = next((kind for check, kind in _KINDS if check(found.st_mode)), "no regular file")
        return Judged("refused", f"{shown(name)} is {kind}, not a file", "Put the film itself here", found)
    if not os.access(path, os.R_OK, effective_ids=os.access in os.supports_effective_ids):
        return Judged("refused", f"{shown(name)} cannot be read", "Let the user that watches read it", found)
    return Judged("film", stat=found)


def refusal(path: Path, root: Path, patterns: Sequence[str] | None = None) -> str | None:
    """Why an entry with a film's name is never taken; None where it may be, and for what nobody takes for a film."""
    judged = judge(path, root, patterns)
    return f"{judged.what}. {judged.advice}" if judged.standing == "refused" else None


def is_film_name(name: str, patterns: Sequence[str] | None = None) -> bool:
    """Whether a name is a film's. patterns: in lower case, as fnmatch reads them; large and small letters are one."""
    return _matches(name, known_names().films if patterns is None else patterns) and not is_unfinished(name)


def is_unfinished(name: str) -> bool:
    """Whether a name says that somebody is still writing the file, or that it is hidden."""
    return _matches(name, known_names().unfinished)


def is_inside(path: str | Path, root: Path) -> bool:
    """Whether a path, its links followed, lies in a folder. Raises OSError for a circle of links."""
    return Path(path).resolve().is_relative_to(root.resolve())


def shown(name: str | Path) -> str:
    """A name as one line of text that can be printed, logged, and stored as JSON, whatever bytes it holds."""
    line = one_line(name)
    return line if len(line) <= _SHOWN_CHARACTERS else f"{line[: _SHOWN_CHARACTERS - 1]}…"


def _matches(name: str, patterns: Sequence[str]) -> bool:
    lower = name.lower()
    return any(fnmatchcase(lower, pattern) for pattern in patterns)


def _link(path: str, name: str, root: Path, found: os.stat_result) -> Judged:
    advice = "Put the film itself here"
    try:
        target = Path(path).stat()
        inside = is_inside(path, root)
    except OSError as error:
        where = "goes round in a circle" if error.errno == errno.ELOOP else "leads to nothing that can be read"
        return Judged("refused", f"{shown(name)} is a link that {where}", advice, found)
    if not inside:
        return Judged("refused", f"{shown(name)} is a link out of the watch folder", advice, found)
    if not stat.S_ISREG(target.st_mode) and not stat.S_ISDIR(target.st_mode):
        return Judged("refused", f"{shown(name)} is a link to no regular file", advice, found)
    return Judged("ignored", stat=found)
