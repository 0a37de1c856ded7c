from __future__ import annotations

import json
from pathlib import Path

import pytest

from integrations.cli.main import run
from pipeline.demo_film import make_demo_film


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "demo.mp4"
    make_demo_film(path)
    return path


def test_prompts_show_explains_every_tag_in_every_family(film: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for family in ("ace-step", "sentence", "chinese"):
        assert run(["prompts", "show", str(film), "--family", family, "--analyser", "colour-motion", "--json"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert told["analyser"] == "colour-motion"
        assert told["family"] == family
        for cue in told["cues"]:
            assert cue["prompt"]
            assert all(tag["because"] for tag in cue["tags"])
            for tag in cue["tags"]:
                assert tag["tag"].casefold() in cue["prompt"].casefold()


def test_for_people_it_prints_the_numbers_and_a_family_there_is_not_is_refused(
    film: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["prompts", "show", str(film), "--analyser", "colour-motion"]) == 0
    shown = capsys.readouterr().out
    assert "read by colour-motion from colour, motion, sound" in shown
    assert "arousal" in shown
    assert run(["prompts", "show", str(film), "--family", "klingon"]) == 2
    assert "ace-step" in capsys.readouterr().err
