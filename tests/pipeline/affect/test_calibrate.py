from __future__ import annotations

import csv
import json
from dataclasses import replace

import numpy as np
import pytest
from rated import colour_means, rated_set

from pipeline.affect.calibrate import calibrate
from pipeline.affect.ratings import read_rated_pictures
from pipeline.given import read_calibration
from pipeline.settings import Settings
from pipeline.wish import Silent, Wish
from scoring.errors import CheckpointRefused, InputError, OutputRefused

DATE = "2026-01-31"


def fit(rated, tmp_path, features=None, **options):
    output = tmp_path / "calibration.json"
    made = calibrate(rated.read(), output, features or colour_means(), made_on=DATE, **options)
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
    honest = calibrate(
        read_rated_pictures(write(tmp_path / "a.csv", rows), rated.images), tmp_path / "a.json", looks, made_on=DATE
    )
    leaky = calibrate(
        read_rated_pictures(write(tmp_path / "b.csv", singly), rated.images), tmp_path / "b.json", looks, made_on=DATE
    )
    for axis in ("valence", "arousal"):
        assert leaky.fitted.agreement[axis].r > honest.fitted.agreement[axis].r + 0.1
        assert honest.fitted.agreement[axis].low < 0.2


def test_the_file_holds_what_was_fitted_and_reads_the_pictures_as_they_were_rated(rated, tmp_path):
    made, output = fit(rated, tmp_path, folds=4, seed=7)
    loaded = read_calibration(output)
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
    read_calibration(output).require(**here, features=kept.features)
    for differs in ({"encoder": "other"}, {"fingerprint": "other"}, {"vocabulary": "other"}):
        with pytest.raises(CheckpointRefused, match="other"):
            read_calibration(output).require(**{**here, **differs}, features=kept.features)


@pytest.mark.parametrize(("options", "why"), [({"folds": 1}, "1 folds"), ({"folds": 13}, "13 folds of 24 themes")])
def test_folds_that_cannot_be_made_are_refused_before_a_picture_is_read(rated, tmp_path, options, why):
    with pytest.raises(InputError, match=why):
        fit(rated, tmp_path, replace(colour_means(), measure=None), **options)


def test_too_few_pictures_are_refused(tmp_path):
    with pytest.raises(InputError, match="20 rated pictures"):
        fit(rated_set(tmp_path / "set", themes=10, each=2), tmp_path)


def test_a_place_that_cannot_be_written_is_refused_before_the_work(rated, tmp_path):
    with pytest.raises(OutputRefused):
        calibrate(rated.read(), tmp_path / "no" / "c.json", colour_means(), made_on=DATE)


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

    from pipeline.affect.asked import features_of
    from pipeline.watcher import choose_watcher

    settings = Settings(models=tmp_path)
    features = features_of(str(encoder_folder), None, settings)
    made, output = fit(rated, tmp_path, features)
    assert made.calibration.encoder == "tiny"
    assert len(made.calibration.features) == len(features.names) > 60

    def analyser(folder):
        wish = Wish(analyser="clip", encoder=str(folder), calibration=output)
        return choose_watcher(wish, settings, stage=Silent().stage, note=Silent().note).build()

    assert "calibrated" in analyser(encoder_folder).name
    with pytest.raises(CheckpointRefused, match="weights of the encoder"):
        analyser(tiny_open_clip(tmp_path / "tiny", side_px=64, seed=1))
