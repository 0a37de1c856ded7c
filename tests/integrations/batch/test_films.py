from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations.batch.films import choose_films
from scoring.errors import OutputRefused


def touch(folder: Path, *names: str) -> list[Path]:
    folder.mkdir(exist_ok=True)
    paths = [folder / name for name in names]
    for path in paths:
        path.write_bytes(b"")
    return paths


def test_a_film_given_twice_or_through_a_link_is_done_once_under_its_first_name(tmp_path: Path) -> None:
    one, two = touch(tmp_path, "one.mp4", "two.mp4")
    (tmp_path / "soft.mp4").symlink_to(one)
    os.link(two, tmp_path / "hard.mp4")
    found = choose_films([one, tmp_path / "soft.mp4", two, one, tmp_path / "hard.mp4"], None)
    assert found.chosen == (one, two)
    assert [text.rpartition("/")[2] for text in found.left_out] == ["one.mp4", "one.mp4 again", "two.mp4"]


def test_results_of_films_that_are_given_too_are_left_out(tmp_path: Path) -> None:
    names = ("a.mp4", "a.scored.mp4", "a.scored.take2.mp4", "a.takes.mp4", "b.scored.mp4", "c.scored.mov")
    found = choose_films(touch(tmp_path, *names), None)
    # b and c are not among the films, so what looks like their result may be all there is.
    assert [path.name for path in found.chosen] == ["a.mp4", "b.scored.mp4", "c.scored.mov"]
    assert len(found.left_out) == 3


def test_results_in_another_folder_are_films_like_any_other(tmp_path: Path) -> None:
    (film,) = touch(tmp_path / "in", "a.mp4")
    (other,) = touch(tmp_path / "out", "a.scored.mp4")
    assert choose_films([film, other], None).chosen == (film, other)
    assert choose_films([film, other], tmp_path / "out").chosen == (film,)


@pytest.mark.parametrize(("first", "second"), [("a.mp4", "a.mov"), ("é.mp4", "e\u0301.mov"), ("Film.mp4", "film.mkv")])
def test_two_films_whose_results_go_by_one_name_are_refused(tmp_path: Path, first: str, second: str) -> None:
    films = [*touch(tmp_path / "x", first), *touch(tmp_path / "y", second)]
    assert choose_films(films, None).chosen == tuple(films)
    (tmp_path / "out").mkdir()
    with pytest.raises(OutputRefused, match="one name"):
        choose_films(films, tmp_path / "out")
    with pytest.raises(OutputRefused, match="one name"):
        choose_films(touch(tmp_path / "z", first, second), None)


def test_the_place_for_several_results_is_a_folder(tmp_path: Path) -> None:
    films = touch(tmp_path, "a.mp4", "b.mp4")
    for output in (tmp_path / "none", films[0]):
        with pytest.raises(OutputRefused, match="not a folder"):
            choose_films(films, output)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
@given(picks=st.lists(st.sampled_from(["a.mp4", "b.mp4", "a.scored.mp4", "gone.mp4", "link.mp4"]), min_size=1))
def test_every_film_given_is_chosen_once_or_left_out_with_a_reason(tmp_path: Path, picks: list[str]) -> None:
    touch(tmp_path, "a.mp4", "b.mp4", "a.scored.mp4")
    (tmp_path / "link.mp4").unlink(missing_ok=True)
    (tmp_path / "link.mp4").symlink_to("b.mp4")
    paths = {name: tmp_path / name for name in picks}
    found = choose_films([paths[name] for name in picks], None)
    assert len(found.chosen) + len(found.left_out) == len(picks)
    assert len({path.resolve() for path in found.chosen}) == len(found.chosen)
