"""The variants of a condition that guidance compares: with everything, with nothing, with the text alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from music_engine.ace_step.dit.conditioning import Condition
from music_engine.ace_step.sampling.model import VelocityModel
from music_engine.ace_step.sampling.prompt import Prompt
from music_engine.ace_step.sampling.settings import SamplingSettings
from scoring.errors import InputError

WEAKENED = 0.01  # ACE-Step v1 reference: the factor of every weakened query (ERG)


@dataclass(frozen=True, slots=True)
class Variant:
    """One variant for all items. condition: of B items. query_scale: of its late cross-attention queries."""

    condition: Condition
    query_scale: float = 1.0


def variants_for(
    model: VelocityModel, prompts: Sequence[Prompt], settings: SamplingSettings, *, guided: bool
) -> list[Variant]:
    """The conditional variant; where a step is guided the unconditional one too, and for double guidance the text's.

    prompts: one per item; trim them first where lengths differ. Raises InputError where ERG lacks the weakened text.
    """
    conditional = Variant(encoded(model, prompts))
    if not guided:
        return [conditional]
    found = [conditional, _unconditional(model, prompts, settings)]
    if settings.is_double:
        found.append(Variant(_without_lyrics(model, [replace(p, speaker=None) for p in prompts], settings)))
    return found


def edit_variants_for(model: VelocityModel, prompts: Sequence[Prompt], *, guided: bool) -> list[Variant]:
    """The same for an edit, which knows no ERG and hides the lyrics from its unconditional prediction altogether."""
    conditional = Variant(encoded(model, prompts))
    if not guided:
        return [conditional]
    nothing = [replace(_textless(p), lyric_mask=torch.zeros_like(p.lyric_mask)) for p in _lyricless(prompts)]
    return [conditional, Variant(encoded(model, nothing))]


def encoded(model: VelocityModel, prompts: Sequence[Prompt], weaken_lyrics: float | None = None) -> Condition:
    """One condition of all prompts: encoded together where their lengths agree, else one by one and padded at the end.

    Padding at the end is masked and leaves every other token where it was, so no item hears of the others.
    """
    if len({(len(prompt.text), len(prompt.lyric_ids)) for prompt in prompts}) == 1:
        return _encode(model, prompts, weaken_lyrics)
    single = [_encode(model, [prompt], weaken_lyrics) for prompt in prompts]
    longest = max(condition.states.shape[1] for condition in single)
    return Condition.joined([_padded(condition, longest) for condition in single])


def _unconditional(model: VelocityModel, prompts: Sequence[Prompt], settings: SamplingSettings) -> Variant:
    scale = WEAKENED if settings.erg_diffusion else 1.0
    weaken_text = settings.erg_lyric and settings.erg_tag
    wordless = [_weakened(prompt) if weaken_text else _textless(prompt) for prompt in prompts]
    return Variant(_without_lyrics(model, wordless, settings), scale)


def _without_lyrics(model: VelocityModel, prompts: Sequence[Prompt], settings: SamplingSettings) -> Condition:
    """The real lyrics, weakened; without ERG the token 0 in their place. The lyric mask stays what it was."""
    if settings.erg_lyric:
        return encoded(model, prompts, WEAKENED)
    return encoded(model, _lyricless(prompts))


def _weakened(prompt: Prompt) -> Prompt:
    if prompt.weakened_text is None:
        raise InputError(
            "erg_tag needs the weakened text states, and the prompt has none",
            "Encode the prompt with weakened=True as well, or turn erg_tag off",
        )
    return replace(prompt, text=prompt.weakened_text, speaker=None)


def _textless(prompt: Prompt) -> Prompt:
    return replace(prompt, text=torch.zeros_like(prompt.text), speaker=None)


def _lyricless(prompts: Sequence[Prompt]) -> list[Prompt]:
    return [replace(prompt, lyric_ids=torch.zeros_like(prompt.lyric_ids)) for prompt in prompts]


def _encode(model: VelocityModel, prompts: Sequence[Prompt], weaken_lyrics: float | None) -> Condition:
    return model.encode(
        torch.stack([prompt.text for prompt in prompts]),  # [B, S_txt, 768]
        torch.stack([prompt.text_mask for prompt in prompts]),  # [B, S_txt]
        torch.stack([prompt.lyric_ids for prompt in prompts]),  # [B, S_lyr]
        torch.stack([prompt.lyric_mask for prompt in prompts]),  # [B, S_lyr]
        _speakers(prompts),
        weaken_lyrics=weaken_lyrics,
    )


def _speakers(prompts: Sequence[Prompt]) -> Tensor | None:
    """[B, 512], or None where nobody has one."""
    known = [prompt.speaker for prompt in prompts if prompt.speaker is not None]
    if not known:
        return None
    return torch.stack([torch.zeros_like(known[0]) if p.speaker is None else p.speaker for p in prompts])


def _padded(condition: Condition, length: int) -> Condition:
    missing = length - condition.states.shape[1]
    states: Tensor = torch.nn.functional.pad(condition.states, (0, 0, 0, missing))
    return Condition(states, torch.nn.functional.pad(condition.mask, (0, missing)))
