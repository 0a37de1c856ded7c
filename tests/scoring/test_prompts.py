from __future__ import annotations

import pytest

from scoring.key import Key
from scoring.prompts import describe_structure, tempo_words, write_prompt
from scoring.seeds import cue_seed
from scoring.style import load_style


def test_a_prompt_names_genre_mood_instruments_tempo_key_and_structure_once_each() -> None:
    style = load_style("cinematic")
    prompt = write_prompt(
        mood="tense",
        bpm=110.66,
        key=Key(3, "minor"),
        genre=style.prompt_tags,
        instruments=style.instruments,
        structure=["gradual build"],
    )
    tags = prompt.split(", ")
    assert {"cinematic", "tense", "string ensemble", "moderate tempo", "111 bpm", "Eb minor", "gradual build"} <= set(
        tags
    )
    assert tags[-1] == "instrumental"
    assert len(tags) == len(set(tags))


@pytest.mark.parametrize(
    ("bpm", "words"), [(60, "very slow"), (80, "slow"), (120, "upbeat tempo"), (150, "fast tempo")]
)
def test_tempo_words_follow_the_tempo(bpm: float, words: str) -> None:
    assert tempo_words(bpm) == words


def test_structure_says_where_the_cue_stands_and_where_it_goes() -> None:
    rising, falling, level = ((0.0, 0.2), (9.0, 0.6)), ((0.0, 0.6), (9.0, 0.2)), ((0.0, 0.5), (9.0, 0.5))
    assert describe_structure(rising, is_first=True, is_last=False) == ["intro", "gradual build"]
    assert describe_structure(falling, is_first=False, is_last=True) == ["winding down", "final ending"]
    assert describe_structure(level, is_first=False, is_last=False) == ["steady"]


def test_seeds_differ_by_film_and_by_cue_and_never_change() -> None:
    assert len({cue_seed(film, f"1m{n}") for film in range(10) for n in range(10)}) == 100
    assert cue_seed(1, "1m1") == 1454766060
