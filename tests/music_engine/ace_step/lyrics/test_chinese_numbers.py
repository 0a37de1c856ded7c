from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from music_engine.ace_step.lyrics.chinese_numbers import DIGITS, cardinal, digit_by_digit, spell_chinese_numbers


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("0", "零"),
        ("2", "二"),
        ("10", "十"),
        ("12", "十二"),
        ("20", "二十"),
        ("22", "二十二"),
        ("105", "一百零五"),
        ("110", "一百一十"),
        ("200", "两百"),
        ("222", "两百二十二"),
        ("1002", "一千零二"),
        ("2010", "两千零一十"),
        ("20000", "两万"),
        ("120000", "十二万"),
        ("10024", "一万零二十四"),
        ("200000000", "两亿"),
        ("1000000000000", "一兆"),
        ("12.5", "十二点五"),
        ("0.25", "零点二五"),
        ("00.5", "零点五"),
        ("05", "零五"),
        ("00", ""),
    ],
)
def test_cardinals(number: str, said: str) -> None:
    assert cardinal(number) == said


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("1999年12月31日", "一九九九年十二月三十一日"),
        ("09年3月", "零九年三月"),
        ("5月20号见", "五月二十号见"),
        ("给我200块", "给我两百块"),
        ("只要3.5元", "只要三点五元"),
        ("5块5", "五块五"),
        ("打13912345678找我", "打一三九一二三四五六七八找我"),
        ("打+86 13912345678找我", "打八六一三九一二三四五六七八找我"),
        ("打010-87654321找我", "打零一零八七六五四三二一找我"),
        ("1/3的人", "三分之一的人"),
        ("3/4的", "四分之三的"),
        ("50%", "百分之五十"),
        ("50％", "百分之五十"),
        ("12345个人", "一万两千三百四十五个人"),
        ("代码12345", "代码一二三四五"),
        ("第100名", "第一百名"),
        ("b2b", "b2b"),
        ("你好！（再见）", "你好,,再见,"),
        ("a-b…", "a,b,"),
        ("36°£5", "三十六°£五"),
        ("没有", "没有"),
    ],
)
def test_digits_and_punctuation_in_a_line(text: str, spelled: str) -> None:
    assert spell_chinese_numbers(text) == spelled


def test_a_number_is_replaced_where_its_digits_first_occur() -> None:
    assert spell_chinese_numbers("13 3个") == "一三 三个"


@given(st.integers(0, 10**40))
def test_a_cardinal_has_no_digits_and_no_zero_at_its_end(number: int) -> None:
    said = cardinal(str(number))
    assert said
    assert not any(character.isascii() for character in said)
    assert number == 0 or not said.endswith("零")


@given(st.text("0123456789", min_size=1, max_size=40))
def test_digit_by_digit_keeps_every_digit(number: str) -> None:
    assert [DIGITS.index(sign) for sign in digit_by_digit(number)] == [int(digit) for digit in number]


@given(st.text(max_size=80))
def test_any_text_comes_out_without_ascii_punctuation_but_commas(text: str) -> None:
    assert not set("!?.;:()[]\"'%/") & set(spell_chinese_numbers(text))
