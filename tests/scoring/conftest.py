"""Synthetic films and sheets for the tests of scoring."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import strategies as st

from scoring.analysis import Activity, Analysis, Cut, EmotionCurve, Shots
from scoring.cue_sheet import Cue, CueSheet, HitKind, HitPoint, Metre, Transition
from scoring.key import MODES, Key
from scoring.moods import mood_names
from scoring.timebase import FrameRate, TimeRange

NTSC = FrameRate(30000, 1001)
Part = tuple[float, float, float, float]  # end_s, valence, arousal, tension

CALM_TENSE_HAPPY: tuple[Part, ...] = ((14.0, 0.4, -0.6, 0.1), (27.0, -0.4, 0.5, 0.8), (40.0, 0.7, 0.4, 0.15))


def build_film(
    duration_s: float,
    parts: Sequence[Part] = (),
    *,
    seed: int = 0,
    cut_gap_s: float = 3.0,
    noise: float = 0.05,
    shrink: float = 1.0,
) -> Analysis:
    """A film whose feeling steps at the parts' ends, with a strong cut there and weak ones at log-normal gaps.

    noise: of the curve, a first-order wander. shrink: how much of the contrast the analyser dares to show.
    """
    rng = np.random.default_rng(seed)
    times_s = (np.arange(max(1, int(duration_s * 2))) + 0.5) / 2
    values = np.zeros((3, len(times_s)))
    start_s = 0.0
    for end_s, *feeling in parts:
        values[:, (times_s >= start_s) & (times_s < end_s)] = np.array(feeling)[:, None]
        start_s = end_s
    values *= shrink
    wander = np.zeros(3)
    for k, push in enumerate(rng.normal(0, noise, (len(times_s), 3))):
        wander = 0.8 * wander + push
        values[:, k] += wander
    bins = math.ceil(duration_s * 10)
    motion = np.clip(0.2 + rng.normal(0, 0.03, bins) + 0.5 * (rng.uniform(size=bins) > 0.995), 0, 1)
    sound_db = -35 + rng.normal(0, 2, bins) + 20 * (np.sin(np.arange(bins) / 40) > 0.97)
    curve = EmotionCurve(
        times_s,
        values[0].clip(-1, 1),
        values[1].clip(-1, 1),
        values[2].clip(0, 1),
        np.full(len(times_s), 0.3),
        ("neutral",),
        np.ones((len(times_s), 1)),
        "synthetic",
    )
    cuts = _cuts(rng, duration_s, [end_s for end_s, *_ in parts[:-1]], cut_gap_s)
    return Analysis(
        duration_s, Shots(duration_s, cuts, (0.2,) * (len(cuts) + 1)), curve, Activity(10.0, motion, sound_db)
    )


def _cuts(rng: np.random.Generator, duration_s: float, strong_s: list[float], gap_s: float) -> tuple[Cut, ...]:
    weak_s = itertools.takewhile(
        lambda t: t < duration_s - 0.3,
        itertools.accumulate(gap_s * g for g in rng.lognormal(0, 0.5, int(3 * duration_s / gap_s) + 2)),
    )
    cuts = [Cut(_on_frame(t), "cut", 0.9) for t in strong_s]
    cuts += [
        Cut(_on_frame(t), "cut", float(rng.uniform(0.15, 0.6)))
        for t in weak_s
        if all(abs(t - s) > 0.3 for s in strong_s)
    ]
    return tuple(sorted(cuts, key=lambda cut: cut.time_s))


def _on_frame(time_s: float) -> float:
    return NTSC.time_of(NTSC.frame_at(time_s + NTSC.frame_s / 2))


@pytest.fixture(scope="session")
def make_film() -> Callable[..., Analysis]:
    return build_film


@pytest.fixture(scope="session")
def three_parts() -> Analysis:
    """40.04 s: calm, tense, happy, with hard cuts between."""
    return build_film(40.04, CALM_TENSE_HAPPY)


# Words people write, in every script, with every quote there is.
texts = st.text(st.characters(codec="utf-8"), max_size=20) | st.sampled_from(
    [
        'say "go"',
        "a\nb",
        "back\\slash",
        "“curly”",
        "希望，每分钟90拍",
        "[0:15]",
        "# no comment",
        "'80s",
        "F# minor # x",
        "",
    ]
)
names = st.from_regex(r"[a-z_]{1,8}", fullmatch=True).map(lambda name: f"x_{name}")
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=4,
)
extras = st.dictionaries(names, json_values, max_size=2)


def micro(low: float, high: float) -> st.SearchStrategy[float]:
    """Numbers as a cue sheet holds them, to six decimals."""
    return st.integers(math.ceil(low * 1e6), math.floor(high * 1e6)).map(lambda n: round(n / 1e6, 6))


@st.composite
def cue_sheets(draw: Any) -> CueSheet:
    """Any sheet that may be: one to five cues, some with silences before them, unknown fields everywhere."""
    edges_s, cues, silences = [0.0], [], []
    for number in range(1, draw(st.integers(1, 5)) + 1):
        start_s = edges_s[-1]
        if draw(st.booleans()):
            start_s = round(start_s + draw(micro(0.01, 5)), 6)
            silences.append(TimeRange(edges_s[-1], start_s))
        edges_s.append(round(start_s + draw(micro(0.5, 60)), 6))
        cues.append(draw(_cues(f"1m{number}", start_s, edges_s[-1])))
    duration_s = edges_s[-1]
    if draw(st.booleans()):
        duration_s = round(duration_s + draw(micro(0.01, 5)), 6)
        silences.append(TimeRange(edges_s[-1], duration_s))
    return CueSheet(
        source=draw(texts),
        duration_s=duration_s,
        frame_rate=draw(st.sampled_from([NTSC, FrameRate(25), FrameRate(24000, 1001), FrameRate(1)])),
        style=draw(st.sampled_from(["cinematic", "ambient", "upbeat"])),
        seed=draw(st.integers(0, 2**63 - 1)),
        analyser=draw(texts),
        cues=tuple(cues),
        silences=tuple(silences),
        extra=draw(extras),
    )


@st.composite
def _cues(draw: Any, cue_id: str, in_s: float, out_s: float) -> Cue:
    inside = micro(in_s, out_s - 1e-6)
    point = st.tuples(micro(in_s, out_s), micro(0, 1))
    points = draw(st.lists(point, min_size=1, max_size=4, unique_by=lambda p: p[0]))
    density = draw(st.just([]) | st.lists(point, min_size=1, max_size=4, unique_by=lambda p: p[0]))
    hits = st.builds(
        HitPoint, inside, micro(0, 1), micro(1, 1000), st.sampled_from(get_args(HitKind)), st.booleans(), extras
    )
    kind = draw(st.sampled_from(["crossfade", "ring_out", "cut", "end"]))
    beats = draw(micro(0, 16)) if kind in ("crossfade", "ring_out") else 0.0
    return Cue(
        id=cue_id,
        in_s=in_s,
        out_s=out_s,
        mood=draw(st.sampled_from(mood_names())),
        bpm=draw(micro(20, 400)),
        key=Key(draw(st.integers(0, 11)), draw(st.sampled_from(list(MODES)))),
        metre=Metre(draw(st.integers(1, 15)), draw(st.sampled_from([2, 4, 8, 16]))),
        first_downbeat_s=draw(inside),
        valence=draw(micro(-1, 1)),
        arousal=draw(micro(-1, 1)),
        tension=draw(micro(0, 1)),
        intensity=tuple(sorted(points)),
        density=tuple(sorted(density)),
        hit_points=tuple(draw(st.lists(hits, max_size=3))),
        transition=Transition(kind, beats, draw(extras)),
        prompt=draw(texts),
        seed=draw(st.integers(0, 2**63 - 1)),
        locked=draw(st.booleans()),
        extra=draw(extras),
    )


@pytest.fixture(scope="session")
def sheets() -> st.SearchStrategy[CueSheet]:
    return cue_sheets()


@pytest.fixture
def sheet() -> CueSheet:
    """Two plain cues of 15 s: 1m1 at 76.8 bpm, 1m2 at 112 bpm."""
    first = Cue(
        id="1m1",
        in_s=0.0,
        out_s=15.0,
        mood="calm",
        bpm=76.8,
        key=Key(2, "minor"),
        metre=Metre(),
        first_downbeat_s=0.0,
        valence=0.1,
        arousal=-0.4,
        tension=0.2,
        intensity=((0.0, 0.2), (15.0, 0.5)),
        hit_points=(HitPoint(4.0, 0.5, 80.0, "cut"), HitPoint(9.5, 0.9, 80.0, "manual", locked=True)),
        transition=Transition("crossfade", 2.0),
        prompt="soft strings, 77 bpm",
        seed=7,
        extra={"note": "the editor's own"},
    )
    second = replace(
        first,
        id="1m2",
        in_s=15.0,
        out_s=30.0,
        bpm=112.0,
        first_downbeat_s=15.0,
        intensity=((15.0, 0.5), (30.0, 0.9)),
        hit_points=(HitPoint(15.0, 1.0, 80.0, "turn"),),
        transition=Transition("end", 0.0),
        prompt="drums",
        seed=8,
    )
    return CueSheet("film.mp4", 30.0, NTSC, "cinematic", 3, "colour-motion", (first, second))
