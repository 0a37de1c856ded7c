"""cuesmith.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.resolve.script.options import (
    COLOURS,
    OPTIONS,
    checked,
    film_folder,
    find_options,
    read_key,
    read_options,
    safe_name,
)
from integrations.resolve.script.words import Trouble

DEFAULTS = {
    "server": "http://127.0.0.1:8080", "key_file": None, "style": None, "engine": "auto", "loudness": "web",
    "dialogue": "duck", "stems": False, "hit_colour": "Pink", "range": "marked", "render": "auto", "wait_s": 600,
    "track": "Cuesmith", "bin": "Cuesmith", "folder": None,
}  # fmt: skip


def test_without_a_file_everything_has_its_default() -> None:
    assert checked({}, "x")._asdict() == DEFAULTS
    assert find_options("/nowhere/cuesmith.py")._asdict() == DEFAULTS


def test_options_lie_beside_the_script(tmp_path: Path) -> None:
    (tmp_path / "cuesmith.py").touch()
    (tmp_path / "cuesmith.json").write_text('\ufeff{"style": "ambient", "wait_s": 0}', encoding="utf-8")
    found = find_options(str(tmp_path / "cuesmith.py"))
    assert (found.style, found.wait_s, found.engine) == ("ambient", 0, "auto")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"styel": "x"}, 'has an option "styel" that is not known. Known: server, key_file'),
        ({"stems": "yes"}, 'stems is "yes". Write true or false.'),
        ({"hit_colour": "pink"}, 'hit_colour is "pink". Write one of: Blue, Cyan'),
        ({"wait_s": -1}, "wait_s is -1. Write a number of seconds, 0 to 86400."),
        ({"wait_s": True}, "wait_s is true."),
        ({"range": None}, "range is null. Write one of: marked, timeline."),
        ({"track": " "}, 'track is " ". Write a text.'),
        ({"render": "maybe"}, 'render is "maybe". Write one of: auto, always, never.'),
    ],
)
def test_what_is_not_an_option_is_named_in_one_line(tmp_path: Path, said: dict[str, Any], told: str) -> None:
    path = tmp_path / "cuesmith.json"
    path.write_text(json.dumps(said))
    with pytest.raises(Trouble) as caught:
        read_options(path)
    assert told in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["{", "[]", "\xff", ""])
def test_a_file_that_is_no_object_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "cuesmith.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(Trouble, match=r"cuesmith\.json"):
        read_options(path)


@given(
    st.dictionaries(
        st.sampled_from(sorted(OPTIONS)), st.none() | st.booleans() | st.text() | st.integers() | st.lists(st.text())
    )
)
def test_anything_at_all_is_read_or_refused_in_one_line(said: dict[str, Any]) -> None:
    told = ""
    try:
        checked(said, "x")
    except Trouble as trouble:
        told = str(trouble)
    assert "\n" not in told


def test_the_key_is_read_and_one_that_is_none_is_said(tmp_path: Path) -> None:
    path = tmp_path / "key"
    options = checked({"key_file": str(path)}, "x")
    with pytest.raises(Trouble, match=r"no API key to be read in .*key.*cuesmith serve"):
        read_key(options)
    path.write_text("two words\n")
    with pytest.raises(Trouble, match="holds no API key"):
        read_key(options)
    path.write_text("csk_1\n")
    assert read_key(options) == ("csk_1", path)


def test_films_have_a_folder_for_each_timeline(tmp_path: Path) -> None:
    options = checked({"folder": str(tmp_path)}, "x")
    assert film_folder(options, "A/B", "Cut: 7") == tmp_path / "A_B" / "Cut_ 7"
    assert (tmp_path / "A_B" / "Cut_ 7").is_dir()
    with pytest.raises(Trouble, match="not absolute"):
        film_folder(checked({"folder": "films"}, "x"), "a", "b")
    (tmp_path / "file").touch()
    with pytest.raises(Trouble, match="cannot be made"):
        film_folder(checked({"folder": str(tmp_path / "file")}, "x"), "a", "b")


@given(st.text())
def test_any_name_makes_a_folder(name: str) -> None:
    made = safe_name(name)
    assert made
    assert not set(made) & set('<>:"/\\|?*%\0\n')
    assert made not in (".", "..")
    assert not made.endswith((".", " "))
    assert len(made.encode()) <= 121
    assert made.partition(".")[0].lower() not in ("con", "nul", "aux", "prn", "com1", "lpt9")


def test_there_are_sixteen_colours() -> None:
    assert len(COLOURS) == len(set(COLOURS)) == 16
