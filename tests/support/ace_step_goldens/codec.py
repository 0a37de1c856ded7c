"""The codec's and the text encoder's cases."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

from ace_step_goldens.golden import MODULE_TOLERANCE, Golden, below
from music_engine.ace_step.checkpoint.weight_norm import fused_weights
from music_engine.ace_step.codec.autoencoder import Autoencoder
from music_engine.ace_step.codec.config import AutoencoderConfig, MelConfig, VocoderConfig
from music_engine.ace_step.codec.duration import decoded_samples, encoded_frames, latent_frames
from music_engine.ace_step.codec.mel import log_mel, magnitudes, mel_filters
from music_engine.ace_step.codec.music_codec import MusicCodec
from music_engine.ace_step.codec.resample import resample
from music_engine.ace_step.codec.vocoder import Vocoder
from music_engine.ace_step.text.umt5 import text_model, weakened_queries

OVERLAP_TOLERANCE = 1e-3


def loaded(module: nn.Module, weights: dict[str, Tensor]) -> Any:
    module.load_state_dict({k: v for k, v in weights.items() if not k.startswith("mel_transform.")})
    return module.eval().requires_grad_(False)


def vocoder(config: dict[str, Any], weights: dict[str, Tensor]) -> Vocoder:
    found: Vocoder = loaded(Vocoder(VocoderConfig.from_mapping(config)), fused_weights(weights))
    return found


def autoencoder(config: dict[str, Any], weights: dict[str, Tensor]) -> Autoencoder:
    found: Autoencoder = loaded(Autoencoder(AutoencoderConfig.from_mapping(config)), weights)
    return found


def text_encoder(config: dict[str, Any], weights: dict[str, Tensor]) -> Any:
    """The embedding has two names in the model and one in the file."""
    return loaded(text_model(config), {**weights, "encoder.embed_tokens.weight": weights["shared.weight"]})


def music_codec(golden: Golden) -> MusicCodec:
    return MusicCodec(
        autoencoder(golden.config["dcae"], below(golden.weights, "dcae.")),
        vocoder(golden.config["vocoder"], below(golden.weights, "vocoder.")),
    )


def check_resample(golden: Golden) -> None:
    for name, audio in golden.inputs.items():
        from_hz, to_hz = (int(rate) for rate in name.split("_"))
        golden.compare(name, resample(audio, from_hz, to_hz))
    for name in golden.unseen():
        assert name.startswith("kernel_")
        golden.compare(name, phases(name))


def phases(name: str) -> Tensor:
    """Rows of the filter bank, read off impulses: "kernel_48000_44100_phase0_1_146"."""
    _, from_text, to_text, first, *rest = name.split("_")
    from_hz, to_hz = int(from_text), int(to_text)
    wanted = [int(first.removeprefix("phase")), *(int(number) for number in rest)]
    import torchaudio.functional.functional as source

    common = int(torch.gcd(torch.tensor(from_hz), torch.tensor(to_hz)))
    kernel, _ = source._get_sinc_resample_kernel(from_hz, to_hz, common, 6, 0.99, "sinc_interp_hann")
    bank: Tensor = kernel
    return bank[wanted, 0]


MEL_CASE = {"sample_rate": 44_100, "n_fft": 2048, "hop": 512, "n_mels": 128, "f_min": 40, "f_max": 16_000}


def mel_config(given: dict[str, Any]) -> MelConfig:
    """given: a case's config, in its words."""
    return MelConfig(
        sample_rate_hz=given["sample_rate"],
        n_fft=given["n_fft"],
        hop_samples=given["hop"],
        bins=given["n_mels"],
        f_min_hz=given["f_min"],
        f_max_hz=given["f_max"],
    )


def check_mel(golden: Golden) -> None:
    config = mel_config(golden.config)
    audio, filters = golden.inputs["audio"], mel_filters(config)
    found, expected = log_mel(audio, config), golden.outputs["log_mel"]
    # Cells of 1e-4 of full scale are what an FFT in float32 leaves over, and processors round it differently: the value
    # in float64 lies 3e-4 from the reference's. What is louder is held as everything else.
    golden.compare("log_mel", found, 1e-3)
    is_sound = expected > math.log(1e-3)
    assert is_sound.any()
    assert (found - expected)[is_sound].abs().max() <= MODULE_TOLERANCE
    golden.compare("log_linear_bins_every16", magnitudes(audio, config).clamp_min(1e-5).log()[:, ::16])
    golden.compare("mel_fb_column_sums", filters.sum(0))
    golden.compare("mel_fb_row_sums", filters.sum(1))


def check_vocoder(golden: Golden) -> None:
    model, mel = vocoder(golden.config, golden.weights), golden.inputs["mel"]
    golden.compare("backbone", model.backbone(mel))
    golden.compare("wav", model(mel))


def check_autoencoder(golden: Golden) -> None:
    model = autoencoder(golden.config, golden.weights)
    golden.compare("encoder_out", model.encode(golden.inputs["mel_norm"]))
    golden.compare("decoder_out", model.decode(golden.inputs["latent"]))


def check_music_codec(golden: Golden) -> None:
    codec, given = music_codec(golden), golden.inputs
    for name, rate_hz in (("22k", 22_050), ("48k", 48_000)):
        audio = given[f"audio_{name}"]
        golden.compare(f"latents_{name}", codec.encode(audio, rate_hz)[None])
        golden.compare(f"len_{name}", torch.tensor([encoded_frames(audio.shape[1], rate_hz)]))
    batch = given["audio_44k_batch"]
    golden.compare("latents_44k_batch", torch.stack([codec.encode(audio, 44_100) for audio in batch]))
    lengths = [encoded_frames(int(samples), 44_100) for samples in given["audio_lengths"]]
    golden.compare("len_44k", torch.tensor(lengths))
    for rate_hz in (44_100, 48_000):
        sounds = [codec.decode(latent, rate_hz) for latent in given["latents"]]
        golden.compare(f"wav_{rate_hz}", torch.stack(sounds))
    golden.compare("roundtrip_48k", codec.decode(codec.encode(given["audio_48k"], 48_000), 48_000))


def check_overlap(golden: Golden) -> None:
    source = golden.sibling(golden.config["weights"].removesuffix("/weights.safetensors"))
    given, codec = golden.config, music_codec(source)
    sound = codec.decode_overlapped(golden.inputs["latents"][0], 44_100)
    assert sound.shape[1] == given["num_samples"]
    for index, start in enumerate(given["slice_starts"]):
        golden.compare(f"wav_slice{index}", sound[:, start : start + given["slice_len"]], OVERLAP_TOLERANCE)
    blocks = sound.unflatten(1, (-1, given["block"]))
    golden.compare("block_rms", blocks.square().mean(-1).sqrt(), OVERLAP_TOLERANCE)


def check_umt5(golden: Golden) -> None:
    model = text_encoder(golden.config, golden.weights)
    ids, mask = golden.inputs["input_ids"], golden.inputs["attention_mask"]
    golden.compare("last_hidden_state", model(input_ids=ids, attention_mask=mask).last_hidden_state)
    with weakened_queries(model, golden.config["erg_layers"], golden.config["erg_tau"]):
        weak = model(input_ids=ids, attention_mask=mask).last_hidden_state
    golden.compare("last_hidden_state_erg_null", weak)


def check_duration(golden: Golden) -> None:
    assert golden.config["rows"]
    for row in golden.config["rows"]:
        frames = latent_frames(row["duration"])
        found = (frames, decoded_samples(frames), decoded_samples(frames, 48_000))
        assert found == (row["frames"], row["samples_44100"], row["samples_48000"]), row


KINDS = {
    "resample": check_resample,
    "mel": check_mel,
    "vocoder": check_vocoder,
    "dcae": check_autoencoder,
    "music_dcae": check_music_codec,
    "decode_overlap": check_overlap,
    "umt5": check_umt5,
    "duration_table": check_duration,
}
