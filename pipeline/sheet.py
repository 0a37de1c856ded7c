"""Decide which cue sheet a run uses: a file the user gives, the workspace's edited one, or a new spotting."""

from __future__ import annotations

from dataclasses import replace

from pipeline.job import Job
from pipeline.looking import Looking
from pipeline.pages import holdable
from pipeline.wish import DEFAULT_STYLE, Wish
from scoring import cue_sheet_json, timed_prompts
from scoring.analysis import Analysis
from scoring.cue_sheet import CueSheet
from scoring.errors import CueSheetError
from scoring.places import leaning
from scoring.spotting import spot
from scoring.style import load_style, style_names
from scoring.wishes.asked import Asked
from scoring.wishes.obeying import ask_all, settle, style_asked
from scoring.wishes.translating import in_known_words

_SEED_DIGITS = 6  # hexadecimal: short enough to type, and one in sixteen million films meets its double


def make_sheet(job: Job | Looking, analysis: Analysis) -> CueSheet:
    """The cue sheet of this run.

    Raises CueSheetError or PromptTextError when a file the user gave does not make sense for this film.
    """
    job.clock.stage("spot")(0.0)
    sheet = _base(job, analysis)
    if job.given.prompts is not None:
        sheet = timed_prompts.apply(job.given.prompts, sheet)
    _check_fits(sheet, analysis.duration_s, job)
    return settle(ask_all(sheet, asked_of(job)), load_style(sheet.style), job.watcher.vocabulary)


def asked_of(job: Job | Looking) -> Asked:
    """What is asked for the whole film, in words that are known without the user's vocabulary."""
    return in_known_words(job.wish.asked, job.watcher.vocabulary)


def _leaning_style(job: Job | Looking, analysis: Analysis) -> str:
    """The style that what is shown votes for, where the analyser knows; said when it is not the usual one."""
    found = leaning(analysis.curve, job.watcher.vocabulary, style_names(), DEFAULT_STYLE)
    if found is None or found.style == DEFAULT_STYLE:
        return DEFAULT_STYLE
    votes = f"{found.share:.2f} of the votes of what is shown, {found.usual_share:.2f} for {DEFAULT_STYLE}"
    job.clock.note(f"style {found.style}: {votes} (--style {DEFAULT_STYLE} takes the usual one)")
    return found.style


def _base(job: Job | Looking, analysis: Analysis) -> CueSheet:
    wish, film = job.wish, job.film
    if job.given.sheet is not None:
        return _restyled(job.given.sheet, wish)
    edited = job.workspace.edited_cues()
    if edited is not None:
        job.clock.note(f"using your edited {job.workspace.cues_path}; delete it to spot anew")
        return _restyled(cue_sheet_json.loads(edited), wish)
    style = load_style(wish.style or style_asked(asked_of(job)) or _leaning_style(job, analysis))
    # Another film, another theme: unless told otherwise, the seed is the film's own, the same on every run.
    seed = int(job.film_sha256[:_SEED_DIGITS], 16) if wish.seed is None else wish.seed
    return spot(
        analysis,
        source=holdable(job.known.title_of(film.path)),
        frame_rate=film.info.frame_rate,
        style=style,
        seed=seed,
        vocabulary=job.watcher.vocabulary,
        marks=() if wish.edit is None else wish.edit.marks,
    )


def _restyled(sheet: CueSheet, wish: Wish) -> CueSheet:
    """The sheet with the style and the seed the user named on the command line, where they did."""
    style = load_style(wish.style).name if wish.style is not None else load_style(sheet.style).name
    return replace(sheet, style=style, seed=sheet.seed if wish.seed is None else wish.seed)


def _check_fits(sheet: CueSheet, duration_s: float, job: Job | Looking) -> None:
    """A sheet made for another film is an error; one frame of difference is rounding."""
    off_s = abs(sheet.duration_s - duration_s)
    if off_s > 1.5 * job.film.info.frame_rate.frame_s:
        raise CueSheetError.field(
            "the cue sheet",
            "duration_s",
            sheet.duration_s,
            f"{duration_s:.3f}, the length of {job.known.title_of(job.film.path)}",
        )
