"""Which vocabulary new films are read with: switched where the ratings carry it, and switched back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from integrations.experiments.counting import ArmFigures, count_ratings
from integrations.experiments.documents import difference_document
from integrations.experiments.experiment import Experiment, end_inside, find_experiment
from integrations.experiments.locking import hold
from integrations.experiments.vocabularies import default_vocabulary, ensure_built_in
from integrations.jobs.database import Database
from integrations.jobs.tables import promotions
from scoring.errors import Conflict, UnknownChoice

LEAST_RATED = 50  # films in each of the two arms


@dataclass(frozen=True, slots=True)
class Promotion:
    """vocabulary, before: SHA-256 of what became the default and of what it was. figures: what carried it."""

    id: int
    experiment: str
    vocabulary: str
    before: str
    figures: dict[str, Any]
    at_s: float
    is_taken_back: bool


def promote(database: Database, name: str, arm: str | None = None) -> Promotion:
    """Make an arm's vocabulary the default, and end the experiment where it runs.

    arm: the arm's name; None for the best of those the ratings carry. They carry one when it and the first arm have 50
    rated films or more each and the 95 % interval of the difference lies above 0. Raises Conflict with the numbers when
    they do not, or when it is the default already; UnknownChoice for an arm there is not; UnknownId.
    """
    with database.writing() as connection:
        hold(connection)
        experiment = find_experiment(connection, name)
        figures = count_ratings(connection, experiment)
        chosen = _chosen(experiment, figures, arm)
        before = default_vocabulary(connection)
        if before.sha256 == chosen.arm.vocabulary:
            raise Conflict(f"{chosen.arm.title} is the default already", "There is nothing to promote")
        ensure_built_in(database, connection)
        assert chosen.difference is not None
        told = {"arm": chosen.arm.name, "n": chosen.n, "n_first": figures[0].n, "mean": chosen.mean}
        row = {
            "vocabulary": chosen.arm.vocabulary,
            "before": before.sha256,
            "experiment": name,
            "figures": {**told, "difference": difference_document(chosen.difference)},
            "at_s": database.now_s(connection),
            "is_taken_back": False,
        }
        made = connection.execute(insert(promotions).values(row)).inserted_primary_key
        end_inside(database, connection, experiment)
        assert made is not None
        return _promotion(connection.execute(select(promotions).where(promotions.c.id == made[0])).one())


def revert(database: Database, name: str) -> Promotion:
    """Take an experiment's promotion back: the default is again the last one that stands, or the built-in one.

    The row stays in the history. Raises UnknownId, Conflict when there is none that stands.
    """
    with database.writing() as connection:
        hold(connection)
        find_experiment(connection, name)
        standing = (
            select(promotions)
            .where(promotions.c.experiment == name, promotions.c.is_taken_back.is_(False))
            .order_by(promotions.c.id.desc())
        )
        row = connection.execute(standing.limit(1)).one_or_none()
        if row is None:
            raise Conflict(f"nothing of {name} was promoted, or it was taken back", "See `cuesmith prompts versions`")
        connection.execute(update(promotions).where(promotions.c.id == row.id).values(is_taken_back=True))
        return _promotion(connection.execute(select(promotions).where(promotions.c.id == row.id)).one())


def list_promotions(connection: Connection) -> list[Promotion]:
    """The whole history, the newest first."""
    return [_promotion(row) for row in connection.execute(select(promotions).order_by(promotions.c.id.desc())).all()]


def refusal(first: ArmFigures, figures: ArmFigures) -> str | None:
    """Why the ratings do not carry an arm, with the numbers; None when they do."""
    counts = f"{first.n} rated films in {first.arm.name} and {figures.n} in {figures.arm.name}"
    if min(first.n, figures.n) < LEAST_RATED:
        return f"{figures.arm.name}: {counts}, of {LEAST_RATED} each that are needed"
    found = figures.difference
    assert found is not None
    assert found.low is not None
    assert found.high is not None
    told = f"{found.mean:+.2f} stars, 95 % interval {found.low:+.2f} to {found.high:+.2f}, {counts}"
    if not found.excludes_zero:
        return f"{figures.arm.name}: {told}: the interval holds 0"
    return f"{figures.arm.name}: {told}: it is the worse one" if found.high < 0 else None


def _chosen(experiment: Experiment, figures: Sequence[ArmFigures], arm: str | None) -> ArmFigures:
    first, *others = figures
    if arm is not None:
        others = [row for row in others if row.arm.name == arm]
        if not others:
            raise UnknownChoice.among("arm to promote", arm, [row.name for row in experiment.arms[1:]])
    reasons = {row.arm.name: refusal(first, row) for row in others}
    carried = [row for row in others if reasons[row.arm.name] is None]
    if not carried:
        told = "; ".join(reason for reason in reasons.values() if reason)
        raise Conflict(f"the ratings carry no promotion: {told}", "Wait for more ratings; the default stays as it is")
    return max(carried, key=lambda row: row.difference.mean if row.difference else 0.0)


def _promotion(row: Row[Any]) -> Promotion:
    return Promotion(row.id, row.experiment, row.vocabulary, row.before, row.figures, row.at_s, row.is_taken_back)
