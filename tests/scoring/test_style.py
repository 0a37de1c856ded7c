"""Styles: every shipped file reads, and a wrong one says where it is wrong."""

from __future__ import annotations

from importlib import resources

import pytest

from scoring.cue_sheet import Metre
from scoring.errors import StyleError, UnknownChoice
from scoring.style import load_style, parse_style, style_names

TEXT = (resources.files("scoring") / "data" / "styles" / "upbeat.toml").read_text(encoding="utf-8")


def test_the_three_first_styles_are_there() -> None:
    assert {"ambient", "cinematic", "upbeat"} <= set(style_names())


@pytest.mark.parametrize("name", style_names())
def test_a_style_has_what_spotting_and_engines_ask_for(name: str) -> None:
    style = load_style(name)
    low, high = style.tempo_range_bpm
    assert low < high
    assert style.name == name
    assert all(isinstance(metre, Metre) for metre in style.metres)
    assert style.prompt_tags
    assert style.instruments
    assert style.description


def test_an_unknown_style_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(UnknownChoice, match=r"polka.*ambient, cinematic, upbeat"):
        load_style("polka")


def test_a_style_is_read_once() -> None:
    assert load_style("ambient") is load_style("ambient")


@pytest.mark.parametrize(
    ("found", "instead", "message"),
    [
        ("calm_bars = 1.0", "", "harmony: calm_bars is missing"),
        ("calm_bars = 1.0", "calm_bars = 9.0", r"calm_bars is 9\.0.*0\.25 to 4"),
        ("calm_bars = 1.0", 'calm_bars = "1"', "calm_bars is '1'.*a number"),
        ("calm_bars = 1.0", "calm_bars = true", "calm_bars is True.*a number"),
        ("calm_bars = 1.0", "calm_bars = 1.0\ncalmer = 2", "calmer is 2.*only these fields"),
        ("cymbal = true", "cymbal = 1", "cymbal is 1.*true or false"),
        ('metres = ["4/4"]', 'metres = ["4/5"]', "metres.*'4/5'.*6/8"),
        ('metres = ["4/4"]', 'metres = "4/4"', "metres is '4/4'.*a list"),
        ('metres = ["4/4"]', "metres = []", "metres.*at least one"),
        ('"lydian", "dorian"]', '"locrian"]', "modes is 'locrian'"),
        ("[100, 144]", "[144, 100]", "tempo_range_bpm.*two rising tempos"),
        ('bright = ["1 5 6 4"', 'bright = ["1 8 6 4"', "bright is '1 8 6 4'.*degrees"),
        ("program = 33", "program = 200", "program is 200.*0 to 127"),
        ('kind = "bass"', 'kind = "tuba"', "kind is 'tuba'.*pad"),
        ('drum = "shaker"', 'drum = "gong"', "drum is 'gong'"),
        ('"x.o.x.o.x.o.x.oo"', '"x.y.x.o.x.o.x.oo"', "steps|grooves.shaker"),
        ('"8-..8-.8"', '"8-..9-.8"', "patterns is '8-..9-.8'"),
        ('name = "Strings"\nkind', 'name = "Guitar"\nkind', "names that differ"),
        ('name = "upbeat"', 'name = "upbeast"', "name is 'upbeast'.*'upbeat'"),
        ('kind = "pad"', 'kind = "lead"', "a pad with threshold 0"),
        ("[harmony]", "[harmony", "not TOML"),
    ],
)
def test_a_wrong_field_is_named_with_what_is_allowed(found: str, instead: str, message: str) -> None:
    assert found in TEXT
    with pytest.raises(StyleError, match=message):
        parse_style(TEXT.replace(found, instead, 1), "upbeat")
