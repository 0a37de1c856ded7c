"""Where the beats of a cue really lie: the planned grid, moved to where the onsets are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.card.changes import harmony_fit
from pipeline.card.evidence import CuePlan, Plan, Series
from pipeline.card.lag import MOST_DRIFT, fit_lag, lags_within
from pipeline.card.laid import MUTED_DB
from pipeline.card.pulse import accents, at, echoes
from pipeline.card.track import ONSET_HZ, Track
from pipeline.sound.automation import RATE_HZ as GAIN_HZ
from pipeline.sound.clearance import STEPS_PER_S

LEAST_BEATS = 8
SURE = 8.0  # how far the beats must stand out, deviations: those of a wrong grid seldom come to 6
SURE_ELSEWHERE = 16.0  # the same at a tempo that nobody planned and that was looked for …
LEAST_ECHO = 0.05  # … where the curve must also repeat that much
STEADY = 0.15  # how much a curve repeats whose tempo is beyond doubt
FOLDS = (1.0, 2.0, 0.5, 1.5, 2 / 3)  # of the planned tempo: the same one, counted otherwise
_TWICE_FOLDED = (0.75, 4 / 3)  # 3:2 and an octave: only where they fit as well as the planned tempo itself would
_KEPT = 0.8  # a tempo whose echo is this much of the best one's may be the music's as well
_RATIOS = np.exp(np.arange(np.log(0.62), np.log(1.62), 0.0025))
_HARMONY = 5.0  # deviations a beat, for the whole of the chroma's variance
_NEARER = 0.3  # what a whole beat off its plan costs a lag: slow strings sound as if the harmony came a beat late
_TURNS = 1.1  # beats by which the harmony can tell that the grid is off; the onsets alone tell half a beat
_LEAST_LAG_S = 0.3
_REFINE_S = 0.03  # a beat is where the strongest onset this near is


@dataclass(frozen=True, slots=True)
class Beats:
    """The beats as played. measured_s: [N] film times; planned_s: [N] those planned for them, None where the music is
    at another tempo. tempo: measured over planned, octaves and 3:2 folded. sure: how far they stand out, deviations."""

    measured_s: Series
    planned_s: Series | None
    tempo: float
    sure: float


@dataclass(frozen=True, slots=True)
class NoPulse:
    """Why there are no beats, one sentence."""

    why: str


def read_beats(track: Track, cue: CuePlan, plan: Plan) -> Beats | NoPulse:
    """The beats of one cue, by the music's onsets and, for which beat is which, by its harmony."""
    if cue.withheld:
        return NoPulse(f"{cue.id} was withheld")
    window = track.onsets(cue.range)
    start_s = track.starts_at_s + window.start / ONSET_HZ
    end_s = track.starts_at_s + window.stop / ONSET_HZ
    planned_s = np.array([time_s for time_s in cue.beats_s if start_s <= time_s < end_s])
    if planned_s.size < LEAST_BEATS:
        return NoPulse(f"{cue.id} has fewer than {LEAST_BEATS} beats")
    onset = track.onset[window]
    curve = accents(np.where(_is_open(plan, start_s, onset.size, ONSET_HZ), onset, 0))
    beat_s = float(np.median(np.diff(planned_s)))
    tempo, echo = _tempo(curve, beat_s)
    is_planned = abs(_folded(tempo) - 1) <= MOST_DRIFT
    if is_planned or echo < STEADY:
        lags_s, likely = _likely_lags(track, cue, plan, beat_s)
        lag = fit_lag(curve, planned_s - start_s, lags_s, likely)
        if lag.sure >= SURE:
            measured_s = _refined(curve, planned_s + lag.late_s - start_s) + start_s
            return Beats(measured_s, planned_s, 1 / (1 + lag.drift), lag.sure)
    grid_s = np.arange(0, curve.size / ONSET_HZ, beat_s / tempo)
    lag = fit_lag(curve, grid_s, lags_within(0.5 * beat_s / tempo), np.zeros(1))
    if lag.sure >= SURE_ELSEWHERE and echo >= LEAST_ECHO and not is_planned:
        return Beats(_refined(curve, grid_s + lag.late_s) + start_s, None, _folded(tempo), lag.sure)
    return NoPulse(f"{cue.id} has no sure pulse")


def _tempo(curve: Series, beat_s: float) -> tuple[float, float]:
    """(tempo over the planned one, how much the curve repeats at it), the planned one wherever it is among the best."""
    echo = echoes(curve, beat_s / _RATIOS)
    near = np.abs(_RATIOS - 1) <= MOST_DRIFT
    best = int(echo.argmax())
    kept = int(np.where(near, echo, -1.0).argmax())
    place = kept if echo[kept] >= _KEPT * echo[best] else best
    return float(_RATIOS[place]), float(echo[place])


def _folded(tempo: float) -> float:
    folds = (*FOLDS, *(fold for fold in _TWICE_FOLDED if abs(tempo / fold - 1) <= MOST_DRIFT))
    return min((tempo / fold for fold in folds), key=lambda ratio: abs(np.log(ratio)))


def _likely_lags(track: Track, cue: CuePlan, plan: Plan, beat_s: float) -> tuple[Series, Series]:
    """The lags to try and what the harmony says of each, deviations a beat."""
    window = track.steps(cue.range)
    start_s = track.starts_at_s + window.start / STEPS_PER_S
    coarse_s = np.arange(-1, 1.01, 1 / 16) * max(_LEAST_LAG_S, _TURNS * beat_s)
    chroma = track.chroma[window]
    starts_s = np.array([time_s for time_s, _ in cue.chords]) - start_s
    is_open = _is_open(plan, start_s, len(chroma), STEPS_PER_S)
    fit = harmony_fit(chroma, starts_s, tuple(name for _, name in cue.chords), coarse_s, is_open)
    if not fit.any():
        lags_s = lags_within(0.55 * beat_s)
        return lags_s, -_NEARER * np.abs(lags_s) / beat_s
    lags_s = lags_within(float(coarse_s[-1]))
    return lags_s, _HARMONY * np.interp(lags_s, coarse_s, fit - fit.max()) - _NEARER * np.abs(lags_s) / beat_s


def _is_open(plan: Plan, start_s: float, size: int, rate_hz: int) -> Series:
    """[size] whether the music is to be heard, from start_s on."""
    if plan.gain_db is None:
        return np.ones(size, bool)
    places = np.round((start_s + (np.arange(size) + 0.5) / rate_hz) * GAIN_HZ).astype(int)
    return np.asarray(plan.gain_db[np.clip(places, 0, plan.gain_db.size - 1)] > MUTED_DB)


def _refined(curve: Series, beats_s: Series) -> Series:
    """Each beat where the strongest onset near it is, between the curve's points; where there is none, as it was."""
    near_s = np.arange(-_REFINE_S, _REFINE_S + 1e-9, 0.0025)
    heard = at(curve, beats_s[:, None] + near_s)
    best = heard.argmax(axis=1)
    stands_out = heard.max(axis=1) > 0.5
    return np.where(stands_out, beats_s + near_s[best], beats_s)
