"""Make what lets a person choose: listen to the finished takes, make the clip, write the page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipeline.delivery.place import COMPARISON_CLIP, COMPARISON_PAGE, beside_all
from pipeline.job import Job
from pipeline.listen import Heard
from pipeline.media.drawn import Advance
from pipeline.publish import published, refusing, write_text
from pipeline.takes.clip import write_clip, write_sound
from pipeline.takes.excerpt import cut_excerpt
from pipeline.takes.hearing import Hearing, hear, level_gains_db
from pipeline.takes.page import Compared, Excerpted, write_page
from pipeline.takes.passage import Passage, choose_passage
from pipeline.takes.take import Take, Takes
from scoring.errors import Cancelled, CuesmithError
from scoring.timebase import TimeRange

_HEARING_SHARE = 0.3  # of the stage's time, about


def compare(job: Job, heard: Heard, takes: Sequence[Take], count: int) -> Takes:
    """The comparison of the takes that were finished, in their order. count: how many were asked for.

    When the clip cannot be made the page is written all the same, then its error is raised.
    """
    advance = job.clock.stage("compare")
    passage = _passage(job, heard, takes[0])
    hearings = []
    for index, take in enumerate(takes):
        length_s, samples = take.made.sheet.duration_s, passage.samples(index)
        hearings.append(hear(take.made.video, length_s, passage.start_s, samples, job.settings))
        advance(_HEARING_SHARE * (index + 1) / len(takes))
    gains_db = level_gains_db([hearing.passage_lufs for hearing in hearings])
    captions = [f"Take {take.number} of {count} · seed {take.seed}" for take in takes]
    clip, page = (beside_all(job.output, suffix) for suffix in (COMPARISON_CLIP, COMPARISON_PAGE))
    failure = None
    try:
        _make_clip(job, passage, captions, hearings, gains_db, clip, advance)
    except Cancelled:
        raise
    except CuesmithError as error:
        failure = error
    rows = [Compared(*row) for row in zip(takes, hearings, gains_db, strict=True)]
    excerpted = Excerpted(None if failure else clip, passage)
    write_text(
        page,
        write_page(
            job.known.place_of(job.film.path, job.output), job.output, job.wish, heard.analysis.shots, rows, excerpted
        ),
    )
    job.clock.stop()
    if failure is not None:
        raise failure
    return Takes(tuple(takes), page, clip, job.workspace.folder)


def _passage(job: Job, heard: Heard, first: Take) -> Passage:
    speech = () if job.wish.dialogue == "replace" else heard.analysis.speech.ranges
    without_music = [TimeRange(*edges) for edges in first.made.report.dialogue["without_music"]]
    return choose_passage(first.made.sheet, speech, without_music)


def _make_clip(
    job: Job,
    passage: Passage,
    captions: Sequence[str],
    hearings: Sequence[Hearing],
    gains_db: Sequence[float],
    clip: Path,
    advance: Advance,
) -> None:
    with job.workspace.scratch() as scratch:
        sound = scratch / "passages.w64"
        with refusing(sound):
            write_sound([hearing.passage for hearing in hearings], gains_db, sound)
        excerpt = cut_excerpt(job.film, passage, scratch / "passage.mkv", job.settings)
        with published(clip) as aside:
            write_clip(
                excerpt,
                captions,
                sound,
                aside,
                job.settings,
                lambda share: advance(_HEARING_SHARE + (1 - _HEARING_SHARE) * share),
            )
