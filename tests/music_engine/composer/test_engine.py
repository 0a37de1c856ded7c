"""The composer as everybody else sees it: real notes through the real SoundFont."""

from __future__ import annotations

import io

import mido
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from music_engine.composer import synth
from music_engine.composer.engine import Composer
from music_engine.composer.mix import STEMS
from music_engine.composer.soundfont import find_soundfont
from scoring.cue_sheet import Metre
from scoring.errors import Cancelled, EngineError, UnknownChoice
from scoring.request import CueAudio, CueRequest
from scoring.style import style_names

RATE_HZ = 48_000
SLOW = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture(scope="module")
def composer() -> Composer:
    return Composer()


def _compose(composer: Composer, request: CueRequest, with_stems: bool = False) -> CueAudio:
    return composer.compose([request], with_stems=with_stems)[0]


def _level_db(audio: NDArray[np.float32]) -> float:
    return float(10.0 * np.log10(np.mean(np.square(audio, dtype=np.float64)) + 1e-20))


def _longest_silence_s(audio: NDArray[np.float32], threshold_db: float = -50.0, window_s: float = 0.4) -> float:
    """Of momentary level under the threshold."""
    hop = RATE_HZ // 20
    power = np.square(audio, dtype=np.float64).mean(axis=0)
    power = np.pad(power, (0, -len(power) % hop)).reshape(-1, hop).mean(axis=1)
    width = max(round(window_s * 20), 1)
    level = 10 * np.log10(np.convolve(power, np.ones(width) / width, mode="same") + 1e-20)
    longest = run = 0
    for silent in level < threshold_db:
        run = run + 1 if silent else 0
        longest = max(longest, run)
    return longest / 20


@SLOW
@given(
    style=st.sampled_from(style_names()),
    duration_s=st.floats(0.5, 14.0),
    bpm=st.floats(45.0, 190.0),
    beats=st.sampled_from([1, 2, 3, 4, 5, 7]),
    first_s=st.floats(0.0, 3.0),
    lead_in_s=st.sampled_from([0.0, 0.7, 2.0]),
    tail_s=st.sampled_from([0.0, 1.5]),
    ending=st.sampled_from(["end", "crossfade", "ring_out", "cut"]),
    seed=st.integers(0, 99),
)
def test_any_cue_has_the_asked_length_and_is_never_silent(  # type: ignore[no-untyped-def]
    composer, ask, style, duration_s, bpm, beats, first_s, lead_in_s, tail_s, ending, seed
) -> None:
    request = ask(
        style=style, duration_s=duration_s, bpm=bpm, metre=Metre(beats, 4), first_downbeat_s=first_s,
        lead_in_s=lead_in_s, tail_s=tail_s, ending=ending, seed=seed, hits=((duration_s / 2, 0.8),),
    )  # fmt: skip
    made = _compose(composer, request)
    assert made.body_samples == round(duration_s * RATE_HZ)
    assert made.lead_in_samples == round(lead_in_s * RATE_HZ)
    assert made.audio.shape == (2, made.lead_in_samples + made.body_samples + round(tail_s * RATE_HZ))
    assert made.audio.dtype == np.float32
    assert np.isfinite(made.audio).all()
    assert np.abs(made.audio).max() < 1.0
    body = made.audio[:, made.lead_in_samples : made.lead_in_samples + made.body_samples]
    assert _longest_silence_s(body) <= 1.0
    assert np.abs(made.audio[:, -1]).max() < 1e-3, "no click at the end"
    assert np.abs(made.audio[:, 0]).max() < 1e-3, "no click at the start"
    assert all(0 <= t <= duration_s for t in (*made.beats_s, *made.bars_s))
    assert all(np.diff(made.beats_s) > 0)


def test_a_cue_is_the_same_samples_whatever_was_composed_before_it(composer, ask) -> None:  # type: ignore[no-untyped-def]
    request = ask(duration_s=12.0, seed=12)
    alone = _compose(composer, request, True)
    for seed in (3, 4, 5):
        _compose(composer, ask(duration_s=9.0, seed=seed, film_seed=seed, intensity=((0.0, 1.0),)), True)
        after = _compose(composer, request, True)
        for name, samples in alone.stems.items():
            assert np.array_equal(samples, after.stems[name]), (seed, name)


def test_every_rendering_has_a_synthesizer_of_its_own() -> None:
    """One used again let cues of one-minute films differ by 0.002 of full scale from the same cue alone."""
    path = find_soundfont(None).path
    assert synth._synthesizer(path) is not synth._synthesizer(path)


@pytest.mark.parametrize("style", style_names())
def test_the_same_request_gives_the_same_samples_and_another_seed_or_film_does_not(  # type: ignore[no-untyped-def]
    composer, ask, style
) -> None:
    request = ask(style=style, duration_s=10.0)
    first, again = _compose(composer, request, True), _compose(composer, request, True)
    assert np.array_equal(first.audio, again.audio)
    assert first.midi == again.midi
    for stem in STEMS:
        assert np.array_equal(first.stems[stem], again.stems[stem])
    for other in (ask(style=style, duration_s=10.0, seed=2), ask(style=style, duration_s=10.0, film_seed=8)):
        assert not np.array_equal(first.audio, _compose(composer, other).audio)


@pytest.mark.parametrize("style", style_names())
def test_stems_add_up_to_the_music(composer, ask, style) -> None:  # type: ignore[no-untyped-def]
    request = ask(style=style, duration_s=12.0, intensity=((0.0, 0.9),), hits=((6.0, 0.9),), lead_in_s=1.0, tail_s=2.0)
    made = _compose(composer, request, True)
    assert tuple(made.stems) == STEMS
    assert np.abs(sum(made.stems.values()) - made.audio).max() < 1e-4
    assert all(_level_db(stem) > -70 for stem in made.stems.values())
    assert np.allclose(_compose(composer, request).audio, made.audio, atol=1e-4)


@pytest.mark.parametrize("style", style_names())
def test_a_heavy_hit_on_a_beat_is_heard_within_20_ms(composer, ask, style) -> None:  # type: ignore[no-untyped-def]
    for hit_s in (5.0, 6.5):
        plain = ask(style=style, duration_s=12.0, intensity=((0.0, 0.6),), hits=((hit_s, 0.9),))
        audio = _compose(composer, plain, True).stems["effects"]
        energy = np.square(audio).sum(axis=0)
        at = round(hit_s * RATE_HZ)
        low = np.convolve(energy, np.ones(240) / 240, mode="same")
        before, after = low[at - 2400 : at - 960].mean(), low[at : at + 2400]
        onset = int(np.argmax(after > 4 * before + 1e-8))
        assert after.max() > 4 * before
        assert onset <= 960


@pytest.mark.parametrize("style", style_names())
def test_a_light_hit_is_an_accent_on_its_beat(composer, ask, style) -> None:  # type: ignore[no-untyped-def]
    made = _compose(composer, ask(style=style, duration_s=12.0, hits=((5.0, 0.4),)), True)
    plain = _compose(composer, ask(style=style, duration_s=12.0), True)
    at = 5 * RATE_HZ
    with_hit, without = (np.square(m.stems["effects"][:, at : at + 4800]).sum() for m in (made, plain))
    assert with_hit > 2 * without


@pytest.mark.parametrize("style", style_names())
def test_an_ending_dies_away_and_a_handover_does_not(composer, ask, style) -> None:  # type: ignore[no-untyped-def]
    ended = _compose(composer, ask(style=style)).audio
    assert _level_db(ended[:, -2400:]) < -50
    assert _level_db(ended[:, -3 * RATE_HZ : -2 * RATE_HZ]) > -45
    joined = _compose(composer, ask(style=style, ending="crossfade", is_last=False, tail_s=2.0))
    body = joined.audio[:, : joined.body_samples]
    assert _level_db(body[:, -RATE_HZ:]) > _level_db(body) - 8
    assert _level_db(joined.audio[:, joined.body_samples : joined.body_samples + RATE_HZ // 2]) > _level_db(body) - 12


def test_a_lead_in_swells_into_the_first_downbeat(composer, ask) -> None:  # type: ignore[no-untyped-def]
    made = _compose(composer, ask(lead_in_s=2.0, is_first=False))
    quarters = [_level_db(made.audio[:, k * RATE_HZ // 2 : (k + 1) * RATE_HZ // 2]) for k in range(4)]
    assert quarters == sorted(quarters)
    assert quarters[-1] > -50


def test_a_calm_cue_is_quieter_than_a_lively_one_within_reason(composer, ask) -> None:  # type: ignore[no-untyped-def]
    for style in style_names():
        calm = _compose(composer, ask(style=style, arousal=-0.8, intensity=((0.0, 0.2),))).audio
        lively = _compose(composer, ask(style=style, arousal=0.8, intensity=((0.0, 0.9),))).audio
        assert 2.0 < _level_db(lively) - _level_db(calm) < 13.0


def test_intensity_brings_in_more_players(composer, ask) -> None:  # type: ignore[no-untyped-def]
    for style in style_names():
        notes = []
        for intensity in (0.1, 0.5, 0.95):
            made = _compose(composer, ask(style=style, intensity=((0.0, intensity),)))
            file = mido.MidiFile(file=io.BytesIO(made.midi))
            notes.append(sum(m.type == "note_on" for track in file.tracks for m in track))
        assert notes == sorted(set(notes))


def test_a_half_second_film_is_one_chord_with_two_layers(composer, ask) -> None:  # type: ignore[no-untyped-def]
    for style in style_names():
        made = _compose(composer, ask(style=style, duration_s=0.5), True)
        assert len(made.chords) == 1
        assert _level_db(made.audio) > -40
        file = mido.MidiFile(file=io.BytesIO(made.midi))
        assert len(file.tracks) >= 3


def test_what_was_used_stands_in_the_settings(composer, ask) -> None:  # type: ignore[no-untyped-def]
    made = _compose(composer, ask(duration_s=2.0))
    assert len(str(made.settings["soundfont_sha256"])) == 64
    assert made.settings["style"] == "cinematic"
    assert made.engine == "composer"


def test_progress_rises_to_one_and_a_stop_is_obeyed(composer, ask) -> None:  # type: ignore[no-untyped-def]
    shares: list[float] = []
    composer.compose([ask(duration_s=2.0), ask(duration_s=4.0)], progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0)
    with pytest.raises(Cancelled):
        composer.compose([ask(duration_s=2.0)], cancelled=lambda: True)


def test_what_breaks_inside_is_the_engines_error_with_the_cue_named(composer, ask, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("no such sample")

    monkeypatch.setattr("music_engine.composer.engine.mix", broken)
    with pytest.raises(EngineError, match=r"1m1.*no such sample"):
        composer.compose([ask()])


def test_an_unknown_style_is_refused(composer, ask) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(UnknownChoice):
        composer.compose([ask(style="polka")])
