"""The options that say what the music is to be, the same for every command that takes them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from scoring.wishes.asked import Asked

Prompt = Annotated[
    str, typer.Option("--prompt", help='What the music is to be, in English or Chinese: "slow sad piano, no drums".')
]
Avoid = Annotated[str, typer.Option("--avoid", help="What is not to be heard: drums, piano, 人声 …")]
Instruments = Annotated[str, typer.Option("--instruments", help="What is to be heard, with commas between.")]
Mood = Annotated[str, typer.Option("--mood", help="A mood for the whole film: calm, happy, tense …")]
Bpm = Annotated[float | None, typer.Option("--bpm", help="Beats a minute, exactly.", min=20.0, max=400.0)]
KeyName = Annotated[str, typer.Option("--key", help='A key: "D minor", "F# lydian".')]


def ask(
    prompt: str, avoid: str, instruments: str, mood: str, bpm: float | None, key: str, vocabulary: Path | None = None
) -> Asked:
    """The options as one wish. vocabulary: the user's own, whose words for moods count too.

    Raises UnknownChoice for a name there is not, with those there are; what given.read_vocabulary raises.
    """
    from pipeline.asking import asked

    names = instruments.replace("，", ",").replace("、", ",").split(",")
    return asked(prompt=prompt, avoid=avoid, instruments=names, mood=mood, bpm=bpm, key=key, vocabulary=vocabulary)
