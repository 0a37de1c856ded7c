"""`cuesmith keys`: who may use the service."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Annotated

import typer

from integrations.cli.opening import service_database
from integrations.cli.options import AsJson, Debug

app = typer.Typer(help="The service's API keys.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def keys() -> None:
    """The service's API keys."""


@app.command("create")
def create(
    tenant: Annotated[str, typer.Argument(help="Whose: a-z, 0-9 and -. Made where it is missing.")],
    label: Annotated[str, typer.Option(help="What it is for.")] = "",
    quota: Annotated[
        list[str] | None, typer.Option(help="NAME=NUMBER of the tenant's quota, e.g. waiting_jobs=100; again for more.")
    ] = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Make a key. It is shown this once."""
    with service_database() as database:
        from integrations.jobs.tenants import create_key, ensure_tenant

        if quota:
            ensure_tenant(database, tenant, _quota(quota))
        key = create_key(database, tenant, label)
    if as_json:
        typer.echo(json.dumps({"id": key.id, "tenant": key.tenant, "label": key.label, "secret": key.secret}))
    else:
        typer.echo(key.secret)
        typer.echo(f"the key {key.id} of {key.tenant}; it is not shown again", err=True)


@app.command("list")
def show(
    tenant: Annotated[str | None, typer.Argument(help="Whose; everybody's when left out.")] = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """List keys, without their secrets."""
    with service_database() as database:
        from integrations.jobs.tenants import list_keys

        rows = list_keys(database, tenant)
    if as_json:
        names = ("id", "tenant", "label", "created_s", "revoked_s")
        typer.echo(json.dumps([{name: getattr(row, name) for name in names} for row in rows]))
        return
    for row in rows:
        since = datetime.fromtimestamp(row.created_s, UTC).strftime("%Y-%m-%d")
        state = "revoked" if row.revoked_s is not None else "good"
        typer.echo(f"{row.id}  {row.tenant:<20} {since}  {state:<8} {row.label}")


@app.command("revoke")
def revoke(
    key: Annotated[str, typer.Argument(help="The key's id, as `cuesmith keys list` shows it.", metavar="ID")],
    debug: Debug = False,
) -> None:
    """Make a key useless, from now on."""
    with service_database() as database:
        from integrations.jobs.tenants import revoke_key

        revoke_key(database, key)
    typer.echo(f"{key} is revoked")


def _quota(pairs: list[str]) -> dict[str, int]:
    from scoring.errors import InputError

    quota = {}
    for pair in pairs:
        name, _, value = pair.partition("=")
        if not value.isdigit():
            raise InputError(f"--quota {pair} does not say a whole number", "Write it as waiting_jobs=100")
        quota[name] = int(value)
    return quota
