"""Engines as a user of the command meets them: a process, its exit code, what it says and what it leaves."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from ace_step_checkpoints import tiny_checkpoint
from films import colour_film, plain_film

COMMAND = [sys.executable, "-c", "from integrations.cli.main import main; main()"]
PLAIN = ["--device", "cpu", "--precision", "float32"]


def environment(home: Path, **more: str) -> dict[str, str]:
    """Without anybody's weights, settings and threads."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CUESMITH_")}
    return {**kept, "HOME": str(home), "USERPROFILE": str(home), "OMP_NUM_THREADS": "1", **more}


def cuesmith(*arguments: str | Path, cwd: Path, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *map(str, arguments)], cwd=cwd, capture_output=True, text=True, env=environment(cwd, **more)
    )


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_checkpoint(tmp_path_factory.mktemp("checkpoint"))


@pytest.fixture
def film(tmp_path: Path) -> Path:
    return plain_film(tmp_path / "film.mp4", 2.0)


def manifest(folder: Path) -> dict[str, object]:
    document: dict[str, object] = json.loads((folder / "film.cuesmith" / "manifest.json").read_text("utf-8"))
    return document


def test_a_film_is_scored_by_ace_step_from_a_checkpoint(film: Path, tmp_path: Path, checkpoint: Path) -> None:
    arguments = ["--engine", "ace-step-v1", "--checkpoint", checkpoint, "--steps", "2", "--guidance-scale", "7", *PLAIN]
    done = cuesmith("score", "film.mp4", *arguments, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "ace-step-v1: asked for by name" in done.stdout
    assert (tmp_path / "film.scored.mp4").stat().st_size > 0
    assert manifest(tmp_path)["engine"] == "ace-step-v1"
    assert manifest(tmp_path)["fallbacks"] == []


def test_without_weights_it_ends_with_2_and_says_what_to_do(film: Path, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    done = cuesmith("score", "film.mp4", "--engine", "ace-step-v1", cwd=tmp_path)
    assert done.returncode == 2
    assert "ace-step-v1 cannot start" in done.stderr
    for words in ("hf download ACE-Step/ACE-Step-v1-3.5B", "--checkpoint", "--fallback"):
        assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert sorted(tmp_path.rglob("*")) == before


def test_with_fallback_the_composer_plays_and_a_line_says_so(film: Path, tmp_path: Path) -> None:
    done = cuesmith("score", "film.mp4", "--engine", "ace-step-v1", "--fallback", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "ace-step-v1 cannot start" in done.stderr
    assert "composer stands in" in done.stdout
    assert manifest(tmp_path)["engine"] == "composer"
    ((cue, engine, _),) = manifest(tmp_path)["fallbacks"]  # type: ignore[misc, attr-defined]
    assert (cue, engine) == ("1m1", "ace-step-v1")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--device", "tpu"], "cuda"),
        (["--precision", "float8"], "int8"),
        (["--steps", "0"], "steps"),
        (["--guidance-scale", "nan"], "guidance-scale"),
        (["--lora", "nowhere"], "nowhere"),
    ],
)
def test_a_wrong_option_costs_one_clear_line_and_exit_code_2(
    film: Path, tmp_path: Path, checkpoint: Path, arguments: list[str], words: str
) -> None:
    done = cuesmith(
        "score", "film.mp4", "--engine", "ace-step-v1", "--checkpoint", checkpoint, *arguments, cwd=tmp_path
    )
    assert done.returncode == 2, done.stderr
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "film.cuesmith").exists()


def test_settings_name_the_weights_too_and_a_wrong_one_is_named(film: Path, tmp_path: Path, checkpoint: Path) -> None:
    more = {"CUESMITH_CHECKPOINT": str(checkpoint), "CUESMITH_STEPS": "2", "CUESMITH_DEVICE": "cpu"}
    done = cuesmith("score", "film.mp4", "--engine", "ace-step-base", "--quiet", cwd=tmp_path, **more)
    assert done.returncode == 0, done.stderr
    assert manifest(tmp_path)["engine"] == "ace-step-v1"
    wrong = cuesmith("score", "film.mp4", cwd=tmp_path, CUESMITH_CHECKPOINT=str(tmp_path / "none"))
    assert wrong.returncode == 2
    assert "CUESMITH_CHECKPOINT" in wrong.stderr


def test_weights_in_a_known_place_are_found(tmp_path: Path) -> None:
    tiny_checkpoint(tmp_path / ".cache" / "ace-step" / "checkpoints")
    document = json.loads(cuesmith("engines", "--json", cwd=tmp_path).stdout)
    (row,) = [row for row in document["engines"] if row["name"] == "ace-step-v1"]
    assert row["ready"]
    assert ".cache/ace-step/checkpoints" in Path(row["reason"]).as_posix()


def test_engines_and_doctor_say_what_is_missing_and_that_the_main_job_runs_all_the_same(tmp_path: Path) -> None:
    engines = cuesmith("engines", cwd=tmp_path)
    assert engines.returncode == 0
    assert "auto takes composer" in engines.stdout
    assert "hf download" in engines.stdout
    doctor = cuesmith("doctor", "--json", cwd=tmp_path)
    assert doctor.returncode == 0, doctor.stdout
    rows = {row["name"]: row for row in json.loads(doctor.stdout)["findings"]}
    assert rows["engine composer"]["state"] == "ok"
    assert rows["engine ace-step-v1"]["state"] == "could"
    assert "--checkpoint" in rows["engine ace-step-v1"]["advice"]


@pytest.mark.skipif(os.name == "nt", reason="another signal there")
def test_a_killed_run_goes_on_with_the_cue_it_stood_at(tmp_path: Path, checkpoint: Path) -> None:
    colour_film(tmp_path / "film.mp4", [("0x88BBDD", 4.0), ("0x401010", 4.0), ("0xFFD040", 4.0)])
    (tmp_path / "prompts.txt").write_text('[0:4] "calm"\n[4:8] "drums"\n[8:12] "piano"\n', encoding="utf-8")
    arguments = ["--engine", "ace-step-v1", "--checkpoint", str(checkpoint), "--steps", "60", *PLAIN]
    command = [*COMMAND, "score", "film.mp4", "--prompts", "prompts.txt", *arguments]
    running = subprocess.Popen(
        command, cwd=tmp_path, env=environment(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    until = time.monotonic() + 120
    while not list(tmp_path.glob("film.cuesmith/cues/1m1-*/take.json")):
        assert running.poll() is None, running.communicate()
        assert time.monotonic() < until
        time.sleep(0.02)
    running.send_signal(signal.SIGKILL)
    running.communicate()
    assert not (tmp_path / "film.scored.mp4").exists()
    done = cuesmith("score", "film.mp4", "--prompts", "prompts.txt", *arguments, "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    composed = [row["composed_now"] for row in json.loads(done.stdout)["report"]["cues"]]
    assert composed[0] is False
    assert any(composed)


@pytest.mark.skipif(os.name == "nt", reason="another signal there")
def test_ctrl_c_while_composing_stops_at_once_and_no_other_engine_takes_over(tmp_path: Path, checkpoint: Path) -> None:
    plain_film(tmp_path / "film.mp4", 4.0)
    listening = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    arguments = ["--engine", "ace-step-v1", "--checkpoint", checkpoint, "--steps", "1000", "--fallback", *PLAIN]
    running = subprocess.Popen(
        [*COMMAND[:2], listening + COMMAND[2], "score", "film.mp4", *map(str, arguments)],
        cwd=tmp_path,
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    until = time.monotonic() + 120
    while not (tmp_path / "film.cuesmith" / "cues.json").exists():
        assert running.poll() is None, running.communicate()
        assert time.monotonic() < until
        time.sleep(0.02)
    time.sleep(1.0)  # the sheet is written right before composing; a thousand steps take longer than this
    running.send_signal(signal.SIGINT)
    asked_s = time.monotonic()
    _, err = running.communicate(timeout=60)
    assert time.monotonic() - asked_s < 10
    assert running.returncode == 130, err
    assert "composer" not in err
    assert not (tmp_path / "film.scored.mp4").exists()
    assert not list(tmp_path.glob("film.cuesmith/cues/*"))
