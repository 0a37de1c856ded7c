from __future__ import annotations

from pathlib import Path

import pytest
import torch
from ace_step_checkpoints import tiny_checkpoint

from music_engine.ace_step.checkpoint.checkpoint import Checkpoint, open_checkpoint
from music_engine.ace_step.text.encoder import TextEncoder
from music_engine.ace_step.text.tokenizer import END_ID, MAX_TOKENS, read_sentencepiece, read_tokenizer
from scoring.errors import CheckpointRefused


@pytest.fixture(scope="module", params=["folder", "comfyui"])
def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Checkpoint:
    return open_checkpoint(tiny_checkpoint(tmp_path_factory.mktemp("text"), layout=request.param))


@pytest.fixture
def encoder(opened: Checkpoint) -> TextEncoder:
    return opened.text_encoder()


def test_a_prompt_ends_with_the_end_mark_and_is_cut_at_256_tokens(opened: Checkpoint) -> None:
    tokens = opened.tokenizer().encode(["slow piano", "piano " * 400])
    assert tokens.ids.shape == tokens.mask.shape == (2, MAX_TOKENS)
    short = int(tokens.mask[0].sum())
    assert tokens.ids[0, short - 1] == tokens.ids[1, -1] == END_ID
    assert tokens.ids[0, short:].eq(0).all()
    assert tokens.mask[1].all()


def test_an_empty_prompt_is_the_end_mark_alone(opened: Checkpoint) -> None:
    assert opened.tokenizer().encode([""]).ids.tolist() == [[END_ID]]


def test_no_prompts_are_refused(opened: Checkpoint) -> None:
    with pytest.raises(ValueError, match="at least one"):
        opened.tokenizer().encode([])


def test_a_prompt_beside_a_longer_one_is_encoded_as_alone(encoder: TextEncoder) -> None:
    together = encoder.encode(["calm", "a much longer prompt with strings and brass"])
    alone = encoder.encode(["calm"])
    length = alone.states.shape[1]
    assert together.mask[0].sum() == length
    torch.testing.assert_close(together.states[:1, :length], alone.states, rtol=0, atol=1e-5)


def test_weakened_states_differ_and_leave_the_model_as_it_was(encoder: TextEncoder) -> None:
    before = encoder.encode(["calm piano"]).states
    weak = encoder.encode(["calm piano"], weakened=True).states
    assert (weak - before).abs().max() > 0.01
    torch.testing.assert_close(encoder.encode(["calm piano"]).states, before, rtol=0, atol=0)


def test_weakening_is_the_query_weights_of_blocks_8_and_9_at_a_hundredth(opened: Checkpoint) -> None:
    weak = opened.text_encoder().encode(["calm piano"], weakened=True).states
    other = opened.text_encoder()
    for index in (8, 9):
        query = other._loaded().encoder.block[index].layer[0].SelfAttention.q
        query.weight = torch.nn.Parameter(query.weight * 0.01, requires_grad=False)
    torch.testing.assert_close(other.encode(["calm piano"]).states, weak, rtol=0, atol=1e-5)


def test_a_released_encoder_holds_no_weights_and_says_so(opened: Checkpoint) -> None:
    with opened.text_encoder() as encoder:
        encoder.encode(["calm"])
    encoder.release()
    with pytest.raises(RuntimeError, match="released"):
        encoder.encode(["calm"])


def test_a_file_that_is_no_tokenizer_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text("{}", encoding="utf-8")
    with pytest.raises(CheckpointRefused, match="no tokenizer"):
        read_tokenizer(tmp_path / "tokenizer.json")
    with pytest.raises(CheckpointRefused, match="no SentencePiece model"):
        read_sentencepiece(b"not a model", "the file")
