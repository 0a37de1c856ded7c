"""Where a run writes, decided and checked before any work is done."""

from __future__ import annotations

import re
from pathlib import Path

from pipeline.delivery.containers import container_for, default_suffix
from pipeline.media.probe import MediaProbe
from pipeline.publish import check_room, check_writable
from pipeline.wish import Wish
from scoring.errors import OutputRefused
from scoring.timebase import SAMPLE_RATE_HZ

_SCRATCH_BYTES_PER_S = 3 * 2 * 4 * SAMPLE_RATE_HZ  # music and mix as float, stems as FLAC: three float files' worth
_RESULT_SHARE = 1.1  # the result is the film with other sound
COMPARISON_PAGE, COMPARISON_CLIP = ".takes.html", ".takes.mp4"
_SCORED = re.compile(r"\.scored(?=(\.take\d+)?$)")


def choose_place(film: MediaProbe, wish: Wish, takes: int | None = None) -> Path:
    """planned_place, checked: something can be written there, and there is room.

    Raises what planned_place raises, OutputRefused when nothing can be written there, DiskFull when there is no room.
    """
    path = planned_place(film, wish, takes)
    check_writable(path.parent)
    check_room(path.parent, needed_bytes(film, takes))
    return path


def planned_place(film: MediaProbe, wish: Wish, takes: int | None = None) -> Path:
    """Where the result goes; nothing is written to find out. takes: how many, where there are several.

    Of several takes it is the first one's place, `film.scored.take1.mp4`; take_place says where the others go.
    Raises OutputRefused when there is no such folder or it would replace the film.
    """
    path = wish.output
    if path is None or path.is_dir():
        folder = film.path.parent if path is None else path
        path = folder / f"{film.path.stem}.scored{default_suffix(film)}"
    path = path.absolute()
    container_for(path)
    if not path.parent.is_dir():
        raise OutputRefused(f"there is no folder {path.parent}", "Create it, or choose another place with -o")
    results = [path]
    if takes is not None:
        path = _numbered(path, 1)
        results = [*(take_place(path, number) for number in range(1, takes + 1)), beside_all(path, COMPARISON_CLIP)]
    for result in results:
        if result.exists() and result.samefile(film.path):
            raise OutputRefused(f"{result} is the film itself", "Choose another name with -o")
    return path


def needed_bytes(film: MediaProbe, takes: int | None = None) -> int:
    """About how much room a run takes on the disk of its result, with what it writes on the way."""
    results_bytes = (takes or 1) * film.path.stat().st_size * _RESULT_SHARE
    return int(results_bytes + film.info.duration_s * _SCRATCH_BYTES_PER_S)


def take_place(first: Path, number: int) -> Path:
    """Where a take goes. first: the first one's place."""
    return _numbered(unnumbered(first), number)


def beside_all(first: Path, suffix: str) -> Path:
    """A companion of all takes together: `film.takes.html` beside `film.scored.take1.mp4`."""
    return beside(unnumbered(first), suffix)


def workspace_folder(output: Path, film: MediaProbe) -> Path:
    """`film.cuesmith/`, beside the result."""
    return output.parent / f"{film.path.stem}.cuesmith"


def beside(output: Path, suffix: str) -> Path:
    """A companion of the result: `film.report.json` beside `film.scored.mp4`, `cut2.report.json` beside `cut2.mp4`.

    `film.take2.report.json` beside `film.scored.take2.mp4`.
    """
    return output.with_name(_SCORED.sub("", output.stem) + suffix)


def _numbered(path: Path, number: int) -> Path:
    return path.with_name(f"{path.stem}.take{number}{path.suffix}")


def unnumbered(first: Path) -> Path:
    """Where a run by itself would put its result. first: the first of several takes' place."""
    return first.with_name(first.stem.removesuffix(".take1") + first.suffix)
