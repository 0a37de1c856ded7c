from __future__ import annotations

from typing import Any

import typer
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.batch.arguments import typed_options
from integrations.cli.main import app

COMMANDS: Any = typer.main.get_command(app)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=8)
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "--prompt": TEXTS,
        "--style": TEXTS,
        "--seed": st.integers(0, 2**40).map(str),
        "--bpm": st.floats(20, 400).map(repr),
        "--music-level": st.floats(-40, 20).map(repr),
        "-o": TEXTS,
        "--words": TEXTS,
    },
)
SWITCHES = st.lists(
    st.sampled_from(
        ["--stems", "--no-stems", "--music", "--without-music", "--no-subtitles", "--subtitles", "--debug"]
    ),
    max_size=3,
)


def parse(arguments: list[str]) -> Any:
    return COMMANDS.commands["score"].make_context("score", [*arguments, "--no-project-settings", "--", "film.mp4"])


@settings(max_examples=80, deadline=None)
@given(options=OPTIONS, switches=SWITCHES, stretches=st.lists(TEXTS, max_size=2))
def test_options_as_typed_mean_the_same_to_another_run(
    options: dict[str, str], switches: list[str], stretches: list[str]
) -> None:
    words = [f"{name}={value}" if name != "-o" else f"{name}{value}" for name, value in options.items()]
    first = parse([*words, *switches, *(f"--no-music={text}" for text in stretches)])
    again = parse(typed_options(first, without=("videos", "project_settings")))
    assert again.params == first.params


def test_what_is_left_out_and_what_was_not_typed_is_left_to_the_other_run() -> None:
    context = parse(["--seed", "3", "--jobs", "2", "--json"])
    assert typed_options(context, without=("videos", "jobs", "as_json", "project_settings")) == ["--seed=3"]
