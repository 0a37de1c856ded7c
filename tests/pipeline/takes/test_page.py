from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import unquote

from takes_made import Made


class Reader(HTMLParser):
    """Every tag with its attributes, and the words between."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def read(made: Made) -> Reader:
    reader = Reader()
    reader.feed(made.takes.page.read_text("utf-8"))
    return reader


def test_each_take_plays_from_a_relative_address_that_is_its_file(compared: Made) -> None:
    videos = [attrs for tag, attrs in read(compared).tags if tag == "video" and "data-take" in attrs]
    assert len(videos) == 3
    for attrs, take in zip(videos, compared.takes.takes, strict=True):
        address = attrs["src"] or ""
        assert re.fullmatch(r"\./[A-Za-z0-9%._~-]+", address)
        assert (compared.takes.page.parent / unquote(address)) == take.made.video


def test_names_are_escaped_and_nothing_asks_for_another_file(compared: Made) -> None:
    page, reader = compared.takes.page.read_text("utf-8"), read(compared)
    assert not any(tag == "b" and attrs for tag, attrs in reader.tags)
    assert '<b>"q"' not in page
    assert any(compared.film.name in words for words in reader.words)
    assert not re.search(r"https?:|//[a-z]|@import|url\(", re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL))
    addresses = [value or "" for _, attrs in reader.tags for name, value in attrs.items() if name in ("src", "href")]
    assert all(address.startswith("./") or address == "data:," for address in addresses)


def test_the_page_says_seed_keys_tempi_figures_and_how_to_keep_each_take(compared: Made) -> None:
    text = " ".join("".join(read(compared).words).split())
    for take in compared.takes.takes:
        assert f"seed {take.seed}" in text
        for cue in take.made.sheet.cues:
            assert str(cue.key) in text
            assert f"{cue.bpm:.1f}" in text
        assert f"--cues '{take.cues.name}'" in text or take.cues.name.replace("'", "'\"'\"'") in text
    for words in ("integrated loudness", "true peak", "loudness range", "planned hits met by a beat", "chance", "LUFS"):
        assert words in text


def test_the_waveform_has_a_mark_for_each_cue_and_each_cut(compared: Made) -> None:
    page = compared.takes.page.read_text("utf-8")
    for kind, count in (("cues", len(compared.takes.takes[0].made.sheet.cues)), ("cuts", 2)):
        drawn = re.findall(rf'<path class="{kind}" d="([^"]*)"', page)
        assert len(drawn) == 3
        assert [d.count("M") for d in drawn] == [count] * 3
    peaks = re.findall(r'<path class="peaks" d="([^"]*)"', page)
    assert len(set(peaks)) == 3
