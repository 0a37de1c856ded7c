"""The states of a job and which may follow which."""

from __future__ import annotations

from collections.abc import Mapping

QUEUED = "queued"
WORKING = ("fetching", "analysing", "spotting", "composing", "mixing", "mastering", "muxing")
SUCCEEDED, FAILED, CANCELLED, ABORTED, EXPIRED = "succeeded", "failed", "canceled", "aborted", "expired"
ENDED = (SUCCEEDED, FAILED, CANCELLED, ABORTED, EXPIRED)
STATES = (QUEUED, *WORKING, *ENDED)

_ORDER = {state: number for number, state in enumerate((QUEUED, *WORKING, SUCCEEDED))}

# A unit's stage, as the pipeline names it, and the state it puts its job in.
OF_STAGE: Mapping[str, str] = {
    "fetch": "fetching",
    "analyse": "analysing",
    "spot": "spotting",
    "compose": "composing",
    "music": "composing",
    "mix": "mixing",
    "master": "mastering",
    "deliver": "muxing",
    "compare": "muxing",
}


def may_follow(before: str, after: str) -> bool:
    """Whether a job may go from one state to another. Forwards only; nothing follows an end but its expiry.

    Not every job knows every state: a job without a film is never analysed.
    """
    if before in ENDED:
        return after == EXPIRED and before != EXPIRED
    if after in (FAILED, CANCELLED):
        return True
    if after == ABORTED:
        return before == QUEUED
    if after == EXPIRED:
        return False
    return _ORDER[after] > _ORDER[before]
