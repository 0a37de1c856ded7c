"""Standing still: when a file counts as finished, for any sequence of looks."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from integrations.watch_folder.settling import Settling

FILM = Path("film.mp4")
# (seconds since the look before, the identity that it found)
LOOKS = st.lists(st.tuples(st.floats(0.01, 20.0), st.sampled_from("ab")), min_size=1, max_size=30)


@given(LOOKS, st.floats(0.0, 10.0), st.integers(2, 5))
def test_a_file_is_settled_after_enough_looks_over_enough_time_and_never_before(
    looks: list[tuple[float, str]], settle_s: float, enough: int
) -> None:
    settling = Settling(settle_s, enough)
    now_s, since_s, count, last = 100.0, 100.0, 0, ""
    for pause_s, identity in looks:
        now_s += pause_s
        since_s, count = (since_s, count + 1) if identity == last else (now_s, 1)
        last = identity
        settling.saw(FILM, identity, now_s)
        expected = count >= enough and now_s >= since_s + settle_s
        assert list(settling.settled(now_s)) == ([FILM] if expected else [])
        assert settling.still_s(FILM, now_s) == now_s - since_s


@given(st.integers(1, 12))
def test_each_try_is_followed_by_a_pause_that_is_no_shorter_than_the_last_and_has_an_end(tries: int) -> None:
    settling, now_s, last_s = Settling(0.0, 1), 0.0, 0.0
    settling.saw(FILM, "a", now_s)
    for _ in range(tries):
        settling.hold(FILM)
        assert list(settling.settled(now_s)) == []
        settling.release(FILM, now_s)
        due_s = settling.next_s()
        assert due_s is not None
        assert last_s <= due_s - now_s <= 60.0
        last_s, now_s = due_s - now_s, due_s
        assert list(settling.settled(now_s)) == [FILM]


def test_a_file_that_changes_while_somebody_is_at_work_with_it_stays_with_them() -> None:
    settling = Settling(0.0, 1)
    settling.saw(FILM, "a", 1.0)
    settling.hold(FILM)
    settling.saw(FILM, "b", 2.0)
    assert list(settling.settled(3.0)) == []
    settling.release(FILM, 3.0, 0.0)
    assert list(settling.settled(3.0)) == [FILM]


def test_what_stood_still_before_counts_until_it_changes() -> None:
    settling = Settling(5.0, 2)
    settling.saw(FILM, "a", 1.0, age_s=1000.0)
    assert settling.still_s(FILM, 2.0) == 1001.0
    settling.saw(FILM, "b", 3.0, age_s=1000.0)
    assert settling.still_s(FILM, 4.0) == 1.0


def test_two_looks_at_one_time_are_one() -> None:
    settling = Settling(0.0, 2)
    settling.saw(FILM, "a", 1.0)
    settling.saw(FILM, "a", 1.0)
    assert list(settling.settled(1.0)) == []


def test_standing_still_is_told_once_until_the_file_changes() -> None:
    settling = Settling(0.0, 1)
    settling.saw(FILM, "a", 1.0)
    assert [settling.newly_settled(2.0), settling.newly_settled(3.0)] == [[FILM], []]
    settling.saw(FILM, "b", 4.0)
    assert settling.newly_settled(5.0) == [FILM]
