"""The codec: sound to latents, latents to sound."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from music_engine.ace_step.codec.autoencoder import Autoencoder
from music_engine.ace_step.codec.duration import HOP_SAMPLES, MEL_FRAMES_PER_LATENT, SAMPLE_RATE_HZ, SAMPLES_PER_LATENT
from music_engine.ace_step.codec.mel import log_mel
from music_engine.ace_step.codec.overlap import overlapped_mel, overlapped_sound
from music_engine.ace_step.codec.resample import resample
from music_engine.ace_step.codec.tiles import Tile, in_tiles, tiles
from music_engine.ace_step.codec.vocoder import Vocoder

OUTPUT_RATE_HZ = 48_000

# ACE-Step v1 reference: what the transformer sees is (z - shift) * scale of what the autoencoder makes.
LATENT_SHIFT, LATENT_SCALE = -1.9091, 0.1786
# Log-mel -11 .. 3 is the autoencoder's -1 .. 1; nothing is clamped.
_MEL_LOW, _MEL_HALF_RANGE = -11.0, 7.0

Report = Callable[[int, int], None]


class MusicCodec:
    """Stereo sound at any rate to latents [8, 16, T] and back, one latent frame for 4096 samples at 44.1 kHz.

    Computes in the precision and on the device of its weights; sound goes in and comes out as float32 on the CPU.
    """

    def __init__(self, autoencoder: Autoencoder, vocoder: Vocoder) -> None:
        self.autoencoder = autoencoder.eval().requires_grad_(False)
        self.vocoder = vocoder.eval().requires_grad_(False)

    @property
    def dtype(self) -> torch.dtype:
        """The precision it computes in."""
        return next(self.vocoder.parameters()).dtype

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        return next(self.vocoder.parameters()).device

    def to(self, device: torch.device | str) -> MusicCodec:
        """Move the weights; itself."""
        self.autoencoder.to(device)
        self.vocoder.to(device)
        return self

    @torch.no_grad()
    def encode(self, audio: Tensor, sample_rate_hz: int = OUTPUT_RATE_HZ, *, tile_frames: int | None = None) -> Tensor:
        """audio: [C, N], +-1.0 full scale -> latent [8, 16, T] float32 on the codec's device.

        One channel is heard on both sides; of more than two the first two are taken. The end is filled with silence to
        whole latent frames, so T = ceil(N at 44.1 kHz / 4096). tile_frames: as for `decode`. Raises ValueError for
        sound of no length.
        """
        if audio.ndim != 2 or 0 in audio.shape:
            raise ValueError(f"sound to encode must be [channels, samples], found {tuple(audio.shape)}")
        stereo = audio[:2] if audio.shape[0] > 1 else audio.expand(2, -1)
        heard = resample(stereo.to("cpu", torch.float32), sample_rate_hz, SAMPLE_RATE_HZ)
        padded = torch.nn.functional.pad(heard, (0, -heard.shape[1] % SAMPLES_PER_LATENT))
        mel = log_mel(padded, self.vocoder.config.mel)  # [2, 128, 8 T]
        scaled = (mel - _MEL_LOW) / _MEL_HALF_RANGE - 1.0
        fine = self._fine(scaled[None].to(self.device, self.dtype), tile_frames)
        return (self.autoencoder.encode_coarse(fine, tile_frames)[0].float() - LATENT_SHIFT) * LATENT_SCALE

    @torch.no_grad()
    def decode(
        self,
        latent: Tensor,
        sample_rate_hz: int = OUTPUT_RATE_HZ,
        *,
        tile_frames: int | None = None,
        on_tile: Report | None = None,
    ) -> Tensor:
        """latent: [8, 16, T] -> sound [2, ceil(4096 T * rate / 44100)], float32 on the CPU.

        tile_frames: decode so many latent frames at a time, to the same result but for rounding, in the memory of
        one tile; None decodes the whole piece at once. on_tile: called before the first and after each with how many
        are done and how many there are; an exception from it ends the work. Resampling may overshoot +-1.0 slightly.
        """
        z = self._autoencoder_scale(latent)
        coarse = self.autoencoder.decode_coarse(z, tile_frames)
        mel_tiles, sound_tiles = self._plans(latent.shape[-1], coarse.shape[-1], tile_frames)
        told = _progress(on_tile, len(mel_tiles) + len(sound_tiles))
        mel = in_tiles(self.autoencoder.decode_fine, coarse, mel_tiles, told)
        sound = in_tiles(lambda part: self._sound(part).float().cpu(), _log_scale(mel[0]), sound_tiles, told)
        next(told)
        return resample(sound, SAMPLE_RATE_HZ, sample_rate_hz)

    @torch.no_grad()
    def decode_overlapped(self, latent: Tensor, sample_rate_hz: int = OUTPUT_RATE_HZ) -> Tensor:
        """As `decode`, in the reference's overlapping windows, whose result differs audibly little but measurably.

        For comparison with the reference only: `decode` with tiles needs no more memory and is exact.
        """
        z = self._autoencoder_scale(latent)
        mel = _log_scale(overlapped_mel(self.autoencoder.decode, z)[0])
        sound = overlapped_sound(self._sound, mel)[:, : latent.shape[-1] * SAMPLES_PER_LATENT]
        return resample(sound.float().cpu(), SAMPLE_RATE_HZ, sample_rate_hz)

    def _fine(self, mel: Tensor, tile_frames: int | None) -> Tensor:
        """mel: [1, 2, bins, 8 T] -> the encoder's fine half of it, in tiles of whole columns."""
        width = self.autoencoder.mel_frames_per_column
        columns = mel.reshape(*mel.shape[:-1], -1, width).movedim(-1, 0)  # [width, 1, 2, bins, columns]
        size = None if tile_frames is None else tile_frames * MEL_FRAMES_PER_LATENT // width
        plan = tiles(columns.shape[-1], size, self.autoencoder.encode_reach(), 1)
        told = _progress(None, len(plan))
        return in_tiles(lambda part: self.autoencoder.encode_fine(part.movedim(0, -1).flatten(-2)), columns, plan, told)

    def _plans(self, frames: int, columns: int, tile_frames: int | None) -> tuple[list[Tile], list[Tile]]:
        """Tiles of the autoencoder's fine half and of the vocoder, for a piece of so many latent frames."""
        mel_frames, reach = frames * MEL_FRAMES_PER_LATENT, self.vocoder.reach_frames()
        sizes = [None if tile_frames is None else tile_frames * length // frames for length in (columns, mel_frames)]
        fine = tiles(columns, sizes[0], self.autoencoder.decode_reach(), mel_frames // columns)
        return fine, tiles(mel_frames, sizes[1], reach, HOP_SAMPLES)

    def _autoencoder_scale(self, latent: Tensor) -> Tensor:
        if latent.ndim != 3 or latent.shape[-1] == 0:
            raise ValueError(f"a latent to decode must be [8, 16, T], found {tuple(latent.shape)}")
        z = latent.float() / LATENT_SCALE + LATENT_SHIFT
        return z[None].to(self.device, self.dtype)

    def _sound(self, mel: Tensor) -> Tensor:
        """mel: [2, bins, F], log scale -> [2, 512 F]; the sides are two items of a batch."""
        sound: Tensor = self.vocoder(mel)
        return sound[:, 0]


def _progress(on_tile: Report | None, tiles_in_all: int) -> Iterator[None]:
    """Tells at every step how many tiles are done."""
    for done in range(tiles_in_all + 1):
        if on_tile is not None:
            on_tile(done, tiles_in_all)
        yield


def _log_scale(mel: Tensor) -> Tensor:
    return (mel + 1.0) * _MEL_HALF_RANGE + _MEL_LOW
