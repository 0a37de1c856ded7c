from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import typer
from films import plain_film
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations.cli.main import app, run
from integrations.cli.project_settings import FILE_NAME, find_settings, options_of
from integrations.cli.project_values import KEYS
from scoring.errors import ConfigError

COMMANDS: Any = typer.main.get_command(app)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder in which we stand, with a project in it."""
    folder = tmp_path / "home"
    (folder / "project" / "reel").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("USERPROFILE", str(folder))
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def film(home: Path) -> Path:
    return home / "project" / "reel" / "film.mp4"


def write(folder: Path, *lines: str) -> Path:
    path = folder / FILE_NAME
    path.write_text("\n".join(("[score]", *lines)), "utf-8")
    return path


def parse(command: str, *arguments: str | Path) -> Any:
    """A command's context: what its parameters are, and where from."""
    return COMMANDS.commands[command].make_context(command, [str(part) for part in arguments])


def test_the_nearest_file_wins_the_films_folder_first_then_the_current_one(film: Path, home: Path) -> None:
    assert find_settings(film) is None
    elsewhere = write(home, 'style = "upbeat"')
    assert find_settings(film) == elsewhere
    above = write(film.parents[1], 'style = "ambient"')
    assert find_settings(film) == above
    nearest = write(film.parent, 'style = "cinematic"')
    assert find_settings(film) == nearest
    assert parse("score", film).params["style"] == "cinematic"


def test_a_film_from_elsewhere_takes_the_file_of_the_current_folder(tmp_path: Path, home: Path) -> None:
    (tmp_path / "card").mkdir()
    write(home, "seed = 7")
    assert parse("score", tmp_path / "card" / "film.mp4").params["seed"] == 7


def test_nothing_above_the_home_folder_counts_inside_of_it(film: Path, home: Path) -> None:
    write(home.parent, "seed = 7")
    assert find_settings(film) is None


def test_what_is_typed_outranks_the_file_even_when_it_is_the_default(film: Path) -> None:
    write(film.parent, 'loudness = "ebu-r128"', "stems = true", "fallback = true", "music = true", "clearance = 20")
    told = parse("score", film).params
    assert (told["loudness"], told["stems"], told["fallback"], told["clearance"]) == ("ebu-r128", True, True, 20.0)
    typed = ["--loudness", "web", "--no-stems", "--no-fallback", "--without-music", "--clearance", "14"]
    told = parse("score", film, *typed).params
    assert (told["loudness"], told["stems"], told["fallback"], told["clearance"]) == ("web", False, False, 14.0)
    assert told["music"] is False


def test_every_key_is_an_option_of_the_command(film: Path) -> None:
    assert set(KEYS) <= set(options_of(COMMANDS.commands["score"]))


def test_values_arrive_as_the_options_have_them_and_files_lie_beside_the_settings(film: Path) -> None:
    (film.parent / "mine.toml").write_text("", "utf-8")
    write(
        film.parent,
        *(
            'engine = "composer"',
            "seed = 12",
            "takes = 3",
            'avoid = "drums"',
            "bpm = 90",
            'no-music = ["0-2", "0:05-0:07"]',
        ),
        *('existing-music = "keep"', "subtitles = false", 'words = "mine.toml"', 'starts-at = "01:00:00:00"'),
    )
    told = parse("score", film).params
    assert (told["engine"], told["seed"], told["takes"], told["avoid"]) == ("composer", 12, 3, "drums")
    assert (told["bpm"], told["no_music"], told["subtitles"]) == (90.0, ["0-2", "0:05-0:07"], False)
    assert told["words"] == (film.parent / "mine.toml").resolve()
    assert (told["existing_music"], told["starts_at"]) == ("keep", "01:00:00:00")


def test_spot_and_submit_take_what_they_know_and_say_what_they_leave(
    film: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(film.parent, 'style = "ambient"', 'key = "D minor"', "steps = 20")
    assert parse("spot", film).params["style"] == "ambient"
    told = parse("submit", film).params
    assert (told["style"], told["musical_key"], told["key"]) == ("ambient", "D minor", None)
    assert run(["spot", str(film)]) == 2  # there is no film
    assert f"settings from {path} (not for spot: steps)" in capsys.readouterr().err


def test_spot_spots_in_the_style_of_the_file_and_says_so_unless_quiet(
    film: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plain_film(film, 1.0)
    path = write(film.parent, 'style = "ambient"', 'mood = "calm"')
    assert run(["spot", str(film), "-o", "cues.json"]) == 0
    assert f"settings from {path}\n" in capsys.readouterr().err
    assert '"style": "ambient"' in Path("cues.json").read_text("utf-8")
    assert run(["spot", str(film), "-o", "cues.json", "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")


def test_it_can_be_left_alone_even_when_it_is_broken(film: Path) -> None:
    (film.parent / FILE_NAME).write_text("[[[", "utf-8")
    with pytest.raises(ConfigError, match="not TOML"):
        parse("score", film)
    assert parse("score", film, "--no-project-settings").params["style"] is None


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('stile = "ambient"', ["'stile'", "Did you mean style?"]),
        ('existing_music = "keep"', ["'existing_music'", "Did you mean existing-music?"]),
        ("zzz = 1", ["'zzz'", "There are: analyser"]),
        ('style = "polka"', ["style", "polka", "ambient"]),
        ("style = 3", ["style is 3", "text in quotes"]),
        ('engine = "orchestra"', ["engine", "orchestra", "composer"]),
        ('loudness = "loud"', ["loudness", "loud", "ebu-r128"]),
        ('dialogue = "shout"', ["dialogue", "shout", "duck"]),
        ('existing-music = "love"', ["existing-music", "love", "skip"]),
        ('mood = "jolly"', ["mood", "jolly", "melancholic"]),
        ('key = "H minor"', ["key", "H minor", "lydian"]),
        ('instruments = "piano,kazoo"', ["instruments", "kazoo", "saxophone"]),
        ('stems = "yes"', ["stems is 'yes'", "true or false"]),
        ("seed = -4", ["seed is -4", "greater than or equal to 0"]),
        ("seed = true", ["seed is True", "whole number"]),
        ("seed = 1.5", ["seed is 1.5", "whole number"]),
        ("takes = 12", ["takes is 12", "1 to 9"]),
        ("bpm = nan", ["bpm is nan", "a number"]),
        ("bpm = 9000", ["bpm is 9000", "400"]),
        ("clearance = inf", ["clearance is inf", "a number"]),
        ('range = "soon"', ["range is 'soon'", "IN-OUT"]),
        ('no-music = "0-3"', ["no-music is '0-3'", "a list"]),
        ('no-music = ["0-3", "x"]', ["no-music", "IN-OUT"]),
        ("no-music = [1]", ["no-music is [1]", "a list"]),
        ('analyser = "eyes"', ["analyser", "eyes", "colour-motion"]),
        ('words = "none.srt"', ["words is 'none.srt'", "no file"]),
        ("words = 3", ["words is 3", "in quotes"]),
    ],
)
def test_what_is_wrong_is_said_with_file_key_value_and_what_is_allowed(
    film: Path, line: str, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(film.parent, line)
    assert run(["score", str(film)]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"cuesmith: {path}: ")
    assert said.count("\n") == 1
    for word in words:
        assert word in said


@pytest.mark.parametrize(
    "line",
    [
        'output = "/etc/cron.d/x"',
        'checkpoint = "weights"',
        'lora = "adapter"',
        'device = "cuda"',
        'server = "http://198.51.100.7"',
        'api-key = "x"',
        'key-file = "x"',
        'analyser = "clip"',
        'encoder = "/tmp/weights"',
        'encoder = "."',
        'words = "../../outside.txt"',
        'words = "/etc/hostname"',
        'words = "out-link.txt"',
        'words = "pipe"',
        'words = "a\\u0000b"',
        'vocabulary = "."',
    ],
)
def test_a_file_that_came_with_footage_names_nothing_of_this_machine(film: Path, home: Path, line: str) -> None:
    (home / "outside.txt").write_text("secret", "utf-8")
    (film.parent / "out-link.txt").symlink_to(home / "outside.txt")
    os.mkfifo(film.parent / "pipe")
    write(film.parent, line)
    with pytest.raises(ConfigError):
        parse("score", film)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("seed = 3", r"Put settings under \[score\]"),
        ("[watch]\npoll_s = 2", r"outside of \[score\]"),
        ("score = 3", "Write it as a table"),
        ("x = " + "[" * 5000, "nested too deep|not TOML"),
    ],
)
def test_what_is_no_table_of_settings_is_refused(film: Path, text: str, words: str) -> None:
    (film.parent / FILE_NAME).write_text(text, "utf-8")
    with pytest.raises(ConfigError, match=words):
        parse("score", film)


def test_what_is_no_text_is_refused_and_what_is_no_file_is_passed_over(film: Path, home: Path) -> None:
    os.mkfifo(film.parent / FILE_NAME)  # opening it would wait for ever
    (film.parents[1] / FILE_NAME).mkdir()
    assert find_settings(film) is None
    (home / FILE_NAME).write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="UTF-8"):
        parse("score", film)


VALUES = st.one_of(
    st.booleans(),
    st.integers(-(2**40), 2**40),
    st.floats(),
    st.text(max_size=12),
    st.lists(st.text(max_size=6), max_size=2),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(table=st.dictionaries(st.sampled_from([*KEYS, "output", "x"]), VALUES, max_size=3))
def test_whatever_a_file_says_it_is_taken_or_refused_in_words(film: Path, table: dict[str, Any]) -> None:
    write(film.parent, *(f"{name} = {toml(value)}" for name, value in table.items()))
    refusal, told = None, {}
    try:
        told = parse("score", film).params
    except ConfigError as error:
        refusal = error
    if refusal is None:
        assert set(table) <= set(KEYS)
        assert told["videos"] == [film]
    else:
        assert str(film.parent / FILE_NAME) in refusal.what
        assert refusal.advice


def toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return '"' + "".join(f"\\U{ord(c):08X}" if not 0xD800 <= ord(c) <= 0xDFFF else "?" for c in value) + '"'
    return "[" + ", ".join(map(toml, value)) + "]" if isinstance(value, list) else repr(value)
