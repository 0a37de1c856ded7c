"""The music in the media pool: one clip for each file, in a bin of its own."""

from pathlib import Path
from typing import Any

from integrations.resolve.script.asking import BUSY, ask, id_of, read, read_list, read_maybe
from integrations.resolve.script.journal import Journal
from integrations.resolve.script.paths import same_path
from integrations.resolve.script.words import Trouble


def keep_bin(pool: Any, journal: Journal) -> None:
    """Have the user's bin the current one again afterwards: it changes, as media comes into the current one."""
    user = read(pool, "GetCurrentFolder")
    journal.borrowed("the bin", lambda: _go_to(pool, user))


def import_file(pool: Any, bin_name: str, path: Path, journal: Journal) -> Any:
    """The clip of a file, found by its path in our bin or imported into it."""
    folder = _bin(pool, bin_name, journal)
    found = _clip_of(folder, path)
    if found is not None:
        return found
    journal.begun(f"the import of {path.name}", lambda: _drop_clip(pool, folder, path))
    for _ in range(2):
        if not _go_to(pool, folder):
            raise Trouble(f"The bin {bin_name} cannot be opened", BUSY)
        ask(pool, "ImportMedia", [str(path)])
        found = _clip_of(folder, path)
        if found is not None:
            return found
    raise Trouble(
        f"DaVinci Resolve does not import {path}", "Import it by hand into the bin to see why, and run again."
    )


def _bin(pool: Any, name: str, journal: Journal) -> Any:
    root = read(pool, "GetRootFolder")
    found = _bin_of(root, name)
    if found is not None:
        return found
    journal.begun(f"the bin {name}", lambda: _drop_bin(pool, root, name))
    for _ in range(3):
        ask(pool, "AddSubFolder", root, name)
        found = _bin_of(root, name)
        if found is not None:
            return found
    raise Trouble(f"The bin {name} cannot be made", BUSY)


def _bin_of(root: Any, name: str) -> Any:
    for folder in read_list(root, "GetSubFolderList"):
        if read(folder, "GetName") == name:
            return folder
    return None


def _clip_of(folder: Any, path: Path) -> Any:
    for clip in read_list(folder, "GetClipList"):
        if same_path(str(read_maybe(clip, "GetClipProperty", "File Path") or ""), str(path)):
            return clip
    return None


def _go_to(pool: Any, folder: Any) -> bool:
    wanted = id_of(folder)
    for _ in range(3):
        if id_of(read(pool, "GetCurrentFolder")) == wanted:
            return True
        ask(pool, "SetCurrentFolder", folder)
    return id_of(read(pool, "GetCurrentFolder")) == wanted


def _drop_clip(pool: Any, folder: Any, path: Path) -> bool:
    clip = _clip_of(folder, path)
    if clip is not None:
        ask(pool, "DeleteClips", [clip])
    return _clip_of(folder, path) is None


def _drop_bin(pool: Any, root: Any, name: str) -> bool:
    made = _bin_of(root, name)
    if made is None or read_list(made, "GetClipList") or read_list(made, "GetSubFolderList"):
        return True  # not there, or somebody has put something into it
    ask(pool, "DeleteFolders", [made])
    return _bin_of(root, name) is None
