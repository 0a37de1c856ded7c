"""Sizes of the codec's two halves, as their `config.json` files give them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

from music_engine.ace_step.codec.duration import HOP_SAMPLES, MEL_FRAMES_PER_LATENT, SAMPLE_RATE_HZ
from music_engine.ace_step.fields import MAX_LAYERS, Fields

_BLOCKS = ("ResBlock", "EfficientViTBlock")


@dataclass(frozen=True, slots=True)
class MelConfig:
    """The log-mel front end; the defaults are the published model's."""

    sample_rate_hz: int = SAMPLE_RATE_HZ
    n_fft: int = 2048
    hop_samples: int = HOP_SAMPLES
    bins: int = 128
    f_min_hz: float = 40.0
    f_max_hz: float = 16_000.0


@dataclass(frozen=True, slots=True)
class VocoderConfig:
    """Mel frames to sound. depths, dims: the backbone's stages; upsample and resblock: the generator's."""

    mel: MelConfig
    depths: tuple[int, ...]
    dims: tuple[int, ...]
    kernel_size: int
    num_mels: int
    upsample_initial_channel: int
    upsample_rates: tuple[int, ...]
    upsample_kernel_sizes: tuple[int, ...]
    resblock_kernel_sizes: tuple[int, ...]
    resblock_dilation_sizes: tuple[tuple[int, ...], ...]
    pre_conv_kernel_size: int
    post_conv_kernel_size: int

    @classmethod
    def from_mapping(cls, found: Mapping[str, Any], where: str = "the vocoder's config.json") -> VocoderConfig:
        """found: a `config.json`, read. Unknown keys are passed over. Raises CheckpointRefused."""
        fields = Fields(found, where)
        kernels = fields.counts("kernel_sizes", at_most=255)
        if len(kernels) != 1:
            raise fields.refused("kernel_sizes", found["kernel_sizes"], "one kernel")
        if found.get("use_template"):
            raise fields.refused("use_template", found["use_template"], "false: the published model has no such branch")
        config = cls(
            mel=_mel(fields),
            depths=fields.counts("depths", at_most=MAX_LAYERS),
            dims=fields.counts("dims"),
            kernel_size=kernels[0],
            num_mels=fields.count("num_mels"),
            upsample_initial_channel=fields.count("upsample_initial_channel"),
            upsample_rates=fields.counts("upsample_rates", at_most=HOP_SAMPLES),
            upsample_kernel_sizes=fields.counts("upsample_kernel_sizes", at_most=2 * HOP_SAMPLES),
            resblock_kernel_sizes=fields.counts("resblock_kernel_sizes", at_most=255),
            resblock_dilation_sizes=fields.tables("resblock_dilation_sizes", at_most=255),
            pre_conv_kernel_size=fields.count("pre_conv_kernel_size", at_most=255),
            post_conv_kernel_size=fields.count("post_conv_kernel_size", at_most=255),
        )
        config._check(fields)
        return config

    def _check(self, fields: Fields) -> None:
        stages = len(self.upsample_rates)
        if len(self.depths) != len(self.dims):
            raise fields.refused("depths", list(self.depths), f"one for each of dims, {len(self.dims)}")
        if self.num_mels != self.dims[-1]:
            raise fields.refused("num_mels", self.num_mels, f"{self.dims[-1]}, the last of dims")
        if prod(self.upsample_rates) != self.mel.hop_samples:
            raise fields.refused(
                "upsample_rates", list(self.upsample_rates), f"a product of {self.mel.hop_samples}, the hop"
            )
        if len(self.upsample_kernel_sizes) != stages:
            raise fields.refused("upsample_kernel_sizes", list(self.upsample_kernel_sizes), f"{stages} of them")
        for rate, kernel in zip(self.upsample_rates, self.upsample_kernel_sizes, strict=True):
            if kernel < rate or (kernel - rate) % 2:
                raise fields.refused("upsample_kernel_sizes", kernel, f"{rate} and an even number more")
        if self.upsample_initial_channel % 2**stages:
            raise fields.refused(
                "upsample_initial_channel", self.upsample_initial_channel, f"a multiple of {2**stages}"
            )
        if len(self.resblock_dilation_sizes) != len(self.resblock_kernel_sizes):
            raise fields.refused(
                "resblock_dilation_sizes", self.resblock_dilation_sizes, "one list for each of resblock_kernel_sizes"
            )


@dataclass(frozen=True, slots=True)
class AutoencoderConfig:
    """Mel images to latents and back, in diffusers' words; `arguments` is what its class is made with."""

    in_channels: int
    latent_channels: int
    attention_head_dim: int
    encoder_block_types: tuple[str, ...]
    decoder_block_types: tuple[str, ...]
    encoder_block_out_channels: tuple[int, ...]
    decoder_block_out_channels: tuple[int, ...]
    encoder_layers_per_block: tuple[int, ...]
    decoder_layers_per_block: tuple[int, ...]
    encoder_qkv_multiscales: tuple[tuple[int, ...], ...]
    decoder_qkv_multiscales: tuple[tuple[int, ...], ...]
    upsample_block_type: str
    downsample_block_type: str
    decoder_norm_types: str
    decoder_act_fns: str

    @classmethod
    def from_mapping(cls, found: Mapping[str, Any], where: str = "the autoencoder's config.json") -> AutoencoderConfig:
        """found: a `config.json`, read. Unknown keys are passed over, its scaling_factor with them: the reference
        calls encoder and decoder themselves and never applies it. Raises CheckpointRefused.
        """
        fields = Fields(found, where)
        config = cls(
            in_channels=fields.count("in_channels"),
            latent_channels=fields.count("latent_channels"),
            attention_head_dim=fields.count("attention_head_dim"),
            encoder_block_types=fields.words("encoder_block_types", _BLOCKS),
            decoder_block_types=fields.words("decoder_block_types", _BLOCKS),
            encoder_block_out_channels=fields.counts("encoder_block_out_channels"),
            decoder_block_out_channels=fields.counts("decoder_block_out_channels"),
            encoder_layers_per_block=fields.counts("encoder_layers_per_block", at_most=MAX_LAYERS),
            decoder_layers_per_block=fields.counts("decoder_layers_per_block", at_most=MAX_LAYERS),
            encoder_qkv_multiscales=fields.tables("encoder_qkv_multiscales", at_most=255),
            decoder_qkv_multiscales=fields.tables("decoder_qkv_multiscales", at_most=255),
            upsample_block_type=fields.among("upsample_block_type", ("interpolate", "pixel_shuffle")),
            downsample_block_type=fields.among("downsample_block_type", ("Conv", "pixel_unshuffle")),
            decoder_norm_types=fields.among("decoder_norm_types", ("rms_norm",)),
            decoder_act_fns=fields.among("decoder_act_fns", ("silu",)),
        )
        config._check(fields)
        return config

    @property
    def stages(self) -> int:
        """Resolutions, each half of the one before."""
        return len(self.encoder_block_out_channels)

    def arguments(self) -> dict[str, Any]:
        """Keyword arguments of diffusers' `AutoencoderDC`."""
        return {name: getattr(self, name) for name in self.__slots__}

    def _check(self, fields: Fields) -> None:
        for side in ("encoder", "decoder"):
            for name in ("block_types", "block_out_channels", "layers_per_block", "qkv_multiscales"):
                found = getattr(self, f"{side}_{name}")
                if len(found) != self.stages:
                    raise fields.refused(f"{side}_{name}", list(found), f"{self.stages} of them")
            self._check_widths(fields, side)
        if 2 ** (self.stages - 1) != MEL_FRAMES_PER_LATENT:
            raise fields.refused(
                "encoder_block_out_channels", self.encoder_block_out_channels, "4 stages: a latent is 8 mel frames"
            )

    def _check_widths(self, fields: Fields, side: str) -> None:
        widths: tuple[int, ...] = getattr(self, f"{side}_block_out_channels")
        if widths[-1] % self.latent_channels:
            raise fields.refused(f"{side}_block_out_channels", widths[-1], f"multiples of {self.latent_channels}")
        for wide, narrow in zip(widths[1:], widths, strict=False):
            if narrow * 4 % wide:  # the shortcut around a change of resolution averages or repeats whole groups
                raise fields.refused(f"{side}_block_out_channels", wide, f"a divisor of 4 x {narrow}")
        for kind, width in zip(getattr(self, f"{side}_block_types"), widths, strict=True):
            if kind == "EfficientViTBlock" and width < self.attention_head_dim:
                raise fields.refused("attention_head_dim", self.attention_head_dim, f"at most {width}")


def _mel(fields: Fields) -> MelConfig:
    config = MelConfig(
        sample_rate_hz=fields.count("sampling_rate"),
        n_fft=fields.count("n_fft", at_most=65_536),
        hop_samples=fields.count("hop_length", at_most=65_536),
        bins=fields.count("n_mels", at_most=4096),
        f_min_hz=fields.number("f_min"),
        f_max_hz=fields.number("f_max"),
    )
    for key, found, needed in (
        ("sampling_rate", config.sample_rate_hz, SAMPLE_RATE_HZ),
        ("hop_length", config.hop_samples, HOP_SAMPLES),
        ("win_length", fields.count("win_length"), config.n_fft),
        ("input_channels", fields.count("input_channels"), config.bins),
    ):
        if found != needed:
            raise fields.refused(key, found, str(needed))
    if config.n_fft < config.hop_samples or not config.f_min_hz < config.f_max_hz <= config.sample_rate_hz / 2:
        raise fields.refused("f_min, f_max", [config.f_min_hz, config.f_max_hz], "rising, up to half the sample rate")
    return config
