"""The command as a user meets it: a process, its exit code, its two streams, what it leaves on disk."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
from films import colour_film, plain_film
from numpy.typing import NDArray

COMMAND = [sys.executable, "-c", "from integrations.cli.main import main; main()"]
# A test run in the background of a shell inherits an ignored Ctrl-C; a user's terminal does not.
LISTENING = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "


def cuesmith(*arguments: str | Path, cwd: Path, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *map(str, arguments)], cwd=cwd, capture_output=True, text=True, env={**os.environ, **(env or {})}
    )


@pytest.fixture
def film(tmp_path: Path) -> Path:
    return plain_film(tmp_path / "film.mp4", 2.0)


def test_score_prints_the_cues_the_loudness_and_where_everything_is(film: Path, tmp_path: Path) -> None:
    done = cuesmith("score", "film.mp4", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for words in (
        "cue",
        "mood",
        "bpm",
        "key",
        "1m1",
        "integrated loudness",
        "LUFS",
        "film.scored.mp4",
        "film.cuesmith",
    ):
        assert words in done.stdout
    assert (tmp_path / "film.scored.mp4").exists()


def test_json_is_one_object_and_quiet_says_nothing(film: Path, tmp_path: Path) -> None:
    done = cuesmith("score", "film.mp4", "--json", cwd=tmp_path)
    document = json.loads(done.stdout)
    assert Path(document["video"]).name == "film.scored.mp4"
    assert document["report"]["schema"] == "cuesmith.report/2"
    assert done.stderr == ""
    quiet = cuesmith("score", "film.mp4", "--quiet", cwd=tmp_path)
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")


def test_spot_writes_a_sheet_and_prompts_that_score_takes_back_unchanged(film: Path, tmp_path: Path) -> None:
    done = cuesmith("spot", "film.mp4", "-o", "sheet.json", "--prompts-out", "prompts.txt", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "film.scored.mp4").exists()
    again = cuesmith(
        "spot", "film.mp4", "--cues", "sheet.json", "--prompts", "prompts.txt", "-o", "again.json", cwd=tmp_path
    )
    assert again.returncode == 0, again.stderr
    assert (tmp_path / "again.json").read_text("utf-8") == (tmp_path / "sheet.json").read_text("utf-8")
    assert cuesmith("score", "film.mp4", "--cues", "sheet.json", "--quiet", cwd=tmp_path).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["score", "none.mp4"], 2, "there is no file none.mp4"),
        (["score", "film.mp4", "--style", "polka"], 2, "ambient, cinematic, upbeat"),
        (["score", "film.mp4", "--engine", "orchestra"], 2, "composer"),
        (["score", "film.mp4", "--loudness", "loud"], 2, "ebu-r128"),
        (["score", "film.mp4", "--cues", "none.json"], 2, "none.json"),
        (["score", "film.mp4", "-o", "out.xyz"], 2, ".mp4"),
        (["score", "film.mp4", "--mood", "jolly"], 2, "melancholic"),
        (["score", "film.mp4", "--instruments", "piano,kazoo"], 2, "saxophone"),
        (["spot", "film.mp4", "--key", "H minor"], 2, "lydian"),
        (["spot", "film.mp4", "--bpm", "9000"], 2, "bpm"),
        (["score", "film.mp4", "--seed", "-4"], 2, "seed"),
        (["score"], 2, "VIDEO"),
        (["dance"], 2, "dance"),
    ],
)
def test_a_wrong_word_costs_one_clear_line_and_exit_code_2(
    film: Path, tmp_path: Path, arguments: list[str], code: int, words: str
) -> None:
    before = sorted(tmp_path.rglob("*"))
    done = cuesmith(*arguments, cwd=tmp_path)
    assert done.returncode == code
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr
    assert sorted(tmp_path.rglob("*")) == before


def test_debug_adds_the_traceback(tmp_path: Path) -> None:
    done = cuesmith("score", "none.mp4", "--debug", cwd=tmp_path)
    assert done.returncode == 2
    assert "Traceback" in done.stderr


def test_errors_come_as_json_when_json_was_asked_for(tmp_path: Path) -> None:
    done = cuesmith("score", "none.mp4", "--json", cwd=tmp_path)
    assert json.loads(done.stdout)["error"]["kind"] == "VideoMissing"
    assert done.returncode == 2


def test_a_name_with_a_line_break_stays_on_one_line(tmp_path: Path) -> None:
    (tmp_path / "two\nlines.mp4").write_text("no film")
    done = cuesmith("score", "two\nlines.mp4", cwd=tmp_path)
    assert done.stderr.count("\n") == 1
    assert "two\\nlines.mp4" in done.stderr


def test_a_name_that_looks_like_an_option_works_after_two_dashes(tmp_path: Path) -> None:
    plain_film(tmp_path / "plain.mp4", 1.0).rename(tmp_path / "-vf.mp4")
    assert cuesmith("score", "--quiet", "--", "-vf.mp4", cwd=tmp_path).returncode == 0
    assert (tmp_path / "-vf.scored.mp4").exists()


@pytest.mark.skipif(os.name == "nt", reason="another signal there")
@pytest.mark.parametrize(("number", "after_s"), [(signal.SIGINT, 0.7), (signal.SIGINT, 2.0), (signal.SIGTERM, 1.2)])
def test_stopping_leaves_no_partial_output_and_no_child(tmp_path: Path, number: signal.Signals, after_s: float) -> None:
    colour_film(tmp_path / "film.mp4", [("red", 200.0), ("blue", 200.0)])
    running = subprocess.Popen(
        [*COMMAND[:2], LISTENING + COMMAND[2], "score", "film.mp4"],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    time.sleep(after_s)  # somewhere in the work; where exactly does not matter
    running.send_signal(number)
    _, err = running.communicate(timeout=30)
    assert running.returncode == 130, err
    assert "stopped" in err
    assert "Traceback" not in err
    left = [p.name for p in tmp_path.rglob("*") if ".part" in p.name or "scratch" in p.name or "scored" in p.name]
    assert left == []
    processes = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout
    assert str(tmp_path) not in processes


def test_styles_engines_and_doctor_answer_for_people_and_for_programs(tmp_path: Path) -> None:
    assert "cinematic" in cuesmith("styles", cwd=tmp_path).stdout
    assert "composer" in cuesmith("engines", cwd=tmp_path).stdout
    doctor = cuesmith("doctor", "--json", cwd=tmp_path)
    states = {row["name"]: row["state"] for row in json.loads(doctor.stdout)["findings"]}
    assert states["ffmpeg"] == states["engine composer"] == "ok"
    names = [row["name"] for row in json.loads(cuesmith("styles", "--json", cwd=tmp_path).stdout)["styles"]]
    assert {"cinematic", "ambient", "upbeat"} <= set(names)


def test_doctor_says_what_is_missing_and_what_to_do(tmp_path: Path) -> None:
    fake = tmp_path / "ffmpeg"
    fake.write_text("#!/bin/sh\nexit 1\n")
    fake.chmod(0o755)
    done = cuesmith("doctor", cwd=tmp_path, env={"CUESMITH_FFMPEG": str(fake)})
    assert done.returncode == 3
    assert "missing" in done.stdout
    assert "CUESMITH_FFMPEG" in done.stdout


def test_a_setting_that_makes_no_sense_is_named(film: Path, tmp_path: Path) -> None:
    done = cuesmith("score", "film.mp4", cwd=tmp_path, env={"CUESMITH_SOUNDFONT": str(tmp_path / "none.sf2")})
    assert done.returncode == 2
    assert "CUESMITH_SOUNDFONT" in done.stderr


def test_the_demo_film_is_forty_seconds_with_known_cuts(tmp_path: Path) -> None:
    assert cuesmith("demo", "demo.mp4", "--quiet", cwd=tmp_path).returncode == 0
    done = cuesmith("spot", "demo.mp4", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    sheet = json.loads(done.stdout)["sheet"]
    assert sheet["duration_s"] == pytest.approx(40.0, abs=0.04)
    assert [cue["in_s"] for cue in sheet["cues"]] == pytest.approx([0.0, 15.0, 25.0], abs=0.05)
    analysis = json.loads((tmp_path / "demo.cuesmith" / "analysis.json").read_text("utf-8"))
    cuts = analysis["shots"]["cuts"]
    (dissolve,) = [cut for cut in cuts if cut["kind"] == "dissolve"]
    assert (dissolve["start_s"], dissolve["end_s"]) == pytest.approx((11.0, 12.5), abs=0.15)
    found = [cut["time_s"] for cut in cuts if cut["kind"] == "cut"]
    assert found == pytest.approx([6, 15, 16.5, 18, 20, 21.5, 23, 25, 28, 31, 34, 37], abs=0.05)


def test_wishes_are_obeyed_and_what_could_not_be_used_is_listed(film: Path, tmp_path: Path) -> None:
    wishes = ["--prompt", "slow neon piano", "--avoid", "drums", "--mood", "sad", "--key", "A小调", "--bpm", "72"]
    done = cuesmith("score", "film.mp4", *wishes, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "not used: neon" in done.stdout
    (row,) = json.loads((tmp_path / "film.report.json").read_text("utf-8"))["wishes"]
    assert row["not_used"] == ["neon"]
    assert {"piano", "no drums", "mood sad", "tempo 72 bpm", "key A minor"} <= set(row["obeyed"])
    (cue,) = json.loads((tmp_path / "film.cuesmith" / "cues.json").read_text("utf-8"))["cues"]
    assert (cue["mood"], cue["bpm"], cue["key"]) == ("sad", 72.0, "A minor")


def test_ranges_levels_and_dialogue_are_obeyed_in_the_files_that_come_out(tmp_path: Path) -> None:
    plain_film(tmp_path / "film.mp4", 14.0)

    def music_of(name: str, *options: str) -> NDArray[np.float32]:
        """Each second's level in the music as mixed, dB."""
        done = cuesmith("score", "film.mp4", "--stems", "-o", f"{name}.mp4", *options, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        music, rate_hz = soundfile.read(tmp_path / f"{name}.stems" / "as mixed" / "music.flac", dtype="float32")
        seconds = music[: 14 * rate_hz].reshape(14, -1)
        level: NDArray[np.float32] = 10 * np.log10(np.square(seconds).mean(axis=1) + 1e-12)
        return level

    plain = music_of("plain")
    assert plain.min() > -60
    ranged = music_of("ranged", "--range", "0:04-0:12", "--no-music", "0:07-0:09")
    assert ranged[[0, 1, 2, 7, 8, 13]].max() < -90
    assert ranged[[4, 5, 10]].min() > -60
    replaced = music_of("replaced", "--dialogue", "replace")
    own, _ = soundfile.read(tmp_path / "replaced.stems" / "as mixed" / "film.flac")
    assert not own.any()
    assert replaced.min() > -60
    # Both are brought to −14 LUFS, so that what is 12 dB up against the film shows as the film going down.
    music_of("louder", "--music-level", "12")
    reports = [json.loads((tmp_path / f"{name}.report.json").read_text("utf-8")) for name in ("plain", "louder")]
    before_db, after_db = (report["loudness"]["music_gain_db"] for report in reports)
    assert after_db - before_db == pytest.approx(12.0)
