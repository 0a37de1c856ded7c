"""Judge the finished film: cues that fail only there are composed again, and what stays unsafe is left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from pipeline.card.limits import limits
from pipeline.card.row import Row
from pipeline.compose import Composed
from pipeline.gate.audition import badness, failed, unsafe
from pipeline.gate.ladder import MOST_AGAIN
from pipeline.job import Job
from pipeline.report.report import Report
from scoring.cue_sheet import CueSheet
from scoring.request import Attempt, CueTake, Score


class FilmGate:
    """What was tried on one film so far, and what to try next. engines: those that can be asked here, by name."""

    def __init__(self, sheet: CueSheet, engines: Sequence[str]) -> None:
        self._engines = engines
        self._ids = {cue.id for cue in sheet.cues}
        self._again: dict[str, int] = {}
        self._best: tuple[Composed, Report] | None = None
        self._attempts: list[Attempt] = []

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """What was composed again, in order."""
        return tuple(self._attempts)

    def next(self, composed: Composed, report: Report) -> Mapping[str, int]:
        """Which cues to compose again now, and for the how manieth time.

        None when the film passes, when enough was tried, or where their engine cannot be asked.
        """
        self._look(composed, report)
        takes = {take.cue_id: take for take in composed.score.takes}
        wanted = self._wanted(report)
        cues = [cue for cue, rows in wanted.items() if self._is_worth_it(takes[cue], rows)]
        if not cues:
            return {}
        for cue in cues:
            self._note(takes[cue], wanted[cue])
            self._again[cue] = self._again.get(cue, 0) + 1
        return {cue: self._again[cue] for cue in cues}

    def settle(self, job: Job, composed: Composed, report: Report) -> Composed:
        """The best score of all that were finished, without what is not safe; `composed` itself where that is it."""
        best, told = self._look(composed, report)
        if best is not composed:
            wanted = self._wanted(report)
            for take in composed.score.takes:
                if take.cue_id in self._again:
                    self._note(take, wanted.get(take.cue_id, []))
        heard = {take.cue_id for take in best.score.takes if not take.withheld}
        bad = {row.cue: row.advice or row.name for row in unsafe(told.checks) if row.cue in heard}
        if self._attempts:
            keys = {take.cue_id: take.seed for take in best.score.takes}
            self._attempts = [replace(one, kept=keys[one.cue] == one.seed) for one in self._attempts]
        if not bad:
            return best
        for cue, why in bad.items():
            job.clock.note(f"{cue}: no music, because it is not safe to deliver: {why}")
        takes = tuple(
            job.workspace.withhold(best.keys[take.cue_id], take, bad[take.cue_id]) if take.cue_id in bad else take
            for take in best.score.takes
        )
        return replace(best, score=Score(takes))

    def _wanted(self, report: Report) -> dict[str, list[Row]]:
        """Cue id → the rows it fails in the film that another take of it may mend."""
        wanted: dict[str, list[Row]] = {}
        for row in failed(report.checks):
            if limits()[row.id].remedy == "compose" and row.cue in self._ids:
                wanted.setdefault(row.cue, []).append(row)
        return wanted

    def _note(self, take: CueTake, rows: list[Row]) -> None:
        how = "next seed" if take.cue_id in self._again else "in the film"
        why = " ".join(row.advice or row.name for row in rows)
        failing = tuple(row.id for row in rows)
        self._attempts.append(Attempt(take.cue_id, how, take.engine, take.seed, failing, why))

    def _look(self, composed: Composed, report: Report) -> tuple[Composed, Report]:
        """The best of what was finished so far; the earlier of two that are as good."""
        if self._best is None or badness(report.checks) < badness(self._best[1].checks):
            self._best = (composed, report)
        return self._best

    def _is_worth_it(self, take: CueTake, rows: list[Row]) -> bool:
        """Whether another take may help: not when its audition has tried that already, nor after MOST_AGAIN."""
        if take.withheld or take.engine not in self._engines:
            return False
        tried = max(0, len(take.tried) - 1)
        known = {name for one in take.tried if one.kept for name in one.failed}
        is_new = any(row.id not in known for row in rows)
        return is_new and tried + self._again.get(take.cue_id, 0) < MOST_AGAIN
