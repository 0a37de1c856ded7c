from __future__ import annotations

import json

from scoring.text.said import TimedText, read_lines, read_whole


def test_a_sentence_over_two_lines_is_read_as_one() -> None:
    said = read_lines([TimedText(1, 3, "I have never been"), TimedText(3.2, 5, "happy in this house.")])
    assert len(said.lines) == 1
    assert (said.lines[0].start_s, said.lines[0].end_s) == (1, 5)
    assert said.lines[0].feeling.sign == "negative"


def test_two_people_or_two_sentences_stay_two_lines() -> None:
    for second in (TimedText(3.2, 5, "Happy now?"), TimedText(9, 12, "happy in this house.")):
        assert len(read_lines([TimedText(1, 3, "I have never been"), second]).lines) == 2


def test_lines_out_of_order_and_over_each_other_are_put_in_order() -> None:
    said = read_lines([TimedText(5, 9, "Help!"), TimedText(1, 8, "I love you.")])
    assert [line.start_s for line in said.lines] == [1, 5]


def test_a_language_without_a_lexicon_says_nothing() -> None:
    said = read_lines([TimedText(1, 2, "今日はとても楽しいです"), TimedText(2, 3, "そうですね")])
    assert (said.language, said.lines, said.says_something) == ("other", (), False)


def test_the_label_names_kind_and_language() -> None:
    assert read_lines([TimedText(1, 2, "I love you")]).label == "subtitles (en)"
    assert read_whole("一部悲伤的电影", "description").label == "description (zh)"


def test_it_can_be_written_down() -> None:
    said = read_lines([TimedText(1, 2, "I love you")])
    assert json.loads(json.dumps(said.to_json()))["lines"][0]["feeling"]["mood"] == "tender"
