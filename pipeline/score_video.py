"""The front door: a video and a wish in, the same video with its own music out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipeline.compose import Composed, compose, compose_again
from pipeline.delivery.deliver import deliver
from pipeline.delivery.place import beside
from pipeline.gate.film import FilmGate
from pipeline.job import Job, open_job
from pipeline.listen import Heard, listen
from pipeline.manifest import write_manifest
from pipeline.publish import write_text
from pipeline.report.measuring import report_on
from pipeline.report.report import Report
from pipeline.report.run import Run
from pipeline.settings import Settings
from pipeline.sheet import make_sheet
from pipeline.sound.alone import publish_music
from pipeline.sound.lay import lay
from pipeline.sound.master import master
from pipeline.wish import Observer, Silent, Wish
from scoring.analysis import Analysis
from scoring.cue_sheet import CueSheet
from scoring.request import Attempt
from scoring.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Deliverable:
    """What a run leaves. stems: the folder of film-long stems, music: the music by itself, when they were asked for.

    page: the report to look at.
    """

    video: Path
    workspace: Path
    report_path: Path
    stems: Path | None
    sheet: CueSheet
    report: Report
    music: Path | None = None
    page: Path | None = None


@dataclass(frozen=True, slots=True)
class Spotted:
    """A film's analysis and cue sheet, before any music, and the vocabulary of both."""

    analysis: Analysis
    sheet: CueSheet
    workspace: Path
    vocabulary: Vocabulary


def score_video(
    video: Path, wish: Wish | None = None, *, observer: Observer | None = None, settings: Settings | None = None
) -> Deliverable:
    """Score a video: analyse, spot, compose, mix, master, mux, measure.

    Raises an InputError leaf when the video or the wish cannot be used, and another CuesmithError when we fail.
    Either way nothing half-made is left behind; finished stages stay in the workspace and are reused.
    """
    job = open_job(video, wish or Wish(), observer or Silent(), settings or Settings())
    with job.workspace.tidy():
        heard = listen(job)
        sheet = make_sheet(job, heard.analysis)
        return produce(job, heard, sheet)


def produce(job: Job, heard: Heard, sheet: CueSheet) -> Deliverable:
    """From a sheet to a finished film: compose, mix, master, mux, measure; cues that fail are composed again.

    Raises as score_video does.
    """
    made = finish_well(job, heard, sheet, compose(job, sheet, heard.speech_to_clear(job.wish)))
    if job.take is None:
        job.workspace.forget_other_takes()
    return made


def finish_well(job: Job, heard: Heard, sheet: CueSheet, composed: Composed) -> Deliverable:
    """finish, and again with other takes of cues that fail in the film, as far as the job's engines can make them."""
    gate, speech = FilmGate(sheet, [engine.name for engine in job.players.engines]), heard.speech_to_clear(job.wish)
    made = finish(job, heard, sheet, composed)
    while again := gate.next(composed, made.report):
        composed = compose_again(job, sheet, speech, composed, again)
        made = finish(job, heard, sheet, composed, gate.attempts)
    if (best := gate.settle(job, composed, made.report)) is not composed:
        made = finish(job, heard, sheet, best, gate.attempts)
    return made


def finish(job: Job, heard: Heard, sheet: CueSheet, composed: Composed, again: tuple[Attempt, ...] = ()) -> Deliverable:
    """From takes in the workspace to a finished film: mix, master, mux, measure. Raises as score_video does.

    again: what was composed again because the film that came of it before failed.
    """
    with job.workspace.scratch() as scratch:
        laid = lay(job, sheet, composed, scratch)
        mastered = master(job, heard, sheet, laid, scratch)
        delivered = deliver(job, mastered, sheet.duration_s)
        music = publish_music(job, laid, mastered, scratch)
    run = Run(job, heard, sheet, composed, laid, mastered, delivered)
    report, page = report_on(run, again)
    report_path = beside(delivered.path, ".report.json")
    page_path = beside(delivered.path, ".report.html")
    write_text(report_path, report.to_text())
    write_text(page_path, page)
    if job.owns_workspace:
        write_text(job.workspace.report_path, report.to_text())
        write_manifest(job, sheet, composed, mastered, delivered, laid.stems, music)
    return Deliverable(delivered.path, job.workspace.folder, report_path, laid.stems, sheet, report, music, page_path)


def spot_video(
    video: Path, wish: Wish | None = None, *, observer: Observer | None = None, settings: Settings | None = None
) -> Spotted:
    """Analyse and spot a video, nothing more. Raises as score_video does."""
    job = open_job(video, wish or Wish(), observer or Silent(), settings or Settings())
    with job.workspace.tidy():
        heard = listen(job)
        sheet = make_sheet(job, heard.analysis)
    job.clock.stop()
    return Spotted(heard.analysis, sheet, job.workspace.folder, job.watcher.vocabulary)
