"""How seconds, latent frames and samples relate. ACE-Step v1 reference: 44.1 kHz, hop 512, 8 mel frames a latent."""

from __future__ import annotations

import math

SAMPLE_RATE_HZ = 44_100  # of the codec; the product's sound is at 48 kHz
HOP_SAMPLES = 512
MEL_FRAMES_PER_LATENT = 8
SAMPLES_PER_LATENT = HOP_SAMPLES * MEL_FRAMES_PER_LATENT
MAX_FRAMES = int(
    240 * SAMPLE_RATE_HZ / HOP_SAMPLES / MEL_FRAMES_PER_LATENT
)  # four minutes, the published model's limit


def latent_frames(duration_s: float) -> int:
    """Latent frames generated for a duration: truncated, so the sound is up to 93 ms shorter than asked for.

    The order of the operations is the reference's; another one truncates other durations.
    """
    return int(duration_s * SAMPLE_RATE_HZ / HOP_SAMPLES / MEL_FRAMES_PER_LATENT)


def decoded_samples(frames: int, sample_rate_hz: int = SAMPLE_RATE_HZ) -> int:
    """Samples a channel that `frames` latent frames decode to."""
    return -(-frames * SAMPLES_PER_LATENT * sample_rate_hz // SAMPLE_RATE_HZ)


def encoded_frames(samples: int, sample_rate_hz: int) -> int:
    """Latent frames that hold sound alone: as the reference reports; mostly one fewer than it makes."""
    return math.floor(samples / sample_rate_hz * SAMPLE_RATE_HZ / HOP_SAMPLES / MEL_FRAMES_PER_LATENT)
