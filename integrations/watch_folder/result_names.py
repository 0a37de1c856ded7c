"""Names for results: the film's own wherever the file system holds them, else the nearest that it does."""

from __future__ import annotations

import hashlib
import os
import sys
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from integrations.watch_folder.known_names import known_names
from pipeline.publish import refusing

MOST_BYTES = 255  # of a name, on nearly every file system
_ENDINGS_BYTES = 24  # ".scored.m2ts", ".report.json", ".cuesmith", ".reason.txt" and a little room


@dataclass(frozen=True, slots=True)
class Place:
    """What a folder's file system does with names.

    portable: it holds only names that Windows holds too. folds_case: `A` and `a` are one name there.
    """

    portable: bool = False
    folds_case: bool = False


AS_THEY_ARE = Place()


def study(folder: Path) -> Place:
    """Find out by trying, in a folder that is there. Raises OutputRefused, DiskFull where nothing can be written."""
    plain = folder / f".cuesmith-{os.getpid()}-a.part"
    with refusing(folder / "the result"):
        plain.touch()
        try:
            folds_case = plain.with_name(plain.name.upper()).exists()
        finally:
            plain.unlink()
    return Place(sys.platform == "win32" or not _takes(folder), folds_case)


def result_stems(name: str, place: Place = AS_THEY_ARE) -> Iterator[str]:
    """Stems for the results of a film of this name, the best first, without end: `clip`, `clip.mov`, `clip.mov 2` …

    The caller takes the first that is not another film's; same_name says which are. Every stem leaves room for what
    the names of results end in.
    """
    stem, suffix = Path(name).stem, Path(name).suffix
    yield fitting(stem, place, spare_bytes=_ENDINGS_BYTES)
    whole = f"{stem}{suffix.lower()}"
    yield fitting(whole, place, spare_bytes=_ENDINGS_BYTES)
    for number in count(2):
        yield f"{fitting(whole, place, spare_bytes=_ENDINGS_BYTES + 8)} {number}"


def same_name(name: str, place: Place) -> str:
    """What two names have in common when a file system takes them for one."""
    return unicodedata.normalize("NFC", name).casefold() if place.folds_case or place.portable else name


def with_ending(name: str, ending: str, place: Place = AS_THEY_ARE) -> str:
    """A name with something after it, `film.mp4.reason.txt`, the name shortened where the whole would be too long."""
    return fitting(name, place, spare_bytes=len(os.fsencode(ending))) + ending


def fitting(name: str, place: Place = AS_THEY_ARE, *, spare_bytes: int = 0) -> str:
    """The name, or the nearest that a folder holds. A shortened or changed one ends in six digits of the whole name's
    hash, so that two names never become one.
    """
    held = _portable(name) if place.portable else name
    most = MOST_BYTES - spare_bytes
    if held == name and len(os.fsencode(held)) <= most:
        return held
    mark = f"~{hashlib.sha256(os.fsencode(name)).hexdigest()[:6]}"
    while len(os.fsencode(held)) > most - len(mark):
        held = held[:-1]
    return held.rstrip(". ") + mark if place.portable else held + mark


def _portable(name: str) -> str:
    """The name with `_` for what Windows, FAT and SMB shares do not hold."""
    words = known_names()
    held = "".join("_" if c in words.forbidden or ord(c) < 32 or 0xD800 <= ord(c) < 0xE000 else c for c in name)
    if held.rstrip(". ") != held:
        held = f"{held.rstrip('. ')}_"
    return f"_{held}" if held.partition(".")[0].rstrip().upper() in words.reserved else held


def _takes(folder: Path) -> bool:
    """Whether a folder takes a name that Windows would not."""
    odd = folder / f'.cuesmith-{os.getpid()}-\n"?:.part'
    try:
        odd.touch()
    except OSError:
        return False
    odd.unlink()
    return True
