"""The SDK: music from words, by any engine.

from music_engine import MusicGenerator

generator = MusicGenerator(model="ace-step-base")
music = generator.generate(prompt="uplifting pop with piano and strings", duration=30)
music.export("bgm.mp3")
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from music_engine.engine import MusicEngine, Progress
from music_engine.options import AUTO, EngineOptions
from music_engine.registry import make_engine
from music_engine.sdk.music import Music
from music_engine.sdk.piece import Piece, request_for_piece
from music_engine.tasks import Edit, EditKind, Extend, Follow, Repaint, Retake, Reworker, Task
from scoring.errors import InputError
from scoring.key import Key
from scoring.request import CueRequest, Samples
from scoring.timebase import TimeRange, seconds_of

Sound = Music | Samples  # a piece made here, or [2, N] float32 at 48 kHz


class MusicGenerator:
    """Makes music from words. One generator keeps its engine's weights; make one and use it again.

    model: a name of music_engine.registry, "ace-step-base" for ace-step-v1, or "auto" for the best that runs here.
    checkpoint, vocabulary, device, precision, lora, lora_weight, sampling (steps=27, guidance_scale=7.0 …): for
    ace-step-v1, soundfont: for the composer; see EngineOptions. Nothing is ever downloaded.

    Raises UnknownChoice for a model there is not, EngineUnavailable for one that cannot start here.
    """

    def __init__(
        self,
        model: str = AUTO,
        *,
        checkpoint: str | Path | None = None,
        vocabulary: str | Path | None = None,
        device: str | None = None,
        precision: str | None = None,
        lora: str | Path | None = None,
        lora_weight: float | None = None,
        soundfont: str | Path | None = None,
        **sampling: object,
    ) -> None:
        options = EngineOptions(
            soundfont=_path(soundfont),
            checkpoint=_path(checkpoint),
            vocabulary=_path(vocabulary),
            device=device,
            precision=precision,
            lora=_path(lora),
            lora_weight=lora_weight,
            sampling=sampling,
        )
        self._engine = make_engine(model, options)

    @classmethod
    def playing(cls, engine: MusicEngine) -> MusicGenerator:
        """One that plays on an engine that is there already."""
        generator = cls.__new__(cls)
        generator._engine = engine
        return generator

    @property
    def engine(self) -> MusicEngine:
        """The engine that plays."""
        return self._engine

    def generate(
        self,
        prompt: str = "",
        duration: float = 30.0,
        *,
        structure: Sequence[str] = (),
        lyrics: str | None = None,
        style: str | None = None,
        bpm: float | None = None,
        key: str | None = None,
        seed: int = 0,
        reference: Sound | None = None,
        strength: float = 0.5,
        stems: bool = True,
        progress: Progress = lambda share: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Music:
        """A piece of exactly `duration` seconds.

        prompt: what it is to be, in English or Chinese. structure: sections in order ("intro", "verse", "chorus").
        lyrics: words to sing, one line a phrase, with tags such as [chorus] or [intro - piano]; None for instrumental.
        The composer does not sing: its melody takes the words' lines and syllables, and a warning says so; see
        `engine.capabilities.lyrics`. style: a name of `cuesmith styles`. bpm, key ("D minor"): exactly,
        where the engine can; None lets prompt and seed decide. Same seed, same engine: the same samples on the CPU.
        reference: sound to stay near, by `strength`, 0 free to 1 near. stems: False saves the memory of keeping them,
        where the sum is enough. progress: called with the share done;
        cancelled: asked again and again whether to stop.

        Raises InputError for what makes no sense or the engine cannot do, Cancelled when told to stop, EngineError.
        """
        piece = Piece(prompt, float(duration), tuple(structure), lyrics or None, style, bpm, _key(key), seed)
        request = request_for_piece(piece)
        if reference is not None:
            return self._rework(request, Follow(_samples(reference), strength), progress, cancelled)
        (made,) = self._engine.compose([request], with_stems=stems, progress=progress, cancelled=cancelled)
        return Music(request, made)

    def retake(
        self,
        music: Music,
        *,
        variance: float = 0.3,
        seed: int = 1,
        progress: Progress = lambda share: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Music:
        """Another take of a piece: variance 0 is the same, 1 another altogether. Raises as generate does."""
        return self._rework(music.request, Retake(seed, variance), progress, cancelled)

    def repaint(
        self,
        source: Sound,
        span: tuple[float, float],
        prompt: str | None = None,
        *,
        lyrics: str | None = None,
        variance: float = 1.0,
        seed: int = 1,
        progress: Progress = lambda share: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Music:
        """A stretch of a piece made anew, the rest as it was. span: (start, end), seconds.

        prompt, lyrics: what it is to be; None takes a Music's own. Raises as generate does.
        """
        samples = _samples(source)
        request = _request_like(source, prompt, lyrics, seconds_of(samples.shape[1]))
        task = Repaint(samples, _span(span, request.duration_s), seed, variance)
        return self._rework(request, task, progress, cancelled)

    def extend(
        self,
        source: Sound,
        *,
        before: float = 0.0,
        after: float = 0.0,
        prompt: str | None = None,
        lyrics: str | None = None,
        seed: int = 1,
        progress: Progress = lambda share: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Music:
        """A piece with so many seconds more before and after it. Raises as generate does."""
        if before < 0 or after < 0 or before + after == 0:
            raise InputError(f"the piece is to grow by {before!r} s and {after!r} s", "Give before or after, above 0")
        samples = _samples(source)
        request = _request_like(source, prompt, lyrics, seconds_of(samples.shape[1]) + before + after)
        return self._rework(request, Extend(samples, before, after, seed), progress, cancelled)

    def edit(
        self,
        source: Sound,
        prompt: str | None = None,
        *,
        lyrics: str | None = None,
        source_prompt: str | None = None,
        source_lyrics: str | None = None,
        kind: EditKind = "remix",
        seed: int = 1,
        progress: Progress = lambda share: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Music:
        """A piece turned into what `prompt` and `lyrics` say.

        kind: "only_lyrics" keeps the music and changes the words, "remix" keeps the course and changes the music.
        source_prompt, source_lyrics: what the source is; None takes a Music's own. Raises as generate does.
        """
        samples = _samples(source)
        request = _request_like(source, prompt, lyrics, seconds_of(samples.shape[1]))
        was = source.request if isinstance(source, Music) else None
        task = Edit(
            samples,
            _said(source_prompt, was.prompt if was else None, "source_prompt"),
            source_lyrics if source_lyrics is not None or was is None else was.lyrics,
            kind,
            seed,
        )
        return self._rework(request, task, progress, cancelled)

    def _rework(self, request: CueRequest, task: Task, progress: Progress, cancelled: Callable[[], bool]) -> Music:
        engine = self._engine
        if not isinstance(engine, Reworker):
            what = type(task).__name__.lower()
            raise InputError(f"{engine.name} cannot {what} sound that is there", "Use model='ace-step-v1'")
        return Music(request, engine.rework(request, task, progress=progress, cancelled=cancelled))


def _request_like(source: Sound, prompt: str | None, lyrics: str | None, duration_s: float) -> CueRequest:
    """The source's own request with other words, or a new one for sound that came from elsewhere."""
    was = source.request if isinstance(source, Music) else None
    if was is not None and prompt is None:
        return replace(was, duration_s=duration_s, lyrics=was.lyrics if lyrics is None else lyrics)
    words = _said(prompt, None, "prompt")
    kept = lyrics if lyrics is not None or was is None else was.lyrics
    seed, style = (was.seed, was.style) if was is not None else (0, None)
    return request_for_piece(Piece(words, duration_s, lyrics=kept, style=style, seed=seed))


def _said(own: str | None, before: str | None, name: str) -> str:
    found = own if own is not None else before
    if found is None:
        raise InputError(f"{name} is not given, and the sound does not say what it is", f"Give {name}")
    return found


def _samples(sound: Sound) -> Samples:
    samples = sound.audio if isinstance(sound, Music) else sound
    if samples.ndim != 2 or samples.shape[0] != 2 or samples.shape[1] == 0:
        raise InputError(f"the sound has the shape {samples.shape}", "Give [2, N] float32 at 48 kHz")
    return samples.astype("float32", copy=False)


def _span(span: tuple[float, float], duration_s: float) -> TimeRange:
    start_s, end_s = span
    if not 0 <= start_s < end_s <= duration_s + 1e-6:
        raise InputError(f"the span is {start_s:g} to {end_s:g} s", f"Give a stretch within 0 to {duration_s:g} s")
    return TimeRange(start_s, end_s)


def _key(text: str | None) -> Key | None:
    if text is None:
        return None
    try:
        return Key.parse(text)
    except ValueError as error:
        raise InputError(f"there is no key called {text!r}", f"Write {error}") from error


def _path(path: str | Path | None) -> Path | None:
    return None if path is None else Path(path).expanduser()
