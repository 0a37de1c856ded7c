"""The options of a command as they were typed, for another run of the same command."""

from __future__ import annotations

from collections.abc import Collection
from os import fspath
from typing import Any

import typer


def typed_options(ctx: typer.Context, without: Collection[str]) -> list[str]:
    """Those given on the command line, by their long names. without: names of parameters to leave out.

    Values that come from elsewhere are left to the other run, which finds them by itself.
    """
    options = []
    for parameter in ctx.command.params:
        source = ctx.get_parameter_source(parameter.name or "")
        if source is not None and source.name == "COMMANDLINE" and parameter.name not in without:
            options += _as_typed(parameter, ctx.params[parameter.name or ""])
    return options


def _as_typed(option: Any, value: Any) -> list[str]:
    name = next(text for text in option.opts if text.startswith("--"))
    if isinstance(value, bool):
        return [name if value else option.secondary_opts[0]]
    # One word: a value that begins with a dash is not to be taken for an option.
    return [f"{name}={fspath(one) if hasattr(one, '__fspath__') else one}" for one in _each(value)]


def _each(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]
