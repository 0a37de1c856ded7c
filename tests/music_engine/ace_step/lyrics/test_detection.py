from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from music_engine.ace_step.lyrics.detection import Detection, detect

# Lines of our own; the reference's counts are in the parity test.
LINES = [
    ("Somewhere over the mountains the morning light is calling you home", "en"),
    ("夜空里的星星在为我们歌唱", "zh"),
    ("桜の花びらが風に舞う", "ja"),
    ("비가 내리는 거리에서", "ko"),
    ("Тихо падает снег", "ru"),
    ("La noche cae sobre la ciudad y tú no estás", "es"),
    ("Sous les étoiles nous dansons encore", "fr"),
    ("Heute Nacht gehört die ganze Welt nur uns allein", "de"),
    ("ليلة هادئة في المدينة", "ar"),
    ("สวัสดี", "th"),
]


@pytest.mark.parametrize(("line", "language"), LINES, ids=[language for _, language in LINES])
def test_a_line_of_one_language_is_of_that_language(line: str, language: str) -> None:
    assert detect(line).language == language


def test_a_language_without_a_tag_is_sung_as_english() -> None:
    assert detect("สวัสดี").sung == "en"
    assert Detection("fr", (("fr", 1),)).sung == "fr"


def test_the_second_language_wins_over_english() -> None:
    detection = detect("I love you more than words 사랑해")
    assert detection.counts[0][0] == "en"
    assert detection.language == "ko"


def test_chinese_counts_double_and_english_a_blank_more() -> None:
    assert detect("我爱你").counts == (("zh", 6),)
    assert detect("over the hills and far away").counts == (("en", 28),)


def test_digits_alone_are_chinese() -> None:
    assert detect("2024").counts == (("zh", 8),)


def test_digits_among_han_characters_are_not_shown_to_the_language_model() -> None:
    assert detect("第3章").counts == (("zh", 6),)
    assert detect("我有3个梦").counts == (("zh", 10),)


def test_few_han_characters_wait_for_their_neighbour() -> None:
    assert detect("爱，我爱你").language == "zh"
    assert detect("愛、好きだよ").language == "ja"


def test_numbers_are_of_the_language_the_line_began_in() -> None:
    assert detect("over 9 hills").counts == (("en", 15),)  # a blank more for each of three pieces


def test_a_quotation_among_other_scripts_is_one_piece() -> None:
    assert detect("「你好」我的世界").language == "zh"
    assert detect("“春天的花开了”").language == "zh"


def test_a_tagged_span_is_of_its_language() -> None:
    assert detect("<ja>山田</ja>").language == "ja"


@pytest.mark.parametrize("line", ['"⑥$6000000⑥"', "⑥$0000000⑥", "'⑥00000000⑥'", "“⑥$7000000⑥ 好好好”"])
def test_a_line_that_looks_like_a_mark_of_the_segmenters_is_only_a_line(line: str) -> None:
    assert detect(line).counts


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60) | st.text("ab Я我の한\"'“”(【123.,⑥$ ", max_size=40))
def test_every_text_has_a_language(text: str) -> None:
    detection = detect(text)
    assert detection.sung
    assert [count for _, count in detection.counts] == sorted((n for _, n in detection.counts), reverse=True)


def test_the_same_line_is_always_of_the_same_language() -> None:
    assert [detect("la la la la") for _ in range(3)] == [detect("la la la la")] * 3
