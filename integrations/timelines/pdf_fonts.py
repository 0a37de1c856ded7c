"""Fonts for documents: DejaVu Sans lies in the file; Chinese, Japanese and Korean are the reader's own."""

from __future__ import annotations

import importlib.util
import unicodedata
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from scoring.errors import ConfigError

if TYPE_CHECKING:
    from reportlab.pdfbase.ttfonts import TTFont

PLAIN, BOLD = "DejaVuSans", "DejaVuSans-Bold"
_CHINESE, _JAPANESE, _KOREAN = "STSong-Light", "HeiseiKakuGo-W5", "HYGothic-Medium"
_UNKNOWN = "\ufffd"
_ASIAN_NAMES = ("CJK ", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "IDEOGRAPHIC", "FULLWIDTH")


@cache
def register_fonts() -> None:
    """Make the fonts known to reportlab. Raises ConfigError where matplotlib's fonts are not installed."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfbase.ttfonts import TTFont

    spec = importlib.util.find_spec("matplotlib")
    folders = spec.submodule_search_locations if spec is not None else None
    for name in (PLAIN, BOLD):
        path = Path(folders[0] if folders else "") / "mpl-data" / "fonts" / "ttf" / f"{name}.ttf"
        if not path.is_file():
            raise ConfigError(f"there is no font at {path}", "Install matplotlib again; the PDF is set in its fonts")
        pdfmetrics.registerFont(TTFont(name, str(path)))
    pdfmetrics.registerFontFamily(PLAIN, normal=PLAIN, bold=BOLD, italic=PLAIN, boldItalic=BOLD)
    for name in (_CHINESE, _JAPANESE, _KOREAN):
        pdfmetrics.registerFont(UnicodeCIDFont(name))


def marked_up(text: str) -> str:
    """A text as reportlab's paragraphs take it: escaped, every stretch in a font that has its letters."""
    asian = _asian_font(text)
    stretches = []
    for font, letters in groupby(text, key=lambda letter: _font(letter, asian)):
        joined = "".join(letters)
        if font == PLAIN:
            stretches.append(escape(joined))
        elif font:
            stretches.append(f'<font name="{font}">{escape(joined)}</font>')
        else:
            stretches.append(_UNKNOWN * len(joined))
    return "".join(stretches)


def told(text: str) -> tuple[str, ...]:
    """What to tell people of letters that these fonts lack, or that the file only names a font for."""
    fonts = {letter: _font(letter, _CHINESE) for letter in text}
    missing = " ".join(letter for letter, font in fonts.items() if not font)
    lost = [f"the PDF's fonts have no {missing}"] if missing else []
    if _CHINESE in fonts.values():
        lost.append("the PDF carries no Chinese, Japanese or Korean font: the reader's own is used, if it has one")
    return tuple(lost)


def _font(letter: str, asian: str) -> str:
    """The font that a letter is set in; "" where there is none."""
    if ord(letter) in _letters():
        return PLAIN
    # Of letters beyond the first plane, which these fonts have few of, none is promised.
    is_asian = unicodedata.name(letter, "").startswith(_ASIAN_NAMES) and ord(letter) < 0x1_0000
    return asian if is_asian else ""


def _asian_font(text: str) -> str:
    """One font for all East Asian letters of a text, by those that only one language has."""
    names = [unicodedata.name(letter, "") for letter in text]
    if any(name.startswith(("HIRAGANA", "KATAKANA")) for name in names):
        return _JAPANESE
    return _KOREAN if any(name.startswith("HANGUL") for name in names) else _CHINESE


@cache
def _letters() -> frozenset[int]:
    from reportlab.pdfbase import pdfmetrics

    register_fonts()
    font: TTFont = pdfmetrics.getFont(PLAIN)
    return frozenset(font.face.charToGlyph)
