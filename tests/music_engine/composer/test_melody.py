"""Melody: the motif is in every cue, and its strong notes agree with the chords."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from music_engine.composer.melody import chord_at
from music_engine.composer.plan import Plan, make_plan
from scoring.cue_sheet import Metre
from scoring.style import load_style, style_names

CASES = [
    (style, key, metre, seed)
    for style in style_names()
    for key, metre in (("C major", 4), ("D minor", 4), ("F# lydian", 3), ("E phrygian", 4), ("Bb dorian", 5))
    for seed in range(4)
]


def _plan(ask, style: str, key: str, metre: int, seed: int, **fields: object) -> Plan:  # type: ignore[no-untyped-def]
    wishes = {"duration_s": 40.0, "bpm": 96.0, "tension": 0.5, "intensity": ((0.0, 0.3), (40.0, 0.8)), **fields}
    request = ask(style=style, key=key, metre=Metre(metre, 4), seed=seed, film_seed=seed * 3 + 1, **wishes)
    return make_plan(request, load_style(style))


def _contour(plan: Plan) -> tuple[list[int], list[int]]:
    """Signs of the moves of the first statement and of the motif."""
    beat = plan.line.statements[0][0]
    count = len(plan.motif.steps)
    notes = [note for note in plan.line.notes if note.beat >= beat - 1e-6][:count]
    return [int(np.sign(b.pitch - a.pitch)) for a, b in pairwise(notes)], [
        int(np.sign(b - a)) for a, b in pairwise(plan.motif.steps)
    ]


@pytest.mark.parametrize(("style", "key", "metre", "seed"), CASES)
def test_strong_notes_of_the_lead_never_lie_a_semitone_from_the_chord(ask, style, key, metre, seed) -> None:  # type: ignore[no-untyped-def]
    plan = _plan(ask, style, key, metre, seed)
    for note in plan.line.notes:
        if note.beat % metre < 1e-6 or note.beats >= 1.0:
            chord = chord_at(plan.chords, note.beat)
            clashes = {(note.pitch - pc) % 12 for pc in chord.pitch_classes} & {1, 11}
            assert not clashes or note.pitch % 12 in chord.pitch_classes, (note, chord.symbol)


def test_the_first_statement_has_the_motifs_contour_in_nearly_every_cue(ask) -> None:  # type: ignore[no-untyped-def]
    alike = [a == b for a, b in (_contour(_plan(ask, *case)) for case in CASES)]
    assert np.mean(alike) >= 0.85


@pytest.mark.parametrize("style", style_names())
@pytest.mark.parametrize("intensity", [0.0, 0.3, 1.0])
def test_every_cue_states_the_theme(ask, style: str, intensity: float) -> None:  # type: ignore[no-untyped-def]
    for duration_s in (10.0, 24.0):
        plan = _plan(ask, style, "C major", 4, 1, intensity=((0.0, intensity),), duration_s=duration_s)
        assert plan.line.statements
        assert len(plan.line.notes) >= 3


def test_the_motif_belongs_to_the_film_and_not_to_the_cue(ask) -> None:  # type: ignore[no-untyped-def]
    style = load_style("cinematic")
    one, other = (make_plan(ask(film_seed=5, seed=seed), style).motif for seed in (1, 2))
    assert one == other
    assert make_plan(ask(film_seed=6), style).motif != one


def test_one_note_at_a_time(ask) -> None:  # type: ignore[no-untyped-def]
    for case in CASES[:20]:
        for before, after in pairwise(_plan(ask, *case).line.notes):
            assert before.beat + before.beats <= after.beat + 1e-6
