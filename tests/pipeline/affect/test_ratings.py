from __future__ import annotations

import contextlib
import os
import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rated import COLUMNS, write_ratings

from pipeline.affect.ratings import read_rated_film, read_rated_pictures
from scoring.errors import InputError

GOOD = ("a.jpg", "Beach", "Scenery", 6.5, 2.0)


@pytest.fixture
def images(tmp_path):
    folder = tmp_path / "images"
    (folder / "sub").mkdir(parents=True)
    for name in ("a.jpg", "b.jpg", "sub/c.jpg"):
        (folder / name).write_bytes(b"read later")
    (tmp_path / "secret.jpg").write_bytes(b"not theirs")
    return folder


def refusal(tmp_path, images, *rows, columns=COLUMNS):
    with pytest.raises(InputError) as caught:
        read_rated_pictures(write_ratings(tmp_path / "r.csv", rows, columns), images)
    assert caught.value.advice
    return str(caught.value)


def test_ratings_are_brought_to_minus_one_to_one(tmp_path, images):
    rows = [("a.jpg", "Beach", "x", 1, 7), ("b.jpg", "Beach", "x", 4, 5.5), ("sub/c.jpg", " Dog ", "x", 7, 1)]
    rated = read_rated_pictures(write_ratings(tmp_path / "r.csv", rows), images)
    assert rated.valence.tolist() == [-1.0, 0.0, 1.0]
    assert rated.of("arousal").tolist() == [1.0, 0.5, -1.0]
    assert rated.themes == ("Beach", "Beach", "Dog")
    assert [path.name for path in rated.paths] == ["a.jpg", "b.jpg", "c.jpg"]
    assert len(rated.sha256) == 64


def test_columns_may_come_in_any_order_with_others_a_mark_and_windows_line_ends(tmp_path, images):
    text = 'arousal_1_7,note,image,valence_1_7,theme\r\n2,"said, twice",a.jpg,5,Beach\r\n'
    (tmp_path / "r.csv").write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert read_rated_pictures(tmp_path / "r.csv", images).valence[0] == pytest.approx(1 / 3)


@pytest.mark.parametrize("missing", ["image", "theme", "valence_1_7", "arousal_1_7"])
def test_a_missing_column_is_named(tmp_path, images, missing):
    columns = tuple("x" if name == missing else name for name in COLUMNS)
    assert f"line 1 has no column {missing}" in refusal(tmp_path, images, GOOD, columns=columns)


@pytest.mark.parametrize("rating", ["0.9", "7.1", "-3", "nan", "inf", "", "good", "1e999"])
@pytest.mark.parametrize("column", [3, 4])
def test_a_rating_out_of_range_is_named_with_its_line(tmp_path, images, rating, column):
    row = list(GOOD)
    row[0], row[column] = "b.jpg", rating
    said = refusal(tmp_path, images, GOOD, row)
    assert "line 3" in said
    assert COLUMNS[column] in said
    assert repr(rating) in said


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("gone.jpg", "not there"),
        ("sub", "not there"),
        ("../secret.jpg", "outside the folder"),
        ("sub/../../secret.jpg", "outside the folder"),
        ("/etc/hostname", "outside the folder"),
        ("", "outside the folder"),
        (".", "outside the folder"),
        ("x" * 5000 + ".jpg", "jpg"),
    ],
    ids=lambda value: value[:30] or "empty",
)
def test_a_name_that_is_no_picture_of_the_folder_is_refused_with_its_line(tmp_path, images, name, why):
    said = refusal(tmp_path, images, GOOD, (name, *GOOD[1:]))
    assert "line 3" in said
    assert why in said


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_a_link_that_leads_out_of_the_folder_is_refused_and_one_within_is_not(tmp_path, images):
    (images / "out.jpg").symlink_to(tmp_path / "secret.jpg")
    (images / "circle.jpg").symlink_to(images / "circle.jpg")
    (images / "in.jpg").symlink_to(images / "b.jpg")
    assert "outside the folder" in refusal(tmp_path, images, ("out.jpg", *GOOD[1:]))
    refusal(tmp_path, images, ("circle.jpg", *GOOD[1:]))
    assert len(read_rated_pictures(write_ratings(tmp_path / "r.csv", [("in.jpg", *GOOD[1:])]), images).paths) == 1


def test_a_picture_rated_twice_is_refused_with_both_lines(tmp_path, images):
    said = refusal(tmp_path, images, GOOD, ("b.jpg", *GOOD[1:]), ("./a.jpg", *GOOD[1:]))
    assert "line 4" in said
    assert "line 2 already" in said


def test_a_theme_without_a_name_is_refused(tmp_path, images):
    assert "theme is empty" in refusal(tmp_path, images, ("a.jpg", "  ", "x", 4, 4))


def test_a_table_without_rows_is_refused(tmp_path, images):
    assert "no rows" in refusal(tmp_path, images)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"image,theme,valence_1_7,arousal_1_7\na.jpg,B\xe9ach,4,4\n", "line 2 is not UTF-8"),
        ("image,theme,valence_1_7,arousal_1_7\na.jpg,B,4,4\n".encode("utf-16"), "not UTF-8"),
        (b"image,theme,valence_1_7,arousal_1_7\na.jpg,Sea, calm,4,4\n", "line 2 has 5 cells, the heading 4"),
        (b'image,theme,valence_1_7,arousal_1_7\na.jpg,"Sea"x,4,4\n', "line 2 is not CSV"),
        (b'image,theme,valence_1_7,arousal_1_7\na.jpg,"Sea,4,4\n', "is not CSV"),
        (b"image,theme,valence_1_7,arousal_1_7\na\0.jpg,Sea,4,4\n", "line 2"),
        (b"", "no column image"),
        (b"\x89PNG\r\n\x1a\n\0\0", "not UTF-8"),
        (b"x" * 300_000, "field larger"),
    ],
    ids=[
        "latin-1",
        "utf-16",
        "a cell more",
        "text after quotes",
        "open quotes",
        "a NUL",
        "empty",
        "a PNG",
        "one long word",
    ],
)
def test_what_is_no_such_table_is_refused(tmp_path, images, data, why):
    (tmp_path / "r.csv").write_bytes(data)
    with pytest.raises(InputError, match=why):
        read_rated_pictures(tmp_path / "r.csv", images)


def test_a_table_or_a_folder_that_is_not_there_is_refused(tmp_path, images):
    with pytest.raises(InputError, match="cannot be read"):
        read_rated_pictures(tmp_path / "none.csv", images)
    with pytest.raises(InputError, match="cannot be read"):
        read_rated_pictures(tmp_path, images)
    with pytest.raises(InputError, match="not a folder"):
        read_rated_pictures(tmp_path / "r.csv", tmp_path / "none")


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root and Windows read everything")
def test_a_table_that_may_not_be_read_is_refused(tmp_path, images):
    path = write_ratings(tmp_path / "r.csv", [GOOD])
    path.chmod(0)
    with pytest.raises(InputError, match="Permission"):
        read_rated_pictures(path, images)


def film_csv(tmp_path, *rows):
    return write_ratings(tmp_path / "film.csv", rows, ("time_s", "valence", "arousal"))


def test_the_ratings_of_a_film_may_have_any_scale(tmp_path):
    rated = read_rated_film(film_csv(tmp_path, (0, 10, 1), (0.5, 90, 3), (7, 50, 9)))
    assert rated.times_s.tolist() == [0, 0.5, 7]
    assert rated.of("valence").tolist() == [10, 90, 50]
    assert np.array_equal(rated.of("arousal"), [1, 3, 9])


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([(0, 1, 1), (2, 1, 1), (1, 1, 1)], "line 4: time_s is 1"),
        ([(0, 1, 1), (0, 1, 1), (1, 1, 1)], "line 3: time_s is 0"),
        ([(-1, 1, 1), (0, 1, 1), (1, 1, 1)], "line 2: time_s is -1"),
        ([(0, 1, 1), (1, "nan", 1), (2, 1, 1)], "line 3: valence is 'nan'"),
        ([(0, 1, 1), (1, 1, "")], "line 3: arousal is ''"),
        ([(0, 1, 1), (1, 1, 1)], "2 rows"),
    ],
)
def test_ratings_of_a_film_that_make_no_sense_are_refused_with_their_line(tmp_path, rows, why):
    with pytest.raises(InputError, match=why):
        read_rated_film(film_csv(tmp_path, *rows))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.lists(st.text(max_size=12) | st.sampled_from(["a.jpg", "4", "7.0", "Beach"]), max_size=5), max_size=5
    ),
    heading=st.booleans(),
    rubbish=st.binary(max_size=6),
)
def test_any_table_at_all_is_read_or_refused(tmp_path, images, rows, heading, rubbish):
    text = "\n".join(",".join(row) for row in [list(COLUMNS)] * heading + rows)
    (tmp_path / "r.csv").write_bytes(text.encode("utf-8", "replace") + rubbish)
    with contextlib.suppress(InputError):
        rated = read_rated_pictures(tmp_path / "r.csv", images)
        assert np.all(np.abs(np.stack([rated.valence, rated.arousal])) <= 1)
        assert all(path.is_relative_to(images.resolve()) for path in rated.paths)
    with contextlib.suppress(InputError):
        read_rated_film(tmp_path / "r.csv")
