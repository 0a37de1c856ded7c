"""`cuesmith models verify`: explains a checkpoint, whatever it is. `fetch-lyrics-vocabulary`: gets what none has."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from integrations.cli.options import AsJson, Debug
from integrations.cli.text import one_line

if TYPE_CHECKING:
    from music_engine.ace_step.checkpoint.verify import PartReport, Verification

app = typer.Typer(help="Look at model weights.", no_args_is_help=True, rich_markup_mode=None)

_SHOWN_MISFITS = 8
_REFUSED = 2


@app.callback()
def models() -> None:
    """Look at model weights."""


@app.command("verify")
def verify(
    path: Annotated[Path, typer.Argument(metavar="DIR", help="A checkpoint's folder, or a .safetensors file.")],
    with_hash: Annotated[bool, typer.Option("--hash", help="Hash the files and compare with the known ones.")] = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Say what a checkpoint holds, what is missing or wrong, and whether it loads: exit code 0 if so, 2 if not."""
    from music_engine.ace_step.libraries import require_libraries

    require_libraries()
    from music_engine.ace_step.checkpoint.verify import verify as examine

    found = examine(path, with_hash=with_hash)
    if as_json:
        typer.echo(json.dumps(_document(found)))
    else:
        for line in _lines(found):
            typer.echo(line)
    if not found.is_loadable:
        raise typer.Exit(_REFUSED)


@app.command("fetch-lyrics-vocabulary")
def fetch_lyrics_vocabulary(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where vocab.json is to lie. Made if need be.")],
    accepts_licence: Annotated[
        bool, typer.Option("--accept-licence", help="You have read the terms that this prints, and agree.")
    ] = False,
    url: Annotated[str | None, typer.Option("--url", help="Another address. Default: the publisher's.")] = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Fetch the vocabulary that lyrics for ACE-Step need, from its publisher and under its terms, which come first."""
    from music_engine.ace_step.lyrics.vocabulary import fetch_vocabulary, licence

    if not as_json:
        typer.echo(f"{licence()}\n")
    path = fetch_vocabulary(folder, accepts_licence=accepts_licence, url=url)
    typer.echo(json.dumps({"path": str(path), "licence": licence()}) if as_json else one_line(path))


def _document(found: Verification) -> dict[str, Any]:
    parts = [{**asdict(part), "file": part.file and str(part.file), "is_sound": part.is_sound} for part in found.parts]
    return {
        "schema": "cuesmith.checkpoint/1",
        **asdict(found),
        "path": str(found.path),
        "parts": parts,
        "is_loadable": found.is_loadable,
    }


def _lines(found: Verification) -> list[str]:
    lines = [one_line(f"layout     {found.layout}: {found.explanation}")]
    if found.parts:
        lines += ["", _row("part", "tensors", "parameters", "dtypes", "missing", "extra", "wrong", "verdict")]
        lines += [_part_row(part) for part in found.parts]
        lines += ["", one_line(f"tokenizer  {found.tokenizer}")]
    for part in found.parts:
        lines += _details(part)
    if found.problem and found.parts:
        lines.append(one_line(f"problem    {found.problem}"))
    verdict = "loads" if found.is_loadable else "does not load"
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
