from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from films import colour_film
from rated import RatedSet, rated_set, write_ratings

COMMAND = [sys.executable, "-c", "from integrations.cli.main import main; main()"]


def cuesmith(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run in a folder, as on a machine without models."""
    models = str(cwd.parent / "models")
    without = {**os.environ, "CUESMITH_MODELS": models, "HF_HUB_CACHE": models, "OMP_NUM_THREADS": "1"}
    return subprocess.run([*COMMAND, "affect", *arguments], cwd=cwd, capture_output=True, text=True, env=without)


@pytest.fixture(scope="module")
def rated(tmp_path_factory: pytest.TempPathFactory) -> RatedSet:
    return rated_set(tmp_path_factory.mktemp("set"), themes=12, each=4)


def test_an_analyser_is_evaluated_on_pictures_beside_chance_and_the_formulas(rated: RatedSet, tmp_path: Path) -> None:
    given = ("--images", str(rated.images), "--ratings", str(rated.ratings), "--analyser", "colour-motion")
    done = cuesmith("evaluate", *given, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "48 pictures of 12 themes"
    assert lines[2].startswith("colour-motion ")
    for words in ("valence r, 95 % interval", "chance", "Valdez-Mehrabian arousal", "draws of whole themes"):
        assert words in done.stdout
    assert max(map(len, lines)) <= 120
    assert list(tmp_path.iterdir()) == []


def test_json_is_one_object(rated: RatedSet, tmp_path: Path) -> None:
    done = cuesmith("evaluate", "--images", str(rated.images), "--ratings", str(rated.ratings), "--json", cwd=tmp_path)
    document = json.loads(done.stdout)
    assert document["schema"] == "cuesmith.evaluated/1"
    assert document["pictures"] == 48
    assert document["analyser"]["name"] == "colour-motion"
    assert set(document["analyser"]["valence"]) == {"r", "low", "high", "chance"}
    assert all(row["source"] for row in document["formulas"])


def test_a_film_is_evaluated_at_each_smoothing(tmp_path: Path) -> None:
    colour_film(tmp_path / "film.mp4", [("0xE06020", 4.0), ("0x303030", 4.0), ("0xF0A030", 4.0)])
    rows = [(t, 5.0 if (t // 4) % 2 == 0 else 1.0, t) for t in np.arange(0, 12, 0.5)]
    write_ratings(tmp_path / "r.csv", rows, ("time_s", "valence", "arousal"))
    done = cuesmith("evaluate", "--film", "film.mp4", "--ratings", "r.csv", "--analyser", "colour-motion", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for words in ("24 ratings over 11.5 s", "valence", "arousal", "3 s", "colour-motion", "shifted in a circle"):
        assert words in done.stdout


def test_a_calibration_is_fitted_with_a_real_encoder_and_says_what_it_is_worth(
    rated: RatedSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A small open_clip model with random weights: the way is the real one, the figures mean nothing.

    In this process, which has loaded torch already where other tests needed it.
    """
    for library in ("torch", "open_clip", "safetensors"):
        pytest.importorskip(library)
    from clip_models import tiny_open_clip

    from integrations.cli.affect import app

    tiny_open_clip(tmp_path / "tiny", side_px=64)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CUESMITH_MODELS", str(tmp_path))
    given = ["--images", str(rated.images), "--ratings", str(rated.ratings), "--encoder", "tiny"]
    app(["calibrate", *given, "-o", "mine.json", "--folds", "3"], standalone_mode=False)
    told = capsys.readouterr().out
    for words in (
        "48 pictures of 12 themes, 3 folds",
        "calibrated",
        "ridge on 8 colour features",
        "written    mine.json",
    ):
        assert words in told
    assert "warning: " in told
    assert json.loads((tmp_path / "mine.json").read_text("utf-8"))["schema"] == "cuesmith.calibration/1"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(["evaluate", "--ratings", "r.csv"], "--images and --film", id="neither"),
        pytest.param(
            ["evaluate", "--ratings", "r.csv", "--images", ".", "--film", "f.mp4"], "one of the two", id="both"
        ),
        pytest.param(["evaluate", "--ratings", "r.csv", "--images", "none"], "none is not a folder", id="no folder"),
        pytest.param(["evaluate", "--ratings", "r.csv", "--images", "."], "line 2: image 'gone.jpg'", id="no picture"),
        pytest.param(["evaluate", "--ratings", "x.csv", "--images", "."], "x.csv cannot be read", id="no table"),
        pytest.param(
            ["calibrate", "--ratings", "r.csv", "--images", ".", "-o", "c.json", "--folds", "1"], "folds", id="folds"
        ),
    ],
)
def test_what_cannot_be_used_costs_one_line_and_exit_code_2(tmp_path: Path, arguments: list[str], words: str) -> None:
    write_ratings(tmp_path / "r.csv", [("gone.jpg", "Beach", "x", 4, 4)])
    done = cuesmith(*arguments, cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["r.csv"]


@pytest.mark.parametrize(
    ("encoder", "words"),
    [("ViT-B-32", "cuesmith models download ViT-B-32"), ("nobody", "'nobody'")],
    ids=["not on this machine", "unknown"],
)
def test_a_calibration_fetches_nothing_and_says_what_to_do(
    rated: RatedSet, tmp_path: Path, encoder: str, words: str
) -> None:
    given = ("--images", str(rated.images), "--ratings", str(rated.ratings), "--encoder", encoder)
    done = cuesmith("calibrate", *given, "-o", "c.json", cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert words in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_without_weights_auto_measures_colour_motion_and_says_so(rated: RatedSet, tmp_path: Path) -> None:
    done = cuesmith("evaluate", "--images", str(rated.images), "--ratings", str(rated.ratings), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "read by colour-motion" in done.stderr
    assert "\ncolour-motion " in done.stdout


def test_a_fit_that_knows_nothing_or_less_than_colours_says_so(tmp_path: Path) -> None:
    """With a function of the test's own in place of an encoder, which sees nothing but noise."""
    from dataclasses import replace

    from rated import colour_means

    from integrations.cli.affect import _calibrated_lines
    from pipeline.affect.calibrate import calibrate

    made = rated_set(tmp_path / "set", themes=12, each=4, noise=0.1)
    rng = np.random.default_rng(0)
    noise = replace(colour_means(), measure=lambda pictures: rng.normal(size=(len(pictures), 3)))
    lines = {}
    for name, features in (("noise", noise), ("colours", colour_means())):
        found = calibrate(made.read(), tmp_path / f"{name}.json", features, made_on="2026-01-31")
        lines[name] = "\n".join(_calibrated_lines(found))
    assert "warning: valence is followed no better than by chance" in lines["noise"]
    assert "by chance" not in lines["colours"]
