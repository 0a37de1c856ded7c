"""Putting a film away when it is done with: moved whole, never over another, with what belongs to it."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from integrations.service.faults import checkpoint
from integrations.watch_folder.look import identity_at
from integrations.watch_folder.names import is_film_name
from integrations.watch_folder.places import free_place
from pipeline.publish import flush_folder, published, refusing


def file_away(film: Path, identity: str, folder: Path, side_cars: Sequence[Path] = ()) -> Path | None:
    """Move a film into a folder, which is made, and its side-cars with it; where it is now.

    identity: the film's, as it was taken; None is returned, and nothing is moved, when another lies there by now or
    none. One that was moved before, and its side-cars not, is found again. side_cars: those that belong to another film
    too stay. Raises OutputRefused, DiskFull, OSError.
    """
    now = identity_at(film)
    with refusing(folder / film.name):
        before = _moved_before(folder, film, identity) if now is None else None
        if before is None and now != identity:
            return None
        folder.mkdir(parents=True, exist_ok=True)
        target = before or free_place(folder, film.name)
        shared = _has_namesake(film)
        if before is None:
            _move(film, target)
            checkpoint("watch.moved")
        for path in side_cars:
            if path.name.startswith(film.name):
                name = target.name + path.name.removeprefix(film.name)
            elif path.parent == film.parent and path.name.startswith(film.stem) and not shared:
                name = target.stem + path.name.removeprefix(film.stem)
            else:
                continue
            with contextlib.suppress(FileNotFoundError):
                _move(path, free_place(folder, name))
        flush_folder(folder)
    return target


def _moved_before(folder: Path, film: Path, identity: str) -> Path | None:
    """The film as it lies in the folder that it was moved to: of its size and time, which a move keeps."""
    wanted = identity.split(":")[:2]
    if folder.is_dir():
        for path in folder.iterdir():
            if path.name.startswith(film.stem) and (identity_at(path) or "").split(":")[:2] == wanted:
                return path
    return None


def _has_namesake(film: Path) -> bool:
    """Whether another film of the same folder has the same stem."""
    return any(
        path.stem == film.stem and path.name != film.name and is_film_name(path.name) for path in film.parent.iterdir()
    )


def _move(source: Path, target: Path) -> None:
    try:
        source.rename(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        before = identity_at(source)
        with published(target) as aside:
            shutil.copy2(source, aside, follow_symlinks=False)
        if identity_at(source) != before:  # written to while it was copied: the copy is not it
            target.unlink()
            raise OSError(errno.EBUSY, os.strerror(errno.EBUSY), str(source)) from error
        source.unlink()
