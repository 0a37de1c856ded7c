"""`cuesmith spot`."""

from __future__ import annotations

import json
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from integrations.cli.asking import Avoid, Bpm, Instruments, KeyName, Mood, Prompt, ask
from integrations.cli.options import AsJson, Debug, Quiet, Seed, StyleName
from integrations.cli.project_settings import UseProjectSettings, announce
from integrations.cli.text import one_line
from integrations.cli.timelines import HitColour, TimelineFile, TimelineStart, TimelineTrack, read_edit
from integrations.cli.watching import (
    AnalyserName,
    CalibrationFile,
    Description,
    EncoderName,
    UseSubtitles,
    VocabularyFile,
    WordsFile,
)


def spot(
    ctx: typer.Context,
    video: Annotated[Path, typer.Argument(help="The video to spot.", metavar="VIDEO")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The cue sheet to write.")] = Path("cues.json"),
    prompts_out: Annotated[
        Path | None, typer.Option("--prompts-out", help="Also write the cues as timed prompts.")
    ] = None,
    style: StyleName = None,
    seed: Seed = None,
    cues: Annotated[Path | None, typer.Option(help="A cue sheet to start from instead of spotting.")] = None,
    prompts: Annotated[Path | None, typer.Option(help="Timed prompts to apply.")] = None,
    timeline: TimelineFile = None,
    hit_colour: HitColour = None,
    timeline_track: TimelineTrack = None,
    timeline_start: TimelineStart = None,
    prompt: Prompt = "",
    avoid: Avoid = "",
    instruments: Instruments = "",
    mood: Mood = "",
    bpm: Bpm = None,
    key: KeyName = "",
    analyser: AnalyserName = None,
    encoder: EncoderName = None,
    calibration: CalibrationFile = None,
    vocabulary: VocabularyFile = None,
    words: WordsFile = None,
    describe: Description = "",
    subtitles: UseSubtitles = True,
    project_settings: UseProjectSettings = True,
    as_json: AsJson = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Analyse and spot VIDEO, write the cue sheet to edit, and compose nothing."""
    from rich.console import Console
    from rich.markup import escape

    from integrations.cli.progress import Bars
    from integrations.cli.tables import cue_table
    from pipeline.heeding import heed, not_used
    from pipeline.publish import write_text
    from pipeline.score_video import spot_video
    from pipeline.settings import Settings
    from pipeline.wish import Wish
    from scoring import cue_sheet_json, timed_prompts

    announce(ctx, quiet=quiet or as_json)
    wish = Wish(
        style=style,
        seed=seed,
        cues=cues,
        prompts=prompts,
        analyser=analyser,
        encoder=encoder,
        calibration=calibration,
        vocabulary=vocabulary,
        words=words,
        describe=describe,
        subtitles=subtitles,
        edit=read_edit(video, timeline, hit_colour, timeline_track, timeline_start),
        asked=ask(prompt, avoid, instruments, mood, bpm, key, vocabulary),
    )
    with nullcontext() if quiet or as_json else Bars() as bars:
        spotted = spot_video(video, wish, observer=bars, settings=Settings.from_env())
    write_text(output.absolute(), cue_sheet_json.dumps(spotted.sheet))
    if prompts_out is not None:
        write_text(prompts_out.absolute(), timed_prompts.write(spotted.sheet))
    if as_json:
        paths = {"cues": str(output), "prompts": str(prompts_out) if prompts_out else None}
        typer.echo(json.dumps({**paths, "sheet": json.loads(cue_sheet_json.dumps(spotted.sheet))}))
    elif not quiet:
        console = Console(highlight=False)
        console.print(cue_table(spotted.sheet))
        if unused := not_used(heed(spotted.sheet)):
            console.print(f"not used: {escape(one_line(', '.join(unused)))}", soft_wrap=True)
        for path in (output, prompts_out):
            if path is not None:
                console.print(f"written    {escape(one_line(path))}", soft_wrap=True)
