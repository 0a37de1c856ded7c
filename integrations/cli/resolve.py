"""`cuesmith resolve`: the scripts for DaVinci Resolve put in place, looked over, taken away, and helped."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from integrations.cli.extras import need_service
from integrations.cli.options import AsJson, Debug
from integrations.cli.text import one_line

if TYPE_CHECKING:
    from integrations.resolve.installing.installation import Done
    from integrations.resolve.installing.place import Place, Whose

app = typer.Typer(
    help="DaVinci Resolve: score the open timeline from its menu.", no_args_is_help=True, rich_markup_mode=None
)

_MISSING = 3
AllUsers = Annotated[bool, typer.Option("--all-users", help="For everybody on this machine, not for you alone.")]
Into = Annotated[Path | None, typer.Option("--into", help="A folder of your own choice.", metavar="FOLDER")]


@app.callback()
def resolve() -> None:
    """DaVinci Resolve: score the open timeline from its menu."""


@app.command("install")
def install(
    all_users: AllUsers = False,
    into: Into = None,
    only: Annotated[
        Literal["lua", "python"] | None, typer.Option(help="One of the two scripts. Default: both.")
    ] = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Put cuesmith.lua, cuesmith.py and cuesmith.json where DaVinci Resolve's menu looks. Your settings are kept."""
    from integrations.resolve.installing.installation import install as put
    from integrations.resolve.installing.text import LANGUAGES

    languages = (only,) if only else LANGUAGES
    data = None if all_users else _data()
    done = [one for folder in _folders(all_users, into) for one in put(folder, languages, data)]
    if as_json:
        typer.echo(json.dumps({"files": _rows(done)}))
        return
    _print(done)
    typer.echo("In DaVinci Resolve: Workspace > Scripts > cuesmith. If it is not listed, start DaVinci Resolve again.")


@app.command("where")
def where(into: Into = None, as_json: AsJson = False, debug: Debug = False) -> None:
    """Say where the scripts belong on this machine, and which are there."""
    from integrations.resolve.installing.installation import look

    folders = [("chosen", "", into.absolute())] if into else [(p.whose, p.edition, p.scripts) for p in _every_place()]
    rows = [
        {"whose": whose, "edition": edition, "path": str(one.path), "state": one.state}
        for whose, edition, folder in folders
        for one in look(folder, None if whose == "everybody" else _data())
    ]
    if as_json:
        typer.echo(json.dumps({"files": rows}))
        return
    for row in rows:
        typer.echo(one_line(f"{row['state']:<8}{row['whose']:<10} {row['path']}"))


@app.command("remove")
def remove(all_users: AllUsers = False, into: Into = None, as_json: AsJson = False, debug: Debug = False) -> None:
    """Take away what `install` put there. What was edited since, and your settings, are kept."""
    from integrations.resolve.installing.installation import remove as take_away

    done = [one for folder in _folders(all_users, into) for one in take_away(folder)]
    if as_json:
        typer.echo(json.dumps({"files": _rows(done)}))
    else:
        _print(done)


@app.command("check")
def check(as_json: AsJson = False, debug: Debug = False) -> None:
    """Say whether the scripts are in place, the key can be read and the service answers. Exit code 3 when not."""
    from integrations.resolve.checking import check as examine
    from pipeline.settings import Settings

    findings = examine(places_for("you"), _data(), Settings.from_env())
    if as_json:
        rows = [{"name": f.name, "state": f.state, "found": f.found, "advice": f.advice} for f in findings]
        typer.echo(json.dumps({"findings": rows}))
    else:
        for finding in findings:
            advice = f" → {finding.advice}" if finding.advice else ""
            typer.echo(one_line(f"{finding.state:<8}{finding.name:<20}{finding.found}{advice}"))
    if any(finding.state == "missing" for finding in findings):
        raise typer.Exit(_MISSING)


@app.command("companion")
def companion(
    options: Annotated[
        Path | None,
        typer.Option(help="The script's cuesmith.json. Default: the one beside your scripts.", metavar="FILE"),
    ] = None,
    debug: Debug = False,
) -> None:
    """Help the script of the free edition from 21.1 on, which may open no files. Leave it running; Ctrl-C ends it.

    `cuesmith serve --resolve` does it too.
    """
    need_service()
    from integrations.resolve.companion.attending import attend
    from integrations.resolve.companion.opening import open_companion

    made = open_companion(places_for("you"), _data(), lambda line: typer.echo(one_line(f"Cuesmith: {line}")), options)
    typer.echo(one_line(f"waits for DaVinci Resolve's script; options in {made.options or 'no file: every default'}"))
    attend(made.mailbox, made.desk, lambda: False)


def _data() -> Path:
    from integrations.service.settings import ServiceSettings

    return ServiceSettings.from_env().data


def _folders(all_users: bool, into: Path | None) -> list[Path]:
    if into is not None:
        return [into.absolute()]
    return [place.scripts for place in places_for("everybody" if all_users else "you")]


def places_for(whose: Whose) -> tuple[Place, ...]:
    """Where DaVinci Resolve looks on this machine, for one user or everybody. Raises InputError where there is none."""
    import sys

    from integrations.resolve.installing.place import find_places
    from pipeline.settings import environment

    return find_places(whose, sys.platform, environment(), Path.home())


def _every_place() -> list[Place]:
    """Yours and everybody's; those of everybody only where there is such an installation."""
    from scoring.errors import InputError

    try:
        shared = places_for("everybody")
    except InputError:
        shared = ()
    return [*places_for("you"), *shared]


def _rows(done: list[Done]) -> list[dict[str, str]]:
    return [{"path": str(one.path), "deed": one.deed, "why": one.why} for one in done]


def _print(done: list[Done]) -> None:
    for one in done:
        typer.echo(one_line(f"{one.deed:<14} {one.path}" + (f" ({one.why})" if one.why else "")))
