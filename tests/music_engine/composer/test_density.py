"""How many notes are written follows a cue's density; everything else follows its intensity."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from noises import weighted_db

from music_engine.composer.engine import Composer
from music_engine.composer.note import Note
from music_engine.composer.plan import Plan, make_plan
from music_engine.composer.players.ensemble import play
from music_engine.composer.thinning import RESTING, thinned
from scoring.request import CueAudio, CueRequest
from scoring.style import load_style
from scoring.timebase import TimeRange
from scoring.wishes.reading import Section, Wishes

STYLES = ("cinematic", "ambient", "upbeat")
SPEECH = (TimeRange(3.0, 9.0), TimeRange(14.0, 18.0))
LEVELS = (0.25, 0.5, 0.75)
SHIFT = 0.12


def written(request: CueRequest) -> tuple[Plan, list[Note]]:
    plan = make_plan(request, load_style(request.style))
    return plan, [note for part in thinned(play(plan), plan) for note in part.notes]


def onsets(notes: list[Note]) -> int:
    return len({round(note.beat * 16) for note in notes})


def under_words_db(made: CueAudio) -> float:
    spans = [made.audio[:, round(s.start_s * 48_000) : round(s.end_s * 48_000)] for s in SPEECH]
    return weighted_db(np.concatenate(spans, axis=1))


@pytest.mark.parametrize("style", STYLES)
def test_density_as_the_intensity_changes_no_sample(ask, style: str) -> None:  # type: ignore[no-untyped-def]
    course = ((0.0, 0.3), (12.0, 0.7))
    plain, same = Composer().compose(
        [ask(style=style, duration_s=12.0, intensity=course, density=d, speech=SPEECH[:1]) for d in ((), course)]
    )
    assert np.array_equal(plain.audio, same.audio)
    assert plain.midi == same.midi


@pytest.mark.parametrize("speech", [(), SPEECH], ids=["nobody speaks", "speech"])
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("style", STYLES)
def test_a_denser_cue_has_a_fifth_more_notes_and_onsets_on_the_same_plan(  # type: ignore[no-untyped-def]
    ask, style: str, level: float, speech: tuple[TimeRange, ...]
) -> None:
    thin, full = (
        written(
            ask(
                style=style, duration_s=28.8, bpm=100.0, intensity=((0.0, level),), density=((0.0, level + shift),),
                speech=speech, ending="crossfade",
            )
        )
        for shift in (-SHIFT, SHIFT)
    )  # fmt: skip
    assert len(full[1]) >= 1.2 * len(thin[1])
    assert onsets(full[1]) >= 1.2 * onsets(thin[1])
    assert full[0].chords == thin[0].chords
    assert full[0].form.as_dense_as_strong() == thin[0].form.as_dense_as_strong()


@pytest.mark.parametrize("style", STYLES)
def test_neither_the_cue_nor_what_lies_under_the_words_gets_louder(ask, style: str) -> None:  # type: ignore[no-untyped-def]
    courses = ((), ((0.0, 0.5 - SHIFT),), ((0.0, 0.5 + SHIFT),))
    plain, thin, full = Composer().compose(
        [
            ask(style=style, duration_s=20.0, bpm=100.0, intensity=((0.0, 0.5),), density=course, speech=SPEECH)
            for course in courses
        ],
        with_stems=False,
    )
    for made in (thin, full):
        assert under_words_db(made) == pytest.approx(under_words_db(plain), abs=1.0)
        assert weighted_db(made.audio) == pytest.approx(weighted_db(plain.audio), abs=0.5)


def test_under_speech_the_figures_rest_however_dense_the_cue(ask) -> None:  # type: ignore[no-untyped-def]
    plan, _ = written(ask(style="upbeat", duration_s=20.0, intensity=((0.0, 0.4),), density=((0.0, 1.0),)))
    request = ask(style="upbeat", duration_s=20.0, intensity=((0.0, 0.4),), density=((0.0, 1.0),), speech=SPEECH)
    spoken_plan = make_plan(request, load_style("upbeat"))
    for part in thinned(play(spoken_plan), spoken_plan):
        if part.layer.kind in RESTING:
            starts_s = [plan.form.time_s(note.beat) for note in part.notes]
            assert not any(stretch.contains(start_s) for start_s in starts_s for stretch in SPEECH)


def test_a_section_is_as_strong_as_it_was_asked_and_as_much_denser_as_the_voices_say(ask) -> None:  # type: ignore[no-untyped-def]
    wishes = Wishes(sections=(Section("verse", 0.4, 1.0), Section("chorus", 0.8, 1.0)))
    plan, _ = written(ask(duration_s=32.0, intensity=((0.0, 0.5),), density=((0.0, 0.6),), wishes=wishes))
    assert [round(bar.intensity, 3) for bar in plan.form.bars][:: len(plan.form.bars) - 1] == [0.4, 0.8]
    assert all(bar.lift == pytest.approx(0.1) for bar in plan.form.bars)


@settings(deadline=None, max_examples=30)
@given(
    style=st.sampled_from(STYLES),
    level=st.floats(0.0, 1.0),
    density=st.lists(
        st.tuples(st.floats(0.0, 20.0), st.floats(0.0, 1.0)), min_size=1, max_size=4, unique_by=lambda p: p[0]
    ),
    bpm=st.floats(45.0, 180.0),
    ending=st.sampled_from(["end", "crossfade"]),
)
def test_any_density_gives_notes_that_can_be_played(ask, style, level, density, bpm, ending) -> None:  # type: ignore[no-untyped-def]
    course = tuple(sorted(density))
    plan, notes = written(
        ask(style=style, duration_s=15.0, bpm=bpm, intensity=((0.0, level),), density=course, ending=ending)
    )
    assert notes
    assert all(note.beats > 0.0 and 0 <= note.pitch <= 127 and 0.0 < note.velocity <= 1.0 for note in notes)
    assert all(plan.form.start_beat - 1e-6 <= note.beat <= plan.form.stop_beat + 1e-6 for note in notes)
    assert np.isfinite(plan.fuller_lu)
