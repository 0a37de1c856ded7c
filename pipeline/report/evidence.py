"""Gather the card's evidence of a run: the finished file heard as a player would, beside what was planned."""

from __future__ import annotations

import math

import numpy as np

from pipeline.card.evidence import CuePlan, Curve, Encoded, Evidence, Levels, Plan
from pipeline.card.residue import played, residue
from pipeline.card.track import Track
from pipeline.card.tracking import Tracker
from pipeline.media.probe import probe
from pipeline.media.sound import read_sound
from pipeline.report.run import Run
from pipeline.sound.clearance import spoken, voice_energy
from pipeline.sound.mix import Advance
from scoring.cue_sheet import Cue
from scoring.request import CueTake
from scoring.timebase import SAMPLE_RATE_HZ, TimeRange
from scoring.wishes.obeying import sings, wishes_of


def gather(run: Run, advance: Advance = lambda share: None) -> Evidence:
    """Everything known of a finished run. Its encoded sound is decoded once, beside the film's own."""
    music, whole = _heard(run, advance)
    job, levels = run.job, run.master.levels
    return Evidence(
        duration_s=run.sheet.duration_s,
        music=music,
        whole=whole,
        plan=Plan(
            cues=tuple(
                cue_plan(cue, take, is_exact=take.engine in run.composed.by.exact)
                for cue, take in zip(run.sheet.cues, run.composed.score.takes, strict=True)
            ),
            joins=run.laid.joins,
            rests=run.rests,
            gain_db=None if levels.automation.is_flat else levels.automation.gain_db.astype(np.float64),
            cuts_s=tuple(cut.time_s for cut in run.heard.analysis.shots.cuts),
        ),
        levels=_levels(run),
        curve=Curve(run.heard.analysis.curve.times_s, run.heard.analysis.curve.arousal),
        encoded=_encoded(run),
        has_source=bool(job.film.info.audio) and math.isfinite(levels.source_gain_db),
    )


def _heard(run: Run, advance: Advance) -> tuple[Track, Track]:
    """The music and everything, as the finished file plays them."""
    job = run.job
    made = probe(run.delivered.path, job.settings, shortest_s=0.0)
    whole = played(read_sound(made, job.settings))
    is_heard = math.isfinite(run.master.levels.source_gain_db)
    own = played(read_sound(job.film, job.settings)) if is_heard else iter(())
    offset_samples = round((run.delivered.verified.offset_ms or 0.0) * SAMPLE_RATE_HZ / 1000)
    alone, together = Tracker(), Tracker(hears_voices=False)
    done = 0
    for music, everything in residue(whole, own, offset_samples):
        alone.add(music)
        together.add(everything)
        done += everything.shape[1]
        advance(min(1.0, done / max(1, run.laid.total_samples)))
    return alone.track(), together.track()


def cue_plan(cue: Cue, take: CueTake, *, is_exact: bool) -> CuePlan:
    """What was planned for a cue. take: whose beats and chords count."""
    return CuePlan(
        id=cue.id,
        range=TimeRange(cue.in_s, cue.out_s),
        bpm=cue.bpm,
        key=cue.key,
        beats_s=tuple(cue.in_s + beat_s for beat_s in take.beats_s),
        bars_s=tuple(cue.in_s + bar_s for bar_s in take.bars_s),
        intensity=cue.intensity,
        hits=tuple(hit for hit in cue.hit_points if hit.weight > 0),
        chords=tuple((cue.in_s + chord.time_s, chord.symbol) for chord in take.chords),
        engine=take.engine,
        is_exact=is_exact,
        is_instrumental=not sings(wishes_of(cue)),
        arousal=cue.arousal,
        ends=cue.transition.kind,
        withheld=bool(take.withheld),
    )


def _levels(run: Run) -> Levels:
    """The gained stems. Nobody speaks where the film's own sound is replaced."""
    mixed, wish = run.master.mixed, run.job.wish
    speech = () if wish.dialogue == "replace" else run.heard.analysis.speech.ranges
    voice = voice_energy(mixed.source_energy, mixed.centre_energy, speech)
    return Levels(
        music=mixed.music_energy,
        source=mixed.source_energy,
        voice=voice,
        speech=spoken(speech, voice),
        wanted_lu=wish.clearance_lu,
        is_ducked=wish.dialogue == "duck",
        centre=mixed.centre_energy,
        unducked=run.laid.energy,
        quiet=run.rests,
    )


def _encoded(run: Run) -> Encoded:
    measured, verified = run.master.measured, run.delivered.verified
    return Encoded(
        integrated_lufs=measured.integrated_lufs,
        true_peak_dbtp=measured.true_peak_dbtp,
        range_lu=measured.range_lu,
        length_error_s=verified.length_error_s,
        frame_s=verified.frame_s,
        offset_ms=verified.offset_ms,
        target=run.master.target,
    )
