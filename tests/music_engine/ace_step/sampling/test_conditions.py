"""The variants that guidance compares."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from ace_step_sampling import CountingModel, quick, words

from music_engine.ace_step.sampling.conditions import edit_variants_for, encoded, variants_for
from scoring.errors import InputError

SPEAKER = torch.ones(512)


def test_prompts_of_different_lengths_are_padded_at_the_end_and_masked(model: CountingModel) -> None:
    short, long = words(1, text=3, lyric=4), words(2, text=6, lyric=9)
    both = encoded(model, [short, long])
    alone = encoded(model, [short])
    tokens = 1 + 3 + 4
    assert both.states.shape[:2] == both.mask.shape == (2, 1 + 6 + 9)
    torch.testing.assert_close(both.states[:1, :tokens], alone.states)
    assert both.mask[0].tolist() == [1] * tokens + [0] * (16 - tokens)
    torch.testing.assert_close(both.states[1:], encoded(model, [long]).states)


def test_prompts_of_equal_lengths_are_encoded_together(model: CountingModel) -> None:
    together = encoded(model, [words(1), words(2)])
    assert model.encodings == 1
    torch.testing.assert_close(together.states[1:], encoded(model, [words(2)]).states)


def test_without_a_guided_step_only_the_condition_itself_is_encoded(model: CountingModel) -> None:
    assert len(variants_for(model, [words(1)], quick(), guided=False)) == 1
    assert model.encodings == 1


def test_the_unconditional_variant_hears_the_weakened_text_and_lyrics(model: CountingModel) -> None:
    prompt = replace(words(1), speaker=SPEAKER)
    conditional, unconditional = variants_for(model, [prompt], quick(), guided=True)
    weakened = replace(prompt, text=prompt.weakened_text, speaker=None)
    expected = encoded(model, [weakened], 0.01)
    torch.testing.assert_close(unconditional.condition.states, expected.states)
    assert unconditional.query_scale == 0.01
    assert conditional.query_scale == 1.0
    assert float((conditional.condition.states[:, 0] - expected.states[:, 0]).abs().max()) > 0.1  # the speaker


def test_without_the_weakened_tag_the_text_is_nothing_and_the_lyrics_stay(model: CountingModel) -> None:
    prompt = words(1)
    _, unconditional = variants_for(model, [prompt], quick(erg_tag=False, erg_diffusion=False), guided=True)
    expected = encoded(model, [replace(prompt, text=prompt.text * 0)], 0.01)
    torch.testing.assert_close(unconditional.condition.states, expected.states)
    assert unconditional.query_scale == 1.0


def test_without_weakened_lyrics_nothing_is_said_but_the_masks_stay(model: CountingModel) -> None:
    prompt = words(1, padding=2)
    conditional, unconditional = variants_for(model, [prompt], quick(erg_lyric=False), guided=True)
    expected = encoded(model, [replace(prompt, text=prompt.text * 0, lyric_ids=prompt.lyric_ids * 0)])
    torch.testing.assert_close(unconditional.condition.states, expected.states)
    assert torch.equal(unconditional.condition.mask, conditional.condition.mask)


@pytest.mark.parametrize("erg_lyric", [True, False])
def test_the_text_alone_is_a_third_variant_of_double_guidance(model: CountingModel, erg_lyric: bool) -> None:
    prompt = replace(words(1), speaker=SPEAKER)
    settings = quick(guidance_scale_text=5.0, guidance_scale_lyric=2.0, erg_lyric=erg_lyric)
    *_, only_text = variants_for(model, [prompt], settings, guided=True)
    silent = replace(prompt, speaker=None)
    expected = (
        encoded(model, [silent], 0.01)
        if erg_lyric
        else encoded(model, [replace(silent, lyric_ids=silent.lyric_ids * 0)])
    )
    torch.testing.assert_close(only_text.condition.states, expected.states)
    assert only_text.query_scale == 1.0


def test_a_missing_weakened_text_is_named(model: CountingModel) -> None:
    with pytest.raises(InputError, match="erg_tag"):
        variants_for(model, [replace(words(1), weakened_text=None)], quick(), guided=True)


def test_an_edit_hides_the_lyrics_of_its_unconditional_variant(model: CountingModel) -> None:
    prompt = words(1, text=3, lyric=4)
    conditional, unconditional = edit_variants_for(model, [prompt], guided=True)
    assert conditional.condition.mask.tolist() == [[1] * 8]
    assert unconditional.condition.mask.tolist() == [[1] * 4 + [0] * 4]
    assert unconditional.query_scale == 1.0
    assert len(edit_variants_for(model, [prompt], guided=False)) == 1
