"""`cuesmith score`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from integrations.cli.asking import Avoid, Bpm, Instruments, KeyName, Mood, Prompt, ask
from integrations.cli.comparing import TakeCount, score_several
from integrations.cli.dry_run import DryRun, foretell
from integrations.cli.engine_asking import (
    Checkpoint,
    Device,
    EngineName,
    Fallback,
    GuidanceScale,
    Lora,
    LoraWeight,
    Precision,
    Steps,
    ask_engine,
)
from integrations.cli.many import FailFast, Jobs, score_many
from integrations.cli.observing import observing
from integrations.cli.options import AsJson, Debug, MusicAlone, Quiet, Seed, StyleName
from integrations.cli.project_settings import UseProjectSettings, announce
from integrations.cli.starting import StartsAt, read_start
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

if TYPE_CHECKING:
    from pipeline.score_video import Deliverable


def score(
    ctx: typer.Context,
    videos: Annotated[list[Path], typer.Argument(help="The video to score, or several.", metavar="VIDEO")],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The file to write, or the folder. Default: VIDEO's name with .scored."),
    ] = None,
    style: StyleName = None,
    engine: EngineName = "auto",
    loudness: Annotated[str, typer.Option(help="web, ebu-r128, atsc-a85 or podcast.")] = "web",
    seed: Seed = None,
    takes: TakeCount = None,
    cues: Annotated[Path | None, typer.Option(help="A cue sheet to use instead of spotting.")] = None,
    prompts: Annotated[Path | None, typer.Option(help='Timed prompts: [0:15] "soft guitar, 60 BPM" …')] = None,
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
    stems: Annotated[
        bool, typer.Option("--stems/--no-stems", help="Also write each stem, film-long, as 24-bit FLAC.")
    ] = False,
    music: MusicAlone = False,
    starts_at: StartsAt = None,
    dialogue: Annotated[str, typer.Option(help="duck, keep or replace: what happens under speech.")] = "duck",
    clearance: Annotated[
        float, typer.Option(help="LU of speech above music in the worst 3 s: 10, 14 or 20.", min=0, max=30)
    ] = 14.0,
    existing_music: Annotated[
        str, typer.Option("--existing-music", help="auto, skip, lower or keep: what to do where the film has music.")
    ] = "auto",
    music_level: Annotated[
        float, typer.Option("--music-level", help="dB added to the music's usual level.", min=-40, max=20)
    ] = 0.0,
    surround: Annotated[
        float | None,
        typer.Option(help="Also play the music in the surrounds, this many dB against the front.", min=-40, max=0),
    ] = None,
    only: Annotated[str | None, typer.Option("--range", help="The one stretch to score, IN-OUT.")] = None,
    no_music: Annotated[
        list[str] | None, typer.Option("--no-music", help="A stretch without music, IN-OUT; may be given again.")
    ] = None,
    analyser: AnalyserName = None,
    encoder: EncoderName = None,
    calibration: CalibrationFile = None,
    vocabulary: VocabularyFile = None,
    words: WordsFile = None,
    describe: Description = "",
    subtitles: UseSubtitles = True,
    fallback: Fallback = False,
    checkpoint: Checkpoint = None,
    steps: Steps = None,
    guidance_scale: GuidanceScale = None,
    lora: Lora = None,
    lora_weight: LoraWeight = None,
    device: Device = None,
    precision: Precision = None,
    jobs: Jobs = 1,
    fail_fast: FailFast = False,
    dry_run: DryRun = False,
    project_settings: UseProjectSettings = True,
    as_json: AsJson = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Score VIDEO: the same video with its own music, and everything needed to change it.

    Several are scored one after the other, or --jobs at once; one that fails does not stop the others.
    """
    announce(ctx, quiet=quiet or as_json)
    if len(videos) > 1:
        flags = {"as_json": as_json, "quiet": quiet, "debug": debug}
        raise typer.Exit(score_many(ctx, videos, jobs=jobs, fail_fast=fail_fast, dry_run=dry_run, **flags))
    video = videos[0]
    from integrations.cli.ranges import one_of, read_range
    from pipeline.score_video import score_video
    from pipeline.settings import Settings
    from pipeline.wish import Dialogue, ExistingMusic, Wish

    wish = Wish(
        output=output,
        style=style,
        engine=engine,
        engines=ask_engine(checkpoint, steps, guidance_scale, lora, lora_weight, device, precision),
        loudness=loudness,
        seed=seed,
        cues=cues,
        prompts=prompts,
        stems=stems,
        fallback=fallback,
        dialogue=one_of("--dialogue", dialogue, get_args(Dialogue)),
        clearance_lu=clearance,
        existing_music=one_of("--existing-music", existing_music, get_args(ExistingMusic)),
        music_level_db=music_level,
        surround_db=surround,
        only=read_range(only, "--range") if only else None,
        no_music=tuple(read_range(text, "--no-music") for text in no_music or ()),
        analyser=analyser,
        encoder=encoder,
        calibration=calibration,
        vocabulary=vocabulary,
        words=words,
        describe=describe,
        subtitles=subtitles,
        asked=ask(prompt, avoid, instruments, mood, bpm, key, vocabulary),
        edit=read_edit(video, timeline, hit_colour, timeline_track, timeline_start),
        music=music,
        starts_at_s=read_start(starts_at, video) if starts_at else None,
    )
    if dry_run:
        foretell(ctx, video, wish, takes, as_json=as_json, quiet=quiet)
        return
    if takes is not None:
        score_several(video, takes, wish, as_json=as_json, quiet=quiet)
        return
    with observing(silent=quiet or as_json) as observer:
        made = score_video(video, wish, observer=observer, settings=Settings.from_env())
    if as_json:
        typer.echo(json.dumps(_document(made), ensure_ascii=True))
    elif not quiet:
        _print(made)


def _document(made: Deliverable) -> dict[str, object]:
    """The one object of --json."""
    return {
        "video": str(made.video),
        "workspace": str(made.workspace),
        "report_path": str(made.report_path),
        "page": str(made.page) if made.page else None,
        "stems": str(made.stems) if made.stems else None,
        "music": str(made.music) if made.music else None,
        "report": made.report.to_json(),
    }


def _print(made: Deliverable) -> None:
    from rich.console import Console
    from rich.markup import escape

    from integrations.cli.tables import check_lines, cue_table
    from pipeline.heeding import not_used

    console = Console(highlight=False)
    console.print(cue_table(made.sheet))
    console.print(
        f"{made.sheet.style}, seed {made.sheet.seed}, read by {made.sheet.analyser}; {made.report.facts['engine']}"
    )
    for line in check_lines(made.report):
        console.print(line)
    if unused := not_used(made.report.wishes):
        console.print(f"not used: {escape(one_line(', '.join(unused)))}", soft_wrap=True)
    rows = {"video": made.video, "report": made.report_path, "page": made.page, "workspace": made.workspace}
    for name, path in {**rows, "stems": made.stems, "music": made.music}.items():
        if path is not None:
            console.print(f"{name:<10} {escape(one_line(path))}", soft_wrap=True)
