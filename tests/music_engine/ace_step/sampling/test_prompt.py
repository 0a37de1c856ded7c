"""Words."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from ace_step_sampling import words

from music_engine.ace_step.sampling.prompt import Prompt
from scoring.errors import InputError


def test_padding_at_the_ends_is_trimmed_and_nothing_else() -> None:
    plain, padded = words(1), words(1, padding=3)
    trimmed = replace(padded, text_mask=torch.tensor([1, 1, 0, 1, 1, 0, 0, 0])).trimmed()
    assert trimmed.text_mask.tolist() == [1, 1, 0, 1, 1]
    assert torch.equal(trimmed.lyric_ids, plain.lyric_ids)
    assert len(trimmed.text) == 5
    assert trimmed.weakened_text is not None
    assert len(trimmed.weakened_text) == 5


def test_a_prompt_without_lyrics_keeps_the_one_token_that_stands_for_them() -> None:
    silent = replace(words(1), lyric_ids=torch.tensor([0]), lyric_mask=torch.tensor([0])).trimmed()
    assert silent.lyric_ids.tolist() == [0]
    assert silent.lyric_mask.tolist() == [0]


@pytest.mark.parametrize(
    "change",
    [
        {"text_mask": torch.ones(4)},
        {"weakened_text": torch.ones(6, 12)},
        {"lyric_mask": torch.ones(3)},
        {"lyric_ids": torch.zeros(0, dtype=torch.long), "lyric_mask": torch.zeros(0)},
    ],
)
def test_lengths_that_do_not_fit_are_refused(change: dict[str, torch.Tensor]) -> None:
    with pytest.raises(InputError):
        replace(words(1), **change)


def test_a_prompt_is_fit_for_trimming_twice() -> None:
    once: Prompt = words(2, padding=2).trimmed()
    assert torch.equal(once.trimmed().text, once.text)
