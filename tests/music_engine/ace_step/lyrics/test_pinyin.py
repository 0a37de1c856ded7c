from __future__ import annotations

import pytest

from music_engine.ace_step.lyrics.pinyin import is_pinyin, romanise_chinese, split_pinyin


def test_characters_become_toned_syllables_without_blanks() -> None:
    assert romanise_chinese("我爱你，baby") == "wo3ai4ni3，baby"
    assert romanise_chinese("绿色的") == "lv4se4de5"


@pytest.mark.parametrize(
    "line", ["wo3 ai4 ni3", "wo3ai4ni3", "Wo3 Ai4 Ni3!", "lü4 se4", "zhuang4 shi5, nü3er2", "xi1'an1"]
)
def test_a_line_of_toned_syllables_is_pinyin(line: str) -> None:
    assert is_pinyin(line)


@pytest.mark.parametrize(
    "line", ["mp3", "wo3", "wo ai ni", "wo3 ai4 you", "b2b c3", "我3", "", "123", "wo6 ai7", "ni3 2 hao3"]
)
def test_other_lines_are_not(line: str) -> None:
    assert not is_pinyin(line)


def test_pinyin_is_cut_out_as_the_reference_spells_it() -> None:
    assert split_pinyin("我 NÜ3 er2 mp3") == [("我 ", False), ("nv3er2", True), (" mp3", False)]
    assert split_pinyin("") == []


def test_every_syllable_pypinyin_makes_is_known() -> None:
    characters = "".join(chr(code) for code in range(0x4E00, 0x9FA6, 7))
    unknown = []
    for character in characters:
        syllable = romanise_chinese(character)
        if syllable.isascii() and split_pinyin(syllable) != [(syllable, True)]:
            unknown.append(syllable)
    assert len(set(unknown)) <= 3, unknown  # interjections without a vowel: m2, n4, hng5
