"""The card in one sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from pipeline.card.row import Row, Status

_NAMED = 3


def counted(rows: Sequence[Row]) -> Counter[Status]:
    """How many rows there are of each status."""
    return Counter(row.status for row in rows)


def verdict(rows: Sequence[Row]) -> str:
    """Whether all is well, and what is not: "2 of 31 checks fail: seam step and speech over music. 1 warns."."""
    found = counted(rows)
    judged = found["pass"] + found["warn"] + found["fail"]
    if judged == 0:
        return "Nothing could be judged."
    said = []
    if found["fail"]:
        verb = "fails" if found["fail"] == 1 else "fail"
        said.append(f"{found['fail']} of {_checks(judged)} {verb}: {_names(rows, 'fail')}.")
    if found["warn"]:
        lead = "" if said else f"No check fails; {found['warn']} of {judged} "
        verb = "warns" if found["warn"] == 1 else "warn"
        said.append(f"{lead}{verb}: {_names(rows, 'warn')}." if lead else f"{found['warn']} {verb}.")
    if not said:
        said.append(f"All {_checks(judged)} pass." if judged > 1 else "The one check passes.")
    if found["not measurable"]:
        said.append(f"{found['not measurable']} could not be measured.")
    return " ".join(said)


def _checks(number: int) -> str:
    return f"{number} check{'' if number == 1 else 's'}"


def _names(rows: Sequence[Row], status: Status) -> str:
    # What stands behind a name's comma is how it is measured.
    names = list(dict.fromkeys(row.name.partition(",")[0] for row in rows if row.status == status))
    shown, more = names[:_NAMED], len(names) - _NAMED
    if more > 0:
        return f"{', '.join(shown)} and {more} more"
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
