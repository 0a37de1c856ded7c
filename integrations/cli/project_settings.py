"""`cuesmith.toml`: what a project's films have in common, read in the place of options that are not given.

The command line outranks it, and it outranks the defaults. It may have come with somebody else's footage, so it says
what the music is to be and nothing about this machine: no place to write to, no server, no weights, and of files only
those in its own folder.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from integrations.cli.project_values import FILE_NAME, OF_ONE_FILM, checked_values, refused
from integrations.cli.text import one_line

_META = "cuesmith.project_settings"

UseProjectSettings = Annotated[
    bool,
    typer.Option(
        "--project-settings/--no-project-settings",
        help=f"Take what {FILE_NAME} beside the film, or in a folder above it, says where no option is given.",
    ),
]


@dataclass(frozen=True, slots=True)
class ProjectSettings:
    """What a file says. values: option name without dashes → value as the option takes it, its paths absolute."""

    path: Path
    values: Mapping[str, Any]


class ProjectCommand(TyperCommand):
    """A command whose options fall back on the project's settings.

    With several films each takes its own; here they are only read, so that a mistake in one costs no work.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Raises ConfigError for what a file says wrong."""
        if not ctx.resilient_parsing:  # completing a line is not running it
            said, _, _ = self.make_parser(ctx).parse_args(args=list(args))
            films = _films(said)
            if films and said.get("project_settings") is not False:
                options = options_of(self)
                found = ctx.meta[_META] = settings_of(films, options, ctx)
                if len(films) == 1 and found:
                    values = found[0].values
                    ctx.default_map = {options[name].name: values[name] for name in values if name in options}
        return super().parse_args(ctx, args)


def settings_of(films: Sequence[Path], options: Mapping[str, Any], ctx: Any) -> tuple[ProjectSettings, ...]:
    """The settings that films have, each file once. options: the command's, by name. Raises ConfigError."""
    places: dict[Path, list[Path]] = {}
    for film in films:
        path = find_settings(film)
        if path is not None:
            places.setdefault(path, []).append(film)
    found = tuple(ProjectSettings(path, checked_values(path, options, ctx)) for path in places)
    for settings in found:
        single = [name for name in OF_ONE_FILM if name in settings.values]
        if single and len(films) > 1 and len(places[settings.path]) > 1:
            raise refused(
                settings.path,
                f"{single[0]} is of one film, and {len(places[settings.path])} would take it",
                "Score that film by itself, or take the line out",
            )
    return found


def find_settings(film: Path) -> Path | None:
    """The file nearest to a film: in its folder, in one above it; then the same from the current folder.

    Above the home folder nothing is looked for from inside of it.
    """
    home = _home()
    for start in (film.absolute().parent, Path.cwd()):
        for folder in (start, *start.parents):
            if _is_file(folder / FILE_NAME):
                return folder / FILE_NAME
            if folder == home:
                break
    return None


def used_settings(ctx: typer.Context) -> tuple[ProjectSettings, ...]:
    """The files that a command's options fell back on."""
    found: tuple[ProjectSettings, ...] = ctx.meta.get(_META, ())
    return found


def announce(ctx: typer.Context, *, quiet: bool) -> None:
    """Say which files are used, and what in them is not for this command."""
    options = options_of(ctx.command)
    for settings in used_settings(ctx):
        others = [name for name in settings.values if name not in options]
        aside = f" (not for {ctx.info_name}: {', '.join(others)})" if others else ""
        if not quiet:
            typer.echo(one_line(f"settings from {settings.path}{aside}"), err=True)


def options_of(command: Any) -> dict[str, Any]:
    """A command's long options by name, without dashes."""
    return {
        option.removeprefix("--"): parameter
        for parameter in command.params
        for option in parameter.opts
        if option.startswith("--")
    }


def _films(said: Mapping[str, Any]) -> list[Path]:
    """The films as they were typed: one, several, or none yet."""
    found = said.get("videos") or said.get("video") or ()
    return [Path(text) for text in ([found] if isinstance(found, str) else found)]


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a folder that may not be looked into
        return False


def _home() -> Path | None:
    try:
        return Path.home()
    except RuntimeError:  # a system without one
        return None
