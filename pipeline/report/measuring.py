"""Measure a finished run: the card, the report, the page."""

from __future__ import annotations

from pipeline.card.card import measure_card
from pipeline.report.evidence import gather
from pipeline.report.making import make_report
from pipeline.report.page import report_page
from pipeline.report.report import Report
from pipeline.report.run import Run
from pipeline.report.showing import show
from scoring.request import Attempt


def report_on(run: Run, again: tuple[Attempt, ...] = ()) -> tuple[Report, str]:
    """The report and its page. again: what was composed again because the film before failed."""
    advance = run.job.clock.stage("measure")
    evidence = gather(run, advance)
    rows = measure_card(evidence)
    run.job.clock.stop()
    report = make_report(run, rows, again)
    return report, report_page(show(run, evidence, report))
