"""`cuesmith submit`: a film scored by a service, with the results where `cuesmith score` puts them."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from integrations.cli.asking import Avoid, Bpm, Instruments, KeyName, Mood, Prompt
from integrations.cli.comparing import TakeCount
from integrations.cli.engine_asking import Fallback
from integrations.cli.options import AsJson, Debug, MusicAlone, Quiet, Seed, StyleName
from integrations.cli.project_settings import UseProjectSettings, announce
from integrations.cli.text import one_line
from integrations.cli.timelines import HitColour, TimelineFile, TimelineStart, TimelineTrack, read_edit
from integrations.cli.watching import AnalyserName, Description, UseSubtitles, VocabularyFile, WordsFile

if TYPE_CHECKING:
    from integrations.cli.progress import Bars
    from integrations.cli.received import Received
    from integrations.client import CuesmithClient, Job

DEFAULT_SERVER = "http://127.0.0.1:8080"
_KEY_FILE = "local.key"  # as integrations.host.parts has it, which needs the service's packages


def submit(
    ctx: typer.Context,
    video: Annotated[Path, typer.Argument(help="The video to score.", metavar="VIDEO")],
    server: Annotated[str, typer.Option(help="The service's address.")] = DEFAULT_SERVER,
    key: Annotated[
        str | None, typer.Option("--api-key", help="An API key; others on this machine can read a command's options.")
    ] = None,
    key_file: Annotated[
        Path | None, typer.Option(help="A file with the API key. Default: the one `cuesmith serve` writes here.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The file to write. Default: VIDEO's name with .scored.")
    ] = None,
    style: StyleName = None,
    engine: Annotated[str | None, typer.Option("--engine", help="One of the server's engines, or auto.")] = None,
    loudness: Annotated[str | None, typer.Option(help="web (default), ebu-r128, atsc-a85 or podcast.")] = None,
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
    musical_key: KeyName = "",
    stems: Annotated[
        bool, typer.Option("--stems/--no-stems", help="Also fetch each stem, film-long, as 24-bit FLAC.")
    ] = False,
    music: MusicAlone = False,
    dialogue: Annotated[str | None, typer.Option(help="duck (default), keep or replace.")] = None,
    clearance: Annotated[
        float | None, typer.Option(help="LU of speech above music in the worst 3 s. Default: 14.", min=0, max=30)
    ] = None,
    existing_music: Annotated[
        str | None, typer.Option("--existing-music", help="auto (default), skip, lower or keep.")
    ] = None,
    music_level: Annotated[
        float | None, typer.Option("--music-level", help="dB added to the music's usual level.", min=-40, max=20)
    ] = None,
    surround: Annotated[
        float | None, typer.Option(help="Music in the surrounds, this many dB against the front.", min=-40, max=0)
    ] = None,
    only: Annotated[str | None, typer.Option("--range", help="The one stretch to score, IN-OUT.")] = None,
    no_music: Annotated[
        list[str] | None, typer.Option("--no-music", help="A stretch without music, IN-OUT; may be given again.")
    ] = None,
    analyser: AnalyserName = None,
    vocabulary: VocabularyFile = None,
    words: WordsFile = None,
    describe: Description = "",
    subtitles: UseSubtitles = True,
    fallback: Fallback = False,
    project_settings: UseProjectSettings = True,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Print the job's id and leave.")] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Have VIDEO scored by a service: upload it, wait, and fetch the film, its report and its cue sheet.

    Ctrl-C cancels the job on the server.
    """
    from integrations.cli.ranges import read_range
    from integrations.cli.received import check_place
    from integrations.client import CuesmithClient
    from integrations.jobs.orders import read_order
    from pipeline.given import read_text

    def stretch(text: str, option: str) -> list[float]:
        found = read_range(text, option)
        return [found.start_s, found.end_s]

    announce(ctx, quiet=quiet or as_json)
    names = [name.strip() for name in instruments.replace("，", ",").replace("、", ",").split(",") if name.strip()]
    said: dict[str, Any] = {
        "style": style,
        "engine": engine,
        "loudness": loudness,
        "seed": seed,
        "takes": takes,
        "stems": stems or None,
        "music": music or None,
        "dialogue": dialogue,
        "clearance_lu": clearance,
        "existing_music": existing_music,
        "music_level_db": music_level,
        "surround_db": surround,
        "only": stretch(only, "--range") if only else None,
        "no_music": [stretch(text, "--no-music") for text in no_music or ()] or None,
        "analyser": analyser,
        "describe": describe or None,
        "subtitles": None if subtitles else False,
        "fallback": fallback or None,
        "prompt": prompt.strip() or None,
        "avoid": avoid.strip() or None,
        "instruments": names or None,
        "mood": mood.strip() or None,
        "bpm": bpm,
        "key": musical_key.strip() or None,
    }
    files = {"sheet": cues, "prompts": prompts, "vocabulary": vocabulary, "words": words}
    wish = {name: value for name, value in said.items() if value is not None}
    texts = {name: read_text(path) for name, path in files.items() if path is not None}
    edit = read_edit(video, timeline, hit_colour, timeline_track, timeline_start)
    if edit is not None:
        texts["edit"] = json.dumps(edit.to_json(), ensure_ascii=False)
    read_order({"kind": "score", "wish": wish, "texts": texts})  # before anything is uploaded
    check_place(video, output)
    with CuesmithClient(server, _key(key, key_file)) as client, _bars(quiet or as_json) as bars:
        job = _send(client, video, wish, texts, bars)
        if no_wait:
            typer.echo(json.dumps({"job": job.id, "server": server}) if as_json else job.id)
            return
        received = _follow(client, job, video, output, bars)
    if as_json:
        typer.echo(json.dumps({"job": job.id, **received.to_json()}, ensure_ascii=True))
    elif not quiet:
        _print(received)


def _send(client: CuesmithClient, video: Path, wish: dict[str, Any], texts: dict[str, str], bars: Bars | None) -> Job:
    advance = bars.stage("Uploading") if bars else None
    upload = client.upload(video, lambda done, whole: advance(done / whole) if advance else None)
    same = uuid.uuid4().hex
    try:
        return client.submit(upload=upload.id, wish=wish, texts=texts, idempotency_key=same)
    except KeyboardInterrupt:
        # Whether the server had it by then is not known; by the same key it is the same job, and can be cancelled.
        _cancel(client, client.submit(upload=upload.id, wish=wish, texts=texts, idempotency_key=same))
        raise


def _follow(client: CuesmithClient, job: Job, video: Path, output: Path | None, bars: Bars | None) -> Received:
    """Wait for a job and fetch its results; told to stop, cancel it."""
    from integrations.cli.received import receive

    try:
        advance = bars.stage("Scoring") if bars else None
        done = client.wait(job, lambda now: advance(now.share) if advance else None)
    except KeyboardInterrupt:
        _cancel(client, job)
        raise
    done.check()
    if bars:
        bars.stage("Fetching")
    return receive(client, done, video, output)


def _cancel(client: CuesmithClient, job: Job) -> None:
    from scoring.errors import CuesmithError

    try:
        was_running = client.cancel(job)
    except CuesmithError as error:
        typer.echo(one_line(f"the job {job.id} could not be cancelled on the server: {error}"), err=True)
    else:
        typer.echo(f"the job {job.id} {'was cancelled on the server' if was_running else 'had ended'}", err=True)


def _key(key: str | None, key_file: Path | None) -> str:
    from integrations.service.settings import ServiceSettings
    from pipeline.given import read_text
    from scoring.errors import InputError

    if key is not None:
        return key.strip()
    path = key_file or ServiceSettings.from_env().data / _KEY_FILE
    if key_file is None and not path.is_file():
        raise InputError(f"there is no API key: no file {path}", "Give --key-file; `cuesmith keys create` makes keys")
    return read_text(path).strip()


@contextmanager
def _bars(is_quiet: bool) -> Iterator[Bars | None]:
    if is_quiet:
        yield None
        return
    from integrations.cli.progress import Bars

    with Bars() as bars:
        yield bars


def _print(received: Received) -> None:
    for note in received.notes:
        typer.echo(one_line(note), err=True)
    for name, path in received.rows():
        typer.echo(one_line(f"{name:<10} {path}"))
