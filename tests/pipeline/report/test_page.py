"""The page as text: what stands on it, and that nothing from outside can be more than words."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from reports_shown import (
    HOSTILE,
    a_foreign_file,
    a_hostile_report,
    a_long_film,
    a_short_film,
    row,
    some_rows,
)

from pipeline.card.limits import limits
from pipeline.card.row import Row
from pipeline.report.drawing.series import MOST_POINTS
from pipeline.report.page import report_page
from pipeline.report.shown import Felt, Shown, Thumbnail
from pipeline.report.table import STATUSES, measured
from scoring.timebase import TimeRange

EMPTY = {"meta", "link", "img", "input"}
COLOUR = re.compile(r"--([\w-]+): (#[0-9a-f]{3,6});")
MAKERS = (a_short_film, a_long_film, a_foreign_file, a_hostile_report)


class Reader(HTMLParser):
    """Tags with their attributes, the words between them, and what styles and scripts hold."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.raw: list[tuple[str, str]] = []
        self.rows: list[str] = []
        self.open: list[str] = []
        self.unbalanced: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag == "tr":
            self.rows.append("")
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.unbalanced.append(tag)

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in ("style", "script"):
            self.raw.append((self.open[-1], data))
            return
        self.words.append(data)
        if "tr" in self.open:
            self.rows[-1] += data + " "

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def of(self, tag: str, kind: str = "") -> list[dict[str, str]]:
        return [
            attrs for name, attrs in self.tags if name == tag and (not kind or kind in attrs.get("class", "").split())
        ]


@pytest.fixture(scope="module")
def short() -> Reader:
    return Reader(report_page(a_short_film()))


@pytest.mark.parametrize("make", MAKERS)
def test_the_page_is_well_formed_and_its_ids_are_its_own(make: Callable[[], Shown]) -> None:
    reader = Reader(report_page(make()))
    assert (reader.open, reader.unbalanced) == ([], [])
    ids = [attrs["id"] for _, attrs in reader.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    links = [attrs["href"] for tag, attrs in reader.tags if tag in ("a", "use")]
    assert {link for link in links if link[1:] not in ids} == set()
    for _, attrs in reader.tags:
        for name in ("aria-labelledby", "for"):
            assert name not in attrs or attrs[name] in ids


@pytest.mark.parametrize("make", MAKERS)
def test_nothing_on_the_page_asks_for_another_file(make: Callable[[], Shown]) -> None:
    reader = Reader(report_page(make()))
    addresses = [value for _, attrs in reader.tags for name, value in attrs.items() if name in ("src", "href")]
    assert all(address.startswith(("#", "data:image/jpeg;base64,")) or address == "data:," for address in addresses)
    style = next(text for tag, text in reader.raw if tag == "style")
    assert not re.search(r"url\(|@import|https?:", style)


@pytest.mark.parametrize("make", MAKERS)
def test_only_the_one_style_and_the_one_script_may_run(make: Callable[[], Shown]) -> None:
    reader = Reader(report_page(make()))
    policy = next(a["content"] for t, a in reader.tags if t == "meta" and a.get("http-equiv"))
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    kinds = [attrs.get("type", "") for tag, attrs in reader.tags if tag == "script"]
    assert kinds == ["application/json", ""]
    for tag, text in (reader.raw[0], reader.raw[-1]):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert not any("style" in attrs or any(name.startswith("on") for name in attrs) for _, attrs in reader.tags)


def test_hostile_texts_are_words_and_nothing_else() -> None:
    plain, hostile = (Reader(report_page(make())) for make in (a_short_film, a_hostile_report))
    assert {tag for tag, _ in hostile.tags} <= {tag for tag, _ in plain.tags} | {"details", "summary"}
    shown = HOSTILE.encode("utf-8", "replace").decode()
    assert shown.replace("?", "\ufffd") in hostile.text.replace("?", "\ufffd")
    data = json.loads(next(text for tag, text in hostile.raw if tag == "script"))
    assert data["cues"][0][2].startswith("</script>")


def test_every_row_stands_in_the_table_with_all_that_is_known_of_it(short: Reader) -> None:
    lines = [" ".join(line.split()) for line in short.rows]
    for one in some_rows():
        (line,) = [line for line in lines if f" {one.id} {one.name} " in line]
        for said in (STATUSES[one.status], measured(one), one.allowed, one.source, one.cue, one.advice):
            assert "".join(said.split()) in "".join(line.split())


def test_what_fails_or_warns_is_said_first_and_marked_where_it_is(short: Reader) -> None:
    judged = [one for one in some_rows() if one.status in ("fail", "warn")]
    assert short.text.count("What to look at") == 1
    marks = short.of("a", "mark")
    assert len(marks) == sum(one.at_s is not None for one in judged)
    assert f"B1 fails at 0:47.5: {limits()['B1'].name}" in [mark["aria-label"] for mark in marks]
    rows = {attrs["id"]: attrs for attrs in short.of("tr") if "id" in attrs}
    assert [rows[mark["href"][1:]]["data-status"] for mark in marks].count("fail") == 2


def test_all_warnings_that_have_no_room_on_top_are_counted() -> None:
    rows = tuple(row(name, 9.0, "warn", 3.0) for name in ("A4", "B1", "B2", "B3", "B4", "B5", "B6", "C1", "F3", "G3"))
    text = Reader(report_page(replace(a_foreign_file(), rows=rows))).text
    assert "2 more warnings in the table" in text


def test_what_is_not_known_is_said_and_not_drawn() -> None:
    reader = Reader(report_page(Shown("a", 10.0, ())))
    assert "pictures, cuts, cues, hits and beats, emotion, sound, loudness, speech" in reader.text
    assert "Nothing could be judged." in reader.text
    assert reader.of("path", "curve") == []


def test_each_lane_says_in_words_what_it_shows(short: Reader) -> None:
    said = [attrs["aria-label"] for attrs in short.of("svg", "plot")]
    assert len(said) == 10
    for words in (
        "4 cues: 1m1 calm from 0:00.0",
        "15 of 20 hits landed",
        "valence from −0.60 to 0.60",
        "at least 14 LU",
    ):
        assert any(words in one for one in said)


def test_a_mute_is_drawn_and_said() -> None:
    gain_db = np.zeros(100)
    gain_db[40] = -np.inf
    said = Reader(report_page(Shown("x", 10.0, (), music_peak=np.ones(100), duck_db=gain_db))).of("svg", "plot")
    assert any("muted" in one["aria-label"] for one in said)


def test_what_was_tried_stands_in_a_table(short: Reader) -> None:
    tried = [line.split() for line in short.rows if "next plan" in line or "next seed" in line]
    assert [line[0] for line in tried] == ["1m3", "1m3"]
    assert [line[-1] for line in tried] == ["no", "yes"]


def test_two_hours_are_a_page_that_opens_at_once() -> None:
    page = report_page(a_long_film())
    assert len(page.encode()) < 1_500_000
    for path in re.findall(r' d="([^"]*)"', page):
        assert path.count("L") <= 2 * MOST_POINTS


def test_a_moment_reads_as_the_series_say() -> None:
    film = a_short_film()
    data = json.loads(next(text for tag, text in Reader(report_page(film)).raw if tag == "script"))
    assert data["duration_s"] == 90.0
    series = {name: values for name, _, values in data["series"]}
    assert film.clearance_lu is not None
    assert film.short_term_lufs is not None
    assert len(series["clearance"]) == 900
    assert series["clearance"][100] == pytest.approx(film.clearance_lu[100], abs=0.06)
    assert series["clearance"][300] is None
    assert series["loudness"][0] is None  # silence
    assert series["loudness"][500] == pytest.approx(film.short_term_lufs[500], abs=0.06)


@pytest.mark.parametrize(
    "odd",
    [
        Shown("", 0.0, ()),
        Shown("x", 5.0, (), felt=Felt(*(np.array([]),) * 4), music_peak=np.array([]), duck_db=np.array([])),
        Shown("x", 5.0, (), short_term_lufs=np.full(50, -np.inf), clearance_lu=np.full(50, np.nan)),
        Shown("x", 5.0, (), music_peak=np.full(50, np.nan), film_peak=np.zeros(50), duck_db=np.full(50, -np.inf)),
        Shown("x", 5.0, (), felt=Felt(*(np.array([2.5]),) * 4), speech=(TimeRange(1.0, 9.0),), target_lufs=-70.0),
        Shown("x", 5.0, (), hits=((99.0, 7.0, None), (-3.0, -1.0, True)), cuts_s=(7.0,), beats_s=(5.5,), bars_s=(1.0,)),
        Shown("x", 5.0, (), thumbnails=(Thumbnail(1.0, b"no picture"), Thumbnail(2.0, b""))),
        Shown(
            "x", 5.0, (Row("?", "odd", float("inf"), "s", "", "", "fail", 99.0),), tried=({}, {"failed": [], "kept": 3})
        ),
    ],
)
def test_odd_films_make_sound_pages(odd: Shown) -> None:
    page = report_page(odd)
    reader = Reader(page)
    assert reader.unbalanced == []
    drawn = [value for tag, attrs in reader.tags if tag in ("path", "line", "rect", "use") for value in attrs.values()]
    assert not any(re.search(r"\b(nan|inf)\b", value) for value in drawn)


def test_colours_can_be_told_from_their_ground_in_both_themes() -> None:
    style = next(text for tag, text in Reader(report_page(a_foreign_file())).raw if tag == "style")
    first, second = style.split("prefers-color-scheme")[:2]
    light = dict(COLOUR.findall(first))
    dark = {**light, **dict(COLOUR.findall(second.partition("\n}")[0]))}
    assert light["card"] != dark["card"]
    for theme in (light, dark):
        for ground in ("card", "paper"):
            for ink in ("ink", "soft", "accent", "fail", "warn", "pass", "none"):
                assert contrast(theme[ink], theme[ground]) >= 4.5, (ink, ground)
        for line in ("valence", "arousal", "tension", "score", "film"):
            assert contrast(theme[line], theme["card"]) >= 2.9, line
        for shape in ("fail", "warn", "pass"):
            assert contrast(theme["on-shape"], theme[shape]) >= 4.5, shape


def contrast(first: str, second: str) -> float:
    """WCAG 2.2's contrast ratio."""
    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def luminance(code: str) -> float:
    digits = code[1:] if len(code) == 7 else "".join(2 * digit for digit in code[1:])
    shares = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
