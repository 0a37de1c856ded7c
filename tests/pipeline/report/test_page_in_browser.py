"""The page as its reader has it: opened from disk in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from headless import chromium
from reports_shown import a_foreign_file, a_hostile_report, a_long_film, a_short_film

from pipeline.report.page import report_page
from pipeline.report.shown import Shown

pytestmark = pytest.mark.browser
SIZES = [(1400, "light"), (1400, "dark"), (390, "light"), (390, "dark")]
SIZE_NAMES = ["desk-light", "desk-dark", "phone-light", "phone-dark"]
Open = Callable[..., Any]

# Words of cues that are shown, and are wider than their block.
CROWDED = """[...document.querySelectorAll('.cue')].flatMap((cue) => {
  const edges = cue.querySelector('.block').getBoundingClientRect();
  return [...cue.querySelectorAll('text')]
    .filter((text) => getComputedStyle(text).display !== 'none')
    .filter((text) => text.getComputedTextLength() > edges.width)
    .map((text) => text.textContent);
})"""
# Elements that stick out of the window and are not inside something that scrolls.
STICKING_OUT = """[...document.querySelectorAll('body *')].filter((e) =>
  !e.closest('.scroller, .scroll, .sr, .shapes, thead') && e.getBoundingClientRect().right > innerWidth + 1
).map((e) => e.outerHTML.slice(0, 80))"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as running:
        yield running


@pytest.fixture
def opened(browser: Any, tmp_path: Path) -> Iterator[Open]:
    """Opens a page; afterwards nothing may have gone wrong in it or have been asked for."""
    contexts, asked, wrong = [], [], []

    def open_page(shown: Shown, width_px: int = 1400, scheme: str = "light", **more: Any) -> Any:
        path = tmp_path / "film.report.html"
        path.write_text(report_page(shown), encoding="utf-8")
        context = browser.new_context(viewport={"width": width_px, "height": 844}, color_scheme=scheme, **more)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda r: asked.append(r.url))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if said.type in ("error", "warning") else None)
        page.on("dialog", lambda dialog: (wrong.append(dialog.message), dialog.dismiss()))
        page.goto(path.as_uri())
        return page

    yield open_page
    assert [url for url in asked if not url.startswith("data:") and not url.endswith("/film.report.html")] == []
    assert wrong == []
    for context in contexts:
        context.close()


@pytest.mark.parametrize("make", [a_short_film, a_long_film, a_foreign_file, a_hostile_report])
@pytest.mark.parametrize(("width_px", "scheme"), SIZES, ids=SIZE_NAMES)
def test_nothing_sticks_out_and_no_word_leaves_its_block(
    opened: Open, make: Callable[[], Shown], width_px: int, scheme: str
) -> None:
    page = opened(make(), width_px, scheme)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert page.evaluate(STICKING_OUT) == []
    assert page.evaluate(CROWDED) == []
    assert page.locator(".lane").count() >= 3


def test_a_link_to_a_time_points_at_it_on_the_axis(opened: Open) -> None:
    page = opened(a_short_film(), 390)
    page.locator(".needs").get_by_role("link", name="Show 0:57.7 on the axis").click()
    assert page.locator("#readout").inner_text().startswith("0:57.7")
    cross = page.locator(".cross").bounding_box()
    assert 0 < cross["x"] < 390
    mark = page.get_by_role("link", name="E1 fails").locator("use").bounding_box()
    assert cross["x"] == pytest.approx(mark["x"] + mark["width"] / 2, abs=1.5)
    place = page.get_by_role("slider", name="Place in the film")
    assert place.evaluate("e => e === document.activeElement")
    assert "1m3 · sad" in (place.get_attribute("aria-valuetext") or "")


def test_pointing_and_keys_read_a_moment(opened: Open) -> None:
    page = opened(a_short_film())
    plot = page.locator(".through").bounding_box()
    page.mouse.move(plot["x"] + plot["width"] / 2, plot["y"] + 200)
    said = page.locator("#readout").inner_text()
    assert said.startswith("0:45.0")
    for words in ("1m2 · tense · 83 bpm", "valence", "loudness", "gain"):
        assert words in said
    page.get_by_role("slider", name="Place in the film").focus()
    page.keyboard.press("ArrowRight")
    assert page.locator("#readout").inner_text().startswith("0:45.1")


def test_looking_nearer_shows_more(opened: Open) -> None:
    page = opened(a_long_film())
    wide = page.locator(".through").bounding_box()["width"]
    assert page.locator(".bars.tight").count() == 1
    labels = page.locator(".ruler text").count()
    for _ in range(4):
        page.get_by_role("button", name="Zoom in").click()
    assert page.locator(".through").bounding_box()["width"] == pytest.approx(16 * wide, rel=0.01)
    assert page.locator(".bars.tight").count() == 0
    assert page.locator(".ruler text").count() > 4 * labels
    assert page.evaluate(CROWDED) == []
    assert page.get_by_role("button", name="Zoom in").is_disabled()


def test_rows_can_be_filtered_and_a_link_brings_its_row_back(opened: Open) -> None:
    page = opened(a_short_film())
    rows = page.locator(".checks tr[data-status]")
    everything = rows.count()
    page.get_by_role("button", name="warns 3").click()
    assert page.locator(".checks tr[data-status]:visible").count() == 3
    assert page.locator(".checks .family:visible").count() == 3
    page.locator(".needs").get_by_role("link", name="E1").click()
    assert page.locator(".checks tr[data-status]:visible").count() == everything
    assert page.locator(".checks tr:target").inner_text().count("E1") == 1


def test_the_card_is_a_table_to_those_who_hear_it_also_on_a_phone(opened: Open) -> None:
    page = opened(a_short_film(), 390)
    table = page.get_by_role("table", name="All checks")
    assert table.get_by_role("columnheader").count() == 7
    assert table.get_by_role("rowheader", name="B1").count() == 1
    assert table.get_by_role("row").count() == page.locator(".checks tr").count()
    unnamed = "[...document.querySelectorAll('button, a')].filter((b) => !(b.ariaLabel || b.textContent).trim()).length"
    assert page.evaluate(unnamed) == 0


@pytest.mark.parametrize(("width_px", "scheme"), [(1400, "light"), (390, "dark")], ids=["desk", "phone"])
def test_all_is_there_without_the_script(opened: Open, width_px: int, scheme: str) -> None:
    page = opened(a_short_film(), width_px, scheme, java_script_enabled=False)
    assert page.locator(".tools, .filters").locator("visible=true").count() == 0
    assert page.locator(".checks tr[data-status]:visible").count() == 22
    page.locator(".needs").get_by_role("link", name="Show 0:57.7 on the axis").click()
    assert page.url.endswith("#at-11")
    assert page.locator(".mark:target").count() == 1


def test_paper_holds_all_of_it_on_light_ground(opened: Open) -> None:
    page = opened(a_short_film(), 740, "dark")
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.querySelector('.card')).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert (
        page.evaluate("document.querySelector('.axis').scrollWidth - document.querySelector('main').clientWidth") <= 0
    )
