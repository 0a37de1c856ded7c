from __future__ import annotations

import csv
import json
from dataclasses import replace

import numpy as np
import pytest
from rated import colour_means, rated_set

from pipeline.affect.calibrate import calibrate, load_calibration
from pipeline.settings import Settings
from scoring.errors import CheckpointRefused, InputError, OutputRefused

DATE = "2026-01-31"


def fit(rated, tmp_path, features=None, **options):
    output = tmp_path / "calibration.json"
    made = calibrate(rated.images, rated.ratings, output, features or colour_means(), made_on=DATE, **options)
    return made, output


def test_plain_colour_features_recover_what_brightness_and_warmth_were_made_to_say(rated, tmp_path):
    """With a function of the test's own in place of an encoder: brightness says valence, red against blue arousal."""
    made, _ = fit(rated, tmp_path)
    noise, spread = 0.3, np.std(rated.truth, axis=0)
    reachable = spread / np.hypot(spread, noise)  # no predictor follows the noise
    for axis, best in zip(("valence", "arousal"), reachable, strict=True):
        found = made.fitted.agreement[axis]
        assert best - 0.15 < found.r < best + 0.1
        assert found.low < found.r < found.high
        assert found.low > found.chance


def test_ratings_of_other_themes_are_not_predicted_the_command_cannot_flatter(shuffled, tmp_path):
    made, _ = fit(shuffled, tmp_path)
    for found in made.fitted.agreement.values():
        assert found.low < 0 < found.high
        assert found.r < found.chance


def test_pictures_alike_across_themes_would_leak_and_whole_themes_do_not(tmp_path):
    """Each theme's pictures are nearly one picture, and its rating is any. Themes that are named singly leak."""
    rated = rated_set(tmp_path / "set", themes=20, each=6, noise=0.05, seed=2)
    rows = list(csv.reader(rated.ratings.read_text("utf-8").splitlines()))
    rng = np.random.default_rng(0)
    for theme in range(20):
        said = rng.uniform(1.5, 6.5, 2)
        for row in rows[1 + 6 * theme : 7 + 6 * theme]:
            row[3:] = [str(value) for value in said]
    names = tuple(f"look {number}" for number in range(80))

    def write(path, themed):
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(themed)
        return path

    mixing = rng.normal(size=(3, 80)) * 40
    offsets = rng.uniform(0, 2 * np.pi, 80)
    plain = colour_means()
    looks = replace(plain, names=names, measure=lambda pictures: np.cos(plain.measure(pictures) @ mixing + offsets))
    singly = [rows[0], *([row[0], row[0], *row[2:]] for row in rows[1:])]
    honest = calibrate(rated.images, write(tmp_path / "a.csv", rows), tmp_path / "a.json", looks, made_on=DATE)
    leaky = calibrate(rated.images, write(tmp_path / "b.csv", singly), tmp_path / "b.json", looks, made_on=DATE)
    for axis in ("valence", "arousal"):
        assert leaky.fitted.agreement[axis].r > honest.fitted.agreement[axis].r + 0.1
        assert honest.fitted.agreement[axis].low < 0.2


def test_the_file_holds_what_was_fitted_and_reads_the_pictures_as_they_were_rated(rated, tmp_path):
    made, output = fit(rated, tmp_path, folds=4, seed=7)
    loaded = load_calibration(output)
    assert loaded == made.calibration
    document = json.loads(output.read_text("utf-8"))
    assert document["schema"] == "cuesmith.calibration/1"
    assert (document["made_on"], document["folds"], document["seed"]) == (DATE, 4, 7)
    assert (document["pictures"], document["themes"]) == (96, 24)
    bright, dark = loaded.apply(np.array([[0.7, 0.7, 0.7], [0.3, 0.3, 0.3]]))[0]
    assert bright > 0.2 > -0.2 > dark
    red, blue = loaded.apply(np.array([[0.6, 0.5, 0.4], [0.4, 0.5, 0.6]]))[1]
    assert red > 0.2 > -0.2 > blue


def test_the_same_seed_writes_the_same_bytes(rated, tmp_path):
    first = fit(rated, tmp_path, seed=3)[1].read_bytes()
    assert fit(rated, tmp_path, seed=3)[1].read_bytes() == first
    assert fit(rated, tmp_path, seed=4)[1].read_bytes() != first


def test_the_colour_floor_is_measured_on_the_same_pictures(rated, tmp_path):
    made, _ = fit(rated, tmp_path)
    by_name = {row.name: row for row in made.floor}
    assert made.floor[0].name.startswith("ridge on")
    assert made.floor[0].agreement["valence"].r > 0.5
    assert by_name["Valdez-Mehrabian pleasure"].agreement["valence"].r > 0.5
    assert set(by_name["Valdez-Mehrabian pleasure"].agreement) == {"valence"}


def test_one_made_for_other_weights_or_words_is_refused(rated, tmp_path):
    made, output = fit(rated, tmp_path)
    kept = made.calibration
    here = {"encoder": kept.encoder, "fingerprint": kept.fingerprint, "vocabulary": kept.vocabulary}
    load_calibration(output).require(**here, features=kept.features)
    for differs in ({"encoder": "other"}, {"fingerprint": "other"}, {"vocabulary": "other"}):
        with pytest.raises(CheckpointRefused, match="other"):
            load_calibration(output).require(**{**here, **differs}, features=kept.features)


@pytest.mark.parametrize("data", [b"\xff\xfe", b"{}", b"not JSON"])
def test_a_file_that_is_no_calibration_is_refused(tmp_path, data):
    (tmp_path / "c.json").write_bytes(data)
    with pytest.raises(CheckpointRefused, match=r"c\.json"):
        load_calibration(tmp_path / "c.json")


def test_a_calibration_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(CheckpointRefused, match="cannot be read"):
        load_calibration(tmp_path / "none.json")


@pytest.mark.parametrize(("options", "why"), [({"folds": 1}, "1 folds"), ({"folds": 13}, "13 folds of 24 themes")])
def test_folds_that_cannot_be_made_are_refused_before_a_picture_is_read(rated, tmp_path, options, why):
    with pytest.raises(InputError, match=why):
        fit(rated, tmp_path, replace(colour_means(), measure=None), **options)


def test_too_few_pictures_are_refused(tmp_path):
    with pytest.raises(InputError, match="20 rated pictures"):
        fit(rated_set(tmp_path / "set", themes=10, each=2), tmp_path)


def test_a_place_that_cannot_be_written_is_refused_before_the_work(rated, tmp_path):
    with pytest.raises(OutputRefused):
        calibrate(rated.images, rated.ratings, tmp_path / "no" / "c.json", colour_means(), made_on=DATE)


def test_a_few_broken_pictures_are_left_out_and_named_and_many_are_refused(tmp_path):
    rated = rated_set(tmp_path / "set", themes=10, each=4)
    (rated.images / "003.png").write_bytes((rated.images / "003.png").read_bytes()[:500])
    (rated.images / "011.png").write_text("a text file")
    made, _ = fit(rated, tmp_path, folds=3)
    assert [skipped.name for skipped in made.skipped] == ["003.png", "011.png"]
    assert made.calibration.pictures == 38
    for number in range(4, 8):
        (rated.images / f"{number:03d}.png").write_bytes(b"")
    with pytest.raises(InputError, match=r"6 of 40 pictures cannot be read, the first is 003\.png"):
        fit(rated, tmp_path, folds=3)


def test_the_real_encoder_code_is_calibrated_end_to_end_and_its_file_fits_no_other(encoder_folder, rated, tmp_path):
    """A real open_clip architecture with random weights: what it sees means nothing, the way through is real."""
    from clip_models import tiny_open_clip

    from pipeline.affect.asked import analyser_named, features_of

    features = features_of(str(encoder_folder), None, Settings())
    made, output = fit(rated, tmp_path, features)
    assert made.calibration.encoder == "tiny"
    assert len(made.calibration.features) == len(features.names) > 60
    analyser = analyser_named("clip", str(encoder_folder), None, output, Settings())
    assert "calibrated" in analyser.name
    other = tiny_open_clip(tmp_path / "tiny", side_px=64, seed=1)
    with pytest.raises(CheckpointRefused, match="weights of the encoder"):
        analyser_named("clip", str(other), None, output, Settings())
