"""Which films a command is to score, when it names several."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scoring.errors import OutputRefused

_RESULT = re.compile(r"(?P<film>.+?)(?:\.scored(?:\.take\d+)?|\.takes)")


@dataclass(frozen=True, slots=True)
class Films:
    """chosen: each once, in the order given. left_out: what is not scored, and why, for people."""

    chosen: tuple[Path, ...]
    left_out: tuple[str, ...] = ()


def choose_films(given: Sequence[Path], output: Path | None) -> Films:
    """The films to score. output: the folder for the results; beside each film when None.

    A film given twice, through a link too, is done once. Results of films that are given as well are left out, so that
    a second `cuesmith score *.mp4` does not score the first one's. Raises OutputRefused for an output that is no
    folder, and for two films whose results would go by one name.
    """
    if output is not None and not output.is_dir():
        raise OutputRefused(
            f"{output} is not a folder, and the results of {len(given)} films go there", "Create it, or leave -o out"
        )
    chosen: list[Path] = []
    left_out: list[str] = []
    seen: dict[object, Path] = {}
    for film in given:
        identity = _identity(film)
        if identity in seen:
            first = seen[identity]
            left_out.append(f"{film} is {first} again" if first == film else f"{film} is the same file as {first}")
            continue
        seen[identity] = film
        source = _film_of(film, given, output)
        if source is not None:
            left_out.append(f"{film} is a result of {source}")
            continue
        chosen.append(film)
    _refuse_clashes(chosen, output)
    return Films(tuple(chosen), tuple(left_out))


def _identity(film: Path) -> object:
    """The same for the same file, whatever it is called; where there is none, its name."""
    try:
        found = film.stat()
    except (OSError, ValueError):
        return film.absolute()
    return found.st_dev, found.st_ino


def _film_of(result: Path, given: Sequence[Path], output: Path | None) -> Path | None:
    """The film among those given that a file is the result of, by its name and place."""
    found = _RESULT.fullmatch(result.stem)
    if found is None:
        return None
    folder = result.absolute().parent
    return next(
        (film for film in given if film.stem == found["film"] and (output or film.parent).absolute() == folder), None
    )


def _refuse_clashes(films: Sequence[Path], output: Path | None) -> None:
    taken: dict[tuple[str, str], Path] = {}
    for film in films:
        folder = os.path.realpath(output or film.parent)
        # Some file systems take names for one that differ only in case, or in how an accent is written.
        other = taken.setdefault((folder, unicodedata.normalize("NFC", film.stem).casefold()), film)
        if other is not film:
            raise OutputRefused(
                f"the results of {other} and {film} would go by one name in {folder}",
                "Score them into different folders, or rename one",
            )
