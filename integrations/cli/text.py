"""Text for terminals: file names may hold anything, a line must stay a line."""

from __future__ import annotations


def one_line(text: object) -> str:
    """The text with control characters and undecodable bytes made visible, so that it prints as one line."""
    printable = str(text).encode("utf-8", "backslashreplace").decode("utf-8")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in printable)


def roughly(seconds: float) -> str:
    """A length of time as roughly as it is known: "8 s", "45 s", "3 min", "2 h 10 min"."""
    if seconds < 10:
        return f"{max(1, round(seconds))} s"
    if seconds < 57.5:
        return f"{5 * round(seconds / 5)} s"
    if seconds < 570:
        halves = round(seconds / 30)
        return f"{halves // 2} min" if halves % 2 == 0 else f"{halves // 2} min 30 s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    minutes = 10 * round(minutes / 10)
    return f"{minutes // 60} h {minutes % 60} min" if minutes % 60 else f"{minutes // 60} h"
