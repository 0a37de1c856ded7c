"""Sound at another sample rate."""

from __future__ import annotations

from math import gcd

import torch
from torch import Tensor
from torch.nn import functional

_SPARE_SAMPLES = 64


def resample(audio: Tensor, from_hz: int, to_hz: int) -> Tensor:
    """audio: [..., N] -> [..., ceil(N * to / from)], float32.

    A sinc of 6 zero crossings under a Hann window, cut off at 0.99 of the lower Nyquist frequency: torchaudio's
    defaults, which the model's training data went through. The same rate in and out changes nothing. May overshoot
    full scale.
    """
    if from_hz == to_hz:
        return audio
    # Costs a second to import, and most callers of this package never get here.
    from torchaudio.functional import resample as windowed_sinc

    # torchaudio rounds the length it cuts to in float32, a sample short or long in minutes of sound: give it silence to
    # spare, which is what it pads with anyway, and cut by whole numbers.
    samples = audio.shape[-1]
    spare = _SPARE_SAMPLES + from_hz // gcd(from_hz, to_hz)
    resampled: Tensor = windowed_sinc(functional.pad(audio.to(torch.float32), (0, spare)), from_hz, to_hz)
    return resampled[..., : -(-samples * to_hz // from_hz)]
