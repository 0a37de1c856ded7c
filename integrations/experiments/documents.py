"""Experiments as JSON: the same for the API, the command and the history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from integrations.experiments.comparing import LEVEL, Difference
from integrations.experiments.counting import ArmFigures
from integrations.experiments.experiment import Experiment


def experiment_document(experiment: Experiment, figures: Sequence[ArmFigures]) -> dict[str, Any]:
    """{"id", "name", "state", "created_s", "ended_s", "arms": […]}; stars to four decimals."""
    return {
        "id": experiment.id,
        "name": experiment.name,
        "state": "running" if experiment.is_running else "ended",
        "created_s": experiment.created_s,
        "ended_s": experiment.ended_s,
        "arms": [_arm_document(row) for row in figures],
    }


def difference_document(found: Difference) -> dict[str, Any]:
    """{"mean", "low", "high", "level", "excludes_zero"}."""
    numbers = {name: _round(getattr(found, name)) for name in ("mean", "low", "high")}
    return {**numbers, "level": LEVEL, "excludes_zero": found.excludes_zero}


def _arm_document(row: ArmFigures) -> dict[str, Any]:
    return {
        "name": row.arm.name,
        "vocabulary": row.arm.vocabulary,
        "title": row.arm.title,
        "jobs": row.jobs,
        "n": row.n,
        "mean_stars": _round(row.mean),
        "difference": None if row.difference is None else difference_document(row.difference),
        "withheld": row.is_withheld,
    }


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
