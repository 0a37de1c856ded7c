from __future__ import annotations

import shlex
from dataclasses import fields, replace
from pathlib import Path

from music_engine.options import EngineOptions
from pipeline.takes.command import ENGINE, IN_THE_SHEET, OPTIONS, keeping_command
from pipeline.wish import Wish
from scoring.timebase import TimeRange

FOLDER = Path("/films").absolute()


def test_every_wish_is_either_in_a_takes_sheet_or_among_the_options() -> None:
    assert {field.name for field in fields(Wish)} == IN_THE_SHEET | set(OPTIONS)


def test_a_plain_wish_needs_only_the_film_and_the_sheet() -> None:
    command = keeping_command(
        FOLDER / "film.mp4", FOLDER / "film.take2.cues.json", FOLDER / "film.scored.mp4", Wish(seed=5, style="upbeat")
    )
    assert command == "cuesmith score film.mp4 --cues film.take2.cues.json"


def test_what_no_sheet_holds_is_said_again_and_names_are_quoted() -> None:
    wish = Wish(
        output=FOLDER / "cut 2.mp4",
        loudness="ebu-r128",
        clearance_lu=20.0,
        only=TimeRange(65.0, 80.125),
        no_music=(TimeRange(1, 2), TimeRange(4000.5, 4001)),
        stems=True,
        music=True,
        starts_at_s=107_893.7894,
    )
    command = keeping_command(FOLDER / "-it's.mp4", FOLDER / "cut 2.take1.cues.json", FOLDER / "cut 2.mp4", wish)
    assert shlex.split(command) == [
        "cuesmith", "score", "./-it's.mp4", "--cues", "cut 2.take1.cues.json", "-o", "cut 2.mp4",
        "--loudness", "ebu-r128", "--stems", "--clearance", "20",
        "--range", "65-80.125", "--no-music", "1-2", "--no-music", "4000.5-4001",
        "--music", "--starts-at", "107893.7894",
    ]  # fmt: skip


def test_a_film_in_another_folder_is_named_with_its_whole_path() -> None:
    elsewhere = Path("/other/film.mp4").absolute()
    command = keeping_command(
        elsewhere, FOLDER / "film.take1.cues.json", FOLDER / "film.scored.mp4", Wish(output=FOLDER)
    )
    assert shlex.split(command)[2:] == [str(elsewhere), "--cues", "film.take1.cues.json", "-o", "film.scored.mp4"]


def test_what_was_said_about_the_engine_is_said_again() -> None:
    told = EngineOptions(checkpoint=FOLDER / "ace", precision="int8", lora=FOLDER / "l", lora_weight=0.5)
    told = replace(told, sampling={"steps": 27, "guidance_scale": 7.5}, soundfont=FOLDER / "own.sf2")
    wish = Wish(engine="ace-step-v1", engines=told)
    command = keeping_command(FOLDER / "film.mp4", FOLDER / "film.take2.cues.json", FOLDER / "film.scored.mp4", wish)
    assert shlex.split(command)[5:] == [
        "--engine", "ace-step-v1", "--checkpoint", str(FOLDER / "ace"), "--precision", "int8",
        "--lora", str(FOLDER / "l"), "--lora-weight", "0.5", "--steps", "27", "--guidance-scale", "7.5",
    ]  # fmt: skip


def test_every_engine_option_has_its_way_into_the_command() -> None:
    assert {field.name for field in fields(EngineOptions)} == set(ENGINE)


def test_who_reads_the_film_and_what_words_go_with_it_is_said_again(tmp_path: Path) -> None:
    (tmp_path / "tiny").mkdir()
    wish = Wish(
        analyser="clip",
        encoder=str(tmp_path / "tiny"),
        calibration=FOLDER / "mine.json",
        vocabulary=FOLDER / "mine.toml",
        words=FOLDER / "film.srt",
        describe="a sad story",
        subtitles=False,
    )
    command = keeping_command(FOLDER / "film.mp4", FOLDER / "film.take2.cues.json", FOLDER / "film.scored.mp4", wish)
    assert shlex.split(command)[5:] == [
        "--analyser", "clip", "--encoder", str(tmp_path / "tiny"), "--calibration", str(FOLDER / "mine.json"),
        "--vocabulary", str(FOLDER / "mine.toml"), "--words", str(FOLDER / "film.srt"), "--describe", "a sad story",
        "--no-subtitles",
    ]  # fmt: skip
    named = replace(wish, encoder="ViT-L-14")
    command = keeping_command(FOLDER / "film.mp4", FOLDER / "film.take2.cues.json", FOLDER / "film.scored.mp4", named)
    assert "--encoder ViT-L-14" in command
