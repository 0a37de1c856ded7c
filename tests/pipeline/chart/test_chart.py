"""The picture: made for any analysis, of the size asked for, with ink in every row and no two words on each other."""

from __future__ import annotations

import subprocess
import sys
from itertools import combinations, pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from analyses import made_up
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from matplotlib.text import Text
from numpy.typing import NDArray

from pipeline.chart.chart import draw_chart, lay_out
from pipeline.chart.ribbon import MOST_WORDS
from pipeline.chart.sheet import Sheet
from pipeline.chart.strip import Kept, stills_in
from scoring.analysis import Analysis

FULL = {"cuts": 25, "dissolves": True, "places": True, "voice": True, "speech": True}
ROWS = ("mood", "curve", "cuts", "speech", "music", "motion", "sound")


def pixels(png: bytes) -> NDArray[np.uint8]:
    picture = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    return np.asarray(picture, np.uint8)


def drawn(analysis: Analysis, stills: tuple[Kept, ...] = (), name: str = "film.mp4") -> Sheet:
    return lay_out(analysis, name=name, stills=stills, width_px=1800, height_px=1100)


def words_of(sheet: Sheet) -> list[Text]:
    return [text for text in sheet.figure.findobj(Text) if text.get_visible() and text.get_text().strip()]


def assert_words_stand_apart(sheet: Sheet) -> None:
    boxes = [(text.get_text(), text.get_window_extent()) for text in words_of(sheet)]
    for (one, a), (other, b) in combinations(boxes, 2):
        over_px = min(a.x1, b.x1) - max(a.x0, b.x0), min(a.y1, b.y1) - max(a.y0, b.y0)
        assert not (over_px[0] > 1.0 and over_px[1] > 1.0), f"{one!r} and {other!r} stand on each other"
    for words, box in boxes:
        inside = box.x0 >= 0 and box.x1 <= sheet.width_px and box.y0 >= 0 and box.y1 <= sheet.height_px
        assert inside, f"{words!r} runs out of the picture"


@pytest.fixture(scope="module")
def stills(tmp_path_factory: pytest.TempPathFactory) -> tuple[Kept, ...]:
    folder = tmp_path_factory.mktemp("stills")
    rng = np.random.default_rng(1)
    for second in range(95):
        cv2.imwrite(str(folder / f"{second:06d}.jpg"), rng.integers(0, 255, (224, 398, 3)).astype(np.uint8))
    return stills_in(folder)


def test_the_picture_has_the_size_asked_for_and_ink_in_every_row(stills: tuple[Kept, ...]) -> None:
    analysis = made_up(95.0, **FULL)
    sheet = drawn(analysis, stills)
    picture = pixels(draw_chart(analysis, name="film.mp4", stills=stills))
    assert picture.shape == (1100, 1800, 3)
    named = {str(axes.get_label()): axes for axes in sheet.figure.axes}
    assert {*ROWS, "pictures", "place", "voice"} <= set(named)
    for name, axes in named.items():
        box = axes.get_window_extent()
        row = picture[1100 - int(box.y1) : 1100 - int(box.y0), int(box.x0) : int(box.x1)]
        assert (row < 235).any(), f"nothing was drawn in {name}"
    assert pixels(draw_chart(analysis, name="f", width_px=1400, height_px=900)).shape == (900, 1400, 3)


def test_rows_that_have_nothing_to_show_say_so_and_others_are_left_out() -> None:
    sheet = drawn(made_up(30.0, silent=True))
    words = {text.get_text() for text in words_of(sheet)}
    assert {"one shot, no cuts", "no speech heard", "no music of its own heard", "silent"} <= words
    assert not {"place", "voice", "pictures"} & {str(axes.get_label()) for axes in sheet.figure.axes}


def test_the_title_says_the_film_its_length_the_analyser_its_sources_and_how_sure_it_is() -> None:
    words = [text.get_text() for text in words_of(drawn(made_up(65.0), name="my film.mp4"))]
    assert "my film.mp4" in words
    line = next(text for text in words if "long" in text)
    for part in ("1:05.0", "1 shot", "made-up", "picture, motion and sound", "confidence"):
        assert part in line


def test_a_long_name_is_cut_in_the_middle_and_strange_letters_are_not_read_as_formulas() -> None:
    sheet = drawn(made_up(5.0), name="$x_1$ \n\x00 " + "very " * 60 + "long.mp4")
    assert_words_stand_apart(sheet)
    title = next(text.get_text() for text in words_of(sheet) if "$" in text.get_text())
    assert title.startswith("$x_1$ □□ very")
    assert title.endswith("long.mp4")
    assert "…" in title
    draw_chart(made_up(5.0), name="片 $x_1$ \ud800")


def test_a_mood_has_the_same_colour_in_every_picture_and_its_word_is_drawn() -> None:
    analysis = made_up(300.0, seed=2, cuts=20)
    sheet = drawn(analysis)
    ribbon = next(axes for axes in sheet.figure.axes if axes.get_label() == "mood")
    words = [text.get_text() for text in ribbon.texts]
    assert 3 < len(words) <= MOST_WORDS
    assert set(words) <= set(analysis.curve.moods)


def test_two_hours_with_fifteen_hundred_cuts_stay_legible() -> None:
    sheet = drawn(made_up(7263.0, **{**FULL, "cuts": 1500}))
    assert_words_stand_apart(sheet)
    curve = next(axes for axes in sheet.figure.axes if axes.get_label() == "curve")
    points = sum(len(path.vertices) for lines in curve.collections for path in lines.get_paths())
    assert points < 4000  # of 43,578
    assert any("/min" in text.get_text() for text in words_of(sheet))


@pytest.mark.parametrize("size", [(126, 224), (224, 896), (224, 224)], ids=["portrait", "very wide", "square"])
def test_small_pictures_keep_their_shape_and_do_not_touch(size: tuple[int, int], tmp_path: Path) -> None:
    width_px, height_px = size
    for second in range(40):
        cv2.imwrite(str(tmp_path / f"{second:06d}.jpg"), np.full((height_px, width_px, 3), 90, np.uint8))
    sheet = drawn(made_up(40.0), stills_in(tmp_path))
    row = next(axes for axes in sheet.figure.axes if axes.get_label() == "pictures")
    boxes = sorted((image.get_window_extent() for image in row.images), key=lambda box: box.x0)
    assert len(boxes) >= 2
    assert all(box.width / box.height == pytest.approx(width_px / height_px, rel=0.02) for box in boxes)
    assert all(a.x1 < b.x0 for a, b in pairwise(boxes))


def test_a_damaged_still_costs_one_small_picture(stills: tuple[Kept, ...], tmp_path: Path) -> None:
    broken = tmp_path / "000000.jpg"
    broken.write_bytes(b"no picture")
    (tmp_path / "notes.jpg").write_bytes(b"not a still")
    assert [still.path for still in stills_in(tmp_path)] == [broken]
    draw_chart(made_up(95.0), name="film.mp4", stills=(Kept(0.0, broken), *stills[1:]))
    draw_chart(made_up(95.0), name="film.mp4", stills=(Kept(0.0, broken), Kept(1.0, tmp_path / "gone.jpg")))


def test_the_same_analysis_gives_the_same_bytes() -> None:
    assert draw_chart(made_up(20.0), name="film.mp4") == draw_chart(made_up(20.0), name="film.mp4")


# Shrinking draws hundreds of pictures to say what the flags already say.
@settings(max_examples=12, deadline=None, phases=[Phase.generate])
@given(
    duration_s=st.sampled_from([0.04, 0.6, 1.99, 7.0, 59.9, 61.0, 900.0, 4000.0]),
    seed=st.integers(0, 10_000),
    cuts=st.sampled_from([0, 1, 3, 60, 500]),
    rate_hz=st.sampled_from([0.5, 2.0, 10.0]),
    flags=st.fixed_dictionaries({n: st.booleans() for n in ("dissolves", "places", "voice", "speech", "silent")}),
)
def test_any_analysis_can_be_drawn_and_no_two_words_stand_on_each_other(
    duration_s: float, seed: int, cuts: int, rate_hz: float, flags: dict[str, bool]
) -> None:
    sheet = drawn(made_up(duration_s, seed=seed, cuts=cuts, rate_hz=rate_hz, **flags))
    sheet.figure.canvas.draw()
    assert_words_stand_apart(sheet)


def test_nothing_global_is_touched_and_the_drawing_library_waits_until_it_is_needed() -> None:
    script = """
import sys
sys.path.insert(0, "tests/support")
from analyses import made_up
from pipeline.chart.chart import draw_chart
import pipeline.analyse_video, integrations.cli.analyse
assert "matplotlib" not in sys.modules
import matplotlib
before = matplotlib.rcParams.copy()
draw_chart(made_up(3.0), name="film.mp4")
assert "matplotlib.pyplot" not in sys.modules
assert matplotlib.rcParams.copy() == before
"""
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
