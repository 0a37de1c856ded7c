"""A cue sheet as PDF: to be printed, filled in and signed."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from integrations.timelines.pdf_fonts import BOLD, PLAIN, marked_up, register_fonts, told
from integrations.timelines.usage import Origin, Usage, UsageRow, clock_of, usage_of
from integrations.timelines.wording import line
from pipeline.publish import write_bytes
from scoring.errors import UnknownChoice

if TYPE_CHECKING:
    from reportlab.lib.styles import ParagraphStyle

    from pipeline.project import Project

Paper = Literal["a4", "letter"]

_MARGIN_PT = 36.0
_PADDING_PT = 6.0  # of the frame that reportlab puts around a page's text
_SIZE_PT, _LEAD_PT = 8.0, 10.0
_FILL_IN = ("Episode", "Production company", "Country and year", "First shown by, on", "Prepared by, date")
# Column: its name, its share of the width.
_COLUMNS = (
    ("Cue", 5),
    ("Title", 19),
    ("Use", 4),
    ("In", 10),
    ("Out", 10),
    ("Length", 7),
    ("Composer, society, share", 16),
    ("Publisher, society, share", 16),
    ("Made by", 13),
)


def write_pdf(project: Project, path: Path, *, start: str | None = None, paper: str = "a4") -> tuple[str, ...]:
    """Write the cue sheet on landscape pages; what it could not hold, for people. The same score, the same bytes.

    Composers, publishers and shares are empty lines for a person. start: the timecode of the first picture,
    "01:00:00:00"; the film's own by default. paper: "a4" or "letter". Raises UnknownChoice for another paper,
    InputError for a start that does not fit, OutputRefused, DiskFull.
    """
    from reportlab.lib.pagesizes import A4, LETTER, landscape

    sizes = {"a4": A4, "letter": LETTER}
    if paper not in sizes:
        raise UnknownChoice.among("paper", paper, list(sizes))
    register_fonts()
    usage = usage_of(project, start)
    size = landscape(sizes[paper])
    _, pages = _laid_out(usage, size, pages=0)
    data, _ = _laid_out(usage, size, pages)
    write_bytes(path, data)
    return (*usage.losses, *told("".join([usage.production, *(row.title for row in usage.rows)])))


def _laid_out(usage: Usage, size: tuple[float, float], pages: int) -> tuple[bytes, int]:
    """The document, and how many pages it has. pages: as many as the footers are to say."""
    from reportlab.platypus import SimpleDocTemplate

    buffer = io.BytesIO()
    document = SimpleDocTemplate(
        buffer,
        pagesize=size,
        leftMargin=_MARGIN_PT,
        rightMargin=_MARGIN_PT,
        topMargin=_MARGIN_PT,
        bottomMargin=_MARGIN_PT + 2 * _LEAD_PT,
        title=f"Cue sheet: {usage.production}",
        author="Cuesmith",
        subject="Music cue sheet",
        invariant=1,
    )
    foot = partial(_foot, production=usage.production, pages=pages)
    document.build(_story(usage, document.width - 2 * _PADDING_PT), onFirstPage=foot, onLaterPages=foot)
    return buffer.getvalue(), document.page


def _story(usage: Usage, width_pt: float) -> list[Any]:
    from reportlab.platypus import KeepTogether, Paragraph, Spacer

    gap = Spacer(0, _LEAD_PT)
    return [
        Paragraph("Music cue sheet", _style(16, is_bold=True)),
        gap,
        _head(usage, width_pt),
        gap,
        _table(usage.rows, width_pt),
        gap,
        KeepTogether([Paragraph("How the music came about", _style(10, is_bold=True)), *_origins(usage.origins)]),
        gap,
        *(Paragraph(marked_up(note), _style()) for note in usage.notes),
    ]


def _head(usage: Usage, width_pt: float) -> Any:
    """The production's facts, and lines for those that only people know."""
    from reportlab.lib import colors
    from reportlab.platypus import Table

    count = sum(row.origin is not None for row in usage.rows)
    music = f"{clock_of(usage.music_s)} in {count} {'cue' if count == 1 else 'cues'}"
    known = [("Production", usage.production), ("Length", clock_of(usage.duration_s)), ("Music", music)]
    known.append(("Frame rate", usage.frame_rate))
    if usage.loudness_lufs is not None and usage.true_peak_dbtp is not None:
        known.append(("Mix", f"{usage.loudness_lufs:.1f} LUFS, {usage.true_peak_dbtp:.1f} dBTP"))
    known += [("", "")] * (len(_FILL_IN) - len(known))
    rows = [
        [_cell(name, is_bold=True), _cell(value), _cell(asked, is_bold=True), ""]
        for (name, value), asked in zip(known, _FILL_IN, strict=True)
    ]
    return Table(
        rows,
        colWidths=[width_pt * share for share in (0.12, 0.33, 0.2, 0.35)],
        style=[
            ("LINEBELOW", (3, 0), (3, len(_FILL_IN) - 1), 0.5, colors.grey),
            ("VALIGN", (0, 0), (-1, -1), "BOTTOM"),
            ("LEFTPADDING", (0, 0), (-1, -1), 3),
        ],
    )


def _table(rows: Sequence[UsageRow], width_pt: float) -> Any:
    from reportlab.lib import colors
    from reportlab.platypus import Table

    whole = sum(share for _, share in _COLUMNS)
    cells = [[_cell(name, is_bold=True) for name, _ in _COLUMNS], *(_row(row) for row in rows)]
    return Table(
        cells,
        colWidths=[width_pt * share / whole for _, share in _COLUMNS],
        repeatRows=1,
        style=[
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("BACKGROUND", (0, 0), (-1, 0), colors.whitesmoke),
            ("LINEBELOW", (0, 0), (-1, 0), 0.8, colors.black),
            ("LINEBELOW", (0, 1), (-1, -1), 0.3, colors.grey),
            ("LEFTPADDING", (0, 0), (-1, -1), 3),
            ("RIGHTPADDING", (0, 0), (-1, -1), 3),
        ],
    )


def _row(row: UsageRow) -> list[Any]:
    made = row.note if row.origin is None else f"software: {row.origin.name}"
    texts = (row.number, row.title, row.usage, row.in_label, row.out_label, clock_of(row.duration_s), "", "", made)
    return [_cell(text) for text in texts]


def _origins(origins: Sequence[Origin]) -> list[Any]:
    from reportlab.platypus import Paragraph

    lines = []
    for origin in origins:
        version = f", version {origin.version}" if origin.version else ""
        licence = origin.licence or "none were used"
        text = f"{origin.name} ({origin.engine}{version}): {origin.made}. Weights: {licence}. {origin.source_type}"
        lines.append(Paragraph(marked_up(line(text)), _style()))
    return lines


def _foot(canvas: Any, document: Any, *, production: str, pages: int) -> None:
    from reportlab.platypus import Paragraph

    text = f"{production}: page {document.page} of {pages}. In and out are timecode; the music has ended at the out."
    foot = Paragraph(marked_up(text), _style(7))
    foot.wrap(document.width, _LEAD_PT)
    foot.drawOn(canvas, _MARGIN_PT + _PADDING_PT, _MARGIN_PT)


def _cell(text: str, *, is_bold: bool = False) -> Any:
    from reportlab.platypus import Paragraph

    return Paragraph(marked_up(text), _style(is_bold=is_bold))


def _style(size_pt: float = _SIZE_PT, *, is_bold: bool = False) -> ParagraphStyle:
    from reportlab.lib.styles import ParagraphStyle

    return ParagraphStyle(
        f"{size_pt}{is_bold}",
        fontName=BOLD if is_bold else PLAIN,
        fontSize=size_pt,
        leading=size_pt * _LEAD_PT / _SIZE_PT,
        spaceAfter=2,
        splitLongWords=1,
    )
