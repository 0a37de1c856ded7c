"""The ratings of an experiment, counted: one opinion for each film of a tenant, however often it was said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from sqlalchemy import Connection, select

from integrations.experiments.comparing import Difference, compare
from integrations.experiments.experiment import Arm, Experiment
from integrations.jobs.tables import jobs, ratings

LEAST_SHOWN = 5  # below, a mean over tenants would say what one of them said


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a tenant says of a film: mean stars, 1..5."""

    tenant: str
    stars: float


@dataclass(frozen=True, slots=True)
class ArmFigures:
    """n: films that were rated. mean: stars, None without any, or where it is withheld.

    difference: to the first arm; None for it, and where one of the two is missing or withheld.
    is_withheld: n is under 5 and one of the films is another tenant's than the one who looks.
    """

    arm: Arm
    jobs: int
    n: int
    mean: float | None
    difference: Difference | None
    is_withheld: bool = False


def count_ratings(connection: Connection, experiment: Experiment, viewer: str | None = None) -> list[ArmFigures]:
    """The figures of every arm. viewer: the tenant who looks; None for whoever runs the service, who sees all.

    Jobs that have expired are not counted among `jobs`, their ratings are.
    """
    opinions = opinions_of(connection, experiment.name)
    assigned = _assigned(connection, experiment.name)
    first = experiment.arms[0].name
    shown = {arm.name: _is_shown(opinions.get(arm.name, ()), viewer) for arm in experiment.arms}
    figures = []
    for arm in experiment.arms:
        stars = _stars(opinions, arm.name)
        is_compared = arm.name != first and shown[arm.name] and shown[first]
        figures.append(
            ArmFigures(
                arm=arm,
                jobs=assigned.get(arm.name, 0),
                n=len(stars),
                mean=fmean(stars) if stars and shown[arm.name] else None,
                difference=compare(_stars(opinions, first), stars) if is_compared else None,
                is_withheld=not shown[arm.name],
            )
        )
    return figures


def opinions_of(connection: Connection, experiment: str) -> dict[str, list[Opinion]]:
    """Arm → one opinion for each (tenant, film).

    A job's is what was said of the whole film (the mean, where several takes of it were rated), else the mean of what
    was said of its cues. A film's is the mean over its jobs, so that scoring it ten times counts once.
    """
    said: dict[tuple[str, str, str], dict[str, list[tuple[bool, int]]]] = defaultdict(lambda: defaultdict(list))
    for row in connection.execute(select(ratings).where(ratings.c.experiment == experiment)).all():
        film = (row.arm, row.tenant_id, row.film or row.job_id)
        said[film][row.job_id].append((is_of_film(row.cue), row.stars))
    opinions: dict[str, list[Opinion]] = defaultdict(list)
    for (arm, tenant, _), by_job in said.items():
        opinions[arm].append(Opinion(tenant, fmean(map(_job_stars, by_job.values()))))
    return dict(opinions)


def is_of_film(cue: str) -> bool:
    """Whether a rating is of a whole film, or of a whole take of it, and not of one cue."""
    return not cue or cue.startswith("@")


def _job_stars(said: list[tuple[bool, int]]) -> float:
    of_film = [stars for is_film, stars in said if is_film]
    return fmean(of_film or [stars for _, stars in said])


def _stars(opinions: Mapping[str, list[Opinion]], arm: str) -> list[float]:
    return [opinion.stars for opinion in opinions.get(arm, ())]


def _is_shown(opinions: Any, viewer: str | None) -> bool:
    return viewer is None or len(opinions) >= LEAST_SHOWN or all(opinion.tenant == viewer for opinion in opinions)


def _assigned(connection: Connection, experiment: str) -> dict[str, int]:
    counts: dict[str, int] = defaultdict(int)
    named = jobs.c.arm["experiment"].as_string() == experiment
    for row in connection.execute(select(jobs.c.arm).where(jobs.c.arm.is_not(None), named)).all():
        counts[row.arm["arm"]] += 1
    return counts
