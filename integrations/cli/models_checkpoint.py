"""What `cuesmith models verify` says of an ACE-Step checkpoint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from integrations.cli.text import one_line

if TYPE_CHECKING:
    from music_engine.ace_step.checkpoint.verify import PartReport, Verification
    from pipeline.models.check import FileCheck

_SHOWN_MISFITS = 8


def checkpoint_document(found: Verification, files: Sequence[FileCheck]) -> dict[str, Any]:
    """For --json. files: what is wrong with files besides the tensors."""
    parts = [{**asdict(part), "file": part.file and str(part.file), "is_sound": part.is_sound} for part in found.parts]
    return {
        "schema": "cuesmith.checkpoint/1",
        **asdict(found),
        "path": str(found.path),
        "parts": parts,
        "files": [asdict(file) for file in files],
        "is_loadable": found.is_loadable and not files,
    }


def checkpoint_lines(found: Verification, files: Sequence[FileCheck]) -> list[str]:
    """For people."""
    lines = [one_line(f"layout     {found.layout}: {found.explanation}")]
    if found.parts:
        lines += ["", _row("part", "tensors", "parameters", "dtypes", "missing", "extra", "wrong", "verdict")]
        lines += [_part_row(part) for part in found.parts]
        lines += ["", one_line(f"tokenizer  {found.tokenizer}")]
    for part in found.parts:
        lines += _details(part)
    if found.problem and found.parts:
        lines.append(one_line(f"problem    {found.problem}"))
    lines += [one_line(f"{file.path}: {file.problem}") for file in files]
    verdict = "loads" if found.is_loadable and not files else "does not load"
    return [*lines, f"verdict    {verdict}"]


def _row(*cells: str) -> str:
    widths = (14, 9, 15, 20, 9, 7, 7, 0)
    return "".join(
        f"{cell:>{w - 2}}  " if 0 < i < 3 or 3 < i < 7 else f"{cell:<{w}}"
        for i, (cell, w) in enumerate(zip(cells, widths, strict=True))
    )


def _part_row(part: PartReport) -> str:
    if part.problem:
        return _row(part.title, *["-"] * 6, "cannot be opened")
    dtypes = ", ".join(f"{dtype} {count}" for dtype, count in (part.dtypes or {}).items())
    wrong = part.count("shape") + part.count("dtype") + part.count("values")
    counts = (str(part.count("missing")), str(part.count("extra")), str(wrong))
    verdict = "ok" if part.is_sound else "does not fit"
    return _row(part.title, str(part.tensors), f"{part.parameters:,}", dtypes, *counts, verdict)


def _details(part: PartReport) -> list[str]:
    """What the row has no room for."""
    lines = []
    if part.unread_tensors:
        unread = f"{part.unread_tensors} tensors, {part.unread_parameters:,} parameters, are never used and not read"
        lines.append(f"{part.title}: {unread}")
    if part.problem:
        lines.append(f"{part.title}: {part.problem}")
    lines += [f"{part.title}: {misfit}" for misfit in part.misfits[:_SHOWN_MISFITS]]
    if len(part.misfits) > _SHOWN_MISFITS:
        lines.append(f"{part.title}: and {len(part.misfits) - _SHOWN_MISFITS} more")
    if part.hash is not None and part.hash.sha256 is not None:
        pin = part.hash.pin
        known = "nobody compared the table with the file" if not pin.verified else "compared with the file"
        lines.append(f"{part.title}: sha256 {part.hash.sha256} {part.hash.verdict} ({pin.source}; {known})")
    return [one_line(line) for line in lines]
