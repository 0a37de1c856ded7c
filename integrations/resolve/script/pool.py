"""The music in the media pool: one clip for each file, in a bin of its own."""

from functools import partial
from pathlib import Path
from typing import Any

from integrations.resolve.script.asking import BUSY, ask, id_of, read, read_list
from integrations.resolve.script.journal import Journal
from integrations.resolve.script.paths import same_path
from integrations.resolve.script.words import Trouble


def import_file(pool: Any, bin_name: str, path: Path, journal: Journal) -> Any:
    """The clip of a file, found by its path or imported. The user's bin is the current one again afterwards."""
    user = read(pool, "GetCurrentFolder")
    try:
        return _import(pool, bin_name, path, journal)
    finally:
        if not _go_to(pool, user):
            journal.borrowed("the bin", lambda: _go_to(pool, user))


def _import(pool: Any, bin_name: str, path: Path, journal: Journal) -> Any:
    folder = _bin(pool, bin_name, journal)
    for _ in range(2):
        found = _clip_of(folder, path)
        if found is not None:
            return found
        if not _go_to(pool, folder):
            raise Trouble(f"The bin {bin_name} cannot be opened", BUSY)
        ask(pool, "ImportMedia", [str(path)])
        found = _clip_of(folder, path)
        if found is not None:
            journal.begun(f"the import of {path.name}", partial(_drop_clip, pool, folder, found, path))
            return found
    raise Trouble(
        f"DaVinci Resolve does not import {path}", "Import it by hand into the bin to see why, and run again."
    )


def _bin(pool: Any, name: str, journal: Journal) -> Any:
    root = read(pool, "GetRootFolder")
    for _ in range(3):
        for folder in read_list(root, "GetSubFolderList"):
            if read(folder, "GetName") == name:
                return folder
        ask(pool, "AddSubFolder", root, name)
        for folder in read_list(root, "GetSubFolderList"):
            if read(folder, "GetName") == name:
                journal.begun(f"the bin {name}", partial(_drop_bin, pool, root, folder))
                return folder
    raise Trouble(f"The bin {name} cannot be made", BUSY)


def _clip_of(folder: Any, path: Path) -> Any:
    for clip in read_list(folder, "GetClipList"):
        if same_path(str(ask(clip, "GetClipProperty", "File Path") or ""), str(path)):
            return clip
    return None


def _go_to(pool: Any, folder: Any) -> bool:
    wanted = id_of(folder)
    for _ in range(3):
        if id_of(read(pool, "GetCurrentFolder")) == wanted:
            return True
        ask(pool, "SetCurrentFolder", folder)
    return id_of(read(pool, "GetCurrentFolder")) == wanted


def _drop_clip(pool: Any, folder: Any, clip: Any, path: Path) -> bool:
    if _clip_of(folder, path) is not None:
        ask(pool, "DeleteClips", [clip])
    return _clip_of(folder, path) is None


def _drop_bin(pool: Any, root: Any, made: Any) -> bool:
    wanted = id_of(made)
    if read_list(made, "GetClipList") or read_list(made, "GetSubFolderList"):
        return True  # somebody has put something into it
    if wanted in [id_of(folder) for folder in read_list(root, "GetSubFolderList")]:
        ask(pool, "DeleteFolders", [made])
    return wanted not in [id_of(folder) for folder in read_list(root, "GetSubFolderList")]
