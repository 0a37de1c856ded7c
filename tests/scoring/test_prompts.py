from __future__ import annotations

import pytest

from scoring.key import Key
from scoring.prompts import Saying, describe_structure, tags_of, tempo_words, write_prompt
from scoring.seeds import cue_seed
from scoring.style import load_style
from scoring.vocabulary import built_in_vocabulary


def test_a_prompt_names_genre_mood_instruments_tempo_key_and_structure_once_each() -> None:
    style = load_style("cinematic")
    prompt = write_prompt(
        Saying(
            mood="tense",
            bpm=110.66,
            key=Key(3, "minor"),
            genre=style.prompt_tags,
            instruments=style.instruments,
            structure=("gradual build",),
        )
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
    assert describe_structure(rising, is_first=True, is_last=False) == ("intro", "gradual build")
    assert describe_structure(falling, is_first=False, is_last=True) == ("winding down", "final ending")
    assert describe_structure(level, is_first=False, is_last=False) == ("steady",)


def test_seeds_differ_by_film_and_by_cue_and_never_change() -> None:
    assert len({cue_seed(film, f"1m{n}") for film in range(10) for n in range(10)}) == 100
    assert cue_seed(1, "1m1") == 1454766060


SEA = Saying(
    "calm", 74.2, Key(0, "major"), ("ambient",), "sea", ("harp",), ("felt piano", "bells"), ("intro", "steady")
)


def test_a_setting_brings_its_tags_and_its_instrument_before_the_style_s_own() -> None:
    tags = write_prompt(SEA).split(", ")
    assert tags.index("oceanic") > tags.index("calm")
    assert tags.index("harp") < tags.index("felt piano")


def test_a_family_that_takes_a_sentence_gets_one() -> None:
    said = write_prompt(SEA, family="sentence")
    assert said.startswith("Ambient music that is calm")
    assert said.endswith("instrumental.")
    assert "flowing like water" in said
    assert "74 bpm" in said


def test_a_family_that_reads_chinese_gets_chinese() -> None:
    said = write_prompt(SEA, family="chinese").split(", ")
    assert {"平静", "海洋感", "慢速", "前奏", "纯音乐"} <= set(said)


def test_every_tag_knows_what_kind_of_thing_it_says() -> None:
    kinds = [tag.kind for tag in tags_of(SEA, vocabulary=built_in_vocabulary())]
    assert kinds == [*["genre"], *["mood"] * 3, *["setting"] * 2, "palette", *["instrument"] * 2, *["tempo"] * 2, "key",
                     *["structure"] * 2, "form"]  # fmt: skip
