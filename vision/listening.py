"""Listens for what the film already says: one pass over its sound feeds both detectors and the track of the voice."""

from __future__ import annotations

from scoring.speech import SourceMusic, Speech, SpeechRegion
from scoring.timebase import TimeRange
from vision.frames import SoundBlock
from vision.loudness_track import LoudnessTrack
from vision.narrow import Narrow, Placed, Samples
from vision.source_music import MusicDetector
from vision.speech import SpeechDetector
from vision.voice.track import VoiceTrack


class Listener:
    """Takes the film's sound block by block; what it keeps grows by about 600 bytes a second."""

    def __init__(self) -> None:
        self._placed, self._narrow = Placed(), Narrow()
        self._loudness = LoudnessTrack()
        self._speech, self._music, self._voice = SpeechDetector(), MusicDetector(), VoiceTrack()

    def hear(self, block: SoundBlock) -> None:
        """Add one block. Blocks come in order; where they straddle anything does not matter."""
        for samples in self._placed.put(block):
            self._loudness.put(samples)
            self._feed(self._narrow.put(samples))

    def heard(self, length_s: float) -> tuple[Speech, SourceMusic]:
        """Speech and music within [0, length_s). Call once, when the sound is over."""
        self._feed(self._narrow.rest())
        self._speech.finish()
        self._music.finish()
        self._voice.finish()
        speech = tuple(self._spoken(stretch) for stretch in self._speech.regions(length_s))
        return Speech(speech), SourceMusic(self._music.regions(length_s))

    def _feed(self, samples: Samples) -> None:
        self._speech.put(samples)
        self._music.put(samples)
        self._voice.put(samples)

    def _spoken(self, stretch: TimeRange) -> SpeechRegion:
        voice, loudness_lufs = self._voice.voice(stretch), self._loudness.loudness_lufs(stretch)
        return SpeechRegion(
            stretch.start_s, stretch.end_s, loudness_lufs, voice.pitch_hz, voice.pitch_spread_st, voice.pace_per_s
        )
