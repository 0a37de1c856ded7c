from __future__ import annotations

from typing import Any

import pytest
import torch
from ace_step_shapes import TINY
from torch import nn

from music_engine.ace_step.checkpoint.weight_norm import fused, stored_names, stored_shapes
from music_engine.ace_step.codec.config import AutoencoderConfig, MelConfig, VocoderConfig
from music_engine.ace_step.codec.duration import MAX_FRAMES, decoded_samples, encoded_frames, latent_frames
from music_engine.ace_step.codec.mel import log_mel, mel_filters
from music_engine.ace_step.codec.overlap import overlapped_mel, overlapped_sound
from music_engine.ace_step.codec.resample import resample
from music_engine.ace_step.codec.tiles import tiles
from music_engine.ace_step.fields import refuse_absurd
from scoring.errors import CheckpointRefused


@pytest.mark.parametrize(
    ("duration_s", "frames"), [(0.05, 0), (0.1, 1), (30, 322), (30.01, 323), (60, 645), (240, 2583)]
)
def test_a_duration_is_truncated_to_latent_frames(duration_s: float, frames: int) -> None:
    assert latent_frames(duration_s) == frames
    assert decoded_samples(frames) == 4096 * frames


def test_lengths_at_48_khz_are_rounded_up_in_whole_numbers() -> None:
    assert decoded_samples(2583, 48_000) == 11_515_612
    assert decoded_samples(1, 48_000) == 4459
    assert MAX_FRAMES == 2583
    assert encoded_frames(28_801, 48_000) == 6


@pytest.mark.parametrize("samples", [1, 1000, 4096, 2_641_920])
def test_resampling_keeps_the_exact_length(samples: int) -> None:
    assert resample(torch.zeros(1, samples), 44_100, 48_000).shape[1] == -(-samples * 160 // 147)
    assert resample(torch.zeros(1, samples), 48_000, 44_100).shape[1] == -(-samples * 147 // 160)


def test_resampling_keeps_a_tone_where_it_is() -> None:
    seconds = torch.arange(44_100) / 44_100
    found = resample(torch.sin(2 * torch.pi * 1000 * seconds)[None], 44_100, 48_000)[0]
    expected = torch.sin(2 * torch.pi * 1000 * torch.arange(48_000) / 48_000)
    assert (found - expected)[500:-500].abs().max() < 2e-3


def test_the_same_rate_is_left_alone() -> None:
    sound = torch.randn(2, 100)
    assert resample(sound, 44_100, 44_100) is sound


def test_there_is_a_mel_frame_for_every_hop_and_a_floor_under_silence() -> None:
    found = log_mel(torch.zeros(2, 4096), MelConfig())
    assert found.shape == (2, 128, 8)
    floor = torch.log((mel_filters(MelConfig()).sum(0) * 1e-3).clamp_min(1e-5))  # a magnitude is at least sqrt(1e-6)
    torch.testing.assert_close(found, floor[None, :, None].expand(2, -1, 8))


def test_a_tone_is_loudest_in_the_band_that_holds_it() -> None:
    tone = torch.sin(2 * torch.pi * 1000 * torch.arange(8192) / 44_100)[None]
    band = log_mel(tone, MelConfig())[0, :, 8].argmax()
    filters = mel_filters(MelConfig())[:, band]
    bins_hz = torch.arange(1025) * 44_100 / 2048
    assert abs((filters * bins_hz).sum() / filters.sum() - 1000) < 30


@pytest.mark.parametrize("length", [1, 5, 128, 300])
@pytest.mark.parametrize("size", [None, 1, 13, 128])
def test_tiles_keep_everything_once_and_read_as_far_as_the_reach(length: int, size: int | None) -> None:
    plan, x = tiles(length, size, 7, 3), torch.arange(3 * length)
    kept = [x[3 * tile.read.start : 3 * tile.read.stop][tile.kept] for tile in plan]
    torch.testing.assert_close(torch.cat(kept), x)
    for tile, part in zip(plan, kept, strict=True):
        assert len(part) <= 3 * (size or length)
        first, last = int(part[0]) // 3, int(part[-1]) // 3
        assert (tile.read.start, tile.read.stop) == (max(0, first - 7), min(length, last + 8))


def test_tiles_are_about_equally_long() -> None:
    assert [tile.kept.stop - tile.kept.start for tile in tiles(322, 256, 0, 1)] == [161, 161]


@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize("spelling", ["parametrizations", "weight_g"])
@pytest.mark.filterwarnings("ignore:.*weight_norm.*is deprecated:FutureWarning")
def test_fusing_gives_torchs_own_weight_norm(spelling: str, transposed: bool) -> None:
    layer: nn.Module = nn.ConvTranspose1d(6, 4, 5) if transposed else nn.Conv1d(6, 4, 5)
    norm: Any = nn.utils.weight_norm if spelling == "weight_g" else nn.utils.parametrizations.weight_norm
    layer = norm(layer)
    x = torch.randn(2, 6, 20)
    expected = layer(x)
    found = dict(layer.state_dict())
    names = stored_names("weight", found)
    assert set(names) == found.keys() - {"bias"}
    shape = tuple(found[names[1]].shape)
    assert stored_shapes(shape, names) == tuple(tuple(found[name].shape) for name in names)
    plain: nn.Module = nn.ConvTranspose1d(6, 4, 5) if transposed else nn.Conv1d(6, 4, 5)
    plain.load_state_dict({"weight": fused(*(found[name] for name in names)), "bias": found["bias"]})
    torch.testing.assert_close(plain(x), expected)


def test_a_channel_of_zeros_stays_zero() -> None:
    assert fused(torch.zeros(2, 1, 1), torch.zeros(2, 3, 4)).abs().max() == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"upsample_rates": [8, 8, 4, 4]}, "product of 512"),
        ({"num_mels": 17}, "num_mels is 17"),
        ({"hop_length": 256}, "hop_length is 256"),
        ({"use_template": True}, "use_template"),
        ({"depths": [1, 1]}, "depths"),
        ({"upsample_kernel_sizes": [16, 16, 8, 5]}, "upsample_kernel_sizes is 5"),
        ({"dims": "wide"}, "dims is 'wide'"),
        ({"sampling_rate": 48_000}, "sampling_rate is 48000, allowed: 44100"),
        ({"f_max": 30_000}, "f_min, f_max"),
        ({"resblock_dilation_sizes": [[1, 3, 5]]}, "one list for each"),
    ],
)
def test_a_vocoder_that_cannot_be_is_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises(CheckpointRefused) as refusal:
        VocoderConfig.from_mapping({**TINY["vocoder"], **change})
    assert words in str(refusal.value)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"encoder_block_types": ["ResBlock", "Mystery", "ResBlock", "ResBlock"]}, "Mystery"),
        ({"decoder_layers_per_block": [1, 1, 1]}, "decoder_layers_per_block"),
        ({"encoder_block_out_channels": [8, 8, 16, 36]}, "multiples of 8"),
        ({"upsample_block_type": "magic"}, "upsample_block_type is 'magic'"),
        ({"latent_channels": 0}, "latent_channels is 0"),
        ({"attention_head_dim": 64}, "attention_head_dim is 64"),
    ],
)
def test_an_autoencoder_that_cannot_be_is_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises(CheckpointRefused) as refusal:
        AutoencoderConfig.from_mapping({**TINY["dcae"], **change})
    assert words in str(refusal.value)


def test_keys_nobody_knows_are_passed_over() -> None:
    assert VocoderConfig.from_mapping({**TINY["vocoder"], "colour": "blue"}).dims == (8, 12, 12, 16)
    assert AutoencoderConfig.from_mapping({**TINY["dcae"], "colour": "blue"}).stages == 4


@pytest.mark.parametrize(
    "found",
    [{"a": 1e12}, {"a": {"b": [[10**10]]}}, {"a": [0] * 65}, {"num_layers": 257}, {"depths": [1, 300]}],
    ids=str,
)
def test_absurd_sizes_are_refused_at_any_depth(found: dict[str, Any]) -> None:
    with pytest.raises(CheckpointRefused):
        refuse_absurd(found, "a config")
    refuse_absurd({"rope_theta": 1e6, "num_layers": 24, "depths": [3, 3, 9, 3], "name": "x" * 1000}, "a config")


@pytest.mark.parametrize("frames", [3, 250, 512, 640, 1300])
def test_overlapping_windows_keep_every_mel_frame_once(frames: int) -> None:
    z = torch.arange(float(frames)).expand(1, 2, 4, frames)
    mel = overlapped_mel(lambda window: window.repeat_interleave(8, dim=-1), z)
    torch.testing.assert_close(mel, z.repeat_interleave(8, dim=-1))


@pytest.mark.parametrize("frames", [8, 508, 512, 520, 1024, 2000])
def test_overlapping_blocks_keep_every_sample_in_its_place(frames: int) -> None:
    mel = torch.arange(float(frames)).expand(2, 4, frames)
    sound = overlapped_sound(lambda block: block[:, 0].repeat_interleave(512, dim=-1), mel)
    torch.testing.assert_close(sound[:, : 512 * frames], mel[:, 0].repeat_interleave(512, dim=-1))
