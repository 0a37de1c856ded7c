"""Reason files: beside every film that was refused, a text that says why."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from integrations.watch_folder.look import REASON_SUFFIX
from integrations.watch_folder.names import shown
from integrations.watch_folder.result_names import with_ending
from pipeline.publish import write_text
from scoring.errors import OutputRefused


def reason_path(film: Path) -> Path:
    """Beside the film: `film.mp4.reason.txt`."""
    return film.with_name(with_ending(film.name, REASON_SUFFIX))


def write_reason(films: Sequence[Path], reason: str, job_id: str | None, now_s: float) -> Path | None:
    """Say why beside the first of the films (or of the places where one would be) that can be written to; where.

    reason: lines, shown one by one. now_s: seconds since 1970. None when none of them can. Raises DiskFull.
    """
    lines = [shown(line) for line in reason.splitlines() if line.strip()]
    lines.append(f"film: {shown(films[0].name)}")
    if job_id is not None:
        lines.append(f"job: {job_id}")
    lines.append(f"time: {datetime.fromtimestamp(now_s, UTC).isoformat(timespec='seconds')}")
    for film in films:
        path = reason_path(film)
        with contextlib.suppress(OutputRefused, OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_text(path, "\n".join(lines) + "\n")
            return path
    return None


def remove_reason(films: Sequence[Path]) -> None:
    """It is no longer true. One that cannot be removed stays."""
    for film in films:
        with contextlib.suppress(OSError):
            reason_path(film).unlink(missing_ok=True)
