"""Completion at the prompt, pressed for in the real shells, and the words that may follow held to what there is."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import get_args

import pytest
import typer.main

from integrations.cli import completion, main
from integrations.cli.completion import Shell, suggestions
from integrations.service.settings import QUEUES
from integrations.timelines.exporting import formats
from integrations.watch_folder.installing.service import KINDS
from music_engine.registry import engine_names
from pipeline.sound.loudness import loudness_targets
from pipeline.watcher import ANALYSERS
from pipeline.wish import Dialogue, ExistingMusic
from scoring.moods import MOODS
from scoring.style import style_names

PATIENCE_S = 120.0
# Every command but `completion` writes down what it was called with, so that a test sees what a shell made of it.
STAND_IN = """#!{python}
import json, sys
if sys.argv[1:2] != ["completion"]:
    with open({ran!r}, "w") as file:
        json.dump(sys.argv[1:], file)
    sys.exit()
from integrations.cli.main import run
sys.exit(run(sys.argv[1:]))
"""


@pytest.fixture
def ran(tmp_path: Path) -> Path:
    """Where the stand-in, first in tmp_path/bin, writes what it was called with."""
    path = tmp_path / "ran.json"
    program = tmp_path / "bin" / "cuesmith"
    program.parent.mkdir()
    program.write_text(STAND_IN.format(python=sys.executable, ran=str(path)), encoding="utf-8")
    program.chmod(0o755)
    return path


def environment(tmp_path: Path) -> dict[str, str]:
    root = Path(__file__).parents[3]
    here = {
        "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "TERM": "xterm",
        "LANG": "C.UTF-8",
    }
    return here | {"PYTHONPATH": str(root), "HISTFILE": "/dev/null"}


def words(*before: str, current: str = "") -> list[str]:
    """What is suggested, "file" for files."""
    lines = suggestions(typer.main.get_command(main.app), before, current)
    return [line.split("\t")[1] if "\t" in line else line for line in lines]


# What is suggested --------------------------------------------------------------------------------


def test_commands_come_first_then_options_then_values() -> None:
    assert {"score", "spot", "watch", "models", "completion"} <= set(words())
    assert words(current="sc") == ["score"]
    assert words("models", current="ver") == ["verify"]
    assert "--style" in words("score", current="--st")
    assert words("score", "film.mp4", "--style", current="ci") == ["cinematic"]
    assert words("score") == ["file"]
    assert words("score", "--output") == ["file"]


def test_a_value_may_be_joined_to_its_option_however_a_shell_splits_it() -> None:
    assert words("score", current="--style=up") == ["--style=upbeat"]
    assert words("score", "--style", "=", current="up") == ["upbeat"]
    assert words("score", "--style", current="=") == list(style_names())


def test_of_a_list_the_last_name_is_completed_and_none_is_offered_twice() -> None:
    assert words("export", "film.cuesmith", "--to", current="otio,f") == ["otio,fcpxml", "otio,fcp7xml"]
    assert "otio,otio" not in words("export", "--to", current="otio,")


def test_an_option_that_was_given_is_not_offered_again() -> None:
    assert "--style" not in words("score", "--style", "ambient", current="--s")


@pytest.mark.parametrize(
    ("before", "current"),
    [
        (("nonsense",), "x"),
        (("score", "--seed", "x"), "--s"),
        (("score", "--", "--style"), ""),
        ((), "--nope"),
        (("=",), "="),
    ],
)
def test_words_that_make_no_sense_break_nothing(before: tuple[str, ...], current: str) -> None:
    assert all(isinstance(word, str) for word in words(*before, current=current))


def test_each_list_is_what_the_module_that_knows_says() -> None:
    known, several = completion._known()
    assert known["--style"] == list(style_names())
    assert set(known["--engine"]) == {"auto", *engine_names()}
    assert set(known["--loudness"]) == set(loudness_targets())
    assert known["--dialogue"] == list(get_args(Dialogue))
    assert known["--existing-music"] == list(get_args(ExistingMusic))
    assert known["--analyser"] == list(ANALYSERS)
    assert set(known["--mood"]) == set(MOODS)
    assert known["--install-service"] == list(KINDS)
    assert set(several["export --to"]) == set(formats())
    assert several["--queues"] == list(QUEUES)


def test_every_option_with_values_is_an_option_of_some_command() -> None:
    found: set[str] = set()
    waiting = [typer.main.get_command(main.app)]
    while waiting:
        command = waiting.pop()
        waiting += list(getattr(command, "commands", {}).values())
        found |= {name for param in command.params for name in param.opts}
    known, several = completion._known()
    assert {name.split()[-1] for name in (*known, *several)} <= found


def test_an_option_that_two_commands_have_is_completed_where_its_values_are_known() -> None:
    assert "otio" in words("export", "x", "--to")
    assert "otio" not in words("review", "x", "--to")


def test_completing_loads_nothing_that_a_prompt_would_wait_for() -> None:
    script = """
import sys
from integrations.cli.main import run
assert run(["completion", "zsh", "--current=", "--", "score", "--style"]) == 0
assert run(["completion", "zsh", "--current=--", "--", "score"]) == 0
heavy = {"numpy", "scipy", "av", "rich", "sqlalchemy", "fastapi", "watchdog", "opentimelineio"} & set(sys.modules)
assert not heavy, heavy
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "ambient" in done.stdout


# In the real shells -------------------------------------------------------------------------------


@pytest.mark.parametrize("shell", get_args(Shell))
def test_a_script_is_printed_as_it_lies_in_the_package(shell: str) -> None:
    told = subprocess.run(
        [sys.executable, "-c", f"from integrations.cli.main import run; run(['completion', '{shell}'])"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert told.startswith("#")
    assert told.endswith("\n")
    assert f"completion {shell} --current=" in told or f'completion {shell} "--current=' in told


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_finds_its_script_well_formed(tmp_path: Path, shell: str) -> None:
    need(shell)
    script = tmp_path / "script"
    script.write_text(script_of(shell), encoding="utf-8")
    done = subprocess.run([shell, "-n", str(script)], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_bash_fills_its_reply(tmp_path: Path, ran: Path) -> None:
    def reply(*typed: str) -> list[str]:
        line = " ".join(f"'{word}'" for word in typed)
        code = f"""
{script_of("bash")}
COMP_WORDS=({line}); COMP_CWORD={len(typed) - 1}
_cuesmith_completion cuesmith 2>/dev/null
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
        told = subprocess.run(
            ["bash", "--norc", "-c", code], capture_output=True, text=True, env=environment(tmp_path), check=True
        )
        return told.stdout.split()

    assert reply("cuesmith", "sco") == ["score"]
    assert reply("cuesmith", "score", "--style", "") == list(style_names())
    assert reply("cuesmith", "score", "--style", "=", "am") == ["ambient"]
    assert reply("cuesmith", "score", "my film.mp4", "--dialogue", "") == list(get_args(Dialogue))
    assert reply("cuesmith", "score", "") == []
    assert reply("no/such/cuesmith", "score", "--loudness", "ebu") == ["ebu-r128"]
    assert not ran.exists()


def test_fish_offers_words_with_what_they_mean(tmp_path: Path, ran: Path) -> None:
    need("fish")
    (tmp_path / "film one.mp4").touch()

    def offered(line: str) -> list[str]:
        code = f"source {tmp_path}/cuesmith.fish; complete -C '{line}'"
        (tmp_path / "cuesmith.fish").write_text(script_of("fish"), encoding="utf-8")
        told = subprocess.run(
            ["fish", "--no-config", "-c", code],
            capture_output=True,
            text=True,
            env=environment(tmp_path),
            check=True,
            cwd=tmp_path,
        )
        return told.stdout.splitlines()

    assert [line.split("\t")[0] for line in offered("cuesmith sco")] == ["score"]
    assert offered("cuesmith sco")[0].split("\t")[1].startswith("Score VIDEO")
    assert [line.strip() for line in offered("cuesmith score --style ")] == list(style_names())
    assert [line.split("\t")[0] for line in offered("cuesmith score --style=up")] == ["--style=upbeat"]
    assert any("film one.mp4" in line or "film\\ one.mp4" in line for line in offered("cuesmith score fi"))
    assert not ran.exists()


@pytest.mark.parametrize("shell", ["bash", "zsh"])
@pytest.mark.parametrize(
    ("typed", "shown", "called"),
    [
        ("cuesmith sco", "score ", ["score"]),
        ("cuesmith score --styl", "--style ", ["score", "--style"]),
        ("cuesmith score --style cin", "cinematic ", ["score", "--style", "cinematic"]),
        ("cuesmith score fil", "one.mp4", ["score", "film one.mp4"]),
        ("cuesmith export x --to otio,pd", "otio,pdf", ["export", "x", "--to", "otio,pdf"]),
    ],
)
def test_tab_completes_at_a_real_prompt(
    tmp_path: Path, ran: Path, shell: str, typed: str, shown: str, called: list[str]
) -> None:
    need(shell)
    (tmp_path / "film one.mp4").touch()
    (tmp_path / "script").write_text(script_of(shell), encoding="utf-8")
    options = ["--norc", "--noprofile", "-i"] if shell == "bash" else ["-f", "-i"]
    with prompt([shell, *options], tmp_path) as terminal:
        os.write(terminal, b"PS1='READ''Y> '; source ./script; bind 'set enable-bracketed-paste off' 2>/dev/null\n")
        until(terminal, "READY> ")
        os.write(terminal, typed.encode() + b"\t")
        until(terminal, shown)
        os.write(terminal, b"\n")
        until(terminal, "READY> ")
    assert json.loads(ran.read_text(encoding="utf-8")) == called


def need(shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not here")


def script_of(shell: str) -> str:
    return (completion._data() / f"completion.{completion._FILES[shell]}").read_text(encoding="utf-8")


@contextmanager
def prompt(command: list[str], folder: Path) -> Iterator[int]:
    """A shell at a terminal of its own."""
    ours, theirs = pty.openpty()
    shell = subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, cwd=folder, env=environment(folder), start_new_session=True
    )
    os.close(theirs)
    try:
        yield ours
    finally:
        shell.kill()
        shell.wait()
        os.close(ours)


def until(terminal: int, text: str) -> None:
    """Read what the shell shows until a text is there, colours and cursor movements aside."""
    shown = ""
    while text not in shown:
        assert select.select([terminal], [], [], PATIENCE_S)[0], f"{text!r} did not come: {shown!r}"
        data = os.read(terminal, 65536).decode("utf-8", "replace")
        shown += data
        shown = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|\x1b[=>]", "", shown)
