from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt

from music_engine.composer.engine import Composer
from music_engine.composer.plan import make_plan
from music_engine.composer.players.ensemble import play
from music_engine.composer.speech import spoken
from music_engine.composer.thinning import thinned
from scoring.style import load_style
from scoring.timebase import TimeRange

SPEECH = (TimeRange(3.0, 5.0), TimeRange(6.5, 8.0), TimeRange(13.0, 15.0))
LEAD_DOWN_DB, BAND_DOWN_DB = 30.0, 6.0
Sound = NDArray[np.float32]


def inside(sound: Sound) -> Sound:
    mask = np.zeros(sound.shape[1], bool)
    for stretch in SPEECH:
        mask[round(stretch.start_s * 48_000) : round(stretch.end_s * 48_000)] = True
    return sound[:, mask]


def power_db(sound: Sound) -> float:
    return float(10 * np.log10(np.mean(np.square(sound, dtype=np.float64)) + 1e-14))


def middle_db(sound: Sound) -> float:
    """Power between 1 and 4 kHz."""
    band = butter(4, (1000, 4000), "bandpass", fs=48_000, output="sos")
    return power_db(inside(np.asarray(sosfilt(band, sound), np.float32)))


@pytest.mark.parametrize("style", ["cinematic", "ambient", "upbeat"])
def test_under_speech_lead_and_percussion_rest_and_the_middle_is_free(ask, style: str) -> None:  # type: ignore[no-untyped-def]
    request = ask(style=style, duration_s=16.0, bpm=100.0, intensity=((0.0, 0.7),))
    (plain,) = Composer().compose([request])
    (thin,) = Composer().compose([ask(style=style, duration_s=16.0, bpm=100.0, intensity=((0.0, 0.7),), speech=SPEECH)])
    lead_db = power_db(inside(plain.stems["lead"])) - power_db(inside(thin.stems["lead"]))
    rhythm_db = power_db(inside(plain.stems["rhythm"])) - power_db(inside(thin.stems["rhythm"]))
    assert min(lead_db, rhythm_db) >= LEAD_DOWN_DB
    total = [np.sum(list(audio.stems.values()), axis=0) for audio in (plain, thin)]
    assert middle_db(total[0]) - middle_db(total[1]) >= BAND_DOWN_DB
    assert power_db(inside(thin.stems["harmony"])) > -50.0  # the bed stays
    assert np.abs(total[1] - thin.audio).max() < 1e-5


def test_without_speech_the_samples_are_the_same(ask) -> None:  # type: ignore[no-untyped-def]
    (plain,) = Composer().compose([ask(duration_s=5.0)])
    (same,) = Composer().compose([ask(duration_s=5.0, speech=())])
    assert np.array_equal(plain.audio, same.audio)


def test_short_gaps_stay_thin_and_long_ones_fill_again(ask) -> None:  # type: ignore[no-untyped-def]
    request = ask(style="upbeat", duration_s=16.0, intensity=((0.0, 0.8),), speech=SPEECH)
    assert spoken(request) == (TimeRange(3.0, 8.0), TimeRange(13.0, 15.0))
    plan = make_plan(request, load_style("upbeat"))
    times_s = [
        plan.form.time_s(note.beat)
        for part in thinned(play(plan), plan)
        if part.layer.kind in ("lead", "percussion", "ostinato")
        for note in part.notes
    ]
    assert not [t for t in times_s if 3.0 <= t < 8.0]
    assert len([t for t in times_s if 8.0 <= t < 13.0]) > 10


def test_no_note_is_cut_short(ask) -> None:  # type: ignore[no-untyped-def]
    request = ask(style="cinematic", duration_s=16.0, intensity=((0.0, 0.8),), speech=SPEECH)
    plan = make_plan(request, load_style("cinematic"))
    before, after = play(plan), thinned(play(plan), plan)
    kept = {(part.layer.name, part.program): set(part.notes) for part in before}
    assert all(set(part.notes) <= kept[part.layer.name, part.program] for part in after)
