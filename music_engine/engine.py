"""The protocol every music engine keeps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from scoring.request import CueAudio, CueRequest

TempoObedience = Literal["exact", "soft"]
Progress = Callable[[float], None]  # called with the share done, 0..1, rising


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an engine can do. maximum_duration_s: of one cue."""

    tempo: TempoObedience
    stems: tuple[str, ...]
    repaint: bool
    extend: bool
    reference_audio: bool
    lyrics: bool
    lora: bool
    maximum_duration_s: float
    deterministic: bool
    needs_gpu: bool


class MusicEngine(Protocol):
    """Turns requests into sound. Same request, same build: the same samples, where `deterministic`."""

    @property
    def name(self) -> str:
        """The name it is chosen by."""
        ...

    @property
    def version(self) -> str:
        """Changes when the same request would sound different."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""
        ...

    def compose(
        self,
        requests: Sequence[CueRequest],
        *,
        with_stems: bool = True,
        progress: Progress = lambda share: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> list[CueAudio]:
        """One CueAudio per request, in order. Raises EngineError when it breaks, Cancelled when told to stop."""
        ...
