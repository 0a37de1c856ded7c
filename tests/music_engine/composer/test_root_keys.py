"""The mend of SoundFonts: every melodic sound the styles use is in tune."""

from __future__ import annotations

import numpy as np
import pytest

from music_engine.composer.form import Form
from music_engine.composer.note import Note, Part
from music_engine.composer.players.drums import INSTRUMENTS
from music_engine.composer.root_keys import mended
from music_engine.composer.soundfont import find_soundfont
from music_engine.composer.synth import render_layer
from scoring.style import Layer, load_style, style_names

FORM = Form(1.0, 4, 0.0, 0.0, 0.0, 2.0, 2.0, None, (), ())
SOUNDS = sorted(
    {
        (layer.program, pitch)
        for name in style_names()
        for layer in load_style(name).layers
        if layer.voice == "soundfont" and layer.kind not in ("percussion", "effects")
        for pitch in (layer.low + 2, (layer.low + layer.high) // 2, layer.high - 2)
    }
    | {(drum.program, drum.low + 5) for drum in INSTRUMENTS.values() if drum.low}
)


def _pitch(audio: np.ndarray, near: int) -> float:
    """The MIDI pitch whose harmonics hold most, in tenths of a semitone over two octaves and a half around `near`."""
    size = 1 << 17
    spectrum = np.abs(np.fft.rfft(audio[1200:25_200] * np.hanning(24_000), size))
    candidates = near + np.arange(-15, 15.01, 0.1)
    f0_hz = 440 * 2 ** ((candidates - 69) / 12)
    bins = np.round(np.outer(f0_hz, np.arange(1, 9)) * size / 48_000).astype(int)
    strengths = spectrum[np.minimum(bins, len(spectrum) - 1)] @ (0.8 ** np.arange(8))
    return float(candidates[np.argmax(strengths)])


@pytest.mark.parametrize(("program", "pitch"), SOUNDS)
def test_every_melodic_sound_of_the_styles_is_in_tune(program: int, pitch: int) -> None:
    layer = Layer("x", "lead", "lead", 0.0, 0.0, 0, 127, program=program)
    sound = render_layer(
        [Part(layer, program, False, (Note(0.0, 1.5, pitch, 0.7),))], FORM, find_soundfont().path, 96_000
    )
    found = _pitch(sound.mean(axis=0), pitch)
    # An octave apart is a matter of which partial is strongest, as in a bell; anything else is out of tune.
    off = (found - pitch + 6) % 12 - 6
    assert abs(off) < 0.45, f"program {program} plays {found:.1f} for {pitch}"


def test_mending_twice_changes_nothing_more() -> None:
    once = mended(find_soundfont().path.read_bytes())
    assert mended(once) == once


def test_another_file_is_refused() -> None:
    with pytest.raises(ValueError, match="pdta"):
        mended(b"RIFF\x04\x00\x00\x00WAVE")
