"""How many latent frames a cue needs."""

from __future__ import annotations

from music_engine.ace_step.codec.duration import MAX_FRAMES, SAMPLES_PER_LATENT, decoded_samples
from music_engine.ace_step.codec.duration import SAMPLE_RATE_HZ as CODEC_RATE_HZ
from scoring.timebase import SAMPLE_RATE_HZ

# Shorter music than 3 s was never trained on (ACE-Step v1 reference); a shorter cue is cut from that.
FEWEST_FRAMES = -(-3 * CODEC_RATE_HZ // SAMPLES_PER_LATENT)
MOST_SAMPLES = decoded_samples(MAX_FRAMES, SAMPLE_RATE_HZ)


def frames_for(samples: int) -> int:
    """The fewest latent frames that decode to at least so many samples at 48 kHz, and that the model knows."""
    needed = -(-samples * CODEC_RATE_HZ // (SAMPLES_PER_LATENT * SAMPLE_RATE_HZ))
    return max(needed, FEWEST_FRAMES)
