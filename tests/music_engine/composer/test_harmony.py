"""Harmony: degrees become chords, chords fill the cue."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from music_engine.composer.form import plan_form
from music_engine.composer.harmony import harmonise, read_degree
from scoring.cue_sheet import Metre
from scoring.key import MODES, Key
from scoring.style import load_style, style_names


@pytest.mark.parametrize(
    ("key", "degree", "symbol"),
    [
        ("C major", "1", "C"),
        ("C major", "6", "Am"),
        ("C major", "5sus4", "Gsus4"),
        ("C major", "4add9", "Fadd9"),
        ("C major", "b7", "Bb"),
        ("C major", "2min", "Dm"),
        ("A minor", "5maj", "E"),
        ("A minor", "6", "F"),
        ("D dorian", "4", "G"),
        ("E phrygian", "2", "F"),
    ],
)
def test_a_degree_is_the_chord_a_musician_expects(key: str, degree: str, symbol: str) -> None:
    assert read_degree(degree, Key.parse(key)).symbol == symbol


@pytest.mark.parametrize("mode", MODES)
def test_no_degree_of_any_mode_is_a_diminished_triad(mode: str) -> None:
    for degree in "1234567":
        chord = read_degree(degree, Key(0, mode))
        assert (chord.pitch_classes[2] - chord.root) % 12 == 7


@settings(max_examples=60)
@given(
    style=st.sampled_from(style_names()),
    key=st.sampled_from(["C major", "D minor", "F# lydian", "E phrygian", "Bb dorian"]),
    duration_s=st.floats(0.5, 90.0),
    beats=st.sampled_from([2, 3, 4, 5, 7]),
    arousal=st.floats(-1, 1),
    tension=st.floats(0, 1),
    ending=st.sampled_from(["end", "crossfade"]),
    seed=st.integers(0, 50),
)
def test_chords_cover_the_cue_and_change(ask, style, key, duration_s, beats, arousal, tension, ending, seed) -> None:  # type: ignore[no-untyped-def]
    request = ask(
        key=key, duration_s=duration_s, metre=Metre(beats, 4), arousal=arousal, tension=tension, ending=ending,
        lead_in_s=1.0, tail_s=1.0, hits=((duration_s / 2, 0.9),),
    )  # fmt: skip
    form = plan_form(request)
    chords = harmonise(form, load_style(style).harmony, request, np.random.default_rng(seed))
    assert chords[0].beat == pytest.approx(form.start_beat)
    assert chords[-1].end == pytest.approx(form.stop_beat)
    for before, after in pairwise(chords):
        assert before.end == pytest.approx(after.beat)
        assert before.beats > 0
    inside = [c for c in chords if c.beat >= 0]
    for before, after in pairwise(inside):
        assert (before.root, before.pitch_classes) != (after.root, after.pitch_classes), "a stuck chord"


def test_a_real_ending_comes_home(ask) -> None:  # type: ignore[no-untyped-def]
    for seed in range(20):
        request = ask(key="G minor", tension=0.9)
        chords = harmonise(plan_form(request), load_style("cinematic").harmony, request, np.random.default_rng(seed))
        assert chords[-1].symbol == "Gm"
        assert chords[-2].root != 7


def test_a_heavy_hit_changes_the_chord(ask) -> None:  # type: ignore[no-untyped-def]
    request = ask(duration_s=32.0, hits=((7.0, 0.9),))
    chords = harmonise(plan_form(request), load_style("cinematic").harmony, request, np.random.default_rng(1))
    assert 14.0 in [chord.beat for chord in chords]


def test_calm_chords_last_longer_than_lively_ones(ask) -> None:  # type: ignore[no-untyped-def]
    counts = []
    for arousal in (-1.0, 1.0):
        request = ask(duration_s=48.0, arousal=arousal)
        chords = harmonise(plan_form(request), load_style("cinematic").harmony, request, np.random.default_rng(1))
        counts.append(len(chords))
    assert counts[0] < counts[1]


def test_a_tense_cue_has_pedals_but_never_through_two_phrases_in_a_row(ask) -> None:  # type: ignore[no-untyped-def]
    found = 0
    for seed in range(20):
        request = ask(duration_s=64.0, tension=0.9)
        form = plan_form(request)
        chords = harmonise(form, load_style("cinematic").harmony, request, np.random.default_rng(seed))
        held = [
            any(bars[0].beat <= c.beat <= bars[-1].beat and c.bass != c.root for c in chords) for bars in form.phrases
        ]
        found += any(held)
        assert not any(a and b for a, b in pairwise(held))
    assert found >= 15
