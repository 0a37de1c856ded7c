"""Does a score rise and fall with its own film, and not with another? Films of hand-set curves, scored by the composer.

    python benchmarks/following.py [--films 12] [--seed 1]

For each film, made up of a curve of arousal with a known shape and 60 to 180 s long: row D1 and D3 of the report card
with its own score, and D1 with the score of the next film. Its own must never fail; the other's must, in 10 of 12.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))

from analyses import made_up

from music_engine.composer.engine import Composer
from pipeline.card.evidence import CuePlan, Curve, Evidence, Levels, Plan
from pipeline.card.following import following_rows
from pipeline.card.row import Row
from pipeline.sound.join import Assembly, Stems
from pipeline.sound.loudness import LoudnessMeter
from pipeline.stages.requests import requests_of
from scoring.analysis import Analysis
from scoring.moods import mood_probabilities
from scoring.request import CueAudio, CueTake, Samples
from scoring.spotting import spot
from scoring.style import load_style, style_names
from scoring.timebase import FrameRate, TimeRange, samples_at

Series = NDArray[np.float64]

# Each from a film's place, 0..1, to arousal.
SHAPES: dict[str, Callable[[Series], Series]] = {
    "rise": lambda x: np.interp(x, [0, 1], [-0.6, 0.7]),
    "arch": lambda x: np.interp(x, [0, 0.6, 1], [-0.5, 0.8, -0.4]),
    "two peaks": lambda x: np.interp(x, [0, 0.2, 0.42, 0.7, 1], [-0.3, 0.7, -0.5, 0.6, -0.2]),
    "calm, action, calm": lambda x: np.select([x < 0.3, x < 0.68], [-0.5, 0.6], -0.4),
    "steps": lambda x: np.select([x < 0.2, x < 0.4, x < 0.6, x < 0.8], [-0.4, 0.1, -0.2, 0.7], 0.2),
    "fall": lambda x: np.interp(x, [0, 0.15, 1], [0.6, 0.7, -0.7]),
    "late burst": lambda x: np.select([x < 0.25, x < 0.5, x < 0.75], [-0.4, -0.3, -0.45], 0.75),
    "waves": lambda x: 0.5 * np.sin(2 * np.pi * 4 * x),
}


@dataclass(frozen=True, slots=True)
class Film:
    """A film of a hand-set curve, its plan, and the energy of the music made for it, a tenth of a second each."""

    name: str
    analysis: Analysis
    plan: Plan
    energy: Series

    def under(self, energy: Series) -> Evidence:
        """The film with some music, from its beginning again where it is too short."""
        fitted = np.resize(energy, self.energy.size)
        nothing = np.zeros(fitted.size)
        curve = self.analysis.curve
        return Evidence(
            self.analysis.duration_s,
            None,
            plan=self.plan,
            levels=Levels(fitted, nothing, nothing, (), 14.0, False, unducked=fitted),
            curve=Curve(curve.times_s, curve.arousal),
        )


class _InMemory:
    """A take's sound for the assembly."""

    def __init__(self, audio: Samples) -> None:
        self._audio = audio

    def read(self, start: int, samples: int) -> Stems:
        out = np.zeros((2, samples), np.float32)
        first, last = max(0, start), min(self._audio.shape[1], start + samples)
        if last > first:
            out[:, first - start : last - start] = self._audio[:, first:last]
        return {"music": out}

    def close(self) -> None:
        """Nothing is open."""


def analysed(shape: str, duration_s: float, seed: int) -> Analysis:
    """A made-up film whose arousal has a shape, wavering a little as analysers do."""
    film = made_up(duration_s, seed=seed, cuts=round(duration_s / 6))
    curve, rng = film.curve, np.random.default_rng(seed)
    drawn = SHAPES[shape](curve.times_s / duration_s) + rng.normal(0, 0.12, curve.times_s.size)
    arousal = np.clip(np.convolve(np.pad(drawn, 3, "edge"), np.full(7, 1 / 7), "valid"), -1, 1)
    moods = mood_probabilities(curve.valence, arousal, curve.tension)
    return replace(film, curve=replace(curve, arousal=arousal, mood_probabilities=moods))


def scored(shape: str, style: str, duration_s: float, seed: int, composer: Composer) -> Film:
    """Spotted, composed and laid as a film is."""
    analysis = analysed(shape, duration_s, seed)
    sheet = spot(analysis, source="film.mp4", frame_rate=FrameRate(25), style=load_style(style), seed=seed)
    made = {one.cue_id: one for one in composer.compose(requests_of(sheet, ()), with_stems=False)}
    takes = [_take(made[cue.id], cue.seed) for cue in sheet.cues]
    meter = LoudnessMeter()
    total = samples_at(sheet.duration_s)
    for block in Assembly(sheet.cues, takes, lambda take: _InMemory(made[take.cue_id].audio), total):
        meter.add(block["music"])
    cues = tuple(
        CuePlan(
            cue.id,
            TimeRange(cue.in_s, cue.out_s),
            cue.bpm,
            cue.key,
            (),
            (),
            cue.intensity,
            (),
            arousal=cue.arousal,
            ends=cue.transition.kind,
        )
        for cue in sheet.cues
    )
    return Film(f"{shape}, {style}, {duration_s:.0f} s", analysis, Plan(cues), meter.step_energy)


def _take(one: CueAudio, seed: int) -> CueTake:
    total = one.audio.shape[1]
    return CueTake(
        one.cue_id, one.engine, seed, one.lead_in_samples, one.body_samples, total, (), one.beats_s, one.bars_s, (), ()
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints a line a film, then the counts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--films", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    rng, composer, films = np.random.default_rng(options.seed), Composer(), []
    for number in range(options.films):
        shape, style = list(SHAPES)[number % len(SHAPES)], style_names()[number % len(style_names())]
        films.append(scored(shape, style, float(rng.integers(60, 181)), 1000 * options.seed + number, composer))
    print(f"{'film':<40}{'D1, own':>24}{'D3, own':>20}{'D1, next':>24}")
    counted = {"own fails": 0, "other fails": 0}
    for film, other in zip(films, [*films[1:], films[0]], strict=True):
        emotion, dynamics = following_rows(film.under(film.energy))
        foreign = following_rows(film.under(other.energy))[0]
        counted["own fails"] += emotion.status == "fail"
        counted["other fails"] += foreign.status == "fail"
        print(f"{film.name:<40}{_shown(emotion):>24}{_shown(dynamics):>20}{_shown(foreign):>24}", flush=True)
    print(*(f"{name}: {count} of {len(films)}" for name, count in counted.items()), sep=", ")


def _shown(row: Row) -> str:
    if row.value is None:
        return row.status
    rho = f", ρ {row.detail['rho']:.2f}" if "rho" in row.detail else ""
    return f"{row.value:+.2f}{rho} {row.status}" if rho else f"{row.value:.0f} % {row.status}"


if __name__ == "__main__":
    main()
