"""The reference's own way of decoding long pieces in windows, reproduced with its seams.

ACE-Step v1 reference, `decode_overlap`. Its windows see other surroundings than the whole piece (the autoencoder's
attention spans a window), so its result is another one than a whole decode's; `tiles.py` has no such difference.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from music_engine.ace_step.codec.duration import HOP_SAMPLES

_WINDOW_FRAMES, _STRIDE_FRAMES, _LEAD_FRAMES = 512, 256, 128  # latent frames
_DROPPED_MEL_FRAMES = 1024
_BLOCK_MEL_FRAMES = 512
_DROPPED_SAMPLES, _FADE_SAMPLES = 1024, 128


def overlapped_mel(decode: Callable[[Tensor], Tensor], z: Tensor) -> Tensor:
    """z: [1, 8, 16, T] -> mel [1, 2, 128, 8 T], in the autoencoder's scale."""
    frames = z.shape[-1]
    anchors = list(range(_LEAD_FRAMES, frames - _LEAD_FRAMES, _STRIDE_FRAMES)) or [_LEAD_FRAMES]
    kept = []
    for index, anchor in enumerate(anchors):
        start = anchor - _LEAD_FRAMES
        mel = decode(z[..., start : min(frames, start + _WINDOW_FRAMES)])
        first = 0 if index == 0 else _DROPPED_MEL_FRAMES
        last = mel.shape[-1] - (0 if index == len(anchors) - 1 else _DROPPED_MEL_FRAMES)
        kept.append(mel[..., first:last])
    return torch.cat(kept, dim=-1)


def overlapped_sound(vocode: Callable[[Tensor], Tensor], mel: Tensor) -> Tensor:
    """mel: [2, 128, F], log scale -> sound [2, at least 512 F].

    A short last block is filled with log-mel 0, which is loud, so the last milliseconds differ from a whole decode's.
    """
    stride = _BLOCK_MEL_FRAMES - 2 * _DROPPED_SAMPLES // HOP_SAMPLES
    frames = mel.shape[-1]
    made: Tensor | None = None
    for start in range(0, frames, stride):
        part = mel[..., start : start + _BLOCK_MEL_FRAMES]
        block = vocode(functional.pad(part, (0, _BLOCK_MEL_FRAMES - part.shape[-1])))
        is_last = start + stride >= frames
        end = block.shape[-1] if is_last else block.shape[-1] - _DROPPED_SAMPLES
        made = block[:, :end] if made is None else _joined(made, block[:, :end])
    assert made is not None
    return made


def _joined(made: Tensor, block: Tensor) -> Tensor:
    """The new block's first samples fade in over the last of what there is."""
    rising = torch.linspace(0, 1, _FADE_SAMPLES, dtype=made.dtype, device=made.device)
    falling = torch.linspace(1, 0, _FADE_SAMPLES, dtype=made.dtype, device=made.device)
    entry = block[:, _DROPPED_SAMPLES - _FADE_SAMPLES : _DROPPED_SAMPLES]
    crossfade = made[:, -_FADE_SAMPLES:] * falling + entry * rising
    return torch.cat([made[:, :-_FADE_SAMPLES], crossfade, block[:, _DROPPED_SAMPLES:]], dim=1)
