from __future__ import annotations

import pytest
from rated_jobs import a_tenant, other_vocabulary, scored
from sqlalchemy import delete

from integrations.experiments.counting import ArmFigures, count_ratings
from integrations.experiments.experiment import create_experiment, find_experiment
from integrations.experiments.rating import rate
from integrations.experiments.vocabularies import register_vocabulary
from integrations.jobs.database import Database
from integrations.jobs.tables import jobs, units


@pytest.fixture(autouse=True)
def spring(database: Database) -> None:
    register_vocabulary(database, "warmer", other_vocabulary("warmer"))
    create_experiment(database, "spring", ["built-in", "warmer"])


def figures(database: Database, viewer: str | None = None) -> dict[str, ArmFigures]:
    with database.reading() as connection:
        counted = count_ratings(connection, find_experiment(connection, "spring"), viewer)
    return {row.arm.name: row for row in counted}


def films_of(database: Database, arm: str, count: int, tenant: str = "acme") -> list[str]:
    """Ids of jobs of that arm."""
    found: list[str] = []
    for film in range(count * 6):
        job_id, its_arm = scored(database, a_tenant(database, tenant), film, ("1m1", "1m2"))
        if its_arm == arm:
            found.append(job_id)
    return found[:count]


def test_a_film_scored_and_rated_several_times_by_one_tenant_counts_once(database: Database) -> None:
    tenant = a_tenant(database)
    again = [scored(database, tenant, 7)[0] for _ in range(3)]
    arm = scored(database, tenant, 7)[1]
    assert arm is not None
    for job_id, stars in zip(again, (1, 2, 3), strict=True):
        rate(database, "acme", job_id, stars)
    found = figures(database)[arm]
    assert (found.n, found.mean, found.jobs) == (1, 2.0, 4)


def test_a_job_rated_again_counts_with_what_was_said_last(database: Database) -> None:
    (job_id,) = films_of(database, "A", 1)
    rate(database, "acme", job_id, 1)
    rate(database, "acme", job_id, 5)
    assert (figures(database)["A"].n, figures(database)["A"].mean) == (1, 5.0)


def test_what_is_said_of_the_whole_film_stands_before_what_is_said_of_its_cues(database: Database) -> None:
    (job_id,) = films_of(database, "A", 1)
    rate(database, "acme", job_id, 2, cue="1m1")
    rate(database, "acme", job_id, 5, cue="1m2")
    assert figures(database)["A"].mean == 3.5
    rate(database, "acme", job_id, 1)
    assert figures(database)["A"].mean == 1.0


def test_two_tenants_with_one_film_are_two_opinions(database: Database) -> None:
    counts = {"A": 0, "B": 0}
    for name in ("acme", "other"):
        job_id, arm = scored(database, a_tenant(database, name), 3)
        assert arm is not None
        counts[arm] += 1
        rate(database, name, job_id, 4)
    assert {name: row.n for name, row in figures(database).items()} == counts


def test_a_rating_counts_for_its_film_after_its_job_has_gone(database: Database) -> None:
    tenant = a_tenant(database)
    first, arm = scored(database, tenant, 7)
    assert arm is not None
    rate(database, "acme", first, 2)
    with database.writing() as connection:
        connection.execute(delete(units))
        connection.execute(delete(jobs).where(jobs.c.id == first))
    second, _ = scored(database, tenant, 7)
    rate(database, "acme", second, 4)
    assert (figures(database)[arm].n, figures(database)[arm].mean) == (1, 3.0)


def test_figures_of_few_films_are_withheld_from_a_tenant_when_one_is_anothers(database: Database) -> None:
    for job_id in films_of(database, "A", 4):
        rate(database, "acme", job_id, 3)
    for job_id in films_of(database, "B", 2):
        rate(database, "acme", job_id, 5)
    mine, theirs = figures(database, "acme"), figures(database, "other")
    assert mine["B"].difference is not None
    assert mine["B"].difference.mean == 2.0
    assert (theirs["A"].mean, theirs["B"].difference, theirs["A"].is_withheld) == (None, None, True)
    assert figures(database)["B"].difference == mine["B"].difference
    rate(database, "other", films_of(database, "A", 1, "other")[0], 3)
    assert (figures(database, "other")["A"].mean, figures(database, "acme")["A"].mean) == (3.0, 3.0)
