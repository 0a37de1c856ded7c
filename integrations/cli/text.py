"""Text for terminals: file names may hold anything, a line must stay a line."""

from __future__ import annotations


def one_line(text: object) -> str:
    """The text with control characters and undecodable bytes made visible, so that it prints as one line."""
    printable = str(text).encode("utf-8", "backslashreplace").decode("utf-8")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in printable)
