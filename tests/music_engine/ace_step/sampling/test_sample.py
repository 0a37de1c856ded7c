"""The front door."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
import torch
from ace_step_sampling import CountingModel, PullingModel, pull_to, quick, sounds, words
from torch import Tensor

from music_engine.ace_step.sampling.edit import Edit
from music_engine.ace_step.sampling.noise import SeededNoise
from music_engine.ace_step.sampling.prompt import Prompt
from music_engine.ace_step.sampling.sample import Task, sample
from music_engine.ace_step.sampling.tasks import AudioToAudio, Extend, Repaint, Retake, TextToMusic
from scoring.errors import Cancelled, InputError

FRAMES = 12
# Four items, of which no two have the same lengths; the tokenizer has padded them to the longest.
PROMPTS = [
    words(11, text=4, lyric=7, padding=5),
    words(12, text=9, lyric=2),
    words(13, text=2, lyric=12),
    words(14, text=6, lyric=6, padding=1),
]
SEEDS, RETAKE_SEEDS = [21, 22, 23, 24], [31, 32, 33, 34]
SOURCES = sounds(7, items=4, frames=FRAMES)


@dataclass(frozen=True)
class Case:
    """A run in a batch. task: for the items with these numbers."""

    name: str
    settings: dict[str, Any]
    kind: str = "new"

    def task(self, items: Sequence[int]) -> Task:
        sources = SOURCES[list(items)]
        return {
            "new": TextToMusic(FRAMES),
            "retake": Retake(FRAMES, 0.3),
            "repaint": Repaint(sources, 0.2, 0.7, 0.8),
            "extend": Extend.by(sources, left_s=0.3, right_s=0.5),
            "reference": AudioToAudio(sources, 0.4),
            "edit": Edit(sources, [words(40 + i, text=3 + i, padding=3 - i) for i in items], 0.0, 0.5),
        }[self.kind]


CASES = [
    Case("apg", {}),
    Case("cfg", {"guidance": "cfg", "guidance_scale": 5.0}),
    Case("cfg star", {"guidance": "cfg_star", "guidance_scale": 4.0, "guidance_interval": 1.0, "zero_steps": 0}),
    Case("double", {"guidance_scale_text": 5.0, "guidance_scale_lyric": 2.0}),
    Case("decay", {"guidance_interval_decay": 1.0, "guidance_interval": 1.0}),
    Case("without weakening", {"erg_tag": False, "erg_lyric": False, "erg_diffusion": False}),
    Case("heun", {"solver": "heun", "omega": 30.0}),
    Case("ping-pong", {"solver": "ping_pong"}),
    Case("chosen steps", {"oss_steps": (2, 4, 9)}),
    Case("retake", {}, "retake"),
    Case("repaint", {}, "repaint"),
    Case("extend", {}, "extend"),
    Case("reference audio", {"solver": "ping_pong"}, "reference"),
    Case("edit", {"guidance_scale": 6.0}, "edit"),
]


def run(model: CountingModel, case: Case, items: Sequence[int], **given: Any) -> Tensor:
    settings = quick(**case.settings, **given)
    noise = SeededNoise([SEEDS[i] for i in items], [RETAKE_SEEDS[i] for i in items], compat=settings.compat)
    prompts = [PROMPTS[i] for i in items]
    return sample(model, prompts, case.task(items), settings, noise)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_item_comes_out_the_same_alone_and_among_three_others(model: CountingModel, case: Case) -> None:
    together = run(model, case, [0, 1, 2, 3])
    for item in (0, 2):
        alone = run(model, case, [item])
        worst = float((together[item] - alone[0]).abs().max())
        assert worst <= 1e-4, f"{case.name}: {worst:.2e}"
    assert float((together[0] - together[2]).abs().max()) > 0.1


def test_an_item_is_changed_by_the_others_in_the_reference(model: CountingModel) -> None:
    case = Case("ping-pong", {"solver": "ping_pong"})
    equal = [PROMPTS[1], PROMPTS[1]]

    def last(seeds: list[int], prompts: list[Prompt]) -> Tensor:
        settings = quick(compat="reference", **case.settings)
        return sample(model, prompts, case.task([0]), settings, SeededNoise(seeds, compat="reference"))[-1]

    assert float((last([1, 2], equal) - last([2], equal[:1])).abs().max()) > 0.1


def test_padding_behind_the_words_changes_nothing_where_in_the_reference_it_does(model: CountingModel) -> None:
    def made(padding: int, compat: str) -> Tensor:
        prompt = words(11, text=4, lyric=7, padding=padding)
        return sample(model, [prompt], TextToMusic(FRAMES), quick(compat=compat), SeededNoise([1]))

    torch.testing.assert_close(made(6, "fixed"), made(0, "fixed"), atol=1e-5, rtol=0)
    assert float((made(6, "reference") - made(0, "reference")).abs().max()) > 1e-4


UNMENDED = [case for case in CASES if case.kind == "new" and case.name != "heun"]


@pytest.mark.parametrize("case", UNMENDED, ids=lambda case: case.name)
def test_a_single_item_is_the_references_where_nothing_was_mended(model: CountingModel, case: Case) -> None:
    prompt = PROMPTS[1]  # without padding
    fixed, reference = (
        sample(model, [prompt], case.task([1]), quick(compat=compat, **case.settings), SeededNoise([5], compat=compat))  # type: ignore[arg-type]
        for compat in ("fixed", "reference")
    )
    torch.testing.assert_close(fixed, reference, atol=1e-4, rtol=0)


@pytest.mark.parametrize("solver", ["euler", "heun", "ping_pong"])
def test_a_run_ends_at_the_music_that_its_words_stand_for(solver: str) -> None:
    settings = quick(solver=solver, guidance_scale=1.0, omega=0.0)
    found = sample(PullingModel(), [pull_to(2.0), pull_to(-1.0)], TextToMusic(4), settings, SeededNoise([1, 2]))
    expected = torch.tensor([2.0, -1.0]).view(2, 1, 1, 1).expand_as(found)
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=0)


def test_new_music_beside_a_source_ends_at_what_its_words_stand_for() -> None:
    source = sounds(3, frames=6)
    task = Extend.by(source, right_s=0.4)
    found = sample(PullingModel(), [pull_to(2.0)], task, quick(guidance_scale=1.0), SeededNoise([1], [2]))
    torch.testing.assert_close(found[..., 6:], torch.full((1, 8, 16, 4), 2.0), atol=1e-4, rtol=0)
    assert torch.equal(found[..., :6], source)


def test_equal_seeds_give_equal_samples_to_the_last_bit(model: CountingModel) -> None:
    case = CASES[0]
    assert torch.equal(run(model, case, [0, 1]), run(model, case, [0, 1]))


def test_other_words_and_other_seeds_give_other_music(model: CountingModel) -> None:
    first = sample(model, [words(1)], TextToMusic(FRAMES), quick(), SeededNoise([1]))
    other_words = sample(model, [words(2)], TextToMusic(FRAMES), quick(), SeededNoise([1]))
    other_seed = sample(model, [words(1)], TextToMusic(FRAMES), quick(), SeededNoise([2]))
    assert float((first - other_words).abs().max()) > 1e-3
    assert float((first - other_seed).abs().max()) > 1e-1


def test_progress_is_told_after_every_step_and_ends_at_one(model: CountingModel) -> None:
    shares: list[float] = []
    sample(model, [words(1)], TextToMusic(FRAMES), quick(), SeededNoise([1]), progress=shares.append)
    assert shares == [0.25, 0.5, 0.75, 1.0]


@pytest.mark.parametrize("passes", [0, 1, 3])
def test_a_run_is_stopped_before_its_next_pass(model: CountingModel, passes: int) -> None:
    with pytest.raises(Cancelled):
        sample(
            model,
            [words(1)],
            TextToMusic(FRAMES),
            quick(),
            SeededNoise([1]),
            cancelled=lambda: len(model.batches) >= passes,
        )
    assert len(model.batches) == passes


def test_a_run_told_to_stop_at_once_encodes_nothing(model: CountingModel) -> None:
    with pytest.raises(Cancelled):
        sample(model, [words(1)], TextToMusic(FRAMES), quick(), SeededNoise([1]), cancelled=lambda: True)
    assert model.encodings == 0


def test_a_model_in_bfloat16_is_followed_in_float32(transformer: Any) -> None:
    plain = quick(guidance_scale=1.0)  # guidance would magnify what rounding changes
    low = CountingModel(copy.deepcopy(transformer).bfloat16())
    found = sample(low, [words(1)], TextToMusic(FRAMES), plain, SeededNoise([1]))
    exact = sample(CountingModel(transformer), [words(1)], TextToMusic(FRAMES), plain, SeededNoise([1]))
    assert found.dtype == torch.float32
    assert 0 < float((found - exact).abs().max()) < 0.05


def test_the_result_holds_no_graph(model: CountingModel) -> None:
    source = sounds(5).requires_grad_()
    found = sample(model, [words(1)], AudioToAudio(source, 0.5), quick(), SeededNoise([1]))
    assert not found.requires_grad


def test_a_number_of_prompts_that_does_not_fit_the_noise_is_refused(model: CountingModel) -> None:
    with pytest.raises(InputError, match="noise for 2 items and 1 prompts"):
        sample(model, [words(1)], TextToMusic(FRAMES), quick(), SeededNoise([1, 2]))
    with pytest.raises(InputError, match="no prompt"):
        sample(model, [], TextToMusic(FRAMES), quick(), SeededNoise([]))
