"""The parts of a checkpoint at work: words to conditions, noise to latents, latents to sound and back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import torch
from torch import Tensor

from music_engine.ace_step.checkpoint.checkpoint import Checkpoint, open_checkpoint
from music_engine.ace_step.codec.music_codec import MusicCodec
from music_engine.ace_step.codec.tiles import TILE_FRAMES
from music_engine.ace_step.device import choose_device, codec_device
from music_engine.ace_step.dit.transformer import AceStepTransformer
from music_engine.ace_step.lora import load_lora
from music_engine.ace_step.lyrics import LyricTokenizer, LyricTokens, tokens_without_vocabulary
from music_engine.ace_step.places import find_checkpoint
from music_engine.ace_step.precision import choose_precision, load_transformer
from music_engine.ace_step.sampling.noise import SeededNoise
from music_engine.ace_step.sampling.prompt import Prompt
from music_engine.ace_step.sampling.sample import Task, sample
from music_engine.ace_step.sampling.settings import SamplingSettings
from music_engine.ace_step.text.encoder import TextEncoder
from music_engine.options import AUTO, EngineOptions
from scoring.errors import InputError
from scoring.request import Samples

# Of a card's free memory: twice what everything but the transformer's weights takes while it composes.
_ROOM_TO_KEEP_BYTES = 16e9


@dataclass(frozen=True, slots=True)
class Words:
    """What the model is told. prompt: for the text encoder, as it stands. lyrics: for the lyric encoder."""

    prompt: str
    lyrics: str


class AceStepModel:
    """The model of one checkpoint. Its weights are read when they are first needed, and once.

    Raises EngineUnavailable, CheckpointRefused or UnknownChoice where it could not work; nothing is loaded for that.
    """

    def __init__(self, options: EngineOptions, settings: SamplingSettings) -> None:
        self.checkpoint: Checkpoint = open_checkpoint(find_checkpoint(options.checkpoint))
        self.device = choose_device(options.device or AUTO)
        self.precision = choose_precision(options.precision or AUTO, self.device)
        self.settings = settings
        self.lora, self.lora_weight = options.lora, 1.0 if options.lora_weight is None else options.lora_weight
        self._vocabulary = options.vocabulary

    @cached_property
    def transformer(self) -> AceStepTransformer:
        """On the device, with the LoRA where there is one."""
        checkpoint = self.checkpoint
        read = checkpoint.reader("transformer")
        transformer = load_transformer(checkpoint.transformer_config, read, self.precision, self.device)
        if self.lora is not None:
            load_lora(transformer, self.lora, weight=self.lora_weight, compat=self.settings.compat)
        return transformer

    @cached_property
    def codec(self) -> MusicCodec:
        """On the device."""
        return self.checkpoint.codec(device=codec_device(self.device))

    @cached_property
    def _kept_text_encoder(self) -> TextEncoder | None:
        """Kept on a card with room to spare, where loading it anew would take longer than the music."""
        if self.device.type != "cuda" or torch.cuda.mem_get_info(self.device)[0] < _ROOM_TO_KEEP_BYTES:
            return None
        return self.checkpoint.text_encoder(device=self.device)

    def read(self, words: Sequence[Words]) -> list[Prompt]:
        """Each one's words, encoded. The text encoder is loaded for this and let go, unless there is room to spare.

        Raises InputError where lyrics need a vocabulary and there is none.
        """
        tokens = [self._tokens(some.lyrics) for some in words]
        kept = self._kept_text_encoder
        with nullcontext(kept) if kept is not None else self.checkpoint.text_encoder(device=self.device) as encoder:
            # One by one: the padding beside a longer prompt must not change a shorter one's music.
            return [self._prompt(encoder, some.prompt, lyric) for some, lyric in zip(words, tokens, strict=True)]

    def unsung(self, lyrics: str) -> tuple[str, ...]:
        """What of some lyrics the model does not hear as written, for people."""
        lines = [line for line in self._tokens(lyrics).lines if line.skipped]
        return tuple(f"the line {line.text!r} was read without: {', '.join(line.skipped)}" for line in lines)

    def sample(
        self,
        prompts: Sequence[Prompt],
        task: Task,
        seeds: Sequence[int],
        retake_seeds: Sequence[int] = (),
        *,
        progress: Callable[[float], None],
        cancelled: Callable[[], bool],
    ) -> Tensor:
        """Latents [B, 8, 16, T]. Raises InputError, Cancelled."""
        noise = SeededNoise(seeds, retake_seeds, compat=self.settings.compat)
        return sample(self.transformer, prompts, task, self.settings, noise, progress=progress, cancelled=cancelled)

    def encode(self, sound: Samples) -> Tensor:
        """[2, N] at 48 kHz → [8, 16, T] on the device, tile by tile where it is long."""
        return self.codec.encode(torch.from_numpy(sound), tile_frames=TILE_FRAMES).to(self.device)

    def decode(self, latent: Tensor, *, on_tile: Callable[[int, int], None]) -> Samples:
        """[8, 16, T] → [2, N] float32 at 48 kHz, tile by tile where it is long."""
        sound: Samples = self.codec.decode(latent, tile_frames=TILE_FRAMES, on_tile=on_tile).numpy()
        return sound

    def _prompt(self, encoder: TextEncoder, prompt: str, lyric: LyricTokens) -> Prompt:
        states = encoder.encode([prompt])
        is_weakened = self.settings.erg_tag and self.settings.erg_lyric
        return Prompt(
            states.states[0],
            states.mask[0],
            torch.tensor(lyric.ids, dtype=torch.int64, device=self.device),
            torch.tensor(lyric.mask, dtype=states.mask.dtype, device=self.device),
            encoder.encode([prompt], weakened=True).states[0] if is_weakened else None,
        )

    def _tokens(self, lyrics: str) -> LyricTokens:
        known = tokens_without_vocabulary(lyrics)
        if known is not None:
            return known
        if self._vocabulary is None:
            raise InputError(
                "there are lyrics to sing and no vocabulary to read them with",
                "Name the lyric vocabulary with vocabulary= or CUESMITH_VOCABULARY; docs/ace-step.md says where it is",
            )
        return self._tokenizer(self._vocabulary).encode(lyrics)

    def _tokenizer(self, vocabulary: Path) -> LyricTokenizer:
        return LyricTokenizer(vocabulary, compat=self.settings.compat)
