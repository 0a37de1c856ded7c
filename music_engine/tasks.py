"""What some engines do with sound that is there already, beyond composing anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from music_engine.engine import Progress
from scoring.request import CueAudio, CueRequest, Samples
from scoring.timebase import TimeRange

EditKind = Literal["only_lyrics", "remix"]


@dataclass(frozen=True, slots=True)
class Retake:
    """Another take of what the request asks. seed: of the change; variance: 0 the same take .. 1 another altogether."""

    seed: int
    variance: float


@dataclass(frozen=True, slots=True)
class Repaint:
    """source: [2, N] at 48 kHz, of which `span` is made anew. variance: 0 the same .. 1 from pure noise.

    seed: of the change, mixed with the request's own.
    """

    source: Samples
    span: TimeRange
    seed: int
    variance: float


@dataclass(frozen=True, slots=True)
class Extend:
    """source: [2, N] at 48 kHz, continued at its edges. before_s, after_s: how much, seconds; seed: of what is new."""

    source: Samples
    before_s: float
    after_s: float
    seed: int


@dataclass(frozen=True, slots=True)
class Edit:
    """source: [2, N] at 48 kHz, turned from what it is into what the request asks.

    prompt, lyrics: what the source is. kind: other words to the same music, or other music. seed: of the change.
    """

    source: Samples
    prompt: str
    lyrics: str | None
    kind: EditKind
    seed: int


@dataclass(frozen=True, slots=True)
class Follow:
    """reference: [2, N] at 48 kHz to stay near. strength: 0 free .. below 1; nearer, the less is left to the prompt."""

    reference: Samples
    strength: float


Task = Retake | Repaint | Extend | Edit | Follow


@runtime_checkable
class Reworker(Protocol):
    """An engine that can also rework sound."""

    def rework(
        self,
        request: CueRequest,
        task: Task,
        *,
        progress: Progress = lambda share: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> CueAudio:
        """One task done; the request says what the music is to be. Repaint and Edit keep the source's length, Extend
        adds to it. Raises InputError for a task that makes no sense, else as compose does."""
        ...
