"""The front door for several takes: one listening, N scores, a page and a clip to choose by."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipeline.job import Job, open_job
from pipeline.listen import Heard, listen
from pipeline.score_video import produce
from pipeline.settings import Settings
from pipeline.takes.comparison import compare
from pipeline.takes.production import Failure, Make, produce_all
from pipeline.takes.sheets import TakeSheet, make_sheets
from pipeline.takes.take import Take, Takes
from pipeline.wish import Observer, Silent, Wish
from scoring.errors import Cancelled, CuesmithError, InputError

MOST_TAKES = 9  # one key each on a keyboard; nobody remembers the first after the ninth


def score_takes(
    video: Path,
    count: int,
    wish: Wish | None = None,
    *,
    observer: Observer | None = None,
    settings: Settings | None = None,
) -> Takes:
    """Score a video `count` times, 1 to MOST_TAKES, each from its own seed, and make the comparison.

    Take 1 is what score_video makes. Raises as score_video does. A take that fails does not stop the others: they are
    delivered and compared, then its error is raised, naming it.
    """
    if not 1 <= count <= MOST_TAKES:
        raise InputError(f"{count} takes were asked for", f"Ask for 1 to {MOST_TAKES}")
    observer = observer or Silent()
    job = open_job(video, wish or Wish(), observer, settings or Settings(), takes=count)
    with job.workspace.tidy():
        heard = listen(job)
        compared = make_takes(job, heard, make_sheets(job, heard.analysis, count), observer)
    job.workspace.forget_other_takes()
    return compared


def make_takes(job: Job, heard: Heard, sheets: Sequence[TakeSheet], observer: Observer, make: Make = produce) -> Takes:
    """A film from each sheet, and the comparison. make: as produce_all's. Raises as score_takes does."""
    takes, failures = produce_all(job, heard, sheets, observer, make)
    if not takes:
        raise _named(failures, takes)
    try:
        compared = compare(job, heard, takes, len(sheets))
    except Cancelled:
        raise
    except CuesmithError as error:
        raise _named([*failures, Failure("the comparison", error)], takes) from error
    if failures:
        raise _named(failures, takes)
    return compared


def _named(failures: Sequence[Failure], takes: Sequence[Take]) -> CuesmithError:
    """The first failure's kind of error, saying what failed and what is finished."""
    first = failures[0].error
    done = ", ".join(take.made.video.name for take in takes)
    finished = f"Finished: {done}" if done else ""
    advice = ". ".join(text.rstrip(".") for text in (first.advice, finished) if text)
    return type(first)("; ".join(f"{failure.name}: {failure.error.what}" for failure in failures), advice)
