"""Struck sounds die away; held ones do not."""

from __future__ import annotations

import numpy as np
import pytest

from music_engine.composer.form import Form
from music_engine.composer.note import Note, Part
from music_engine.composer.soundfont import find_soundfont
from music_engine.composer.synth import render_layer
from scoring.style import Layer

FORM = Form(1.0, 4, 0.0, 0.0, 0.0, 6.0, 6.0, None, (), ())
LAYER = Layer("x", "lead", "lead", 0.0, 0.0, 0, 127)


def _levels_db(program: int, is_drum: bool, *notes: Note) -> np.ndarray:
    """Level in each quarter second of six."""
    parts = [Part(LAYER, program, is_drum, notes)]
    sound = render_layer(parts, FORM, find_soundfont().path, 6 * 48_000)
    return 10 * np.log10(np.square(sound).mean(axis=0).reshape(24, -1).mean(axis=1) + 1e-12)


@pytest.mark.parametrize(
    ("program", "is_drum", "pitch"),
    [
        (0, False, 60),
        (11, False, 72),
        (25, False, 60),
        (33, False, 40),
        (45, False, 67),
        (0, True, 49),
        (116, False, 45),
    ],
    ids=["piano", "vibraphone", "guitar", "bass guitar", "pizzicato", "crash", "taiko"],
)
def test_a_struck_sound_dies_away_while_its_key_is_held(program: int, is_drum: bool, pitch: int) -> None:
    levels = _levels_db(program, is_drum, Note(0.0, 6.0, pitch, 0.8))
    assert levels[8] < levels[0] - 12
    assert levels[16] < max(levels[8] - 5, -90)


@pytest.mark.parametrize("program", [48, 60, 73], ids=["strings", "horn", "flute"])
def test_a_held_sound_keeps_its_level(program: int) -> None:
    levels = _levels_db(program, False, Note(0.0, 6.0, 62, 0.8))
    assert abs(levels[16] - levels[4]) < 6


def test_a_key_let_go_stops_and_a_stronger_stroke_is_louder() -> None:
    soft = _levels_db(0, False, Note(0.0, 0.5, 60, 0.5))
    strong = _levels_db(0, False, Note(0.0, 0.5, 60, 0.9))
    assert soft[6] < -90
    assert strong[0] > soft[0] + 4
