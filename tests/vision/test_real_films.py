"""Real films from outside the repository: skipped, and said so, where they are not at hand."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import numpy as np
import pytest

import vision
from pipeline.media.decode import FilmReader
from pipeline.media.probe import probe
from pipeline.settings import Settings
from vision.colour_motion import ColourMotion
from vision.frames import Frame

SHARED = Path(os.environ.get("CUESMITH_SHARED", Path(__file__).resolve().parents[3] / "shared"))
MEDIA = SHARED / "media"

pytestmark = pytest.mark.skipif(
    not (MEDIA / "shots.csv").is_file(), reason="no shared media: set CUESMITH_SHARED to the folder that holds media/"
)


def analysed(name):
    """The analysis, and the picture numbers of its hard cuts."""
    settings, times_s = Settings(), []

    def items():
        for item in FilmReader(probe(MEDIA / name, settings), settings):
            if isinstance(item, Frame):
                times_s.append(item.time_s)
            yield item

    found = vision.analyse(items(), duration_s=0.0, analyser=ColourMotion())
    hard = [cut for cut in found.shots.cuts if cut.kind == "cut"]
    return found, [int(np.argmin(np.abs(np.array(times_s) - cut.time_s))) for cut in hard]


def labelled_cuts(name):
    with (MEDIA / "shots.csv").open(encoding="utf-8", newline="") as lines:
        return [int(row["frame"]) for row in csv.DictReader(lines) if row["file"] == name and row["kind"] == "cut"]


def labelled_changes(name):
    with (MEDIA / "shots.csv").open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["file"] == name and row["kind"] in ("dissolve", "fade")]
    return [(row["kind"], *map(int, row["frame"].split("-"))) for row in rows]


@pytest.mark.parametrize("name", ["exo_video_big_buck_bunny.mp4", "tc_nasa_13013.mp4"])
def test_the_cuts_of_a_labelled_film_are_found_and_nothing_else(name):
    assert analysed(name)[1] == labelled_cuts(name)


def test_the_trailer_has_its_nine_cuts_and_the_two_of_a_short_insert():
    analysis, found = analysed("vaufreyd_bbb_trailer.webm")
    # 749 and 756 lie in what the table calls a fade; to the eye they are two cuts round seven pictures.
    assert found == sorted([*labelled_cuts("vaufreyd_bbb_trailer.webm"), 749, 756])
    dark, light = (analysis.curve.times_s > 18) & (analysis.curve.times_s < 22), analysis.curve.times_s > 26
    assert np.mean(analysis.curve.valence[dark]) < np.mean(analysis.curve.valence[light])
    assert np.mean(analysis.curve.tension[dark]) > np.mean(analysis.curve.tension[light])


def test_the_dissolves_and_fades_of_the_trailer_are_found():
    # 749-757 is the pair of cuts above; the fades from and to white at the trailer's ends are not in the table.
    cuts = analysed("vaufreyd_bbb_trailer.webm")[0].shots.cuts
    found = [(c.kind, 25 * c.start_s, 25 * c.end_s) for c in cuts if c.kind != "cut"]
    true = [row for row in labelled_changes("vaufreyd_bbb_trailer.webm") if row != ("fade", 749, 757)]
    assert len(found) == len(true) + 2
    for (kind, start, end), (true_kind, first, last) in zip(found[1:-1], true, strict=True):
        assert kind == true_kind
        assert start < last
        assert first < end


def test_a_black_and_white_film_with_grain_and_flicker_is_one_shot_with_low_confidence():
    analysis, found = analysed("mpy_chaplin.mp4")
    assert found == []
    assert np.max(analysis.curve.confidence) < 0.22


def test_cars_that_pass_are_motion_not_cuts_and_a_silent_track_is_no_sound():
    analysis, found = analysed("intel_car-detection.mp4")
    assert found == []
    assert np.all(analysis.activity.sound_db == -120.0)
    assert np.max(analysis.activity.motion) > 0.3 > 10 * np.median(analysis.activity.motion)
