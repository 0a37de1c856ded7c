from __future__ import annotations

from collections import Counter

import pytest
from feeling_texts import CHINESE, ENGLISH, FAMILIES, SIXTY, TRIED, FeelingText
from hypothesis import given
from hypothesis import strategies as st

from scoring.moods import MOODS
from scoring.text.score import score_text


def right(texts: tuple[FeelingText, ...]) -> int:
    return sum(score_text(text.text).sign == text.sign for text in texts)


def in_family(text: FeelingText) -> bool:
    mood = score_text(text.text).mood
    return mood in FAMILIES[text.family] or (text.family == "plain" and mood is None)


def test_the_sixty_texts_are_sixty_in_two_languages_and_every_family() -> None:
    assert len({text.text for text in SIXTY}) == 60
    assert len(ENGLISH) == len(CHINESE) == 30
    assert set(Counter(text.family for text in SIXTY)) == set(FAMILIES)
    assert not {text.text for text in SIXTY} & {text.text for text in TRIED}


def test_at_least_48_of_60_hand_written_texts_come_out_on_the_right_side() -> None:
    assert right(SIXTY) >= 48
    assert right(ENGLISH) >= 24
    assert right(CHINESE) >= 24


def test_most_of_the_texts_get_a_mood_of_their_family() -> None:
    assert sum(map(in_family, SIXTY)) >= 45


def test_what_the_rules_were_tried_on_mostly_comes_out_right() -> None:
    assert right(TRIED) >= 34


@pytest.mark.parametrize(
    ("plain", "turned"),
    [
        ("I am happy.", "I am not happy at all."),
        ("I am happy.", "I'm not very happy."),
        ("She smiled.", "She never smiled."),
        ("There is love here.", "There is no love here."),
        ("It was a success.", "It wasn't a success."),
        ("我很快乐。", "我一点也不快乐。"),
        ("他们喜欢他。", "没有人喜欢他。"),
        ("我很開心。", "我不開心。"),
    ],
)
def test_a_denial_turns_the_feeling_and_weakens_it(plain: str, turned: str) -> None:
    before, after = score_text(plain), score_text(turned)
    assert before.sign == "positive"
    assert after.sign == "negative"
    assert abs(after.valence) < abs(before.valence)
    assert after.mood != before.mood


@pytest.mark.parametrize("text", ["Don't be afraid.", "别害怕。", "It's not a disaster.", "没有危险。"])
def test_denied_fear_is_no_fear(text: str) -> None:
    assert score_text(text).sign == "positive"


def test_a_denial_ends_with_its_clause() -> None:
    assert score_text("No, I love it.").sign == "positive"
    assert score_text("不，我爱你。").sign == "positive"


@pytest.mark.parametrize(
    ("weak", "strong"),
    [
        ("I am happy.", "I am very happy."),
        ("I am happy.", "I am happy!!"),
        ("I am happy today.", "I am HAPPY today."),
        ("I am somewhat sad.", "I am sad."),
        ("我快乐。", "我非常快乐。"),
        ("有点难过。", "难过。"),
    ],
)
def test_degrees_shouting_and_capitals_change_how_much(weak: str, strong: str) -> None:
    assert abs(score_text(weak).valence) < abs(score_text(strong).valence)


def test_a_text_all_in_capitals_is_not_louder_than_itself() -> None:
    assert score_text("I AM HAPPY.").valence == pytest.approx(score_text("I am happy.").valence)


@pytest.mark.parametrize("text", ["The start was wonderful, but it was a failure.", "开头很美，但是结局很悲惨。"])
def test_what_comes_after_a_but_counts_more(text: str) -> None:
    assert score_text(text).sign == "negative"


def test_traditional_characters_are_the_simplified_ones() -> None:
    traditional, simplified = score_text("她非常憂鬱，獨自流淚。"), score_text("她非常忧郁，独自流泪。")
    assert traditional.valence == simplified.valence < 0
    assert [word for word, _ in traditional.evidence] != [word for word, _ in simplified.evidence]


def test_the_evidence_explains_the_valence_in_the_texts_own_words() -> None:
    feeling = score_text("She WEPT, then laughed.")
    assert [word for word, _ in feeling.evidence] == ["WEPT", "laughed"]
    assert all(weight for _, weight in feeling.evidence)


def test_two_languages_in_one_text_are_both_read() -> None:
    words = [word for word, _ in score_text("今天很开心, what a wonderful day!").evidence]
    assert "开心" in words
    assert "wonderful" in words


@pytest.mark.parametrize(
    "text",
    ["", "   ", "…", "12:30", "qwzx vbnm", "The module has a header.", "第三章", "\0\0", "他走进了房间。"],
)
def test_without_a_known_word_there_is_no_guess(text: str) -> None:
    feeling = score_text(text)
    assert (feeling.valence, feeling.arousal, feeling.mood, feeling.confidence, feeling.evidence) == (
        0.0, None, None, 0.0, (),
    )  # fmt: skip


def test_other_languages_are_said_to_be_that_and_left_alone() -> None:
    french = (
        "Je ne sais pas ce que tu veux dire, mais je pense que nous devons partir maintenant, avant que la pluie ne "
        "commence, et puis on verra bien. Le pain est bon, la mort est loin."
    )
    for text in (french, "今日はとても楽しい", "오늘은 행복해요", "Мне очень грустно"):
        assert score_text(text).language == "other"
        assert score_text(text).confidence == 0
    assert score_text("I know. You too.").language == "en"
    assert score_text("你好 world").language == "zh"


@given(st.text(max_size=300) | st.lists(st.sampled_from([t.text for t in SIXTY + TRIED]), max_size=6).map(" ".join))
def test_whatever_is_written_the_ranges_hold(text: str) -> None:
    feeling = score_text(text)
    assert -1 < feeling.valence < 1
    assert feeling.arousal is None or -1 <= feeling.arousal <= 1
    assert 0 <= feeling.confidence <= 0.8
    assert feeling.mood is None or feeling.mood in MOODS
    assert (feeling.mood is None) == (feeling.confidence == 0) == (not feeling.evidence)


def test_more_words_that_agree_make_surer_and_words_that_contradict_less_sure() -> None:
    one = score_text("A sad song.")
    two = score_text("A sad song for a dead friend.")
    mixed = score_text("A sad song for a happy friend.")
    assert one.confidence < two.confidence
    assert mixed.confidence < two.confidence


def test_long_texts_do_not_run_to_the_ends_of_the_scale() -> None:
    line = "He was rather pleased, she was a bit sad, and they went for a nice walk. "
    assert abs(score_text(line * 200).valence) < 0.95
