"""Text for terminals: file names may hold anything, a line must stay a line."""

from __future__ import annotations


def one_line(text: object) -> str:
    """The text with control characters and undecodable bytes made visible, so that it prints as one line."""
    printable = str(text).encode("utf-8", "backslashreplace").decode("utf-8")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in printable)


_STEPS_S = ((20, 1), (57.5, 5), (150, 10), (570, 30), (3570, 60))  # below so many seconds, in steps of so many


def roughly(seconds: float) -> str:
    """A length of time as roughly as it is known: "8 s", "45 s", "1 min 30 s", "2 h 10 min"; never none at all."""
    step_s = next((step_s for below_s, step_s in _STEPS_S if seconds < below_s), 600)
    whole_s = max(1, step_s * round(seconds / step_s))
    hours, rest_s = divmod(whole_s, 3600)
    parts = ((hours, "h"), (rest_s // 60, "min"), (rest_s % 60, "s"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count)
