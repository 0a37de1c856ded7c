"""The options that say who reads the picture and what is known of the words in it, the same for every command."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

AnalyserName = Annotated[
    str | None,
    typer.Option(
        "--analyser", help="auto (default), clip or colour-motion. auto takes clip where its weights are here."
    ),
]
EncoderName = Annotated[
    str | None, typer.Option("--encoder", help="clip: a name from `cuesmith models list`, or a folder of weights.")
]
CalibrationFile = Annotated[
    Path | None, typer.Option("--calibration", help="clip: a file that `cuesmith affect calibrate` wrote.")
]
VocabularyFile = Annotated[
    Path | None,
    typer.Option("--vocabulary", help="Your own words for pictures, moods and places (docs/vocabulary.md)."),
]
WordsFile = Annotated[
    Path | None,
    typer.Option("--words", help="Subtitles (.srt, .vtt, .ass) or a transcript (.txt), in English or Chinese."),
]
Description = Annotated[
    str, typer.Option("--describe", help="What the film is about, in your words, in English or Chinese.")
]
UseSubtitles = Annotated[
    bool, typer.Option("--subtitles/--no-subtitles", help="Let the subtitles inside the film move its curve.")
]
