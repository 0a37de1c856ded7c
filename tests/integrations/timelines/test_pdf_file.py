"""The printed cue sheet, read back by pypdf."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from pypdf import PdfReader
from timelines_made import film_project

from integrations.timelines.pdf_file import write_pdf
from pipeline.project import Project
from scoring.errors import OutputRefused, UnknownChoice
from scoring.timebase import FrameRate

RATE = FrameRate(25)
HEADS = ["Cue", "Title", "Use", "In", "Out", "Length", "Composer, society, share"]


def project(folder: Path, cues: int, moods: tuple[str, ...] = ("calm",), name: str = "film") -> Project:
    made = film_project(folder, [90.0 * n for n in range(cues + 1)], [], RATE)
    moody = tuple(replace(cue, mood=moods[n % len(moods)]) for n, cue in enumerate(made.sheet.cues))
    return replace(
        made,
        folder=folder / f"{name}.cuesmith",
        sheet=replace(made.sheet, cues=moody),
        manifest={"engine": "composer", "versions": {"engines": {"composer": "3+abc"}}},
        report={"loudness": {"measured": {"integrated_lufs": -23.0, "true_peak_dbtp": -1.5}}},
    )


def pages_of(path: Path) -> list[str]:
    return [page.extract_text() for page in PdfReader(path).pages]


def test_every_cue_is_printed_once_with_its_times_and_pages_repeat_their_heads(tmp_path: Path) -> None:
    assert write_pdf(project(tmp_path, 60), tmp_path / "cues.pdf", start="01:00:00:00") == ()
    pages = pages_of(tmp_path / "cues.pdf")
    assert len(pages) > 2
    whole = "\n".join(pages)
    for number in range(60):
        assert whole.split().count(f"1M{number + 1}") == 1
    assert "01:01:30:00" in whole
    for number, page in enumerate(pages, 1):
        assert f"page {number} of {len(pages)}" in page
        assert number == len(pages) or all(head in page for head in HEADS)
    assert "-23.0 LUFS" in pages[0]
    assert "1:30:00 in 60 cues" in pages[0]


def test_it_says_that_software_made_the_music_and_names_nobody(tmp_path: Path) -> None:
    write_pdf(project(tmp_path, 1), tmp_path / "cues.pdf")
    text = " ".join(pages_of(tmp_path / "cues.pdf")[0].split())
    assert "software: Cuesmith's composer" in text
    assert "Weights: none were used" in text
    assert "digitalsourcetype/algorithmicMedia" in text
    assert "not written by a person" in text
    assert "BI: background instrumental" in text


@pytest.mark.parametrize(("paper", "size"), [("a4", (842, 595)), ("letter", (792, 612))])
def test_both_papers_are_landscape_and_carry_their_font(paper: str, size: tuple[int, int], tmp_path: Path) -> None:
    write_pdf(project(tmp_path, 2), tmp_path / "cues.pdf", paper=paper)
    (page,) = PdfReader(tmp_path / "cues.pdf").pages
    assert (round(page.mediabox.width), round(page.mediabox.height)) == size
    fonts = [font.get_object() for font in page["/Resources"]["/Font"].values()]
    embedded = [font for font in fonts if "DejaVu" in font["/BaseFont"]]
    assert embedded
    assert all("/FontFile2" in font["/FontDescriptor"] for font in embedded)
    with pytest.raises(UnknownChoice, match="foolscap"):
        write_pdf(project(tmp_path, 2), tmp_path / "other.pdf", paper="foolscap")


def test_names_in_many_scripts_are_printed_and_what_no_font_has_is_said(tmp_path: Path) -> None:
    moods = ("<b>Étude</b> & co", "Ночь", "夜の歌", "비밀", "激情", "a" * 300)
    losses = write_pdf(project(tmp_path, 6, moods, "夜 🎻 & <film>"), tmp_path / "cues.pdf")
    text = "".join("".join(pages_of(tmp_path / "cues.pdf")).split())
    for mood in ("<b>Étude</b>&co", "Ночь", "夜の歌", "비밀", "激情", "a" * 30):
        assert mood in text
    assert "🎻" not in text
    assert losses == (
        "the PDF's fonts have no 🎻",
        "the PDF carries no Chinese, Japanese or Korean font: the reader's own is used, if it has one",
    )


def test_the_same_score_is_the_same_file(tmp_path: Path) -> None:
    for name in ("one.pdf", "two.pdf"):
        write_pdf(project(tmp_path, 30, ("夜", "calm")), tmp_path / name)
    assert (tmp_path / "one.pdf").read_bytes() == (tmp_path / "two.pdf").read_bytes()


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputRefused):
        write_pdf(project(tmp_path, 1), tmp_path / "nowhere" / "cues.pdf")
