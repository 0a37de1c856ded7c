"""`cuesmith completion`: the scripts that complete commands, options and values at a shell's prompt.

The scripts ask this same command what may stand at the cursor: `cuesmith completion bash --current=WORD -- WORDS…`
prints a line for each, "word<TAB>value<TAB>help", or "file" where the shell is to offer files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

Shell = Literal["bash", "zsh", "fish", "powershell"]
_FILES: Mapping[str, str] = {"bash": "bash", "zsh": "zsh", "fish": "fish", "powershell": "ps1"}
_HELP_CHARACTERS = 80


def completion(
    context: typer.Context,
    shell: Annotated[Shell, typer.Argument(help="bash, zsh, fish or powershell.", metavar="SHELL")],
    words: Annotated[list[str] | None, typer.Argument(hidden=True)] = None,
    current: Annotated[str | None, typer.Option("--current", hidden=True)] = None,
) -> None:
    """Print the script that completes commands, options and values in a shell. Where it goes: its first line says."""
    if current is None:
        typer.echo((_data() / f"completion.{_FILES[shell]}").read_text(encoding="utf-8"), nl=False)
        return
    for line in suggestions(context.find_root().command, words or [], current):
        typer.echo(line)


def suggestions(command: Any, words: Sequence[str], current: str) -> list[str]:
    """The lines of what may stand in the place of the word `current`. command: the whole command's, of typer.

    words: those before it. Wrong words suggest nothing.
    """
    # bash takes "--style=up" for three words; others for one, and what they get back has to begin as that does.
    before = [word for word in words if word != "="]
    current = "" if current == "=" else current
    option, equals, typed = current.partition("=")
    is_joined = bool(equals) and option.startswith("--")
    if not is_joined:
        option, typed = before[-1] if before else "", current
    if "--" not in before and (found := _values(before[0] if before else "", option, typed)):
        return [_line(f"{current.partition('=')[0]}={value}" if is_joined else value) for value in found]
    items = _asked(command, before, current)
    lines = [_line(str(item.value), item.help or "") for item in items if item.type == "plain"]
    return lines or (["file"] if before else [])


def _asked(command: Any, words: list[str], current: str) -> list[Any]:
    """What typer knows: names of commands, options that were not given yet, choices."""
    # typer keeps click inside itself and does not name this class anywhere else.
    from typer._click.shell_completion import CompletionItem, ShellComplete

    class Words(ShellComplete):
        name = "cuesmith"
        source_template = ""

        def source_vars(self) -> dict[str, Any]:
            return {}

        def get_completion_args(self) -> tuple[list[str], str]:
            return words, current

        def format_completion(self, item: CompletionItem) -> str:
            return str(item.value)

    return list(Words(command, {}, "cuesmith", "").get_completions(words, current))


def _values(command: str, option: str, typed: str) -> list[str]:
    """What may follow an option; an option that means another thing elsewhere is listed with its command."""
    known, several = _known()
    option = f"{command} {option}" if f"{command} {option}" in {*known, *several} else option
    if option in several:
        start, comma, last = typed.rpartition(",")
        given = start.split(",")
        return [f"{start}{comma}{name}" for name in several[option] if name.startswith(last) and name not in given]
    return [name for name in known.get(option, ()) if name.startswith(typed)]


@cache
def _known() -> tuple[Mapping[str, list[str]], Mapping[str, list[str]]]:
    import tomllib

    table = tomllib.loads((_data() / "completion.toml").read_text(encoding="utf-8"))
    return table["values"], table["lists"]


def _data() -> Traversable:
    return resources.files("integrations") / "cli" / "data"


def _line(value: str, help_text: str = "") -> str:
    text = " ".join(help_text.split())
    text = text if len(text) <= _HELP_CHARACTERS else f"{text[: _HELP_CHARACTERS - 1]}…"
    return f"word\t{value}\t{text}"
