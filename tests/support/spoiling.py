"""The real composer, some of whose takes are spoilt afterwards, for tests of the gate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from music_engine.engine import Capabilities, MusicEngine, Progress
from music_engine.options import EngineOptions
from music_engine.registry import make_engine
from scoring.errors import EngineError
from scoring.request import CueAudio, CueRequest
from scoring.timebase import SAMPLE_RATE_HZ

Spoil = Callable[[CueAudio], CueAudio]


def composer() -> MusicEngine:
    return make_engine("composer", EngineOptions())


def hushed(audio: CueAudio) -> CueAudio:
    """Nothing but silence from a third of the cue on, as engines that stop early leave it."""
    keep = audio.lead_in_samples + audio.body_samples // 3
    stems = {name: _until(sound, keep) for name, sound in audio.stems.items()}
    return replace(audio, audio=_until(audio.audio, keep), stems=stems)


def whistling(audio: CueAudio) -> CueAudio:
    """A loud tone of 19 kHz throughout."""
    t = np.arange(audio.audio.shape[1]) / SAMPLE_RATE_HZ
    tone = np.repeat(0.1 * np.sin(2 * np.pi * 19_000 * t)[None].astype(np.float32), 2, axis=0)
    return replace(audio, audio=audio.audio + tone, stems={**audio.stems, "whistle": tone})


def muttering(audio: CueAudio) -> CueAudio:
    """A third as loud, which nobody notices before it is laid beside another cue."""
    stems = {name: sound * np.float32(0.3) for name, sound in audio.stems.items()}
    return replace(audio, audio=audio.audio * np.float32(0.3), stems=stems)


def _until(sound: np.ndarray, keep: int) -> np.ndarray:
    cut = sound.copy()
    cut[:, keep:] = 0
    return cut


_PLAYED: dict[str, CueAudio] = {}  # the same request gives the same samples: no test need wait for them twice


def _played(engine: MusicEngine, request: CueRequest, with_stems: bool) -> CueAudio:
    key = repr((request, with_stems))
    if key not in _PLAYED:
        (_PLAYED[key],) = engine.compose([request], with_stems=with_stems)
    return _PLAYED[key]


class Spoilt:
    """Implements MusicEngine. spoils: what becomes of the first, second … take of a cue; later ones are left alone.

    cues: those it concerns, all when empty. A None in spoils breaks that attempt. asked: every request so far.
    """

    def __init__(self, spoils: Sequence[Spoil | None], *, name: str = "composer", cues: Sequence[str] = ()) -> None:
        self._engine = composer()
        self._spoils = list(spoils)
        self._cues = cues
        self._taken: dict[str, int] = {}
        self.name = name
        self.asked: list[CueRequest] = []

    @property
    def version(self) -> str:
        return f"{self._engine.version} spoilt"

    @property
    def capabilities(self) -> Capabilities:
        return self._engine.capabilities

    def compose(
        self,
        requests: Sequence[CueRequest],
        *,
        with_stems: bool = True,
        progress: Progress = lambda share: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> list[CueAudio]:
        return [self._one(request, with_stems) for request in requests]

    def _one(self, request: CueRequest, with_stems: bool) -> CueAudio:
        self.asked.append(request)
        audio = replace(_played(self._engine, request, with_stems), engine=self.name)
        if self._cues and request.cue_id not in self._cues:
            return audio
        number = self._taken.get(request.cue_id, 0)
        self._taken[request.cue_id] = number + 1
        if number >= len(self._spoils):
            return audio
        spoil = self._spoils[number]
        if spoil is None:
            raise EngineError("the model gave up", "Try again")
        return spoil(audio)
