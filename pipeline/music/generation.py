"""The front door: words in, one file of music out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from music_engine.engine import Progress
from music_engine.options import AUTO, EngineOptions
from music_engine.registry import choose, make_engine, stand_ins
from music_engine.sdk.generator import MusicGenerator
from music_engine.sdk.music import Music
from pipeline.music.ask import MusicAsk, check_ask
from pipeline.music.made import MusicMade
from pipeline.music.players import players
from pipeline.publish import check_writable, published
from pipeline.settings import Settings
from pipeline.workspace import file_sha256
from scoring.errors import OutputRefused
from scoring.wishes.lyrics import read_lyrics
from scoring.wishes.reading import read_wishes


def generate_music(
    ask: MusicAsk,
    output: Path,
    *,
    settings: Settings | None = None,
    generator: MusicGenerator | None = None,
    progress: Progress = lambda share: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> MusicMade:
    """The piece asked for, published at `output`: no half file is ever there, and what was there is replaced.

    output: ends with the ask's format; its folder exists. settings: None reads the environment. generator: one that is
    kept between asks, as make_generator gives it, with its weights; None makes one. progress: called with the share
    done, 0..1; cancelled: asked again and again whether to stop.

    Raises InputError and UnknownChoice for an ask that makes no sense, EngineUnavailable, OutputRefused, DiskFull,
    Cancelled, EngineError.
    """
    check_ask(ask)
    if output.suffix.lower() != f".{ask.output_format}":
        raise OutputRefused(
            f"{output.name} is to hold {ask.output_format}", f"Give it a name that ends with .{ask.output_format}"
        )
    check_writable(output.parent)
    notes: tuple[str, ...] = ()
    if generator is None:
        generator, reason = make_generator(ask, settings)
        notes = (f"engine: {generator.engine.name}, {reason}",)
    music = generator.generate(
        ask.prompt,
        ask.duration_s,
        lyrics=ask.lyrics,
        style=ask.style,
        bpm=ask.bpm,
        key=ask.key,
        seed=ask.own_seed,
        stems=False,
        progress=progress,
        cancelled=cancelled,
    )
    with published(output) as aside:
        music.export(aside)
    return _made(ask, music, output, generator, notes)


def make_generator(ask: MusicAsk, settings: Settings | None = None) -> tuple[MusicGenerator, str]:
    """A generator with the engine that an ask gets, and why it gets that one. Only engine and lyrics decide.

    "auto" passes over an engine that would sing but lacks the vocabulary its lyrics are read with. Raises
    UnknownChoice, EngineUnavailable.
    """
    options = (settings or Settings.from_env()).engines
    choice = choose(ask.engine, options)
    name, reason = choice.name, choice.reason
    if ask.engine == AUTO and _lacks_vocabulary(name, ask, options):
        others = stand_ins(name, options)
        if others:
            reason = f"because {name} has no vocabulary to read lyrics with: set CUESMITH_VOCABULARY"
            name = others[0]
    return MusicGenerator.playing(make_engine(name, options)), reason


def _lacks_vocabulary(name: str, ask: MusicAsk, options: EngineOptions) -> bool:
    return name == "ace-step-v1" and options.vocabulary is None and read_lyrics(ask.lyrics).has_words


def _made(ask: MusicAsk, music: Music, path: Path, generator: MusicGenerator, notes: tuple[str, ...]) -> MusicMade:
    import soundfile

    info = soundfile.info(str(path))
    request = music.request
    can_sing = generator.engine.capabilities.lyrics
    if not music.made.midi:
        unused: tuple[str, ...] = ()  # a model reads the whole prompt, whatever it makes of it
    else:
        unused = read_wishes(ask.prompt).unused
    if unused:
        notes = (*notes, f"not understood: {', '.join(dict.fromkeys(unused))}")
    return MusicMade(
        path=path,
        duration_s=info.frames / info.samplerate,
        sample_rate_hz=info.samplerate,
        size_bytes=path.stat().st_size,
        sha256=file_sha256(path),
        engine=music.engine,
        seed=request.seed,
        style=request.style,
        bpm=request.bpm,
        key=str(request.key),
        structure=request.structure,
        instruments=players(music),
        is_sung=can_sing and request.lyrics is not None,
        warnings=music.warnings,
        notes=notes,
    )
