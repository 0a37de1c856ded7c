from __future__ import annotations

import tomllib
from importlib import resources

import pytest

from scoring.moods import MOODS
from scoring.text.lexicon import chinese, english

FILES = resources.files("scoring") / "data" / "lexicon"


def test_the_words_of_vader_come_with_their_licence() -> None:
    text = (FILES / "vader.toml").read_text(encoding="utf-8")
    head = text.partition("[valence]")[0].replace("# ", "").replace("\n", " ")
    assert "The MIT License (MIT)" in head
    assert "Copyright (c) 2016 C.J. Hutto" in head
    assert "The above copyright notice and this permission notice shall be included in all copies" in head
    assert len(tomllib.loads(text)["valence"]) > 7000


@pytest.mark.parametrize("name", ["english", "chinese"])
def test_no_word_of_ours_stands_in_two_moods(name: str) -> None:
    groups = tomllib.loads((FILES / f"{name}.toml").read_text(encoding="utf-8"))["groups"]
    seen: dict[str, tuple[str, float]] = {}
    twice = []
    for group in groups:
        for word in group["words"]:
            twice += [word] if word in seen else []
            seen[word] = (group["mood"], group["valence"])
    assert twice == []


@pytest.mark.parametrize("name", ["english", "chinese"])
def test_no_word_has_two_parts(name: str) -> None:
    file = tomllib.loads((FILES / f"{name}.toml").read_text(encoding="utf-8"))
    lists = [file[part] for part in ("negators", "far_negators", "turns", "plain")]
    lists += [[word for table in file[part] for word in table["words"]] for part in ("degrees", "groups")]
    words = [word for own in lists for word in own]
    assert sorted(words) == sorted(set(words))


@pytest.mark.parametrize("lexicon", [english(), chinese()], ids=["english", "chinese"])
def test_every_meaning_is_in_its_range(lexicon: object) -> None:
    for word, meaning in lexicon.meanings.items():  # type: ignore[attr-defined]
        assert word
        assert -1 <= meaning.valence <= 1
        assert meaning.mood == "" or meaning.mood in MOODS


def test_chinese_words_are_folded_and_found_longest_first() -> None:
    lexicon = chinese()
    assert all(word == word.translate(lexicon.folding) for word in lexicon.meanings)
    assert lexicon.longest >= 4


def test_every_mood_but_neutral_has_words_in_both_languages() -> None:
    for lexicon in (english(), chinese()):
        moods = {meaning.mood for meaning in lexicon.meanings.values()}
        assert set(MOODS) - {"neutral"} <= moods


def test_endings_need_not_be_listed() -> None:
    words = english().meanings
    assert words["hugging"].mood == "tender"
    assert words["grieves"].mood == "sad"
