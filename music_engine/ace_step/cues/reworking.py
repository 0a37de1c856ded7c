"""Sound that is there already: from the engine-neutral task to the sampler's, and the length of what comes back."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from music_engine.ace_step.codec.duration import SAMPLE_RATE_HZ as CODEC_RATE_HZ
from music_engine.ace_step.codec.duration import SAMPLES_PER_LATENT, decoded_samples
from music_engine.ace_step.cues.lengths import MOST_SAMPLES, frames_for
from music_engine.ace_step.sampling.edit import Edit as SampledEdit
from music_engine.ace_step.sampling.prompt import Prompt
from music_engine.ace_step.sampling.ranges import FRAMES_PER_S
from music_engine.ace_step.sampling.sample import Task as SamplingTask
from music_engine.ace_step.sampling.tasks import AudioToAudio
from music_engine.ace_step.sampling.tasks import Extend as SampledExtend
from music_engine.ace_step.sampling.tasks import Repaint as SampledRepaint
from music_engine.ace_step.sampling.tasks import Retake as SampledRetake
from music_engine.tasks import Edit, Extend, Follow, Repaint, Retake, Task
from scoring.errors import InputError, UnknownChoice
from scoring.request import Samples
from scoring.timebase import SAMPLE_RATE_HZ, samples_at, seconds_of

_EDITS = {"only_lyrics": SampledEdit.only_lyrics, "remix": SampledEdit.remix}
Encode = Callable[[Samples], Tensor]  # [2, N] at 48 kHz → [8, 16, T]


@dataclass(frozen=True, slots=True)
class Rework:
    """task: for the sampler. seed: of the retake noise.

    skip: samples at 48 kHz of what is decoded that come before the piece; samples: its length.
    """

    task: SamplingTask
    skip: int
    samples: int
    seed: int


def plan_rework(task: Task, samples: int, encode: Encode, source_words: Sequence[Prompt]) -> Rework:
    """The sampler's task. samples: length asked for, for tasks without a source; source_words: for an Edit.

    Raises InputError for sound that is longer than the model makes in one go, and for numbers outside the range.
    """
    match task:
        case Retake(seed, variance):
            _check_length(samples)
            return Rework(SampledRetake(frames_for(samples), variance), 0, samples, seed)
        case Repaint(source, span, seed, variance):
            _check_length(source.shape[1])
            repainted = SampledRepaint(encode(source)[None], span.start_s, span.end_s, variance)
            return Rework(repainted, 0, source.shape[1], seed)
        case Extend():
            return _extension(task, encode)
        case Edit(source, _, _, kind, seed):
            _check_length(source.shape[1])
            if kind not in _EDITS:
                raise UnknownChoice.among("kind of edit", kind, list(_EDITS))
            return Rework(_EDITS[kind](encode(source)[None], source_words), 0, source.shape[1], seed)
        case Follow(reference, strength):
            _check_length(samples)
            followed = AudioToAudio(encode(_of_length(reference, samples))[None], strength)
            return Rework(followed, 0, samples, 0)


def _extension(task: Extend, encode: Encode) -> Rework:
    """The source between new frames. New frames are whole: what they are too long by is cut off outside.

    The source is cut to whole frames where music follows, or the silence that fills its last one would be heard.
    """
    before, after = samples_at(task.before_s), samples_at(task.after_s)
    samples = before + task.source.shape[1] + after
    _check_length(samples)
    left = math.ceil(before / SAMPLE_RATE_HZ * FRAMES_PER_S)
    kept = task.source
    if after:
        whole = kept.shape[1] * CODEC_RATE_HZ // (SAMPLES_PER_LATENT * SAMPLE_RATE_HZ)
        kept = kept[:, : whole * SAMPLES_PER_LATENT * SAMPLE_RATE_HZ // CODEC_RATE_HZ] if whole else kept
    latent = encode(kept)[None]
    skip = decoded_samples(left, SAMPLE_RATE_HZ) - before
    needed = math.ceil((skip + samples) / SAMPLE_RATE_HZ * FRAMES_PER_S)
    right = max(needed - left - latent.shape[-1], 0) if after else 0
    extended = SampledExtend.by(latent, left_s=left / FRAMES_PER_S, right_s=right / FRAMES_PER_S)
    return Rework(extended, skip, samples, task.seed)


def _of_length(reference: Samples, samples: int) -> Samples:
    """The reference, again and again where it is too short."""
    times = math.ceil(samples / reference.shape[1])
    return np.tile(reference, (1, times))[:, :samples]


def _check_length(samples: int) -> None:
    if samples > MOST_SAMPLES:
        raise InputError(
            f"the sound lasts {seconds_of(samples):.1f} s",
            f"ACE-Step reworks at most {seconds_of(MOST_SAMPLES):.1f} s; cut it first",
        )
