from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from films import plain_film
from scipy.signal import correlate
from scored import decoded, loudness_lufs, picture_s, stream_md5
from takes_made import Made

from pipeline.score_takes import score_takes
from pipeline.score_video import score_video, spot_video
from pipeline.settings import Settings
from pipeline.takes.command import keeping_command
from pipeline.wish import Wish
from scoring import cue_sheet_json
from scoring.errors import InputError, OutputRefused
from scoring.seeds import take_seed


def test_every_take_is_a_whole_deliverable_beside_the_film(compared: Made) -> None:
    stem = compared.film.stem
    for number, take in enumerate(compared.takes.takes, 1):
        assert take.number == number
        assert take.made.video == compared.film.with_name(f"{stem}.scored.take{number}.mp4")
        assert take.cues == compared.film.with_name(f"{stem}.take{number}.cues.json")
        assert take.made.report_path == compared.film.with_name(f"{stem}.take{number}.report.json")
        assert stream_md5(take.made.video, "v:0") == stream_md5(compared.film, "v:0")
        assert json.loads(take.made.report_path.read_text("utf-8"))["fell_short"] == []
        assert cue_sheet_json.loads(take.cues.read_text("utf-8")) == take.made.sheet
    assert compared.takes.page == compared.film.with_name(f"{stem}.takes.html")
    assert compared.takes.clip == compared.film.with_name(f"{stem}.takes.mp4")
    left = [p.name for p in compared.film.parent.rglob("*") if ".part" in p.name or "scratch" in p.name]
    assert left == []


def test_the_first_take_is_what_a_run_by_itself_makes_and_the_second_what_its_seed_makes(
    compared: Made, tmp_path: Path
) -> None:
    alone = score_video(compared.film, Wish(output=tmp_path / "alone.mp4"))
    first, second, third = compared.takes.takes
    assert first.seed == alone.sheet.seed
    assert stream_md5(first.made.video, "a:0") == stream_md5(alone.video, "a:0")
    assert second.seed == take_seed(first.seed, 2)
    seeded = score_video(compared.film, Wish(output=tmp_path / "seeded.mp4", seed=second.seed))
    assert stream_md5(second.made.video, "a:0") == stream_md5(seeded.video, "a:0")
    assert len({stream_md5(t.made.video, "a:0") for t in (first, second, third)}) == 3


def test_the_film_is_listened_to_once_and_progress_names_the_take(compared: Made) -> None:
    stages = compared.said.stages
    assert stages.count("analyse") == 1
    assert not any(stage.startswith("analyse ") for stage in stages)
    assert [stage for stage in stages if stage.startswith("compose")] == ["compose 1/3", "compose 2/3", "compose 3/3"]
    assert [take.made.report.facts["analysis_was_kept"] for take in compared.takes.takes] == [False, True, True]
    assert [("analyse" in take.made.report.stages_s) for take in compared.takes.takes] == [True, False, False]
    assert f"take 2 of 3, seed {compared.takes.takes[1].seed}" in compared.said.notes


def test_the_workspace_is_the_first_takes_and_keeps_the_cues_of_all(compared: Made) -> None:
    folder = compared.takes.workspace
    first = compared.takes.takes[0]
    assert cue_sheet_json.loads((folder / "cues.json").read_text("utf-8")) == first.made.sheet
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert manifest["seed"] == first.seed
    assert [row["take"] for row in manifest["further_takes"]] == [2, 3]
    cues = sum(len(take.made.sheet.cues) for take in compared.takes.takes)
    assert len(list((folder / "cues").glob("*"))) == cues


def test_the_clip_plays_each_take_in_turn_equally_loud(compared: Made) -> None:
    clip, page = decoded(compared.takes.clip), compared.takes.page.read_text("utf-8")
    first = compared.takes.takes[0].made
    hit = max((h for cue in first.sheet.cues for h in cue.hit_points), key=lambda h: h.weight)
    start_s = min(max(0.0, hit.time_s - 5.0), first.sheet.duration_s - 15.0)
    assert f"around the heaviest hit at 0:{hit.time_s:04.1f}" in page
    assert picture_s(compared.takes.clip) == pytest.approx(45.0, abs=0.05)
    assert clip.shape[1] / 48_000 == pytest.approx(45.0, abs=0.05)
    loudness = []
    for index, take in enumerate(compared.takes.takes):
        section = clip[:, index * 720_000 : (index + 1) * 720_000]
        loudness.append(loudness_lufs(section))
        likeness = {}
        for other in compared.takes.takes:
            whole = decoded(other.made.video).mean(axis=0)
            wanted = whole[round(start_s * 48_000) :][:720_000]
            heard = section.mean(axis=0)[: wanted.size]
            products = correlate(heard, wanted, mode="full", method="fft")
            lag = int(np.argmax(products)) - (wanted.size - 1)
            share = products.max() / np.sqrt((heard**2).sum() * (wanted**2).sum())
            likeness[other.number] = (share, lag)
        assert likeness[take.number][0] > 0.99
        assert abs(likeness[take.number][1]) <= 48  # a millisecond
        assert max(share for number, (share, _) in likeness.items() if number != take.number) < 0.9
    assert max(loudness) - min(loudness) < 0.3


def test_running_again_makes_nothing_anew_and_the_keeping_command_gives_that_take(
    compared: Made, tmp_path: Path
) -> None:
    for path in compared.film.parent.iterdir():
        (shutil.copytree if path.is_dir() else shutil.copy)(path, tmp_path / path.name)
    film = tmp_path / compared.film.name
    again = score_takes(film, 3)
    assert not any(row["composed_now"] for take in again.takes for row in take.made.report.cues)
    second = again.takes[1]
    command = keeping_command(film, second.cues, film.with_name("unused.mp4"), Wish())
    words = shlex.split(command)
    run = "from integrations.cli.main import main; main()"
    root = str(Path(__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", run, *words[1:], "--quiet"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": root},
    )
    assert done.returncode == 0, done.stderr
    kept = film.with_name(f"{film.stem}.scored.mp4")
    assert stream_md5(kept, "a:0") == stream_md5(compared.takes.takes[1].made.video, "a:0")
    report = json.loads(film.with_name(f"{film.stem}.report.json").read_text("utf-8"))
    assert not any(row["composed_now"] for row in report["cues"])


def test_a_locked_cue_is_the_same_in_every_take(compared: Made, tmp_path: Path) -> None:
    film = Path(shutil.copy(compared.film, tmp_path / "film.mp4"))
    prompts = tmp_path / "prompts.txt"
    prompts.write_text('[0:8.5] "calm strings"\n[8.5:17] "drums enter, 110 BPM"\n', "utf-8")
    document = json.loads(cue_sheet_json.dumps(spot_video(film, Wish(prompts=prompts)).sheet))
    document["cues"][0]["locked"] = True
    sheet = tmp_path / "cues.json"
    sheet.write_text(json.dumps(document), "utf-8")
    made = score_takes(film, 2, Wish(cues=sheet, output=tmp_path / "cut.mp4"))
    assert made.takes[1].made.video == tmp_path / "cut.take2.mp4"
    assert made.page == tmp_path / "cut.takes.html"
    assert [row["composed_now"] for row in made.takes[1].made.report.cues] == [False, True]
    first, second = (take.made.sheet for take in made.takes)
    assert first.cues[0] == second.cues[0]
    assert (first.cues[1].bpm, first.cues[1].key) == (second.cues[1].bpm, second.cues[1].key)


def test_an_edited_sheet_in_the_workspace_is_the_base_of_every_take_and_stays_as_it_was_left(tmp_path: Path) -> None:
    film = plain_film(tmp_path / "film.mp4", 3.0)
    path = score_video(film).workspace / "cues.json"
    document = json.loads(path.read_text("utf-8"))
    document["cues"][0]["bpm"] = 90.0
    path.write_text(json.dumps(document), "utf-8")
    made = score_takes(film, 2)
    assert [take.made.sheet.cues[0].bpm for take in made.takes] == [90.0, 90.0]
    assert made.takes[0].made.sheet.cues[0].seed != made.takes[1].made.sheet.cues[0].seed
    assert json.loads((path.parent / "cues.previous.json").read_text("utf-8")) == document


def test_a_take_that_fails_is_named_and_the_others_are_delivered_and_compared(tmp_path: Path) -> None:
    film = plain_film(tmp_path / "film.mp4", 2.0)
    (tmp_path / "film.scored.take2.mp4").mkdir()  # nothing can be renamed onto a folder
    with pytest.raises(OutputRefused, match=r"take 2: .*film\.scored\.take2\.mp4.*Finished: film\.scored\.take1\.mp4"):
        score_takes(film, 3)
    for number in (1, 3):
        assert (tmp_path / f"film.scored.take{number}.mp4").is_file()
    page = (tmp_path / "film.takes.html").read_text("utf-8")
    assert "film.scored.take3.mp4" in page
    assert "film.scored.take2.mp4" not in page
    assert picture_s(tmp_path / "film.takes.mp4") == pytest.approx(4.0, abs=0.05)


@pytest.mark.parametrize("count", [0, -1, 10])
def test_a_number_of_takes_that_makes_no_sense_is_refused_with_the_number(tmp_path: Path, count: int) -> None:
    with pytest.raises(InputError, match=f"{count} takes were asked for. Ask for 1 to 9"):
        score_takes(tmp_path / "film.mp4", count)


def test_the_film_itself_is_never_replaced_by_a_take_or_by_the_clip(tmp_path: Path) -> None:
    for name in ("film.take2.mp4", "film.takes.mp4"):
        film = plain_film(tmp_path / name, 1.0)
        before = film.read_bytes()
        with pytest.raises(OutputRefused, match="the film itself"):
            score_takes(film, 2, Wish(output=tmp_path / "film.mp4"), settings=Settings())
        assert film.read_bytes() == before


def test_a_film_without_sound_turned_and_of_odd_rate_can_be_compared(tmp_path: Path) -> None:
    from films import ffmpeg

    flat = plain_film(tmp_path / "flat.mp4", 3.0, size="320x180", rate="30000/1001", sound=False)
    film = tmp_path / "film.mov"
    ffmpeg("-display_rotation", "-90", "-i", flat, "-c", "copy", film)
    made = score_takes(film, 2, Wish(dialogue="replace"))
    assert made.takes[0].made.video.name == "film.scored.take1.mov"
    assert picture_s(made.clip) == pytest.approx(6.0, abs=0.1)
    assert decoded(made.clip).shape[1] / 48_000 == pytest.approx(6.0, abs=0.1)
