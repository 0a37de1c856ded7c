from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor

from music_engine.ace_step.checkpoint.checkpoint import open_checkpoint
from music_engine.ace_step.codec.duration import decoded_samples
from music_engine.ace_step.codec.music_codec import MusicCodec


def latent(frames: int, seed: int = 0) -> Tensor:
    return torch.randn(8, 16, frames, generator=torch.Generator().manual_seed(seed))


def noise(samples: int, channels: int = 2) -> Tensor:
    return 0.2 * torch.randn(channels, samples, generator=torch.Generator().manual_seed(3))


@pytest.mark.parametrize(
    ("frames", "tile_frames"), [(1, 1), (2, 1), (30, 1), (41, 7), (60, 25), (60, 59), (60, 60), (60, 200)]
)
def test_decoding_in_tiles_gives_the_samples_of_decoding_whole(
    codec: MusicCodec, frames: int, tile_frames: int
) -> None:
    whole = codec.decode(latent(frames), 44_100)
    tiled = codec.decode(latent(frames), 44_100, tile_frames=tile_frames)
    assert whole.abs().max() > 0.05
    torch.testing.assert_close(tiled, whole, rtol=0, atol=2e-6)


@pytest.mark.parametrize("tile_frames", [1, 7, 10, 100])
def test_encoding_in_tiles_gives_the_latents_of_encoding_whole(codec: MusicCodec, tile_frames: int) -> None:
    sound = noise(20 * 4096 + 5)
    whole = codec.encode(sound, 44_100)
    assert whole.std() > 0.1
    torch.testing.assert_close(codec.encode(sound, 44_100, tile_frames=tile_frames), whole, rtol=0, atol=1e-5)


def test_in_bfloat16_the_sound_is_nearly_the_same(checkpoint: Path, codec: MusicCodec) -> None:
    half = open_checkpoint(checkpoint).codec(torch.bfloat16)
    exact, rounded = codec.decode(latent(8)), half.decode(latent(8))
    assert rounded.dtype == torch.float32
    assert (rounded - exact).square().mean() < 1e-3 * exact.square().mean()


def last_touched(x: Tensor) -> int:
    """The last index along time that not-a-number has reached."""
    return int(x.isnan().flatten(0, -2).any(0).nonzero().max())


@torch.no_grad()
def test_the_reaches_are_as_far_as_anything_in_the_beginning_is_felt(codec: MusicCodec) -> None:
    coarse = codec.autoencoder.decode_coarse(latent(40)[None])
    coarse[..., 0] = torch.nan
    felt = last_touched(codec.autoencoder.decode_fine(coarse)) // 8
    assert felt <= codec.autoencoder.decode_reach() <= felt + 1
    image = torch.zeros(1, 2, 128, 8 * 20)
    image[..., :8] = torch.nan
    felt = last_touched(codec.autoencoder.encode_fine(image))
    assert felt <= codec.autoencoder.encode_reach() <= felt + 1
    mel = torch.zeros(1, 128, 200)
    mel[..., 0] = torch.nan
    felt = last_touched(codec.vocoder(mel)) // 512
    assert felt <= codec.vocoder.reach_frames() <= felt + 3


def test_a_tile_that_carries_less_than_the_reach_would_show(codec: MusicCodec, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = codec.decode(latent(60), 44_100)
    for half, reach in ((codec.autoencoder, "decode_reach"), (codec.vocoder, "reach_frames")):
        with monkeypatch.context() as without:
            without.setattr(half, reach, lambda: 0)
            assert (codec.decode(latent(60), 44_100, tile_frames=20) - whole).abs().max() > 1e-3


def test_the_reference_windows_are_another_result_of_the_same_length(codec: MusicCodec) -> None:
    whole, windowed = codec.decode(latent(60), 44_100), codec.decode_overlapped(latent(60), 44_100)
    assert windowed.shape == whole.shape
    # One window of latents, and the first block but for what lies beyond its crossfade, is the whole decode.
    torch.testing.assert_close(windowed[:, :150_000], whole[:, :150_000], rtol=0, atol=2e-6)


def test_progress_is_told_before_the_first_tile_and_after_each_and_may_stop_the_work(codec: MusicCodec) -> None:
    told: list[tuple[int, int]] = []
    codec.decode(latent(5), tile_frames=2, on_tile=lambda done, total: told.append((done, total)))
    assert told == [(done, 6) for done in range(7)], "three of the autoencoder's and three of the vocoder's"

    def stop(done: int, total: int) -> None:
        if done == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        codec.decode(latent(5), tile_frames=2, on_tile=stop)


@pytest.mark.parametrize("rate_hz", [44_100, 48_000, 22_050])
def test_the_length_decoded_is_the_length_announced(codec: MusicCodec, rate_hz: int) -> None:
    for frames in (1, 3, 10):
        sound = codec.decode(latent(frames), rate_hz)
        assert sound.shape == (2, decoded_samples(frames, rate_hz))
        assert sound.dtype == torch.float32


def test_sound_is_padded_with_silence_to_whole_latent_frames(codec: MusicCodec) -> None:
    sound = noise(3 * 4096 - 100)
    padded = torch.cat([sound, torch.zeros(2, 100)], dim=1)
    found = codec.encode(sound, 44_100)
    assert found.shape == (8, 16, 3)
    torch.testing.assert_close(found, codec.encode(padded, 44_100))


def test_one_channel_is_heard_on_both_sides_and_of_three_the_first_two(codec: MusicCodec) -> None:
    mono, three = noise(4096, 1), noise(4096, 3)
    torch.testing.assert_close(codec.encode(mono, 44_100), codec.encode(mono.expand(2, -1), 44_100))
    torch.testing.assert_close(codec.encode(three, 44_100), codec.encode(three[:2], 44_100))


def test_sound_at_48_khz_is_what_is_assumed(codec: MusicCodec) -> None:
    sound = noise(9000)
    torch.testing.assert_close(codec.encode(sound), codec.encode(sound, 48_000))
    assert codec.encode(sound).shape[-1] == 3  # 8269 samples at 44.1 kHz


def test_silence_stays_finite(codec: MusicCodec) -> None:
    found = codec.encode(torch.zeros(2, 8192), 44_100)
    assert found.isfinite().all()
    assert codec.decode(found).isfinite().all()


@pytest.mark.parametrize("shape", [(2, 0), (0, 4096), (4096,), (1, 2, 4096)])
def test_sound_of_no_length_or_another_shape_is_refused(codec: MusicCodec, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"\[channels, samples\]"):
        codec.encode(torch.zeros(shape))


@pytest.mark.parametrize("shape", [(8, 16, 0), (1, 8, 16, 2), (8, 16)])
def test_a_latent_of_no_length_or_another_shape_is_refused(codec: MusicCodec, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="latent"):
        codec.decode(torch.zeros(shape))


def test_a_tile_of_no_frames_is_refused(codec: MusicCodec) -> None:
    with pytest.raises(ValueError, match="at least 1 frame, found 0"):
        codec.decode(latent(2), tile_frames=0)
