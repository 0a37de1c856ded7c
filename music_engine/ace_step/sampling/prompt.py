"""What one piece of music is asked for with: encoded tags and lyrics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from music_engine.ace_step.sampling.settings import SamplingSettings
from scoring.errors import InputError


@dataclass(frozen=True, slots=True)
class Prompt:
    """One item's words.

    text: [S_txt, 768] states of the text encoder. text_mask: [S_txt] 0/1. lyric_ids: [S_lyr] int64, S_lyr at least 1.
    lyric_mask: [S_lyr] 0/1, a single 0 for no lyrics at all. weakened_text: [S_txt, 768], the states with the text
    encoder's attention weakened, needed for guidance with erg_tag and erg_lyric. speaker: [512]; None means zeros, all
    that the published model knows. Raises InputError for lengths that do not fit each other.
    """

    text: Tensor
    text_mask: Tensor
    lyric_ids: Tensor
    lyric_mask: Tensor
    weakened_text: Tensor | None = None
    speaker: Tensor | None = None

    def __post_init__(self) -> None:
        lengths = {"text_mask": self.text_mask, "weakened_text": self.weakened_text}
        for name, tensor in lengths.items():
            if tensor is not None and len(tensor) != len(self.text):
                raise InputError(f"{name} has {len(tensor)} tokens, the text {len(self.text)}", "Encode them together")
        if self.lyric_mask.shape != self.lyric_ids.shape or self.lyric_ids.ndim != 1 or not len(self.lyric_ids):
            raise InputError(
                f"the lyrics have ids {list(self.lyric_ids.shape)} and a mask {list(self.lyric_mask.shape)}",
                "Give one mask value per token, and at least one token",
            )

    def trimmed(self) -> Prompt:
        """Without the padding at the ends, which would move the lyrics along the sequence and so change the music."""
        text, lyric = _used(self.text_mask), _used(self.lyric_mask)
        return Prompt(
            self.text[:text],
            self.text_mask[:text],
            self.lyric_ids[:lyric],
            self.lyric_mask[:lyric],
            None if self.weakened_text is None else self.weakened_text[:text],
            self.speaker,
        )


def fitted(prompts: Sequence[Prompt], settings: SamplingSettings) -> list[Prompt]:
    """As the model is to hear them: without padding; the reference leaves it where it is."""
    return [prompt.trimmed() for prompt in prompts] if settings.mends else list(prompts)


def _used(mask: Tensor) -> int:
    """Tokens up to the last that counts; at least one."""
    counted = mask.nonzero()
    return int(counted[-1]) + 1 if len(counted) else 1
