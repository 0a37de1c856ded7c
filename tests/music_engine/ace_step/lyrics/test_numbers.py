from __future__ import annotations

import pytest

from music_engine.ace_step.lyrics.numbers import spell_numbers


@pytest.mark.parametrize(
    ("language", "text", "spelled"),
    [
        ("en", "the 21st", "the twenty-first"),
        ("en", "1,000,000", "one million"),
        ("en", "3.14", "three point one four"),
        ("en", "3,14", "three point one four"),
        ("en", "$2.50", "two dollars, fifty cents"),
        ("en", "2$", "two dollars"),
        ("en", "€1", "one euro"),
        ("fr", "1.000 fois", "mille fois"),
        ("de", "1.000.000 sterne", "eine Million sterne"),
        ("de", "21€", "einundzwanzig Euro"),
        ("es", "1.500", "mil quinientos"),
        ("pl", "2nd", "drugi"),
        ("ru", "1,000", "одна тысяча"),
        ("ko", "3번째", "세 번째"),
        ("en", "no digits here", "no digits here"),
    ],
)
def test_digits_are_read_in_the_language(language: str, text: str, spelled: str) -> None:
    assert spell_numbers(text, language) == spelled


def test_whole_amounts_lose_their_hundredths_and_others_keep_them() -> None:
    assert spell_numbers("$20", "es") == "veinte dólares"
    assert spell_numbers("$20.5", "es") == "veinte dólares con cincuenta centavos"


def test_italian_takes_a_degree_for_an_ordinal() -> None:
    assert spell_numbers("36°", "it") == "trentaseiesimo"


def test_any_character_before_three_digits_is_a_mark_of_thousands_but_only_full_stops_go() -> None:
    assert spell_numbers("1 000", "fr") == "un zéro"
    assert spell_numbers("1.000", "fr") == "mille"


def test_a_comma_of_thousands_is_a_decimal_comma_outside_english_and_russian() -> None:
    assert spell_numbers("100,000", "fr") == "cent"


def test_turkish_reads_no_decimals_and_no_money() -> None:
    assert spell_numbers("12,5", "tr") == "oniki,beş"
    assert spell_numbers("5€", "tr") == "beş€"


def test_czech_raises_under_the_references_code() -> None:
    with pytest.raises(NotImplementedError):
        spell_numbers("3", "cs", "reference")
    assert spell_numbers("3", "cs") == "tři"


def test_money_without_words_leaves_only_the_money_as_written() -> None:
    assert spell_numbers("£5 + 1", "ar").endswith("واحد")
