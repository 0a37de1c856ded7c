"""A finished film that is right, kept so that something can be made wrong with it, and measured again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d, uniform_filter1d

from pipeline.card.card import measure_card
from pipeline.card.evidence import CuePlan, Evidence, Plan
from pipeline.card.limits import limits
from pipeline.card.residue import residue
from pipeline.card.row import Row
from pipeline.card.tracking import track_of
from pipeline.compose import compose
from pipeline.delivery.deliver import deliver
from pipeline.job import Job
from pipeline.listen import listen
from pipeline.media.probe import probe
from pipeline.media.sound import read_sound
from pipeline.report.run import Run
from pipeline.sheet import make_sheet
from pipeline.sound.file import reading
from pipeline.sound.join import Join
from pipeline.sound.lay import lay
from pipeline.sound.loudness import LoudnessMeter
from pipeline.sound.master import master
from scoring.timebase import SAMPLE_RATE_HZ, samples_at

Sound = NDArray[np.float32]  # [2, n], 48 kHz

LIMITER_SAMPLES = SAMPLE_RATE_HZ // 40  # its gain is read over such a stretch
LIMITED_SAMPLES = SAMPLE_RATE_HZ // 100
JOINED_SAMPLES = SAMPLE_RATE_HZ // 50  # where less than this is as it was between two changes, it counts as changed


@dataclass(frozen=True, slots=True)
class Base:
    """A film that is right.

    run: its stages, scratch files and all. evidence: as gathered. laid: the music before any gain. music, whole: as the
    finished file plays them. card: its rows.
    """

    name: str
    run: Run
    evidence: Evidence
    laid: Sound
    music: Sound
    whole: Sound
    card: dict[str, Row]

    @property
    def plan(self) -> Plan:
        """What was planned."""
        assert self.evidence.plan is not None
        return self.evidence.plan

    @property
    def gain(self) -> NDArray[np.float32]:
        """[n] what laid music is multiplied by on its way into the finished file, the limiter left out."""
        levels, n = self.run.master.levels, self.laid.shape[1]
        static = np.float32(10 ** ((levels.music_gain_db + self.run.master.gain_db) / 20))
        gain = np.full(n, static, np.float32)
        return gain if levels.automation.is_flat else gain * levels.automation.linear(0, n)

    def status(self, row: str) -> str:
        """What the film as it is has in a row; "not measurable" where there is no such row."""
        return self.card[row].status if row in self.card else "not measurable"

    def value(self, row: str) -> float | None:
        """And its value."""
        return self.card[row].value if row in self.card else None

    def bad(self, row: str) -> float | None:
        """The row's fail threshold, where it could be measured on the film as it is and does not fail there."""
        is_measured = self.status(row) in ("pass", "warn")
        return limits()[row].bad if is_measured else None

    def longest_cue(self) -> CuePlan:
        """The cue with most music of its own."""
        return max(self.plan.cues, key=lambda cue: cue.range.duration_s)

    def seam(self, *kinds: str) -> Join | None:
        """A seam of such a kind with music on both sides: that between the longest neighbours."""
        lengths = {cue.id: cue.range.duration_s for cue in self.plan.cues}
        fitting = [join for join in self.plan.joins if join.kind in kinds and self.is_heard(join.at_s)]
        return max(fitting, key=lambda join: min(lengths[join.before], lengths[join.after]), default=None)

    def is_heard(self, at_s: float, around_s: float = 3.0) -> bool:
        """Whether music is meant there, at its usual level."""
        start_s, end_s = at_s - around_s, at_s + around_s
        if start_s < 0 or end_s > self.evidence.duration_s:
            return False
        if any(rest.start_s < end_s and rest.end_s > start_s for rest in self.plan.rests):
            return False
        if self.plan.gain_db is None:
            return True
        return bool(self.plan.gain_db[int(start_s * 100) : int(end_s * 100)].min() > -1.0)

    def quiet_stretch(self, seconds: float) -> float:
        """Where so many seconds begin, inside a cue, in which music is meant at its usual level; −1 where none do."""
        for cue in sorted(self.plan.cues, key=lambda cue: -cue.range.duration_s):
            middle_s = (cue.range.start_s + cue.range.end_s) / 2
            for off_s in (0.0, 2.0, -2.0, 4.0, -4.0, 6.0, -6.0):
                at_s = middle_s + off_s
                inside = cue.range.start_s + 1.5 < at_s - seconds / 2 and at_s + seconds / 2 < cue.range.end_s - 1.5
                if inside and self.is_heard(at_s, seconds / 2 + 0.5):
                    return at_s - seconds / 2
        return -1.0


@dataclass(frozen=True, slots=True)
class Spoilt:
    """What is wrong now; None: as it was. whole alone: the finished sound was changed, and the music with it.

    evidence: the last word, a function of the evidence as measured.
    """

    laid: Sound | None = None
    music: Sound | None = None
    whole: Sound | None = None
    evidence: Callable[[Evidence], Evidence] | None = None


def finished(job: Job, folder: Path) -> Run:
    """A job done up to what is measured; what the stages write on the way stays in the folder.

    Cues that only the finished film's card finds fault with are not composed again.
    """
    heard = listen(job)
    sheet = make_sheet(job, heard.analysis)
    composed = compose(job, sheet, heard.speech_to_clear(job.wish))
    laid = lay(job, sheet, composed, folder)
    mastered = master(job, heard, sheet, laid, folder)
    return Run(job, heard, sheet, composed, laid, mastered, deliver(job, mastered, sheet.duration_s))


def base_of(name: str, run: Run, evidence: Evidence) -> Base:
    """Read a finished run's sound into memory."""
    job = run.job
    made = probe(run.delivered.path, job.settings, shortest_s=0.0)
    own = (block.samples for block in read_sound(job.film, job.settings)) if evidence.has_source else iter(())
    pairs = list(residue((block.samples for block in read_sound(made, job.settings)), own))
    music, whole = (np.concatenate([pair[which] for pair in pairs], axis=1) for which in (0, 1))
    return Base(name, run, evidence, laid_of(run), music, whole, card(evidence))


def laid_of(run: Run) -> Sound:
    """The music before any gain."""
    with reading(run.laid.path) as file:
        return np.ascontiguousarray(file.read(dtype="float32", always_2d=True).T)


def card(evidence: Evidence) -> dict[str, Row]:
    """The rows by their ids."""
    return {row.id: row for row in measure_card(evidence)}


def measured(base: Base, spoilt: Spoilt) -> Evidence:
    """The evidence of a spoilt film, its music put where the mix had it; what was not touched is taken as it was.

    Quick: nothing is encoded again. The limiter is taken to do to the new music what it did to the old.
    """
    evidence, music, whole = base.evidence, spoilt.music, spoilt.whole
    if spoilt.laid is not None:
        music = laid_anew(base, spoilt.laid)
        evidence = with_levels(base, evidence, spoilt.laid)
    if music is None and whole is not None:
        music = (
            base.music + (whole - base.whole) if whole.shape == base.whole.shape else whole[:, : base.music.shape[1]]
        )
    if music is not None and whole is None:
        whole = base.whole + (music - base.music)
    if music is not None and whole is not None:
        evidence = replace(evidence, music=track_of(blocks(music)), whole=track_of(blocks(whole)))
    if whole is not None and spoilt.laid is None:  # the master brings other music to the same level and peak
        evidence = with_loudness(base, evidence, whole)
    return spoilt.evidence(evidence) if spoilt.evidence is not None else evidence


def laid_anew(base: Base, laid: Sound) -> Sound:
    """The music as delivered, where what was laid is another: through the gain and the limiter's, but not the coder."""
    n = min(base.music.shape[1], laid.shape[1], base.laid.shape[1])
    gained = base.laid[:, :n] * base.gain[:n]
    both, alone = (
        uniform_filter1d(np.einsum("cn,cn->n", gained, sound).astype(np.float64), LIMITER_SAMPLES)
        for sound in (base.music[:, :n], gained)
    )
    limited = np.where(alone > 1e-9, np.clip(both / np.maximum(alone, 1e-9), 0.3, 1.1), 1.0).astype(np.float32)
    is_other = np.abs(laid[:, :n] - base.laid[:, :n]).max(axis=0) > 1e-6
    changed = uniform_filter1d(maximum_filter1d(is_other, JOINED_SAMPLES).astype(np.float32), JOINED_SAMPLES // 4)
    music = base.music.copy()
    anew = _under(laid[:, :n] * base.gain[:n] * limited, 10 ** (base.run.master.ceiling_dbtp / 20))
    music[:, :n] += changed * (anew - music[:, :n])
    return music


def _under(sound: Sound, ceiling: float) -> Sound:
    """The sound under a ceiling, its peaks turned down over 10 ms as a limiter does."""
    peak = maximum_filter1d(np.abs(sound).max(axis=0), 2 * LIMITED_SAMPLES)
    gain = uniform_filter1d(np.minimum(1.0, ceiling / np.maximum(peak, 1e-9)), LIMITED_SAMPLES)
    return np.asarray(np.clip(sound * gain, -ceiling, ceiling), np.float32)


def with_levels(base: Base, evidence: Evidence, laid: Sound) -> Evidence:
    """The gained stems' levels with other music."""
    if evidence.levels is None:
        return evidence
    static = np.float32(10 ** (base.run.master.levels.music_gain_db / 20))
    gained = laid * static
    if not base.run.master.levels.automation.is_flat:
        gained = gained * base.run.master.levels.automation.linear(0, laid.shape[1])
    return replace(evidence, levels=replace(evidence.levels, music=energy(gained), unducked=energy(laid)))


def with_loudness(base: Base, evidence: Evidence, whole: Sound) -> Evidence:
    """The encoded file's loudness and peak moved by as much as the sound's."""
    if evidence.encoded is None:
        return evidence
    before, after = (meter(sound) for sound in (base.whole, whole))
    return replace(
        evidence,
        encoded=replace(
            evidence.encoded,
            integrated_lufs=evidence.encoded.integrated_lufs + after.integrated_lufs - before.integrated_lufs,
            true_peak_dbtp=evidence.encoded.true_peak_dbtp + after.sample_peak_dbfs - before.sample_peak_dbfs,
        ),
    )


def blocks(sound: Sound) -> Iterator[Sound]:
    """A second at a time."""
    for first in range(0, sound.shape[1], SAMPLE_RATE_HZ):
        yield sound[:, first : first + SAMPLE_RATE_HZ]


def meter(sound: Sound) -> LoudnessMeter:
    """A meter that has heard it."""
    found = LoudnessMeter()
    for block in blocks(sound):
        found.add(block)
    return found


def energy(sound: Sound) -> NDArray[np.float64]:
    """[K] K-weighted mean squares, a tenth of a second each."""
    return meter(sound).step_energy


def cut(sound: Sound, start_s: float, end_s: float, gain: float = 0.0, fade_s: float = 0.005) -> Sound:
    """A copy whose stretch is multiplied by a gain, with short ramps inside it."""
    first, last = max(0, samples_at(start_s)), min(sound.shape[1], samples_at(end_s))
    curve = np.ones(sound.shape[1], np.float32)
    curve[first:last] = gain
    ramp = min(samples_at(fade_s), (last - first) // 2)
    if ramp:
        curve[first : first + ramp] = np.linspace(1, gain, ramp)
        if last < sound.shape[1]:
            curve[last - ramp : last] = np.linspace(gain, 1, ramp)
    return sound * curve


def spoilt_folder(base: Base) -> Path:
    """Where files of spoilt films go."""
    folder = base.run.delivered.path.parent / "spoilt"
    folder.mkdir(exist_ok=True)
    return folder
