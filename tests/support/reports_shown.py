"""Pages' worth of a report, made up but as the pipeline makes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

import cv2
import numpy as np

from pipeline.card.limits import limits
from pipeline.card.row import Row, Status
from pipeline.report.shown import Felt, Series, Shown, Thumbnail
from scoring.cue_sheet import Cue, HitPoint, Metre, Transition
from scoring.key import Key
from scoring.timebase import TimeRange

_MOODS = ("calm", "tense", "sad", "triumphant", "mysterious", "playful")
_KEYS = ("D minor", "F# lydian", "Bb major", "A dorian", "C minor", "G major")


def a_short_film() -> Shown:
    """90 s, four cues, two stretches of speech; two checks fail, three warn."""
    cues = some_cues((0.0, 22.0, 47.5, 66.0, 90.0))
    hits = tuple((hit.time_s, hit.weight, i % 4 != 2) for i, hit in enumerate(h for c in cues for h in c.hit_points))
    speech = (TimeRange(8.2, 17.9), TimeRange(51.0, 61.4))
    return Shown(
        title="harbour at dawn.mp4",
        duration_s=90.0,
        rows=some_rows(),
        felt=a_feeling(90.0),
        cuts_s=tuple(float(t) for t in np.cumsum(np.random.default_rng(3).uniform(2, 6, 21)) if t < 90),
        cues=cues,
        beats_s=tuple(t for cue in cues for t in np.arange(cue.in_s, cue.out_s, cue.beat_s)),
        bars_s=tuple(t for cue in cues for t in np.arange(cue.in_s, cue.out_s, cue.bar_s)),
        hits=hits,
        thumbnails=some_thumbnails(90.0, 30),
        tried=(
            {
                "cue": "1m3",
                "how": "next seed",
                "engine": "composer",
                "seed": 913,
                "failed": ["B1", "C2"],
                "kept": False,
            },
            {"cue": "1m3", "how": "next plan", "engine": "composer", "seed": 914, "failed": ["B1"], "kept": True},
        ),
        notes=("The music of 1m3 still fails B1 after two tries; the best take was used.",),
        facts={"engine": "composer", "analyser": "colour-motion", "picture": "1920 × 1080, 25 fps", "cuesmith": "0.8"},
        **a_sound(90.0, speech),
    )


def a_long_film() -> Shown:
    """Two hours, 300 cues, 1500 hits, every series as long as the film."""
    cues = some_cues(tuple(float(t) for t in np.linspace(0, 7200, 301)))
    hits = tuple((hit.time_s, hit.weight, i % 7 != 2) for i, hit in enumerate(h for c in cues for h in c.hit_points))
    speech = tuple(TimeRange(t, t + 9.0) for t in np.arange(20.0, 7100.0, 31.0))
    rows = tuple(replace(row, at_s=None if row.at_s is None else row.at_s * 80) for row in some_rows())
    return Shown(
        title="the long one.mkv",
        duration_s=7200.0,
        rows=rows,
        felt=a_feeling(7200.0),
        cuts_s=tuple(float(t) for t in np.arange(4.0, 7200.0, 4.4)),
        cues=cues,
        beats_s=tuple(t for cue in cues for t in np.arange(cue.in_s, cue.out_s, cue.beat_s)),
        bars_s=tuple(t for cue in cues for t in np.arange(cue.in_s, cue.out_s, cue.bar_s)),
        hits=hits,
        thumbnails=some_thumbnails(7200.0, 240),
        rests=tuple(TimeRange(t, t + 20.0) for t in (600.0, 3000.0, 6100.0)),
        facts={"engine": "composer"},
        **a_sound(7200.0, speech),
    )


def a_foreign_file() -> Shown:
    """A video made elsewhere: no plan, no source; loudness is all that is known."""
    wave = a_sound(42.0, ())
    rows = tuple(
        row if row.id[0] in "FGS" else replace(row, status="not measurable", value=None, at_s=None, cue="",
                                               advice="There is no plan to measure against.")
        for row in some_rows()
    )  # fmt: skip
    return Shown(
        "from elsewhere.mov", 42.0, rows, music_peak=wave["music_peak"], short_term_lufs=wave["short_term_lufs"]
    )


HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\" onload='alert(3)' ${title} \udcff é 音楽"


def a_hostile_report() -> Shown:
    """Every text that comes from outside tries to be markup."""
    good = a_short_film()
    cues = tuple(replace(cue, id=HOSTILE, mood=HOSTILE) for cue in good.cues)
    rows = tuple(
        replace(row, name=HOSTILE, allowed=HOSTILE, source=HOSTILE, advice=HOSTILE, cue=HOSTILE, unit=HOSTILE,
                detail={HOSTILE: HOSTILE, "deep": {HOSTILE: [HOSTILE]}})
        for row in good.rows
    )  # fmt: skip
    tried = tuple({**one, "cue": HOSTILE, "failed": [HOSTILE]} for one in good.tried)
    return replace(good, title=HOSTILE, cues=cues, rows=rows, tried=tried, notes=(HOSTILE,), facts={HOSTILE: HOSTILE})


def some_cues(edges_s: tuple[float, ...]) -> tuple[Cue, ...]:
    """Cues between the edges, five hits each."""
    found = []
    for i, (in_s, out_s) in enumerate(pairwise(edges_s)):
        hits = tuple(
            HitPoint(in_s + share * (out_s - in_s), 0.3 + 0.6 * share, 80.0, "cut")
            for share in (0.1, 0.3, 0.5, 0.7, 0.9)
        )
        found.append(
            Cue(
                f"1m{i + 1}", in_s, out_s, _MOODS[i % 6], 76.0 + 7 * (i % 6), Key.parse(_KEYS[i % 6]), Metre(), in_s,
                0.0, 0.0, 0.0, (), hits, Transition("crossfade", 4.0), "", i,
            )
        )  # fmt: skip
    return tuple(found)


def a_feeling(duration_s: float) -> Felt:
    """A curve a second that wanders."""
    times_s = np.arange(0.5, duration_s, 1.0)
    return Felt(
        times_s,
        0.6 * np.sin(times_s / 11),
        0.5 * np.sin(times_s / 7 + 1) + 0.2 * np.sin(times_s / 2.3),
        np.clip(0.4 + 0.4 * np.sin(times_s / 17 + 2), 0, 1),
    )


def a_sound(duration_s: float, speech: tuple[TimeRange, ...]) -> dict[str, Any]:
    """The tenths of a second: peaks, loudness, clearance, ducking."""
    random = np.random.default_rng(8)
    times_s = (np.arange(round(duration_s * 10)) + 0.5) / 10
    talk = np.zeros(len(times_s), bool)
    for one in speech:
        talk |= (times_s >= one.start_s) & (times_s < one.end_s)
    soft: Series = np.convolve(talk, np.ones(11) / 11, "same")
    swell = 0.5 + 0.3 * np.sin(times_s / 6)
    loudness = -15 + 5 * np.sin(times_s / 9) + random.normal(0, 0.4, len(times_s))
    loudness[:15] = -np.inf
    return {
        "music_peak": swell * (1 - 0.65 * soft) * random.uniform(0.6, 1, len(times_s)),
        "film_peak": np.where(talk, random.uniform(0.2, 0.8, len(times_s)), 0.05),
        "short_term_lufs": loudness,
        "target_lufs": -14.0,
        "clearance_lu": np.where(talk, 16 + 5 * np.sin(times_s / 2), np.nan),
        "wanted_lu": 14.0,
        "duck_db": -13.0 * soft,
        "speech": speech,
    }


def some_thumbnails(duration_s: float, number: int) -> tuple[Thumbnail, ...]:
    """Pictures of a sky that changes."""
    found = []
    for i in range(number):
        share = i / number
        rows = np.linspace(0, 1, 180)[:, None]
        blue, green, red = 200 - 120 * share + 0 * rows, 90 + 120 * rows, 60 + 180 * share * rows
        picture = np.stack(np.broadcast_arrays(blue, green, red, np.zeros((180, 320)))[:3], axis=-1).astype(np.uint8)
        cv2.circle(picture, (int(40 + 240 * share), 120), 24, (240, 240, 250), -1)
        found.append(Thumbnail(share * duration_s, cv2.imencode(".jpg", picture)[1].tobytes()))
    return tuple(found)


def some_rows() -> tuple[Row, ...]:
    """One card: of each status some."""
    told = "1m3 begins 4.6 LU louder than the plan asks; ask for less intensity at its start."
    return (
        row("A1", 0.78, "info", detail={"chance": 0.214, "p": 0.002}),
        row("A2", 0.71, "pass"),
        row("A3", -1.2, "pass"),
        row("A4", 0.74, "warn", 41.3, "1m2", "The hit at 0:41.3 has no note on it; move it or compose 1m2 again."),
        row("B1", 4.6, "fail", 47.5, "1m3", told, {"1m2": 0.4, "1m3": 4.6, "1m4": -0.9}),
        row("B2", 1.4, "pass", 66.0, "1m4"),
        row("B3", 1.0, "pass", 66.0, "1m4"),
        row("B5", 5.1, "warn", 47.5, "1m3", "There may be a click where 1m3 begins."),
        row("C1", 0.3, "pass", None, "1m2"),
        row("C2", None, "not measurable", advice="The key was read with too little confidence."),
        row("D1", 0.22, "pass"),
        row("E1", 11.2, "fail", 57.7, "1m3", "At 0:57.7 the music is too loud under speech; see --music-level."),
        row("E2", 12.9, "pass", 57.1),
        row("F1", -14.1, "pass"),
        row("F1-peak", -1.3, "pass", 71.2),
        row("F1-range", 8.4, "info"),
        row("F2", 0.0, "pass"),
        row("F3", -4.9, "warn", advice="The music is dark as a whole."),
        row("G1", 0.3, "pass", 21.8),
        row("G4", None, "not measurable", advice="Too little music without speech."),
        row("H1", 0.4, "pass"),
        row("S1-spike", 6.0, "pass", 66.1),
    )


def row(
    name: str,
    value: float | None,
    status: Status,
    at_s: float | None = None,
    cue: str = "",
    advice: str = "",
    detail: Mapping[str, Any] | None = None,
) -> Row:
    """A row of the table of checks that measured just that."""
    limit = limits()[name]
    return Row(
        name, limit.name, value, limit.unit, limit.allowed, limit.source, status, at_s, cue, advice, detail or {}
    )
