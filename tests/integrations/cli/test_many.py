"""Several films in one command, as a user meets it: processes, exit codes, streams, what is left on disk."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
from films import colour_film, plain_film

from integrations.batch.run import Outcome, run_films

# -P: as an installed command is, without the current folder on the path.
COMMAND = [sys.executable, "-P", "-c", "from integrations.cli.main import main; main()"]
# A test run in the background of a shell inherits an ignored Ctrl-C; a user's terminal does not.
LISTENING = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "


def cuesmith(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *map(str, arguments)], cwd=cwd, capture_output=True, text=True)


@pytest.fixture(scope="module")
def short_film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return plain_film(tmp_path_factory.mktemp("films") / "short.mp4", 1.0)


@pytest.fixture
def reel(short_film: Path, tmp_path: Path) -> Path:
    """A folder with two films, and one thing that is none."""
    for name in ("a.mp4", "b.mp4"):
        shutil.copyfile(short_film, tmp_path / name)
    (tmp_path / "bad.mp4").write_text("no film", "utf-8")
    return tmp_path


def test_one_that_fails_does_not_stop_the_others_and_all_is_summed_up(reel: Path) -> None:
    # Importing from where the films lie would run whatever came with them.
    (reel / "json.py").write_text("raise SystemExit('run')", "utf-8")
    done = cuesmith("score", "bad.mp4", "a.mp4", "b.mp4", "a.mp4", "--jobs", "2", cwd=reel)
    assert done.returncode == 2
    assert (reel / "a.scored.mp4").exists()
    assert (reel / "b.scored.mp4").exists()
    rows = {line.split()[0]: line.split()[1:] for line in done.stdout.splitlines()}
    assert rows["bad.mp4"][0] == "UnsupportedMedia"
    for name in ("a", "b"):
        result, engine, checks, seconds = rows[f"{name}.mp4"]
        assert (result, engine) == (f"{name}.scored.mp4", "composer")
        passed, _, judged = checks.partition("/")
        assert passed == judged
        assert float(seconds) > 0
    assert "cuesmith: bad.mp4: bad.mp4 is a text file" in done.stderr
    assert "left out: a.mp4 is a.mp4 again" in done.stderr
    assert done.stderr.count("read by colour-motion") <= 1
    assert "Traceback" not in done.stderr


def test_json_is_one_object_with_what_one_film_alone_would_print(reel: Path) -> None:
    done = cuesmith("score", "a.mp4", "bad.mp4", "-o", ".", "--seed", "5", "--json", cwd=reel)
    assert (done.returncode, done.stderr) == (2, "")
    good, bad = json.loads(done.stdout)["films"]
    assert (good["film"], good["exit_code"], bad["exit_code"]) == ("a.mp4", 0, 2)
    assert bad["error"]["kind"] == "UnsupportedMedia"
    alone = json.loads(cuesmith("score", "a.mp4", "-o", ".", "--seed", "5", "--json", cwd=reel).stdout)
    assert set(alone) == set(good) - {"film", "exit_code", "seconds"}
    assert alone["video"] == good["video"]
    assert [
        cue["id"] for cue in alone["report"]["cues"] if cue["composed_now"]
    ] == []  # the same wishes: the same takes


def test_at_the_first_failure_the_rest_is_left_when_that_is_asked_for(reel: Path) -> None:
    done = cuesmith("score", "bad.mp4", "a.mp4", "b.mp4", "--fail-fast", "--json", cwd=reel)
    assert done.returncode == 2
    assert [row["exit_code"] for row in json.loads(done.stdout)["films"]] == [2, None, None]
    assert sorted(path.name for path in reel.iterdir()) == ["a.mp4", "b.mp4", "bad.mp4"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["a.mp4", "b.mp4", "--cues", "sheet.json"], "--cues is of one film"),
        (["a.mp4", "b.mp4", "--words", "a.srt"], "--words is of one film"),
        (["a.mp4", "b.mp4", "-o", "out.mp4"], "not a folder"),
        (["a.mp4", "b.mp4", "--jobs", "0"], "jobs"),
        (["a.mp4", "sub/a.mp4", "-o", "sub"], "one name"),
    ],
)
def test_what_cannot_be_done_for_several_is_refused_before_any_work(
    reel: Path, arguments: list[str], words: str
) -> None:
    (reel / "sub").mkdir()
    shutil.copyfile(reel / "a.mp4", reel / "sub" / "a.mp4")
    before = sorted(reel.rglob("*"))
    done = cuesmith("score", *arguments, cwd=reel)
    assert done.returncode == 2
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert sorted(reel.rglob("*")) == before


def test_each_film_has_the_settings_of_its_own_folder(reel: Path) -> None:
    styles = {"calm": "ambient", "loud": "upbeat"}
    for name, style in styles.items():
        (reel / name).mkdir()
        shutil.copyfile(reel / "a.mp4", reel / name / f"{name}.mp4")
        (reel / name / "cuesmith.toml").write_text(f'[score]\nstyle = "{style}"\n', "utf-8")
    done = cuesmith("score", "calm/calm.mp4", "loud/loud.mp4", "--dry-run", "--json", cwd=reel)
    assert done.returncode == 0, done.stdout
    for row, (name, style) in zip(json.loads(done.stdout)["films"], styles.items(), strict=True):
        assert row["film"] == f"{name}/{name}.mp4"
        told = {setting["name"]: (setting["value"], setting["from"]) for setting in row["settings"]}
        assert told["style"] == (style, str(reel / name / "cuesmith.toml"))


def test_settings_of_one_film_are_refused_for_several_and_a_mistake_costs_no_work(reel: Path) -> None:
    (reel / "cues.txt").write_text("x", "utf-8")
    for line, words in (('words = "cues.txt"', "words is of one film"), ("seeed = 3", "Did you mean seed?")):
        (reel / "cuesmith.toml").write_text(f"[score]\n{line}\n", "utf-8")
        before = sorted(reel.rglob("*"))
        done = cuesmith("score", "a.mp4", "b.mp4", cwd=reel)
        assert done.returncode == 2
        assert words in done.stderr
        assert sorted(reel.rglob("*")) == before


# Stopping ---------------------------------------------------------------------------------------------


def half_made(folder: Path) -> list[str]:
    return [p.name for p in folder.rglob("*") if ".part" in p.name or "scratch" in p.name or "scored" in p.name]


def at_work_on(folder: Path) -> list[psutil.Process]:
    """Processes that name a folder, or work in it."""
    found = []
    for process in psutil.process_iter():
        try:
            if str(folder) in " ".join(process.cmdline()) or process.cwd() == str(folder):
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            continue
    return found


def until(what: Any, patience_s: float = 60.0) -> None:
    end_s = time.monotonic() + patience_s
    while not what():
        assert time.monotonic() < end_s, "it did not come to that"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def long_film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return colour_film(tmp_path_factory.mktemp("films") / "long.mp4", [("red", 80.0), ("blue", 80.0)])


@pytest.fixture
def long_reel(long_film: Path, tmp_path: Path) -> Path:
    for name in ("a.mp4", "b.mp4", "c.mp4"):
        shutil.copyfile(long_film, tmp_path / name)
    return tmp_path


def begin(reel: Path) -> subprocess.Popen[str]:
    """Three long films, two at once, both of which have come to their work."""
    running = subprocess.Popen(
        [*COMMAND[:3], LISTENING + COMMAND[3], "score", "a.mp4", "b.mp4", "c.mp4", "--jobs", "2"],
        cwd=reel,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    until(lambda: len([path for path in reel.glob("*.cuesmith") if any(path.iterdir())]) == 2)
    return running


@pytest.mark.skipif(os.name == "nt", reason="another signal there")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopping_ends_every_film_and_leaves_nothing_half_made(long_reel: Path, number: signal.Signals) -> None:
    running = begin(long_reel)
    running.send_signal(number)
    out, err = running.communicate(timeout=60)
    assert running.returncode == 130, err
    assert "stopped" in err
    assert "Traceback" not in err
    assert out == ""
    assert half_made(long_reel) == []
    assert at_work_on(long_reel) == []
    assert not (long_reel / "c.cuesmith").exists()


@pytest.mark.skipif(os.name == "nt", reason="another signal there")
def test_films_stop_by_themselves_when_the_command_is_killed(long_reel: Path) -> None:
    running = begin(long_reel)
    running.kill()
    running.communicate(timeout=60)
    until(lambda: not at_work_on(long_reel))
    assert half_made(long_reel) == []


class Murder:
    """A board that kills the process of a film when it begins to be watched."""

    def __init__(self, victim: int) -> None:
        self.victim = victim
        self.said: list[tuple[int, str]] = []

    def begun(self, number: int, film: Path) -> None:
        self.said.append((number, "begun"))

    def stage(self, number: int, name: str) -> None:
        self.said.append((number, name))
        if number == self.victim and name == "analyse":
            (child,) = [one for one in psutil.Process().children() if one.cmdline()[-1].endswith("a.mp4")]
            child.kill()

    def share(self, number: int, share: float) -> None:
        assert 0.0 <= share <= 1.0

    def note(self, number: int, text: str) -> None:
        pass

    def done(self, number: int, outcome: Outcome) -> None:
        self.said.append((number, "done"))


@pytest.mark.skipif(os.name == "nt", reason="another signal there")
def test_a_process_that_dies_is_a_failed_film_and_the_others_are_done(reel: Path) -> None:
    board = Murder(victim=0)
    lost, done = run_films([reel / "a.mp4", reel / "b.mp4"], ["score", "--json"], board)
    assert (lost.exit_code, lost.answer["error"]["kind"]) == (3, "WorkerLost")
    assert "SIGKILL" in lost.error
    assert (done.exit_code, done.error) == (0, "")
    assert board.said[-1] == (1, "done")
    assert [name for number, name in board.said if number == 1][:2] == ["begun", "analyse"]
