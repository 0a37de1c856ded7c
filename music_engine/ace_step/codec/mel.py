"""Sound to log-mel frames: what the autoencoder sees and the vocoder hears."""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor
from torch.nn import functional

from music_engine.ace_step.codec.config import MelConfig

_POWER_FLOOR = 1e-6  # inside the square root
_MEL_FLOOR = 1e-5  # below the logarithm: ln 1e-5 = -11.5


def log_mel(audio: Tensor, config: MelConfig) -> Tensor:
    """audio: [C, N], +-1.0 full scale, N a multiple of the hop -> natural log of mel magnitudes [C, bins, N / hop].

    In float32 on the CPU whatever the model's precision: rounding the window and the filters to bfloat16 moves the mel
    further from what the model was trained on, and not every device has an FFT.
    """
    mel = mel_filters(config).T @ magnitudes(audio, config)
    return mel.clamp_min(_MEL_FLOOR).log()


def magnitudes(audio: Tensor, config: MelConfig) -> Tensor:
    """audio: [C, N] -> magnitudes of the short-time spectrum [C, n_fft / 2 + 1, N / hop], float32 on the CPU.

    The edges are mirrored so that every hop of samples has one frame.
    """
    around = config.n_fft - config.hop_samples
    padded = functional.pad(audio.to("cpu", torch.float32)[:, None], (around // 2, (around + 1) // 2), mode="reflect")[
        :, 0
    ]
    window = torch.hann_window(config.n_fft)
    spectrum = torch.stft(padded, config.n_fft, config.hop_samples, window=window, center=False, return_complex=True)
    return (spectrum.real.square() + spectrum.imag.square() + _POWER_FLOOR).sqrt()


@cache
def mel_filters(config: MelConfig) -> Tensor:
    """[n_fft / 2 + 1, bins]: triangles on Slaney's scale, each of the same area (Slaney 1998, Auditory Toolbox)."""
    from torchaudio.functional import melscale_fbanks

    filters: Tensor = melscale_fbanks(
        n_freqs=config.n_fft // 2 + 1,
        f_min=config.f_min_hz,
        f_max=config.f_max_hz,
        n_mels=config.bins,
        sample_rate=config.sample_rate_hz,
        norm="slaney",
        mel_scale="slaney",
    )
    return filters
