"""The command's rim: parse, run, answer with one line and an exit code.

0 done · 2 the input or the arguments cannot be used · 3 we failed · 130 stopped by the user
"""

from __future__ import annotations

import json
import signal
import sys
import traceback
from collections.abc import Sequence
from typing import NoReturn

import typer

from integrations.cli import (
    affect,
    analyse,
    catalogue,
    completion,
    demo,
    experiments,
    export,
    health,
    inspect,
    keys,
    models,
    prompts,
    ratings,
    resolve,
    review,
    score,
    serve,
    spot,
    submit,
    watch,
)
from integrations.cli.project_settings import ProjectCommand
from integrations.cli.text import one_line
from scoring.errors import CuesmithError

app = typer.Typer(
    name="cuesmith",
    help="A video in, the same video out with original music that follows it, lands on its cuts and is measured.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # importing rich's help costs more than everything else the help page does
    pretty_exceptions_enable=False,
)
app.command("score", cls=ProjectCommand)(score.score)
app.command("spot", cls=ProjectCommand)(spot.spot)
app.command("analyse")(analyse.analyse)
app.command("export")(export.export)
app.command("inspect")(inspect.inspect)
app.command("review")(review.review)
app.command("watch")(watch.watch)
app.command("styles")(catalogue.styles)
app.command("engines")(catalogue.engines)
app.command("doctor")(catalogue.doctor)
app.command("completion")(completion.completion)
app.command("demo")(demo.demo)
app.command("submit", cls=ProjectCommand)(submit.submit)
app.command("serve")(serve.serve)
app.command("worker")(serve.worker)
app.command("migrate")(serve.migrate)
app.add_typer(resolve.app, name="resolve")
app.add_typer(affect.app, name="affect")
app.add_typer(prompts.app, name="prompts")
app.add_typer(models.app, name="models")
app.add_typer(keys.app, name="keys")
app.add_typer(health.app, name="health")
app.add_typer(experiments.app, name="experiments")
app.add_typer(ratings.app, name="ratings")

_USAGE, _FAILED, _STOPPED = 2, 3, 130
_STOPPED_TEXT = "stopped; what was finished is kept and reused"


def main() -> NoReturn:
    """Run the command with the process's arguments and leave with its exit code."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run the command; the exit code."""
    signal.signal(signal.SIGTERM, _as_interrupt)
    wants_debug, wants_json = "--debug" in arguments, "--json" in arguments
    try:
        # standalone_mode=False: click would answer Ctrl-C and usage errors in its own words and codes.
        code = app(list(arguments), prog_name="cuesmith", standalone_mode=False) or 0
        if code == _STOPPED:  # how typer passes on Ctrl-C
            _answer(_STOPPED_TEXT, "Cancelled", _STOPPED, wants_json)
        return int(code)
    except CuesmithError as error:
        if wants_debug:
            traceback.print_exc()
        _answer(str(error), type(error).__name__, error.exit_code, wants_json)
        return error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        _answer(_STOPPED_TEXT, "Cancelled", _STOPPED, wants_json)
        return _STOPPED
    except BrokenPipeError:
        return _FAILED  # whoever read our output has gone; there is nobody to tell
    except Exception as error:
        return _unexpected(error, wants_debug, wants_json)


def _unexpected(error: Exception, wants_debug: bool, wants_json: bool) -> int:
    """Usage errors of click, and whatever nobody foresaw."""
    if hasattr(error, "format_message") and hasattr(error, "exit_code"):
        _answer(f"{error.format_message()}. See cuesmith --help", "UsageError", _USAGE, wants_json)
        return _USAGE
    if wants_debug:
        traceback.print_exc()
    advice = "" if wants_debug else "; run again with --debug and report what it prints"
    _answer(f"cuesmith broke: {type(error).__name__}: {error}{advice}", type(error).__name__, _FAILED, wants_json)
    return _FAILED


def _answer(text: str, kind: str, code: int, wants_json: bool) -> None:
    if wants_json:
        sys.stdout.write(json.dumps({"error": {"kind": kind, "message": text, "exit_code": code}}) + "\n")
    else:
        sys.stderr.write(f"cuesmith: {one_line(text)}\n")


def _as_interrupt(signum: int, frame: object) -> NoReturn:
    # A polite request to end runs the same clean-up as Ctrl-C.
    raise KeyboardInterrupt
