"""Where the tasks start, and what they keep."""

from __future__ import annotations

import math

import pytest
import torch
from ace_step_sampling import CountingModel, quick, sounds, words
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from music_engine.ace_step.sampling.noise import SeededNoise
from music_engine.ace_step.sampling.ranges import FRAMES_PER_S
from music_engine.ace_step.sampling.sample import sample
from music_engine.ace_step.sampling.tasks import AudioToAudio, Extend, Repaint, Retake, TextToMusic
from music_engine.ace_step.schedule import flow_schedule
from scoring.errors import InputError

FRAMES = 12
END_S = FRAMES / FRAMES_PER_S
FEW = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def noise(compat: str = "fixed") -> SeededNoise:
    return SeededNoise([1], [2], compat=compat)  # type: ignore[arg-type]


def test_a_retake_goes_from_the_seeds_noise_to_another_as_its_variance_rises() -> None:
    seeded, other = noise().initial(FRAMES), noise().retake(FRAMES)
    for variance in (0.0, 0.3, 1.0):
        found = Retake(FRAMES, variance).plan(quick(), noise()).latent
        angle = variance * math.pi / 2
        torch.testing.assert_close(found, math.cos(angle) * seeded + math.sin(angle) * other)
    assert torch.equal(Retake(FRAMES, 0.0).plan(quick(), noise()).latent, seeded)


@given(st.integers(0, FRAMES - 1), st.integers(1, FRAMES), st.floats(0, 1), st.sampled_from(["euler", "heun"]))
@FEW
def test_a_repaint_keeps_every_frame_outside_its_range_exactly(
    model: CountingModel, start: int, length: int, variance: float, solver: str
) -> None:
    end = min(FRAMES, start + length)
    source = sounds(5)
    task = Repaint(source, start / FRAMES_PER_S, end / FRAMES_PER_S, variance)
    found = sample(model, [words(1)], task, quick(steps=3, solver=solver), noise())
    assert torch.equal(found[..., :start], source[..., :start])
    assert torch.equal(found[..., end:], source[..., end:])
    if variance > 0.4:
        assert float((found - source)[..., start:end].abs().min(dim=-1).values.max()) > 0


@given(st.integers(0, 20), st.integers(0, 20))
@FEW
def test_an_extension_keeps_its_source_exactly_and_is_as_long_as_asked(
    model: CountingModel, left: int, right: int
) -> None:
    source = sounds(5)
    task = Extend.by(source, left_s=left / FRAMES_PER_S, right_s=right / FRAMES_PER_S)
    if left + right == 0:
        with pytest.raises(InputError):
            task.plan(quick(), noise())
        return
    found = sample(model, [words(1)], task, quick(steps=2), noise())
    assert found.shape[-1] == left + FRAMES + right
    assert torch.equal(found[..., left : left + FRAMES], source)
    assert found.isfinite().all()


def test_a_long_extension_repeats_no_noise_on_its_two_sides() -> None:
    plan = Extend.by(sounds(5), left_s=8 / FRAMES_PER_S, right_s=8 / FRAMES_PER_S).plan(quick(), noise())
    left, right = plan.latent[..., :8], plan.latent[..., -8:]
    assert not any(torch.equal(left[..., i], right[..., j]) for i in range(8) for j in range(8))


def test_an_extension_that_the_reference_can_do_starts_from_the_same_noise() -> None:
    task = Extend(sounds(5), -4 / FRAMES_PER_S, END_S)
    mended, reference = task.plan(quick(), noise()), task.plan(quick(compat="reference"), noise("reference"))
    assert torch.equal(mended.latent, reference.latent)


def test_a_repaint_of_everything_starts_from_its_source_where_the_reference_forgets_it() -> None:
    task = Repaint(sounds(5), 0.0, END_S + 1e-6, 0.5)
    other = Repaint(sounds(6), 0.0, END_S + 1e-6, 0.5)
    mended = task.plan(quick(), noise())
    assert mended.first_call == 2
    assert mended.kept is not None
    assert mended.kept.mask.all()
    assert not torch.equal(mended.latent, other.plan(quick(), noise()).latent)
    old = quick(compat="reference")
    assert torch.equal(task.plan(old, noise()).latent, other.plan(old, noise()).latent)
    assert torch.equal(task.plan(old, noise()).latent, Retake(FRAMES, 0.5).plan(old, noise()).latent)


def test_a_repaint_outside_the_source_is_refused() -> None:
    with pytest.raises(InputError, match="extend it"):
        Repaint(sounds(5), 0.2, END_S + 1.0).plan(quick(), noise())


def test_a_repaint_without_variance_gives_the_source_where_the_reference_gives_noise(model: CountingModel) -> None:
    source = sounds(5)
    task = Repaint(source, 0.0, 0.5, 0.0)
    assert torch.equal(sample(model, [words(1)], task, quick(), noise()), source)
    assert model.batches == []
    old = sample(model, [words(1)], task, quick(compat="reference"), noise("reference"))
    assert torch.equal(old, noise().initial(FRAMES))


def test_a_repaint_with_heun_makes_no_idle_calls_where_the_reference_does(model: CountingModel) -> None:
    task = Repaint(sounds(5), 0.0, 0.5, 1.0)
    plain = quick(solver="heun", guidance_scale=1.0)
    sample(model, [words(1)], task, plain, noise())
    assert len(model.batches) == 4
    sample(model, [words(1)], task, quick(solver="heun", guidance_scale=1.0, compat="reference"), noise("reference"))
    assert len(model.batches) == 4 + 7


def test_a_repaint_counts_the_chosen_steps_where_the_reference_counts_all() -> None:
    task = Repaint(sounds(5), 0.0, 0.5, 0.5)
    assert task.plan(quick(oss_steps=(2, 4, 9, 20)), noise()).first_call == 2
    assert task.plan(quick(oss_steps=(2, 4, 9, 20), compat="reference"), noise()).first_call == 4


def test_full_strength_gives_the_reference_audio_back_where_the_reference_fails(model: CountingModel) -> None:
    task = AudioToAudio(sounds(5), 1.0)
    assert torch.equal(sample(model, [words(1)], task, quick(), noise()), sounds(5))
    assert model.batches == []
    with pytest.raises(InputError, match=r"strength 1.0 leaves none of 4 steps"):
        sample(model, [words(1)], task, quick(compat="reference"), noise("reference"))


def test_no_strength_starts_from_pure_noise() -> None:
    plan = AudioToAudio(sounds(5), 0.0).plan(quick(), noise())
    assert torch.equal(plan.latent, noise().initial(FRAMES))
    assert torch.equal(plan.schedule.sigmas, TextToMusic(FRAMES).plan(quick(), noise()).schedule.sigmas)


def test_the_stronger_the_reference_the_nearer_the_start_and_the_fewer_the_steps() -> None:
    plans = [AudioToAudio(sounds(5), strength).plan(quick(steps=20), noise()) for strength in (0.2, 0.5, 0.8)]
    distances = [float((plan.latent - sounds(5)).norm()) for plan in plans]
    assert distances == sorted(distances, reverse=True)
    assert [plan.schedule.steps for plan in plans] == [16, 10, 4]


def test_nine_tenths_of_ten_steps_leave_one_where_the_reference_counts_none() -> None:
    task = AudioToAudio(sounds(5), 0.9)
    assert task.plan(quick(steps=10), noise()).schedule.steps == 1
    with pytest.raises(InputError, match="none of 10 steps"):
        task.plan(quick(steps=10, compat="reference"), noise())


def test_a_reference_may_be_varied_by_the_retake_seeds() -> None:
    plain, varied = (AudioToAudio(sounds(5), 0.5, v).plan(quick(), noise()).latent for v in (0.0, 0.4))
    assert not torch.equal(plain, varied)


@pytest.mark.parametrize(
    "task",
    [
        Retake(FRAMES, 1.5),
        Repaint(sounds(5), 0.0, 0.5, -0.1),
        Extend(sounds(5), -1.0, END_S, 2.0),
        AudioToAudio(sounds(5), 1.2),
    ],
    ids=lambda task: type(task).__name__,
)
def test_a_share_out_of_range_is_refused(task: Retake | Repaint | Extend | AudioToAudio) -> None:
    with pytest.raises(InputError, match="Allowed: 0 to 1"):
        task.plan(quick(), noise())


def test_one_source_serves_all_items_and_a_wrong_number_of_them_is_refused() -> None:
    three = SeededNoise([1, 2, 3], [4, 5, 6])
    plan = AudioToAudio(sounds(5), 0.5).plan(quick(), three)
    assert plan.latent.shape == (3, 8, 16, FRAMES)
    with pytest.raises(InputError, match=r"\[2, 8, 16, 12\]"):
        AudioToAudio(sounds(5, items=2), 0.5).plan(quick(), SeededNoise([1, 2, 3]))


def test_outside_a_repaint_the_model_hears_the_source_with_the_noise_of_each_step(model: CountingModel) -> None:
    source = sounds(5)
    sample(model, [words(1)], Repaint(source, 0.5, END_S, 1.0), quick(guidance_scale=1.0), noise())
    seeded, sigmas = noise().initial(FRAMES), flow_schedule(4).sigmas
    for latent, sigma in zip(model.latents, sigmas, strict=False):
        kept = (1 - float(sigma)) * source + float(sigma) * seeded
        torch.testing.assert_close(latent[..., :5], kept[..., :5])


def test_inside_a_repaint_the_noise_is_varied_and_outside_it_is_the_seeds() -> None:
    plan = Repaint(sounds(5), 0.5, END_S, 0.5).plan(quick(steps=2), noise())
    seeded = noise().initial(FRAMES)
    sigma = float(flow_schedule(2).sigmas[1])
    assert plan.first_call == 1
    torch.testing.assert_close(plan.latent[..., :5], ((1 - sigma) * sounds(5) + sigma * seeded)[..., :5])
    mixed = math.cos(math.pi / 4) * (seeded + noise().retake(FRAMES))
    torch.testing.assert_close(plan.latent[..., 5:], ((1 - sigma) * sounds(5) + sigma * mixed)[..., 5:])


def test_a_reference_is_mixed_to_the_level_that_the_schedule_names() -> None:
    plan = AudioToAudio(sounds(5), 0.5).plan(quick(), noise())
    expected = 0.25 * sounds(5) + 0.75 * noise().initial(FRAMES)  # 0.5 shifted
    torch.testing.assert_close(plan.latent, expected)
    assert float(plan.schedule.timesteps[0]) == pytest.approx(900.0, abs=1e-3)
