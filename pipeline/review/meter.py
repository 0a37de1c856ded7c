"""The short-term loudness of the finished sound over the stretch that is reviewed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipeline.media import ffmpeg_gate
from pipeline.media.probe import MediaProbe
from pipeline.media.stretch import stretch_sound
from pipeline.review.span import Span
from pipeline.settings import Settings
from pipeline.sound.loudness import LoudnessMeter, short_term_lufs
from scoring.timebase import SAMPLE_RATE_HZ, samples_at

STEPS_PER_S = 10
_AROUND_STEPS = 15  # half of the 3 s window: heard before and after the stretch too
_BLOCK_SAMPLES = SAMPLE_RATE_HZ


def measure_span(film: MediaProbe, span: Span, settings: Settings) -> NDArray[np.float64] | None:
    """[K] LUFS of the 3 s around each tenth of a second of the stretch; None where the film has no sound.

    Raises MediaToolError when it cannot be decoded.
    """
    if not film.info.audio:
        return None
    before = min(_AROUND_STEPS, int(span.start_s * STEPS_PER_S))
    wanted = max(1, round(span.duration_s * STEPS_PER_S))
    samples = samples_at((before + wanted + _AROUND_STEPS) / STEPS_PER_S)
    sound, bed = stretch_sound(film, span.start_s - before / STEPS_PER_S, samples, settings)
    meter = LoudnessMeter(bed.weights)
    output = ffmpeg_gate.own_output(sound, format="f32le", acodec="pcm_f32le", map_metadata=-1)
    with ffmpeg_gate.run(output, settings, film_s=span.duration_s) as child:
        while block := child.stdout.read(_BLOCK_SAMPLES * bed.size * 4):
            child.touch()
            meter.add(np.frombuffer(block, np.float32).reshape(-1, bed.size).T)
        child.finish()
    steps = meter.step_energy
    # Past the film's end there is no sound to count: a window there is shorter, not quieter.
    heard = steps[: max(1, min(steps.size, before + round((_end_s(film, span) - span.start_s) * STEPS_PER_S)))]
    return short_term_lufs(heard)[before : before + wanted]


def _end_s(film: MediaProbe, span: Span) -> float:
    return max(span.end_s, film.info.duration_s)
