"""The engine as the pipeline sees it: real modules of real shape, random weights."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from ace_step_checkpoints import MIXED, tiny_checkpoint
from lyric_vocabulary import write_vocabulary
from safetensors.torch import save_file

from music_engine.ace_step import model as model_module
from music_engine.ace_step.codec.music_codec import MusicCodec
from music_engine.ace_step.cues import orders
from music_engine.ace_step.cues.lengths import frames_for
from music_engine.ace_step.cues.segments import cut
from music_engine.ace_step.dit.transformer import AceStepTransformer
from music_engine.ace_step.engine import AceStepV1
from music_engine.ace_step.lyrics import LyricLine, LyricTokenizer, LyricTokens, tokens_without_vocabulary
from music_engine.ace_step.text.encoder import TextEncoder
from music_engine.options import EngineOptions
from scoring.errors import Cancelled, CheckpointRefused, EngineError, EngineUnavailable, InputError, UnknownChoice
from scoring.request import CueRequest
from scoring.timebase import TimeRange
from scoring.wishes.asked import Asked
from scoring.wishes.gather import gather

RATE_HZ = 48_000
PROMPT = "cinematic, calm, warm strings, slow, 72 bpm, D minor, steady, instrumental"


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every prompt the real text encoder is given, as it stands."""
    heard: list[str] = []
    encode = TextEncoder.encode

    def listening(self: TextEncoder, prompts: Any, **more: Any) -> Any:
        heard.extend(prompts)
        return encode(self, prompts, **more)

    monkeypatch.setattr(TextEncoder, "encode", listening)
    return heard


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, ...]]:
    """The shape of every latent the real transformer is called with."""
    seen: list[tuple[int, ...]] = []
    forward = AceStepTransformer.forward

    def counting(self: AceStepTransformer, latent: torch.Tensor, *rest: Any, **more: Any) -> Any:
        seen.append(tuple(latent.shape))
        return forward(self, latent, *rest, **more)

    monkeypatch.setattr(AceStepTransformer, "forward", counting)
    return seen


@pytest.mark.parametrize(
    ("duration_s", "lead_in_s", "tail_s", "ending"),
    [(0.5, 0.0, 0.0, "end"), (3.21, 0.8, 4.0, "ring_out"), (7.0, 0.5, 1.0, "crossfade"), (4.64, 0.0, 0.0, "cut")],
)
def test_a_cue_has_the_asked_length_to_the_sample(
    ace_step: AceStepV1, ask: Callable[..., CueRequest], duration_s: float, lead_in_s: float, tail_s: float, ending: str
) -> None:
    request = ask(duration_s=duration_s, lead_in_s=lead_in_s, tail_s=tail_s, ending=ending, prompt=PROMPT)
    (made,) = ace_step.compose([request])
    assert made.body_samples == round(duration_s * RATE_HZ)
    assert made.lead_in_samples == round(lead_in_s * RATE_HZ)
    assert made.audio.shape == (2, round(lead_in_s * RATE_HZ) + made.body_samples + round(tail_s * RATE_HZ))
    assert made.audio.dtype == np.float32
    assert np.isfinite(made.audio).all()
    assert float(np.abs(made.audio).max()) > 1e-3
    assert (made.engine, made.stems, made.midi) == ("ace-step-v1", {}, b"")


def test_the_model_is_asked_for_no_frame_too_few_and_none_too_many() -> None:
    for samples in (RATE_HZ * 4, RATE_HZ * 30 + 1, RATE_HZ * 239):
        frames = frames_for(samples)
        heard = -(-frames * 4096 * 160 // 147)
        assert heard >= samples > heard - 4460


def test_each_cues_prompt_reaches_the_text_encoder_as_it_stands(
    ace_step: AceStepV1, ask: Callable[..., CueRequest], told: list[str]
) -> None:
    prompts = [PROMPT, "  Ungewöhnlich,  忧伤的钢琴, 🎻 "]
    ace_step.compose([ask(prompt=prompt, duration_s=3.0) for prompt in prompts])
    assert set(told) == set(prompts)


@pytest.mark.parametrize(
    ("structure", "lyrics"),
    [((), "[inst]"), (("intro", "drop"), "[intro]\n[inst]\n[chorus]\n[inst]")],
)
def test_a_cue_without_words_is_told_to_be_instrumental(
    ace_step: AceStepV1,
    ask: Callable[..., CueRequest],
    monkeypatch: pytest.MonkeyPatch,
    structure: tuple[str, ...],
    lyrics: str,
) -> None:
    seen: list[list[int]] = []
    encode = AceStepTransformer.encode

    def listening(self: AceStepTransformer, text: Any, mask: Any, ids: torch.Tensor, *rest: Any, **more: Any) -> Any:
        seen.extend(ids.tolist())
        return encode(self, text, mask, ids, *rest, **more)

    monkeypatch.setattr(AceStepTransformer, "encode", listening)
    ace_step.compose([ask(prompt=PROMPT, duration_s=3.0, structure=structure)])
    tokens = tokens_without_vocabulary(lyrics)
    assert tokens is not None
    assert list(tokens.ids) in seen


def test_sung_words_need_the_vocabulary_and_say_where_it_is(
    ace_step: AceStepV1, ask: Callable[..., CueRequest]
) -> None:
    with pytest.raises(InputError, match="CUESMITH_VOCABULARY"):
        ace_step.compose([ask(prompt=PROMPT, duration_s=3.0, lyrics="la la la")])


def test_words_are_sung_with_the_vocabulary_and_a_line_that_cannot_be_read_is_named(
    make_ace_step: Callable[..., AceStepV1],
    ace_step: AceStepV1,
    ask: Callable[..., CueRequest],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    singing = make_ace_step(vocabulary=write_vocabulary(tmp_path))
    assert singing.version != ace_step.version
    words, others = (
        ask(prompt=PROMPT, duration_s=3.0, lyrics="[verse]\nhello there"),
        ask(prompt=PROMPT, duration_s=3.0),
    )
    sung, silent = singing.compose([words])[0], singing.compose([others])[0]
    assert np.abs(sung.audio - silent.audio).max() > 1e-3
    assert not any("was read without" in warning for warning in sung.warnings)
    encode = LyricTokenizer.encode
    monkeypatch.setattr(LyricTokenizer, "encode", lambda self, text, **more: _dropping(encode(self, text, **more)))
    (partly,) = singing.compose([words])
    assert any("'hello there' was read without: line" in warning for warning in partly.warnings)


def _dropping(tokens: LyricTokens) -> LyricTokens:
    """The tokens of a lyric whose last line could not be read."""
    *first, last = tokens.lines
    return LyricTokens.of_lines((*first, LyricLine(last.text, last.language, "", (), False, ("line",))))


def test_the_same_request_gives_the_same_samples_and_another_seed_others(
    make_ace_step: Callable[..., AceStepV1], ace_step: AceStepV1, ask: Callable[..., CueRequest]
) -> None:
    request = ask(prompt=PROMPT, duration_s=3.0)
    first, other = ace_step.compose([request, ask(prompt=PROMPT, duration_s=3.0, seed=2)])
    (alone,) = make_ace_step().compose([request])
    (again,) = make_ace_step().compose([request])
    assert np.array_equal(alone.audio, again.audio)
    assert np.abs(alone.audio - first.audio).max() < 1e-3, "what is in the batch changes nothing that can be heard"
    assert np.abs(first.audio - other.audio).max() > 0.01


def test_a_seed_over_32_bits_is_taken(ace_step: AceStepV1, ask: Callable[..., CueRequest]) -> None:
    assert ace_step.compose([ask(prompt=PROMPT, duration_s=3.0, seed=2**63 - 1)])[0].audio.any()


def test_cues_of_equal_length_are_made_together_and_answered_in_order(
    make_ace_step: Callable[..., AceStepV1], ask: Callable[..., CueRequest], passes: list[tuple[int, ...]]
) -> None:
    requests = [ask(cue_id=f"1m{i}", prompt=PROMPT, duration_s=s, seed=i) for i, s in enumerate((4.0, 6.0, 4.0))]
    made = make_ace_step({"guidance_scale": 1.0}).compose(requests)
    assert [cue.cue_id for cue in made] == ["1m0", "1m1", "1m2"]
    assert [cue.body_samples for cue in made] == [4 * RATE_HZ, 6 * RATE_HZ, 4 * RATE_HZ]
    assert sorted({(shape[0], shape[3]) for shape in passes}) == [
        (1, frames_for(6 * RATE_HZ)),
        (2, frames_for(4 * RATE_HZ)),
    ]
    assert len(passes) == 2 * 3


def test_the_weights_are_read_once_and_the_text_encoder_is_let_go(
    make_ace_step: Callable[..., AceStepV1], ask: Callable[..., CueRequest], monkeypatch: pytest.MonkeyPatch
) -> None:
    loads: list[str] = []
    released: list[TextEncoder] = []
    load, release = model_module.load_transformer, TextEncoder.release
    monkeypatch.setattr(
        model_module, "load_transformer", lambda *a, **k: (loads.append("transformer"), load(*a, **k))[1]
    )
    monkeypatch.setattr(TextEncoder, "release", lambda self: (released.append(self), release(self))[1])
    engine = make_ace_step()
    assert loads == []
    for seed in range(2):
        engine.compose([ask(prompt=PROMPT, duration_s=3.0, seed=seed)])
    assert loads == ["transformer"]
    assert len(released) == 2


def test_a_text_encoder_that_there_is_room_for_is_kept_and_reads_the_same(
    make_ace_step: Callable[..., AceStepV1], ace_step: AceStepV1, ask: Callable[..., CueRequest], told: list[str]
) -> None:
    engine = make_ace_step()
    with engine._model.checkpoint.text_encoder() as encoder:
        engine._model.__dict__["_kept_text_encoder"] = encoder  # as on a card with room to spare
        for seed in range(2):
            request = ask(prompt=PROMPT, duration_s=3.0, seed=seed)
            assert np.array_equal(engine.compose([request])[0].audio, ace_step.compose([request])[0].audio)
        assert encoder.encode([PROMPT]).states.isfinite().all()
    assert set(told) == {PROMPT}


def test_progress_is_told_at_every_step_and_rises_to_one(
    make_ace_step: Callable[..., AceStepV1], ask: Callable[..., CueRequest]
) -> None:
    shares: list[float] = []
    make_ace_step({"steps": 9}).compose([ask(prompt=PROMPT, duration_s=3.0)], progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0)
    assert len(set(shares)) >= 9 + 2


@pytest.mark.parametrize("after", [0, 1, 4])
def test_stopping_takes_no_further_step(
    make_ace_step: Callable[..., AceStepV1],
    ask: Callable[..., CueRequest],
    passes: list[tuple[int, ...]],
    after: int,
) -> None:
    engine = make_ace_step({"steps": 30, "guidance_scale": 1.0})
    with pytest.raises(Cancelled):
        engine.compose([ask(prompt=PROMPT, duration_s=3.0)], cancelled=lambda: len(passes) >= after)
    assert len(passes) == after


def test_stopping_is_heard_while_sound_is_decoded(
    ace_step: AceStepV1, ask: Callable[..., CueRequest], monkeypatch: pytest.MonkeyPatch
) -> None:
    decoding: list[bool] = []
    decode = MusicCodec.decode
    monkeypatch.setattr(MusicCodec, "decode", lambda *a, **k: (decoding.append(True), decode(*a, **k))[1])
    with pytest.raises(Cancelled):
        ace_step.compose([ask(prompt=PROMPT, duration_s=3.0)], cancelled=lambda: bool(decoding))
    assert len(decoding) == 1


def test_whatever_breaks_below_is_one_error_that_names_the_cue(
    make_ace_step: Callable[..., AceStepV1], ask: Callable[..., CueRequest], monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaking(*anything: Any, **more: Any) -> Any:
        raise RuntimeError("cuDNN says no")

    monkeypatch.setattr(AceStepTransformer, "forward", breaking)
    with pytest.raises(EngineError, match=r"cue 1m7.*cuDNN says no"):
        make_ace_step().compose([ask(cue_id="1m7", prompt=PROMPT, duration_s=3.0)])


def test_a_full_memory_comes_with_advice(
    make_ace_step: Callable[..., AceStepV1], ask: Callable[..., CueRequest], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*anything: Any, **more: Any) -> Any:
        raise torch.OutOfMemoryError("no room")

    monkeypatch.setattr(AceStepTransformer, "forward", full)
    with pytest.raises(EngineError, match="int8"):
        make_ace_step().compose([ask(prompt=PROMPT, duration_s=3.0)])


def test_not_a_number_is_no_music(
    ace_step: AceStepV1, ask: Callable[..., CueRequest], monkeypatch: pytest.MonkeyPatch
) -> None:
    decode = MusicCodec.decode
    monkeypatch.setattr(MusicCodec, "decode", lambda *a, **k: decode(*a, **k) * float("nan"))
    with pytest.raises(EngineError, match="not-a-number"):
        ace_step.compose([ask(prompt=PROMPT, duration_s=3.0)])


def test_a_cue_that_ends_dies_away_and_one_that_is_cut_does_not(
    ace_step: AceStepV1, ask: Callable[..., CueRequest]
) -> None:
    ended, cut_off = ace_step.compose([ask(prompt=PROMPT, duration_s=5.0, ending=ending) for ending in ("end", "cut")])
    last = slice(-RATE_HZ // 50, None)
    assert np.abs(ended.audio[:, last]).max() < 0.01 * np.abs(cut_off.audio[:, last]).max()
    assert np.allclose(ended.audio[:, : 3 * RATE_HZ], cut_off.audio[:, : 3 * RATE_HZ], atol=1e-4)


def test_a_very_long_cue_is_made_in_segments_without_a_gap(
    ace_step: AceStepV1, ask: Callable[..., CueRequest], monkeypatch: pytest.MonkeyPatch, passes: list[tuple[int, ...]]
) -> None:
    monkeypatch.setattr(orders, "cut", lambda total: cut(total, 8 * RATE_HZ))
    (made,) = ace_step.compose([ask(prompt=PROMPT, duration_s=18.0, ending="cut")])
    assert made.audio.shape == (2, 18 * RATE_HZ)
    assert max(shape[3] for shape in passes) <= frames_for(8 * RATE_HZ)
    seconds = np.sqrt((made.audio.reshape(2, 18, RATE_HZ) ** 2).mean(axis=(0, 2)))
    assert seconds.min() > 0.5 * np.median(seconds)


def test_the_beats_are_the_planned_ones_and_that_is_said(ace_step: AceStepV1, ask: Callable[..., CueRequest]) -> None:
    (made,) = ace_step.compose(
        [ask(prompt=PROMPT, duration_s=4.0, bpm=120.0, first_downbeat_s=0.25, hits=((2.0, 0.9),))]
    )
    assert made.beats_s == pytest.approx([0.25 + 0.5 * beat for beat in range(8)])
    assert made.bars_s == pytest.approx([0.25, 2.25])
    assert any("planned, not measured" in warning for warning in made.warnings)
    assert any("1 hit points" in warning for warning in made.warnings)


def test_wishes_that_reach_the_model_in_no_form_are_listed(ace_step: AceStepV1, ask: Callable[..., CueRequest]) -> None:
    wishes = gather(Asked(prompt="lo-fi piano with rain", avoid="drums", instruments=("violin",))).for_engine()
    (made,) = ace_step.compose([ask(prompt="lo-fi, piano, slow", duration_s=3.0, wishes=wishes)])
    assert set(made.unheeded) == {"no drums", "violin", "effect: rain"}
    (told_so,) = ace_step.compose([ask(prompt="lofi 钢琴, 小提琴 and rain", duration_s=3.0, wishes=wishes)])
    assert set(told_so.unheeded) == {"no drums"}


def test_sound_that_a_request_brings_is_reworked(ace_step: AceStepV1, ask: Callable[..., CueRequest]) -> None:
    plain = ask(prompt=PROMPT, duration_s=6.0, ending="cut")
    (source,) = ace_step.compose([plain])
    repaint = ask(
        prompt=PROMPT, duration_s=6.0, ending="cut", source=source.audio, repaint=TimeRange(2.0, 4.0), cue_id="1m2"
    )
    follow = ask(prompt=PROMPT, duration_s=6.0, ending="cut", reference_audio=source.audio, cue_id="1m3")
    shares: list[float] = []
    made = ace_step.compose([repaint, plain, follow], progress=shares.append)
    assert [cue.cue_id for cue in made] == ["1m2", "1m1", "1m3"]
    assert [cue.audio.shape for cue in made] == [source.audio.shape] * 3
    assert np.array_equal(made[1].audio, source.audio)
    assert not np.allclose(made[0].audio[:, 3 * RATE_HZ], source.audio[:, 3 * RATE_HZ], atol=1e-4)
    assert shares == sorted(shares)


# What the version must tell apart ------------------------------------------------------------------------------------


def test_the_version_follows_the_weights_and_the_settings_and_nothing_else(
    make_ace_step: Callable[..., AceStepV1], ace_step: AceStepV1, checkpoint: Path, tmp_path: Path
) -> None:
    copy = shutil.copytree(checkpoint, tmp_path / "copy")
    for path in copy.rglob("*.safetensors"):
        os.utime(path, (0, 0))
    assert make_ace_step(checkpoint=copy).version == ace_step.version
    others = [
        make_ace_step(checkpoint=tiny_checkpoint(tmp_path / "seed", seed=1)),
        make_ace_step(checkpoint=tiny_checkpoint(tmp_path / "mixed", dtypes=MIXED)),
        make_ace_step({"steps": 4}),
        make_ace_step({"guidance_scale": 7.0}),
        make_ace_step(precision="int8"),
    ]
    assert len({ace_step.version, *(engine.version for engine in others)}) == 6


def test_a_lora_changes_the_music_and_the_version(
    make_ace_step: Callable[..., AceStepV1], ace_step: AceStepV1, ask: Callable[..., CueRequest], tmp_path: Path
) -> None:
    def lora(name: str, seed: int) -> Path:
        layer = dict(ace_step._model.transformer.named_parameters())["transformer_blocks.0.attn.to_q.weight"]
        draw = torch.Generator().manual_seed(seed)
        out, wide = layer.shape
        key = "transformer_blocks.0.attn.to_q"
        path = tmp_path / f"{name}.safetensors"
        save_file(
            {
                f"{key}.lora_A.weight": torch.randn(2, wide, generator=draw),
                f"{key}.lora_B.weight": torch.randn(out, 2, generator=draw),
            },
            path,
        )
        return path

    request = ask(prompt=PROMPT, duration_s=3.0)
    engines = [ace_step, make_ace_step(lora=lora("one", 1)), make_ace_step(lora=lora("two", 2))]
    engines.append(make_ace_step(lora=tmp_path / "one.safetensors", lora_weight=0.5))
    assert len({engine.version for engine in engines}) == 4
    sounds = [engine.compose([request])[0].audio for engine in engines]
    assert all(np.abs(sound - sounds[0]).max() > 1e-4 for sound in sounds[1:])


@pytest.mark.parametrize(
    ("options", "kind", "words"),
    [
        ({"checkpoint": Path("nowhere")}, EngineUnavailable, "hf download"),
        ({"device": "tpu"}, UnknownChoice, "cpu"),
        ({"precision": "float8"}, UnknownChoice, "int8"),
        ({"sampling": {"step": 3}}, UnknownChoice, "guidance_scale"),
        ({"sampling": {"steps": 0}}, InputError, "steps"),
        ({"sampling": {"steps": "many"}}, InputError, "many"),
        ({"lora": Path("nowhere")}, InputError, "nowhere"),
        ({"vocabulary": Path("nowhere")}, InputError, "nowhere"),
    ],
)
def test_options_that_make_no_sense_are_refused_before_anything_is_loaded(
    checkpoint: Path, options: dict[str, Any], kind: type[InputError], words: str
) -> None:
    with pytest.raises(kind, match=words):
        AceStepV1(EngineOptions(**{"checkpoint": checkpoint, **options}))


def test_a_checkpoint_that_does_not_fit_is_refused_before_anything_is_loaded(tmp_path: Path) -> None:
    folder = tiny_checkpoint(tmp_path / "broken")
    (folder / "music_vocoder" / "diffusion_pytorch_model.safetensors").write_bytes(b"")
    with pytest.raises(CheckpointRefused):
        AceStepV1(EngineOptions(checkpoint=folder))
