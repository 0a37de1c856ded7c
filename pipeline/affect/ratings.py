"""Reads what people said: a CSV of rated pictures or of a rated film. Every refusal names the line."""

from __future__ import annotations

import csv
import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from scoring.analysis import Curve
from scoring.errors import InputError

PICTURE_COLUMNS = ("image", "theme", "valence_1_7", "arousal_1_7")
FILM_COLUMNS = ("time_s", "valence", "arousal")
LOWEST, MIDDLE, HIGHEST = 1.0, 4.0, 7.0  # the scale of the ratings; valence and arousal −1..1 are (rating − 4) / 3
CSV_BYTES = 50 * 10**6  # design choice: a million rows of pictures

Row = tuple[int, dict[str, str]]  # the line it ends on, its cells


@dataclass(frozen=True, slots=True)
class RatedPictures:
    """N pictures. themes: [N] names; pictures of one theme are alike. valence, arousal: [N] −1..1.

    sha256: of the CSV's bytes.
    """

    paths: tuple[Path, ...]
    themes: tuple[str, ...]
    valence: Curve
    arousal: Curve
    sha256: str

    def of(self, axis: str) -> Curve:
        """[N] the ratings of "valence" or "arousal"."""
        return self.valence if axis == "valence" else self.arousal

    def only(self, kept: Sequence[int]) -> RatedPictures:
        """The pictures of some indices."""
        index = np.asarray(kept, np.intp)
        paths, themes = (tuple(row[i] for i in kept) for row in (self.paths, self.themes))
        return RatedPictures(paths, themes, self.valence[index], self.arousal[index], self.sha256)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class RatedFilm:
    """[N] ratings at rising times; any scale, since only their ups and downs are compared."""

    times_s: Curve
    valence: Curve
    arousal: Curve

    def of(self, axis: str) -> Curve:
        """[N] the ratings of "valence" or "arousal"."""
        return self.valence if axis == "valence" else self.arousal


def read_rated_pictures(csv_file: Path, images: Path) -> RatedPictures:
    """A CSV with the columns image, theme, valence_1_7, arousal_1_7; others are ignored. image: a name within `images`.

    Raises InputError, with the line, for a file that is not such a CSV, a picture that is not there, is named twice or
    lies outside the folder, a theme without a name, a rating outside 1..7.
    """
    if not images.is_dir():
        raise InputError(f"{images} is not a folder", "Give the folder that holds the rated pictures")
    data = _bytes(csv_file)
    folder = images.resolve()
    paths: list[Path] = []
    themes: list[str] = []
    ratings: list[tuple[float, float]] = []
    first_line: dict[Path, int] = {}
    for line, cells in _rows(csv_file, data, PICTURE_COLUMNS):
        where = f"{csv_file}, line {line}"
        path = _inside(folder, cells["image"], where)
        if path in first_line:
            raise InputError(
                f"{where}: image {cells['image']!r} was rated on line {first_line[path]} already", "Keep one of the two"
            )
        first_line[path] = line
        if not cells["theme"].strip():
            raise InputError(
                f"{where}: theme is empty", "Name what the picture shows, alike for pictures that are alike"
            )
        paths.append(path)
        themes.append(cells["theme"].strip())
        ratings.append(tuple(_rating(cells[name], name, where) for name in PICTURE_COLUMNS[2:]))  # type: ignore[arg-type]
    if not paths:
        raise InputError(f"{csv_file} has no rows", "Give one row for each picture")
    scaled = (np.asarray(ratings, np.float64) - MIDDLE) / (HIGHEST - MIDDLE)
    return RatedPictures(tuple(paths), tuple(themes), scaled[:, 0], scaled[:, 1], hashlib.sha256(data).hexdigest())


def read_rated_film(csv_file: Path) -> RatedFilm:
    """A CSV with the columns time_s, valence, arousal; others are ignored.

    Raises InputError, with the line, for a file that is not such a CSV, times that do not rise or are negative,
    and fewer than three rows.
    """
    rows: list[tuple[float, ...]] = []
    for line, cells in _rows(csv_file, _bytes(csv_file), FILM_COLUMNS):
        where = f"{csv_file}, line {line}"
        values = tuple(_number(cells[name], name, where, "a number") for name in FILM_COLUMNS)
        if values[0] < 0 or (rows and values[0] <= rows[-1][0]):
            raise InputError(
                f"{where}: time_s is {values[0]:g}", "Times are seconds from 0 on, each later than the last"
            )
        rows.append(values)
    if len(rows) < 3:
        raise InputError(f"{csv_file} has {len(rows)} rows", "Give at least three moments")
    table = np.asarray(rows, np.float64)
    return RatedFilm(table[:, 0], table[:, 1], table[:, 2])


def _bytes(csv_file: Path) -> bytes:
    try:
        if csv_file.stat().st_size > CSV_BYTES:
            raise InputError(f"{csv_file} has more than {CSV_BYTES // 10**6} MB", "Give the ratings alone")
        return csv_file.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{csv_file} cannot be read: {reason}", "Give the path of a CSV file") from error


def _rows(csv_file: Path, data: bytes, columns: Sequence[str]) -> Iterator[Row]:
    """Each row with its line number. Raises InputError for text that is no CSV with these columns."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise InputError(f"{csv_file}, line {line} is not UTF-8 text", "Save the table as CSV in UTF-8") from error
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    try:
        heading = [name.strip() for name in next(reader, [])]
        missing = [name for name in columns if name not in heading]
        if missing:
            raise InputError(
                f"{csv_file}, line 1 has no column {', '.join(missing)}", f"The columns are {', '.join(columns)}"
            )
        for row in reader:
            if not row:
                continue
            if len(row) != len(heading):
                raise InputError(
                    f"{csv_file}, line {reader.line_num} has {len(row)} cells, the heading {len(heading)}",
                    "Mind commas within names: such a cell stands in quotes",
                )
            yield reader.line_num, dict(zip(heading, row, strict=True))
    except csv.Error as error:
        raise InputError(f"{csv_file}, line {reader.line_num} is not CSV: {error}", "Mind the quotes there") from error


def _inside(folder: Path, name: str, where: str) -> Path:
    """The picture of that name. Nothing outside the folder is looked at, through a link neither."""
    advice = f"Name a picture within {folder}"
    try:
        path = (folder / name).resolve()
        inside = path != folder and path.is_relative_to(folder)
        exists = inside and path.is_file()
    except (OSError, ValueError, RuntimeError) as error:  # ValueError: a NUL; RuntimeError: links in a circle
        raise InputError(f"{where}: image {name!r} cannot be a picture's name ({error})", advice) from error
    if not inside:
        raise InputError(f"{where}: image {name!r} lies outside the folder", advice)
    if not exists:
        raise InputError(f"{where}: image {name!r} is not there", advice)
    return path


def _rating(cell: str, name: str, where: str) -> float:
    allowed = f"a number, {LOWEST:g} to {HIGHEST:g}"
    value = _number(cell, name, where, allowed)
    if not LOWEST <= value <= HIGHEST:
        raise InputError(f"{where}: {name} is {cell!r}", f"Allowed: {allowed}")
    return value


def _number(cell: str, name: str, where: str, allowed: str) -> float:
    try:
        value = float(cell)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(f"{where}: {name} is {cell!r}", f"Allowed: {allowed}")
    return value
