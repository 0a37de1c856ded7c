"""A finished piece of music, in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from music_engine.sdk.export import export, gain_within_full_scale
from scoring.errors import OutputRefused
from scoring.request import CueAudio, CueRequest, Samples
from scoring.timebase import SAMPLE_RATE_HZ, seconds_of


@dataclass(frozen=True, slots=True)
class Music:
    """What a MusicGenerator made.

    request: what the engine was asked, as it understood it: prompt, tempo, key, structure, seed.
    made: the engine's whole answer.
    """

    request: CueRequest
    made: CueAudio

    @property
    def audio(self) -> Samples:
        """[2, N] float32, ±1.0 full scale."""
        return self.made.audio

    @property
    def sample_rate_hz(self) -> int:
        """48000."""
        return SAMPLE_RATE_HZ

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return seconds_of(self.audio.shape[1])

    @property
    def engine(self) -> str:
        """The name of the engine that made it."""
        return self.made.engine

    @property
    def stems(self) -> Mapping[str, Samples]:
        """Name → [2, N]; they add up to audio. An engine that has none gives one, "music"."""
        return self.made.stems or {"music": self.audio}

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was asked and could not be done, or only nearly."""
        return (*self.made.warnings, *(f"not obeyed: {wish}" for wish in self.made.unheeded))

    def export(self, path: str | Path) -> Path:
        """Write it as WAV, FLAC, OGG or MP3, by the suffix; the path. Raises OutputRefused, DiskFull."""
        return export(self.audio, Path(path))

    def save_stems(self, folder: str | Path) -> list[Path]:
        """Write each stem as 24-bit FLAC into a folder, made where it is missing; the paths.

        All are turned down alike where one would clip, so that they still add up. Raises OutputRefused, DiskFull.
        """
        folder = Path(folder)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputRefused(f"{folder} cannot be made: {error.strerror}", "Choose another place") from error
        gain = gain_within_full_scale(self.stems.values())
        return [export(samples, folder / f"{name}.flac", gain=gain) for name, samples in self.stems.items()]
