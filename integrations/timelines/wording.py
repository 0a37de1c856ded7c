"""Text that every timeline format can hold: names may come from file names and from people's cue sheets."""

from __future__ import annotations

import re

# XML 1.0 can hold none of these, not even escaped; JSON and EDL programs trip over most of them.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_SPACE = re.compile(r"\s+")
_REPLACEMENT = "\ufffd"


def plain(text: str) -> str:
    """The text without characters that XML forbids; line ends become "\\n"."""
    return _FORBIDDEN.sub(_REPLACEMENT, text.replace("\r\n", "\n").replace("\r", "\n"))


def line(text: str) -> str:
    """The same on one line, with single spaces."""
    return _SPACE.sub(" ", plain(text)).strip()


def field(text: str) -> str:
    """The same for an EDL's marker line, whose fields a bar divides."""
    return line(text).replace("|", "/")
