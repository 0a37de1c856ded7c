from __future__ import annotations

import pytest

from integrations.cli.ranges import one_of, read_range, read_time
from scoring.errors import InputError, UnknownChoice
from scoring.timebase import TimeRange


@pytest.mark.parametrize(
    ("text", "start_s", "end_s"),
    [("12-30", 12, 30), ("1:05-1:20.5", 65, 80.5), ("1:00:00-1:02:00", 3600, 3720), (" 0 – 2.25 ", 0, 2.25)],
)
def test_stretches_are_read_as_people_type_them(text: str, start_s: float, end_s: float) -> None:
    assert read_range(text, "--range") == TimeRange(start_s, end_s)


@pytest.mark.parametrize("text", ["", "12", "30-12", "5-5", "a-b", "-3-5", "1:2:3:4-5"])
def test_what_is_no_stretch_names_the_option_and_how_to_write_it(text: str) -> None:
    with pytest.raises(InputError, match="--no-music") as caught:
        read_range(text, "--no-music")
    assert "IN-OUT" in caught.value.advice


def test_a_word_that_is_not_on_the_list_names_the_list() -> None:
    assert one_of("--dialogue", "keep", ("duck", "keep")) == "keep"
    with pytest.raises(UnknownChoice, match="duck, keep"):
        one_of("--dialogue", "drop", ("duck", "keep"))


@pytest.mark.parametrize(("text", "time_s"), [("12.5", 12.5), ("1:05", 65), ("1:00:02.25", 3602.25), (" 0 ", 0)])
def test_times_are_read_as_people_type_them(text: str, time_s: float) -> None:
    assert read_time(text, "--from") == time_s


@pytest.mark.parametrize("text", ["", "soon", "-3", "1-2", "1:2:3:4"])
def test_what_is_no_time_names_the_option(text: str) -> None:
    with pytest.raises(InputError, match="--from"):
        read_time(text, "--from")
