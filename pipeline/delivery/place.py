"""Where a run writes, decided and checked before any work is done."""

from __future__ import annotations

from pathlib import Path

from pipeline.delivery.containers import container_for, default_suffix
from pipeline.media.probe import MediaProbe
from pipeline.publish import check_room, check_writable
from pipeline.wish import Wish
from scoring.errors import OutputRefused
from scoring.timebase import SAMPLE_RATE_HZ

_SCRATCH_BYTES_PER_S = 3 * 2 * 4 * SAMPLE_RATE_HZ  # music and mix as float, stems as FLAC: three float files' worth
_RESULT_SHARE = 1.1  # the result is the film with other sound


def choose_place(film: MediaProbe, wish: Wish) -> Path:
    """Where the result goes, checked before any work is done.

    Raises OutputRefused when it cannot be written there or would replace the film, DiskFull when there is no room.
    """
    path = wish.output
    if path is None or path.is_dir():
        folder = film.path.parent if path is None else path
        path = folder / f"{film.path.stem}.scored{default_suffix(film)}"
    path = path.absolute()
    container_for(path)
    if not path.parent.is_dir():
        raise OutputRefused(f"there is no folder {path.parent}", "Create it, or choose another place with -o")
    if path.exists() and path.samefile(film.path):
        raise OutputRefused(f"{path} is the film itself", "Choose another name with -o")
    check_writable(path.parent)
    check_room(path.parent, int(film.path.stat().st_size * _RESULT_SHARE + film.info.duration_s * _SCRATCH_BYTES_PER_S))
    return path


def workspace_folder(output: Path, film: MediaProbe) -> Path:
    """`film.cuesmith/`, beside the result."""
    return output.parent / f"{film.path.stem}.cuesmith"


def beside(output: Path, suffix: str) -> Path:
    """A companion of the result: `film.report.json` beside `film.scored.mp4`, `cut2.report.json` beside `cut2.mp4`."""
    return output.with_name(output.stem.removesuffix(".scored") + suffix)
