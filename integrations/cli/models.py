"""`cuesmith models list`, `download`, `verify`, and `fetch-lyrics-vocabulary` for what no model comes with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from integrations.cli.options import AsJson, Debug
from integrations.cli.text import one_line

if TYPE_CHECKING:
    from pipeline.models.catalogue import Model

app = typer.Typer(help="List, fetch and check model weights.", no_args_is_help=True, rich_markup_mode=None)

_REFUSED = 2


@app.callback()
def models() -> None:
    """List, fetch and check model weights."""


@app.command("list")
def list_(as_json: AsJson = False, debug: Debug = False) -> None:
    """List the models that can be fetched: what each is for, whether it is here, its size and licence."""
    from integrations.cli.models_table import list_document, list_lines
    from pipeline.models.catalogue import models as known
    from pipeline.models.store import look
    from pipeline.settings import Settings

    settings = Settings.from_env()
    rows = [(model, look(model, settings)) for model in known().values()]
    if as_json:
        typer.echo(json.dumps(list_document(rows, settings.models)))
        return
    for line in list_lines(rows, settings.models):
        typer.echo(line)


@app.command("download")
def download(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A name from `cuesmith models list`.")],
    force: Annotated[bool, typer.Option("--force", help="Fetch it again, and forget what was recorded of it.")] = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Fetch a model into the models folder. What an earlier try left is gone on with."""
    from integrations.cli.progress import Bars
    from pipeline.models.catalogue import model_named
    from pipeline.models.download import fetch
    from pipeline.settings import Settings

    settings, model = Settings.from_env(), model_named(name)
    with Bars() as bars:
        bars.note(_announcement(model))
        folder = fetch(name, settings, advance=bars.stage(f"Fetching {name}"), note=bars.note, force=force)
    answer = {"name": name, "folder": str(folder), "licence": model.licence, "notes": model.notes}
    typer.echo(json.dumps(answer) if as_json else one_line(folder))


@app.command("verify")
def verify(
    target: Annotated[
        str,
        typer.Argument(
            metavar="NAME_OR_DIR", help="A name from `models list`, a model's folder, or a .safetensors file."
        ),
    ],
    with_hash: Annotated[
        bool, typer.Option("--hash", help="Hash an engine's files too; an encoder's are hashed anyway.")
    ] = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Say what a model's files are, what is missing or wrong, and whether all is right: exit code 0 if so, 2 if not.

    A name is looked for where downloads and the hub's own tools put models; ./NAME is a folder here.
    """
    from integrations.cli.models_table import check_document, check_lines, missing_line
    from pipeline.models.catalogue import models as known
    from pipeline.models.check import check, recognised
    from pipeline.models.store import look
    from pipeline.settings import Settings

    path, model = Path(target), known().get(target)
    if model is not None:
        place = look(model, Settings.from_env())
        if place.state == "missing" or place.folder is None:
            _say_missing(missing_line(model, place), model, as_json)
            raise typer.Exit(_REFUSED)
        path = place.folder
    else:
        model = recognised(path)
    if model is None or model.kind == "engine":
        is_right = _explain_checkpoint(path, model, with_hash, as_json)
    else:
        found = check(model, path)
        is_right = found.is_sound
        typer.echo(json.dumps(check_document(found)) if as_json else "\n".join(check_lines(found)))
    if not is_right:
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


def _explain_checkpoint(path: Path, model: Model | None, with_hash: bool, as_json: bool) -> bool:
    """What a checkpoint holds, tensor by tensor; model: where the folder is that of one. Whether it can be used."""
    from music_engine.ace_step.libraries import require_libraries

    require_libraries()
    from integrations.cli.models_checkpoint import checkpoint_document, checkpoint_lines
    from music_engine.ace_step.checkpoint.verify import verify as examine
    from pipeline.models.check import check

    found = examine(path, with_hash=with_hash)
    looked_at = check(model, path, with_hash=with_hash).files if model is not None else ()
    wrong = [file for file in looked_at if file.verdict != "ok"]
    if as_json:
        typer.echo(json.dumps(checkpoint_document(found, wrong)))
    else:
        for line in checkpoint_lines(found, wrong):
            typer.echo(line)
    return found.is_loadable and not wrong


def _say_missing(line: str, model: Model, as_json: bool) -> None:
    document = {"schema": "cuesmith.model-check/1", "name": model.name, "is_sound": False, "problem": line}
    typer.echo(json.dumps(document) if as_json else line)


def _announcement(model: Model) -> str:
    from integrations.cli.models_table import size_text

    words = f"{model.name}: {size_text(model.expected_bytes)}, licence {model.licence or 'not known'}"
    return f"{words}. {model.notes}" if model.notes else words
