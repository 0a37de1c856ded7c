"""What `cuesmith models list`, `download` and `verify` say of models and their files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from integrations.cli.text import one_line

if TYPE_CHECKING:
    from pipeline.models.catalogue import Model
    from pipeline.models.check import FileCheck, ModelCheck
    from pipeline.models.store import Place

_NOT_KNOWN = "?"
_WIDTHS = (25, 10, 10, 13, 10, 0)


def list_document(rows: Sequence[tuple[Model, Place]], folder: Path) -> dict[str, Any]:
    """For --json."""
    return {"schema": "cuesmith.models/1", "folder": str(folder), "models": [_row(model, at) for model, at in rows]}


def list_lines(rows: Sequence[tuple[Model, Place]], folder: Path) -> list[str]:
    """For people: two lines a model, then what the columns mean."""
    lines = [_cells("model", "is", "size", "licence", "hashes", "verified")]
    for model, place in rows:
        hashes = f"{model.hashed_files} of {len(model.files)}"
        verified = "yes" if model.is_verified else "no"
        size = size_text(model.expected_bytes)
        lines.append(_cells(model.name, place.state, size, model.licence or _NOT_KNOWN, hashes, verified))
        lines.append(f"    {model.purpose}")
        if place.folder is not None:
            lines.append(one_line(f"    in {place.folder}"))
    return [
        *lines,
        "",
        one_line(f"`cuesmith models download NAME` fetches one into {folder}. hashes: files with a published hash;"),
        "a first download records the others. verified: we compared the published values with the files ourselves.",
    ]


def check_document(found: ModelCheck) -> dict[str, Any]:
    """For --json."""
    return {
        "schema": "cuesmith.model-check/1",
        "name": found.model.name,
        "folder": str(found.folder),
        "revision": found.revision,
        "fetched": found.fetched,
        "licence": found.model.licence,
        "files": [asdict(file) for file in found.files],
        "is_sound": found.is_sound,
    }


def check_lines(found: ModelCheck) -> list[str]:
    """For people: a line a file, then the verdict."""
    lines = [one_line(f"model      {found.model.name}, in {found.folder}")]
    if found.revision or found.fetched:
        lines.append(f"revision   {found.revision or _NOT_KNOWN}, fetched {found.fetched or 'by another program'}")
    lines += [one_line(f"{file.verdict:<11}{file.path}: {_words(file)}") for file in found.files]
    verdict = "all files are right" if found.is_sound else "not all files are right"
    return [*lines, f"verdict    {verdict}"]


def missing_line(model: Model, place: Place) -> str:
    """A model that is not here, or not all of it."""
    if place.folder is None:
        return f"{model.name} is not on this machine; `cuesmith models download {model.name}` fetches it"
    gaps = ", ".join(place.lacking)
    return f"{model.name} is not all there: {gaps} missing; `cuesmith models download {model.name}` fetches the rest"


def size_text(size_bytes: int | None) -> str:
    """A size in the unit that suits it."""
    if size_bytes is None:
        return _NOT_KNOWN
    if size_bytes < 10**5:
        return f"{size_bytes:,} bytes"
    return f"{size_bytes / 1e9:.2f} GB" if size_bytes >= 10**8 else f"{size_bytes / 1e6:.1f} MB"


def _row(model: Model, place: Place) -> dict[str, Any]:
    return {
        "name": model.name,
        "kind": model.kind,
        "purpose": model.purpose,
        "state": place.state,
        "folder": place.folder and str(place.folder),
        "lacking": place.lacking,
        "size_bytes": model.expected_bytes,
        "licence": model.licence,
        "notes": model.notes,
        "verified": model.is_verified,
        "files": [asdict(file) for file in model.files],
    }


def _words(file: FileCheck) -> str:
    if file.problem:
        return file.problem
    words = [size_text(file.size_bytes)]
    if file.tensors is not None:
        words.append(f"{file.parameters:,} parameters")
    if file.sha256 is None:
        return ", ".join([*words, "not hashed"])
    against = "nothing to compare with" if file.compared_with == "nothing" else f"as {file.compared_with} says"
    return ", ".join([*words, f"sha256 {file.sha256} {against}"])


def _cells(*cells: str) -> str:
    return "".join(f"{cell:<{width}}" for cell, width in zip(cells, _WIDTHS, strict=True)).rstrip()
