"""An ACE-Step v1 checkpoint, opened: headers compared, nothing else read until a part is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor, nn

from music_engine.ace_step.checkpoint.compare import Comparison, compare
from music_engine.ace_step.checkpoint.parts import PartName, build, needed
from music_engine.ace_step.checkpoint.reader import TensorReader, open_tensors
from music_engine.ace_step.checkpoint.survey import SPIECE_KEY, Source, Survey, survey
from music_engine.ace_step.codec.autoencoder import Autoencoder
from music_engine.ace_step.codec.music_codec import MusicCodec
from music_engine.ace_step.codec.vocoder import Vocoder
from music_engine.ace_step.config import TransformerConfig
from music_engine.ace_step.dit.transformer import AceStepTransformer
from music_engine.ace_step.text.encoder import TextEncoder
from music_engine.ace_step.text.tokenizer import PromptTokenizer, read_sentencepiece, read_tokenizer
from scoring.errors import CheckpointRefused


def open_checkpoint(path: Path) -> Checkpoint:
    """path: a folder in the published layout, or ComfyUI's single file.

    Raises CheckpointRefused with file, tensor, what was found and what was expected, for what cannot be loaded.
    """
    found = survey(path)
    refusal = found.refusal()
    if refusal is not None:
        raise refusal
    comparisons = {name: compare_source(source) for name, source in found.sources.items()}
    for name, comparison in comparisons.items():
        refuse_misfits(found.sources[name], comparison)
    return Checkpoint(found, comparisons)


class Checkpoint:
    """Where each part is. Every method that makes a part reads its weights anew; nothing is kept here.

    dtype: tensors that are stored in it already stay views of the mapped file, the others are cast one at a time. None,
    for the transformer: every tensor as it is stored.
    """

    def __init__(self, found: Survey, comparisons: Mapping[PartName, Comparison]) -> None:
        self._survey = found
        self._comparisons = comparisons

    @property
    def path(self) -> Path:
        """What was opened."""
        return self._survey.path

    @property
    def layout(self) -> str:
        """ "folder" or "single file"."""
        return self._survey.layout

    @property
    def identity(self) -> str:
        """Hex that changes when the checkpoint does, wherever it lies."""
        return self._survey.identity()

    @property
    def transformer_config(self) -> TransformerConfig:
        """The transformer's sizes."""
        return TransformerConfig.from_mapping(self._survey.sources["transformer"].config)

    def reader(self, part: PartName) -> TensorReader:
        """Reads the tensors that the part needs, one at a time."""
        return TensorReader(self._survey.sources[part], self._comparisons[part].plan)

    def transformer(
        self, dtype: torch.dtype | None = torch.float32, device: torch.device | str = "cpu"
    ) -> AceStepTransformer:
        """The transformer, loaded. Tensors nothing computes with are not read. Raises CheckpointRefused."""
        return cast(AceStepTransformer, self._filled("transformer", dtype, device))

    def codec(self, dtype: torch.dtype = torch.float32, device: torch.device | str = "cpu") -> MusicCodec:
        """Autoencoder and vocoder, loaded; weight norm fused. Raises CheckpointRefused."""
        return MusicCodec(
            cast(Autoencoder, self._filled("dcae", dtype, device)),
            cast(Vocoder, self._filled("vocoder", dtype, device)),
        )

    def text_encoder(self, dtype: torch.dtype = torch.float32, device: torch.device | str = "cpu") -> TextEncoder:
        """The text encoder with its tokenizer; its `release` gives the memory back. Raises CheckpointRefused."""
        tokenizer, rows = self.tokenizer(), self._survey.sources["text_encoder"].config["vocab_size"]
        if tokenizer.size > rows:
            raise CheckpointRefused(
                f"{self._survey.tokenizer}: found a vocabulary of {tokenizer.size}, expected at most {rows}",
                "Take tokenizer and weights from the same checkpoint",
            )
        return TextEncoder(self._filled("text_encoder", dtype, device), tokenizer)

    def tokenizer(self) -> PromptTokenizer:
        """The prompt's tokenizer. Raises CheckpointRefused."""
        path = self._survey.tokenizer
        assert path is not None  # or it would not have been opened
        if self._survey.layout == "folder":
            return read_tokenizer(path)
        model: Tensor = open_tensors(path).get_tensor(SPIECE_KEY)
        if model.dtype != torch.uint8 or model.ndim != 1:
            raise CheckpointRefused(
                f"{path}: {SPIECE_KEY}: found {model.dtype} {list(model.shape)}, "
                "expected the bytes of a SentencePiece model",
                "Download the file again",
            )
        return read_sentencepiece(model.numpy().tobytes(), f"{path}: {SPIECE_KEY}")

    def _filled(self, part: PartName, dtype: torch.dtype | None, device: torch.device | str) -> Any:
        source = self._survey.sources[part]
        return fill(build(part, source.config, config_name(source)), self.reader(part), dtype, device)


def compare_source(source: Source) -> Comparison:
    """What a part's file holds against what its configuration needs. Raises CheckpointRefused for the configuration."""
    module = build(source.part.name, source.config, config_name(source))
    return compare(source.part, needed(module), source.entries())


def config_name(source: Source) -> str:
    """What a message calls a part's configuration."""
    return f"{source.header.path}: the {source.part.title}'s configuration ({source.config_origin})"


def refuse_misfits(source: Source, comparison: Comparison) -> None:
    """Raises CheckpointRefused for the first tensor that does not fit, and says how many there are."""
    if comparison.misfits:
        first, others = comparison.misfits[0], len(comparison.misfits) - 1
        more = f" (and {others} more tensors that do not fit)" if others else ""
        raise CheckpointRefused(
            f"{source.header.path}: {source.prefix}{first}{more}",
            "Run `cuesmith models verify` on it for the whole list, or download it again",
        )


def fill(module: nn.Module, read: TensorReader, dtype: torch.dtype | None, device: torch.device | str) -> nn.Module:
    """Give a module from the meta device its weights, one tensor at a time, so that nothing is held twice."""
    tied = _tied(module)
    for name in read.names():
        tensor = read(name)
        moved = tensor.to(device=device, dtype=dtype or tensor.dtype)
        parameter = nn.Parameter(moved, requires_grad=False)
        for alias in tied[name]:
            owner, _, leaf = alias.rpartition(".")
            setattr(module.get_submodule(owner), leaf, parameter)
    left = [name for name, tensor in (*module.named_parameters(), *module.named_buffers()) if tensor.is_meta]
    assert not left, f"nothing was read for {left[:3]}"
    return module.eval()


def _tied(module: nn.Module) -> dict[str, list[str]]:
    """Each parameter's first name and all its names."""
    names: dict[int, list[str]] = {}
    for name, parameter in module.named_parameters(remove_duplicate=False):
        names.setdefault(id(parameter), []).append(name)
    return {group[0]: group for group in names.values()}
