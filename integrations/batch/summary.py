"""What became of several films: a table for people, one object for programs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.table import Table

from integrations.batch.run import Outcome
from integrations.cli.text import one_line, roughly
from scoring.timebase import clock


def summary_table(outcomes: Sequence[Outcome]) -> Table:
    """A row per film: its name, its result, who played, the checks passed, how long it took."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("film", "result", "engine", "checks", "seconds"):
        table.add_column(heading, justify="right" if heading in ("checks", "seconds") else "left", overflow="fold")
    for outcome in outcomes:
        table.add_row(
            escape(one_line(outcome.film)),
            _result(outcome),
            escape(", ".join(dict.fromkeys(_engine(report) for report in _reports(outcome.answer)))),
            _checks(_reports(outcome.answer)),
            f"{outcome.seconds:.1f}" if outcome.seconds else "",
        )
    return table


def forecast_table(outcomes: Sequence[Outcome]) -> Table:
    """Of a dry run, a row per film: its length, its result, who would play, what is kept, about how long it takes."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("film", "length", "result", "engine", "analysis", "about", "between"):
        table.add_column(heading, justify="right" if heading in ("length", "about") else "left", overflow="fold")
    for outcome in outcomes:
        found = outcome.answer
        if outcome.exit_code != 0:
            table.add_row(escape(one_line(outcome.film)), "", _result(outcome))
            continue
        time = found["time"]
        name, _, _ = str(found["engine"]).partition(":")
        table.add_row(
            escape(one_line(outcome.film)),
            clock(found["source"]["duration_s"]),
            escape(one_line(Path(found["results"][0]).name)),
            escape(name),
            "kept" if found["analysis_is_kept"] else "to make",
            roughly(time["likely_s"]),
            f"{roughly(time['low_s'])} and {roughly(time['high_s'])}",
        )
    return table


def forecast_total(outcomes: Sequence[Outcome], jobs: int) -> str:
    """About how long all films take, one after the other or some at once."""
    times = [outcome.answer["time"] for outcome in outcomes if outcome.exit_code == 0]
    low_s, likely_s, high_s = (sum(time[name] for time in times) for name in ("low_s", "likely_s", "high_s"))
    text = f"{len(times)} films: about {roughly(likely_s)}, between {roughly(low_s)} and {roughly(high_s)}"
    if jobs == 1:
        return f"{text}; nothing was written"
    return f"{text}, one by one; with --jobs {jobs} at best divided by {jobs}; nothing was written"


def summary_document(outcomes: Sequence[Outcome], left_out: Sequence[str]) -> dict[str, Any]:
    """The one object of --json: a row per film, each with what the command prints for one film alone."""
    rows = [
        {
            "film": str(outcome.film),
            "exit_code": outcome.exit_code,
            "seconds": round(outcome.seconds, 3),
            **outcome.answer,
        }
        for outcome in outcomes
    ]
    return {"films": rows, "left_out": list(left_out)}


def _result(outcome: Outcome) -> str:
    if outcome.exit_code is None:
        return "[yellow]not done[/yellow]"
    if outcome.exit_code:
        return f"[red]{escape(str(outcome.answer.get('error', {}).get('kind', 'failed')))}[/red]"
    takes = outcome.answer.get("takes")
    result = outcome.answer.get("page") if takes else outcome.answer.get("video")
    # Beside the film the name says all; a result somewhere else is there for all films alike.
    return escape(one_line(Path(str(result)).name))


def _reports(answer: dict[str, Any]) -> list[dict[str, Any]]:
    made = answer.get("takes") or [answer]
    return [one["report"] for one in made if "report" in one]


def _engine(report: dict[str, Any]) -> str:
    name, _, _ = str(report["facts"]["engine"]).partition(":")
    return name


def _checks(reports: Sequence[dict[str, Any]]) -> str:
    statuses = [row["status"] for report in reports for row in report["checks"]]
    judged = [status != "fail" for status in statuses if status in ("pass", "warn", "fail")]
    passed = sum(judged)
    text = f"{passed}/{len(judged)}" if judged else ""
    return text if passed == len(judged) else f"[red]{text}[/red]"
