"""Music against speech (rows E), measured on the gained stems."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pipeline.card.evidence import Evidence, Levels, Plan, Series, cue_at
from pipeline.card.limits import judged, limits, unmeasured
from pipeline.card.masking import masking_db
from pipeline.card.pumping import changes_s, free_points
from pipeline.card.row import Row
from pipeline.sound.automation import DEEPEST_DB, RATE_HZ
from pipeline.sound.clearance import STEPS_PER_S, WINDOW_S, carries_speech, faintest_gap, worst_clearance
from pipeline.sound.level import LEAST_SWELL_LU
from scoring.timebase import clock

# The music may lie this much nearer to the speech in that band than it was asked to lie overall, if that is nearer
# than the table says: who asks for little clearance is not told off for getting it.
_NEARER_DB = 2.0
_AS_DEEP_DB = 0.5  # from the deepest duck
_LEAST_FREE_S = 20.0  # fewer seconds outside the edges make no rate a minute


def dialogue_rows(evidence: Evidence) -> list[Row]:
    """The rows of a film in which somebody speaks; none without speech.

    Clearance is judged where the music was to make room, and told as it is where it was not.
    """
    levels = evidence.levels
    if levels is None or not levels.speech:
        return []
    rows = [_clearance("E1", levels.source, levels, evidence.plan)]
    if levels.centre is not None:
        rows.append(_centre(levels.centre, levels, evidence.plan))
    rows += [_swell(levels, evidence.plan), _masking(evidence, levels), _pumping(evidence, levels)]
    return rows if levels.is_ducked else [_told(row) if row.id != "E3" else row for row in rows]


def _clearance(name: str, voice: Series, levels: Levels, plan: Plan | None) -> Row:
    wanted_lu = levels.wanted_lu
    worst = worst_clearance(voice, levels.music, levels.speech)
    if worst is None:
        return unmeasured(name, "Nobody speaks for a whole second")
    if _gain_db(plan, worst.at_s) <= -DEEPEST_DB + _AS_DEEP_DB:
        cause = "the film's own mix leaves the speech"
        though = f", with the music {DEEPEST_DB:g} dB down, as far as it goes"
    else:
        cause, though = "the music leaves the speech", ""
    return judged(
        name,
        worst.worst_lu,
        at_s=worst.at_s,
        cue=cue_at(plan.cues if plan else (), worst.at_s),
        good=wanted_lu,
        bad=wanted_lu,
        allowed=f"at least {wanted_lu:g}",
        detail={"speech_lufs": round(worst.speech_lufs, 1), "music_lufs": round(worst.music_lufs, 1)},
        at=clock(worst.at_s),
        short_lu=wanted_lu - worst.worst_lu,
        cause=cause,
        though=though,
    )


def _centre(centre: Series, levels: Levels, plan: Plan | None) -> Row:
    row = _clearance("E1-centre", centre, levels, plan)
    if row.value is None or carries_speech(levels.source, centre, levels.speech):
        return row
    return replace(row, status="info", advice="The centre does not carry the speech")


def _swell(levels: Levels, plan: Plan | None) -> Row:
    faintest = faintest_gap(levels.voice, levels.music, levels.speech, levels.quiet)
    if faintest is None:
        return unmeasured("E1-swell", "The speech has no pause in which the music was to come back")
    at_s = faintest.range.start_s
    return judged(
        "E1-swell",
        faintest.swell_lu,
        at_s=at_s,
        cue=cue_at(plan.cues if plan else (), at_s),
        good=LEAST_SWELL_LU,
        bad=LEAST_SWELL_LU,
        allowed=f"at least {LEAST_SWELL_LU:g}",
        at=clock(at_s),
    )


def _masking(evidence: Evidence, levels: Levels) -> Row:
    """E2: what is in the film beside the music, against the music, in the band of consonants."""
    if evidence.music is None or evidence.whole is None:
        return unmeasured("E2", "The music cannot be told from the rest of the sound")
    windows_db = masking_db(evidence.music, evidence.whole, levels.speech)
    if not np.isfinite(windows_db).any():
        return unmeasured("E2", "Nobody speaks for a whole second")
    worst = int(np.nanargmin(windows_db))
    at_s = evidence.music.starts_at_s + worst / STEPS_PER_S
    limit = limits()["E2"]
    good_db = min(limit.good, levels.wanted_lu - _NEARER_DB)
    return judged(
        "E2",
        float(windows_db[worst]),
        at_s=at_s,
        cue=cue_at(evidence.plan.cues if evidence.plan else (), at_s),
        good=good_db,
        bad=good_db - (limit.good - limit.bad),
        allowed=f"at least {good_db:g}",
        detail={"median_db": round(float(np.nanmedian(windows_db)), 1)},
        at=clock(at_s),
    )


def _pumping(evidence: Evidence, levels: Levels) -> Row:
    """E3: of the gain that was drawn, outside the edges of speech and rests."""
    plan = evidence.plan
    if plan is None:
        return unmeasured("E3", "No plan of the music's gain is known")
    if plan.gain_db is None:
        return judged("E3", 0.0)
    gain_db = plan.gain_db[: round(evidence.duration_s * RATE_HZ)]
    free = free_points(gain_db, levels.speech, (*plan.rests, *levels.quiet))
    free_s = float(free.sum()) / RATE_HZ
    if free_s < _LEAST_FREE_S:
        return unmeasured("E3", "Speech leaves too little of the film for a rate a minute")
    times_s = changes_s(gain_db, free)
    at_s = times_s[0] if times_s else None
    return judged(
        "E3",
        60 * len(times_s) / free_s,
        at_s=at_s,
        cue="" if at_s is None else cue_at(plan.cues if plan else (), at_s),
        detail={"changes": len(times_s), "free_s": round(free_s, 1)},
        at=clock(at_s or 0.0),
    )


def _gain_db(plan: Plan | None, at_s: float) -> float:
    """The deepest gain in the window that begins there."""
    if plan is None or plan.gain_db is None:
        return 0.0
    first, last = (round(t * RATE_HZ) for t in (at_s, at_s + WINDOW_S))
    return float(plan.gain_db[first:last].min(initial=0.0))


def _told(row: Row) -> Row:
    """A row whose music was not to make room: its value, unjudged."""
    return row if row.value is None else replace(row, status="info", advice="")
