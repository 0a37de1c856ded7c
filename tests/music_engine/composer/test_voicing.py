"""Voice leading: the rules hold over many progressions."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from music_engine.composer import voicing
from music_engine.composer.harmony import read_degree
from music_engine.composer.voicing import Ranges, Voicing, voice
from scoring.key import MODES, Key

RANGES = Ranges(52, 79, 28, 50)


def _progressions(count: int) -> list[list[str]]:
    rng = np.random.default_rng(5)
    colours = ["", "", "", "add9", "sus2", "sus4", "7"]
    return [[f"{d}{rng.choice(colours)}" for d in rng.integers(1, 8, 8)] for _ in range(count)]


def _voiced(degrees: list[str], number: int) -> tuple[Voicing, ...]:
    key = Key(number % 12, list(MODES)[number % len(MODES)])
    return voice([read_degree(d, key) for d in degrees], RANGES, np.random.default_rng(number))


def _parallels(voicings: tuple[Voicing, ...]) -> int:
    found = 0
    for a, b in pairwise(voicings):
        was, becomes = (a.upper[-1] - a.bass) % 12, (b.upper[-1] - b.bass) % 12
        found += was == becomes and was in (0, 7) and a.bass != b.bass and a.upper[-1] != b.upper[-1]
    return found


def test_ranges_spacing_and_parallels_over_a_hundred_progressions() -> None:
    for number, degrees in enumerate(_progressions(100)):
        voicings = _voiced(degrees, number)
        assert _parallels(voicings) == 0
        for v in voicings:
            assert 28 <= v.bass <= 50
            assert v.bass < v.upper[0]
            assert v.upper[0] >= 52
            assert v.upper[-1] <= 79
            assert all(2 <= b - a <= 12 for a, b in pairwise(v.upper))
            assert {p % 12 for p in (v.bass, *v.upper)} == set(v.chord.pitch_classes)


def test_the_rule_against_parallels_is_what_prevents_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(voicing, "FORBIDDEN", 0.0)
    assert sum(_parallels(_voiced(degrees, number)) for number, degrees in enumerate(_progressions(40))) > 0


def test_upper_voices_move_by_step_and_keep_common_tones() -> None:
    moves, kept, common = [], 0, 0
    for number, degrees in enumerate(_progressions(40)):
        for a, b in pairwise(_voiced(degrees, number)):
            moves += [abs(x - y) for x, y in zip(a.upper, b.upper, strict=True)]
            shared = {p % 12 for p in a.upper} & {p % 12 for p in b.upper}
            common += bool(shared)
            kept += bool(set(a.upper) & set(b.upper))
    assert np.mean(moves) < 2.5
    assert kept / common > 0.85
