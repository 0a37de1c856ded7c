"""The page as its reader has it: opened from disk in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from headless import chromium
from takes_made import Made

pytestmark = pytest.mark.browser
TIMES = (
    "[...document.querySelectorAll('.screen video')].map((v) => [v.currentTime, v.paused, v.classList.contains('on')])"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium("--autoplay-policy=no-user-gesture-required") as running:
        yield running


@pytest.fixture(params=[(1400, "light"), (390, "dark")], ids=["desk", "phone"])
def page(request: pytest.FixtureRequest, browser: Any, compared: Made) -> Iterator[Any]:
    width_px, scheme = request.param
    context = browser.new_context(viewport={"width": width_px, "height": 844}, color_scheme=scheme)
    page = context.new_page()
    asked, wrong = [], []
    page.on("request", lambda r: asked.append(r.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type in ("error", "warning") else None)
    page.goto(compared.takes.page.as_uri())
    page.wait_for_function("[...document.querySelectorAll('.screen video')].every((v) => v.readyState >= 1)")
    yield page
    folder = compared.takes.page.parent.as_uri()
    assert all(url.startswith((f"{folder}/", "data:")) for url in asked), asked
    assert wrong == []
    context.close()


def test_another_take_plays_on_from_the_same_place(page: Any) -> None:
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    page.wait_for_function("document.querySelectorAll('.screen video')[0].currentTime > 5.2")
    page.keyboard.press("3")
    page.wait_for_function("document.querySelectorAll('.screen video')[2].currentTime > 5.4")
    (first_s, first_paused, _), (_, second_paused, _), (third_s, third_paused, third_on) = page.evaluate(TIMES)
    assert (first_paused, second_paused, third_paused, third_on) == (True, True, False, True)
    assert third_s >= first_s
    page.keyboard.press("Space")
    page.wait_for_function("document.querySelectorAll('.screen video')[2].paused")
    page.keyboard.press("ArrowLeft")
    assert page.evaluate(TIMES)[2][0] < third_s


def test_buttons_say_what_they_do_and_which_take_is_on(page: Any) -> None:
    button = page.get_by_role("button", name="Play take 2 from the same place")
    assert button.get_attribute("aria-pressed") == "false"
    button.click()
    assert button.get_attribute("aria-pressed") == "true"
    assert page.evaluate(TIMES)[1][2]
    page.get_by_role("slider", name="Place in take 3").click()
    middle_s, _, is_on = page.evaluate(TIMES)[2]
    assert is_on
    assert 7.5 < middle_s < 9.5
    unnamed = "[...document.querySelectorAll('button')].filter((b) => !(b.ariaLabel || b.textContent).trim()).length"
    assert page.evaluate(unnamed) == 0


def test_nothing_sticks_out_of_the_page(page: Any) -> None:
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_a_take_this_browser_cannot_play_is_said(page: Any) -> None:
    page.evaluate("document.querySelectorAll('.screen video')[1].dispatchEvent(new Event('error'))")
    page.keyboard.press("2")
    assert "cannot play" in page.locator(".message").inner_text()
    page.keyboard.press("1")
    assert page.locator(".message").is_hidden()
