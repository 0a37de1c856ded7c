from __future__ import annotations

import pytest

from pipeline.card.row import Row, Status
from pipeline.report.verdict import verdict


@pytest.mark.parametrize(
    ("statuses", "said"),
    [
        ((), "Nothing could be judged."),
        (("not measurable", "info"), "Nothing could be judged."),
        (("pass",), "The one check passes."),
        (("pass", "pass", "info"), "All 2 checks pass."),
        (("pass", "not measurable"), "The one check passes. 1 could not be measured."),
        (("fail",), "1 of 1 check fails: sync beyond chance."),
        (("fail", "warn", "pass"), "1 of 3 checks fails: sync beyond chance. 1 warns."),
        (("warn", "pass"), "No check fails; 1 of 2 warns: sync beyond chance."),
    ],
)
def test_the_card_is_one_sentence(statuses: tuple[Status, ...], said: str) -> None:
    assert verdict([called("sync beyond chance, κ", status) for status in statuses]) == said


def test_a_long_list_of_failures_is_counted() -> None:
    names = ("sync", "seam step, beyond the plan", "tail", "key", "speech, worst 3 s", "speech, against the centre")
    said = verdict([called(name, "fail") for name in names])
    # The two of speech are one thing to their reader.
    assert said == "6 of 6 checks fail: sync, seam step, tail and 2 more."


def called(name: str, status: Status) -> Row:
    return Row("A2", name, None if status == "not measurable" else 1.0, "", "", "", status)
