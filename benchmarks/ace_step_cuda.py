"""The rows of `ace_step.py` that need a graphics card: whole pieces of music, from the prompt to the sound."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from random_weights import random_reader
from torch import Tensor

from music_engine.ace_step.checkpoint.parts import PartName, build
from music_engine.ace_step.checkpoint.survey import published_configs
from music_engine.ace_step.codec.music_codec import MusicCodec
from music_engine.ace_step.config import LATENT_FRAMES_PER_S, TransformerConfig
from music_engine.ace_step.dit.transformer import AceStepTransformer
from music_engine.ace_step.precision import PRECISIONS, load_transformer
from music_engine.ace_step.sampling.noise import SeededNoise
from music_engine.ace_step.sampling.prompt import Prompt
from music_engine.ace_step.sampling.sample import sample
from music_engine.ace_step.sampling.settings import SamplingSettings
from music_engine.ace_step.sampling.tasks import TextToMusic
from music_engine.ace_step.text.umt5 import weakened_queries

SECONDS = 60.0
STEPS = 27
GOAL_REALTIME, GOAL_BATCH_S, GOAL_OFFLOAD_GB = 80.0, 4.8, 8.0
PRODUCT_SIZE = 8192
REPEATS = 5


@dataclass(frozen=True, slots=True)
class CudaRow:
    """items: pieces in one batch. compiled: "": not; else torch.compile's mode. offload: parts wait in main memory."""

    name: str
    items: int = 1
    compiled: str = ""
    offload: bool = False
    precision: str = "bfloat16"


ROWS = (
    CudaRow("60 s"),
    CudaRow("60 s, compiled", compiled="default"),
    CudaRow("60 s, compiled with CUDA graphs", compiled="reduce-overhead"),
    CudaRow("8 x 60 s", items=8),
    CudaRow("8 x 60 s, compiled", items=8, compiled="default"),
    CudaRow("60 s, offloaded", offload=True),
    CudaRow("60 s, offloaded, int8", offload=True, precision="int8"),
)


class Parts:
    """Text encoder, transformer and codec at full size with random weights, each on the card or waiting."""

    def __init__(self, row: CudaRow, configs: Mapping[PartName, Mapping[str, Any]], card: torch.device) -> None:
        self.card, self.offload = card, row.offload
        home = torch.device("cpu") if row.offload else card
        torch.manual_seed(0)
        self.text = materialised("text_encoder", configs, home)
        self.codec = MusicCodec(materialised("dcae", configs, home), materialised("vocoder", configs, home))
        config = TransformerConfig.from_mapping(configs["transformer"])
        reader = random_reader(config, torch.bfloat16)
        self.transformer: AceStepTransformer = load_transformer(config, reader, PRECISIONS[row.precision], home)
        if row.compiled:
            # Blocks are alike, so one is compiled and used 24 times; CUDA graphs need the whole pass.
            if row.compiled == "default":
                for block in self.transformer.transformer_blocks:
                    block.compile()
            else:
                self.transformer.forward = torch.compile(self.transformer.forward, mode=row.compiled)  # type: ignore[method-assign]

    def on_card(self, part: Any, work: Callable[[], Any]) -> Any:
        """What the work gives, with the part on the card for it."""
        if not self.offload:
            return work()
        part.to(self.card)
        done = work()
        part.to("cpu")
        return done


def materialised(name: PartName, configs: Mapping[PartName, Mapping[str, Any]], home: torch.device) -> Any:
    """A part with small random weights in bfloat16."""
    module = build(name, configs[name], name).to(torch.bfloat16).to_empty(device=home)
    for parameter in module.parameters():
        parameter.data.normal_(std=0.02) if parameter.ndim > 1 else parameter.data.fill_(1.0)
    return module.eval().requires_grad_(False)


def piece(parts: Parts, row: CudaRow, text_tokens: int, lyric_tokens: int) -> list[Tensor]:
    """Sound of every item, from token ids."""
    card = parts.card
    ids = torch.arange(2, 2 + text_tokens, device=card)[None]
    ones = torch.ones(text_tokens, device=card)

    def states() -> tuple[Tensor, Tensor]:
        plain = parts.text(input_ids=ids, attention_mask=ones[None]).last_hidden_state[0]
        with weakened_queries(parts.text):
            return plain, parts.text(input_ids=ids, attention_mask=ones[None]).last_hidden_state[0]

    plain, weakened = parts.on_card(parts.text, states)
    lyrics = torch.arange(3, 3 + lyric_tokens, device=card)
    prompt = Prompt(plain, ones, lyrics, torch.ones(lyric_tokens, device=card), weakened)
    task, settings = TextToMusic(int(SECONDS * LATENT_FRAMES_PER_S)), SamplingSettings(steps=STEPS)
    noise = SeededNoise(range(row.items), compat="fixed")
    latents = parts.on_card(
        parts.transformer, lambda: sample(parts.transformer, [prompt] * row.items, task, settings, noise)
    )
    return parts.on_card(parts.codec, lambda: [parts.codec.decode(latent) for latent in latents])


def seconds_of(work: Callable[[], object], card: torch.device, repeats: int = REPEATS) -> float:
    """Median seconds, the card's work awaited, after one run that warms it up."""
    took = []
    for _ in range(repeats + 1):
        began_s = time.perf_counter()
        work()
        if card.type == "cuda":
            torch.cuda.synchronize()
        took.append(time.perf_counter() - began_s)
    return statistics.median(took[1:])


def product_rate() -> float:
    """TFLOP per second of large bfloat16 products."""
    left, right = (torch.randn(PRODUCT_SIZE, PRODUCT_SIZE, device="cuda", dtype=torch.bfloat16) for _ in range(2))
    return 2 * PRODUCT_SIZE**3 / seconds_of(lambda: left @ right, torch.device("cuda"), 20) / 1e12


def pass_seconds(parts: Parts, items: int, text_tokens: int, lyric_tokens: int, repeats: int) -> float:
    """Seconds of one pass of the transformer over that many items, its condition remembered."""
    card, model = parts.card, parts.transformer
    text = torch.randn(items, text_tokens, model.config.text_embedding_dim, device=card)
    ids = torch.ones(items, lyric_tokens, dtype=torch.long, device=card)
    masks = [torch.ones(items, tokens, device=card) for tokens in (text_tokens, lyric_tokens)]
    asked = model.remember(model.encode(text, masks[0], ids, masks[1]))
    latent = torch.randn(items, 8, 16, int(SECONDS * LATENT_FRAMES_PER_S), device=card)
    timestep = torch.full((items,), 700.0, device=card)
    return seconds_of(lambda: model(latent, timestep, asked), card, repeats)


def cuda_rows(text_tokens: int, lyric_tokens: int, gflop_of: Callable[[int, int], float]) -> None:
    """Prints a line a row. gflop_of: operations of one item's pass, of frames and condition tokens."""
    print(f"\nCUDA: {SECONDS:.0f} s of music, {STEPS} steps with guidance, text encoding and decoding included")
    if not torch.cuda.is_available():
        for row in ROWS:
            print(f"{row.name:<34}no GPU at hand: not measured")
        return
    rate = product_rate()
    print(f"{torch.cuda.get_device_name()}: {rate:.0f} TFLOP/s in bfloat16 products of {PRODUCT_SIZE}")
    print(f"goals: {GOAL_REALTIME:.0f} x real time; batch of 8 in {GOAL_BATCH_S} s; {GOAL_OFFLOAD_GB:.0f} GB offloaded")
    work = gflop_of(int(SECONDS * LATENT_FRAMES_PER_S), 1 + text_tokens + lyric_tokens) / 1e3
    with torch.no_grad():
        for row in ROWS:
            _line(row, work, rate, text_tokens, lyric_tokens)


def measured(
    row: CudaRow,
    configs: Mapping[PartName, Mapping[str, Any]],
    card: torch.device,
    text_tokens: int,
    lyric_tokens: int,
    repeats: int = REPEATS,
) -> tuple[float, float, float]:
    """Seconds for the row's pieces, the most memory held on the card in GB, and seconds for one pass."""
    parts = Parts(row, configs, card)
    if card.type == "cuda":
        torch.cuda.reset_peak_memory_stats()
    took_s = seconds_of(lambda: piece(parts, row, text_tokens, lyric_tokens), card, repeats)
    peak_gb = torch.cuda.max_memory_allocated() / 1e9 if card.type == "cuda" else 0.0
    parts.transformer.to(card)
    return took_s, peak_gb, pass_seconds(parts, row.items, text_tokens, lyric_tokens, repeats)


def _line(row: CudaRow, work: float, rate: float, text_tokens: int, lyric_tokens: int) -> None:
    took_s, peak_gb, once_s = measured(row, published_configs(), torch.device("cuda"), text_tokens, lyric_tokens)
    torch.cuda.empty_cache()
    share = f"{row.items * work / once_s / rate:.0%}"
    print(
        f"{row.name:<34}{took_s:8.2f} s {row.items * SECONDS / took_s:8.1f} x real time "
        f"{peak_gb:6.1f} GB, {share} of the products' rate",
        flush=True,
    )
