from __future__ import annotations

from collections import Counter

import pytest
from rated_jobs import a_film, a_tenant, other_vocabulary, rated, scored
from scipy.stats import chisquare
from sqlalchemy import select, update

from integrations.experiments.assigning import arm_number, assign
from integrations.experiments.experiment import create_experiment, end_experiment
from integrations.experiments.promoting import promote, revert
from integrations.experiments.vocabularies import register_vocabulary
from integrations.jobs.database import Database
from integrations.jobs.intake import Ask, take_in
from integrations.jobs.orders import Order
from integrations.jobs.tables import jobs, vocabularies

WARMER = other_vocabulary("warmer")


@pytest.fixture(autouse=True)
def spring(database: Database) -> None:
    register_vocabulary(database, "warmer", WARMER)
    create_experiment(database, "spring", ["built-in", "warmer"])


def test_the_same_film_of_a_tenant_always_gets_the_same_words(database: Database) -> None:
    tenant = a_tenant(database)
    for film in range(20):
        first, *others = [assign(database, tenant, Order("score"), a_film(film)) for _ in range(3)]
        assert others == [first, first]
        order, arm = first
        assert arm is not None
        assert order.texts.get("vocabulary", "") == {"A": "", "B": WARMER}[arm["arm"]]
        assert assign(database, tenant, Order("spot"), a_film(film))[1] == arm


@pytest.mark.parametrize("arms", [2, 3, 5])
def test_arms_are_balanced_over_films_and_over_tenants(arms: int) -> None:
    of_films = Counter(arm_number("exp_1", "acme", f"{film:064x}", arms) for film in range(20_000))
    of_tenants = Counter(arm_number("exp_1", f"tenant-{number}", "0" * 64, arms) for number in range(20_000))
    for counts in (of_films, of_tenants):
        assert set(counts) == set(range(arms))
        assert chisquare(list(counts.values())).pvalue > 0.001


def test_one_experiments_arms_say_nothing_of_the_nexts() -> None:
    pairs = Counter(tuple(arm_number(name, "acme", f"{film:064x}", 2) for name in "ab") for film in range(20_000))
    assert chisquare(list(pairs.values())).pvalue > 0.001


def test_an_order_with_its_own_vocabulary_or_cue_sheet_belongs_to_no_arm(database: Database) -> None:
    tenant = a_tenant(database)
    mine = Order("score", texts={"vocabulary": "mine"})
    with_sheet = Order("score", texts={"sheet": "{}"})
    for film in range(10):
        assert assign(database, tenant, mine, a_film(film)) == (mine, None)
        assert assign(database, tenant, with_sheet, a_film(film)) == (with_sheet, None)
    assert assign(database, tenant, Order("music"), None) == (Order("music"), None)


def test_a_film_behind_an_address_is_told_by_its_address(database: Database) -> None:
    tenant = a_tenant(database)
    arms = set()
    for number in range(20):
        source = {"url": f"https://films.example/{number}", "name": "film"}
        _, arm = assign(database, tenant, Order("score"), source)
        assert assign(database, tenant, Order("score"), source)[1] == arm
        assert arm is not None
        arms.add(arm["arm"])
    assert arms == {"A", "B"}


def test_after_the_experiment_films_get_the_default_and_it_can_be_switched_and_switched_back(
    database: Database,
) -> None:
    tenant = a_tenant(database)
    rated(database, tenant, 50, {"A": [3, 3, 4], "B": [4, 5, 5]})
    promote(database, "spring")
    order, arm = assign(database, tenant, Order("score"), a_film(1000))
    assert (order.texts, arm) == ({"vocabulary": WARMER}, None)
    revert(database, "spring")
    assert assign(database, tenant, Order("score"), a_film(1000)) == (Order("score"), None)


def test_an_arm_whose_words_left_with_an_older_version_stops_the_assignment(database: Database) -> None:
    tenant = a_tenant(database)
    end_experiment(database, "spring")
    with database.writing() as connection:
        old = {"sha256": "0" * 64, "name": "built-in", "text": "", "created_s": 1.0}
        connection.execute(vocabularies.insert().values(old))
    register_vocabulary(database, "colder", other_vocabulary("colder"))
    made = create_experiment(database, "summer", ["warmer", "colder"])
    arms = [{"name": "A", "vocabulary": "0" * 64}, {"name": "B", "vocabulary": made.arms[1].vocabulary}]
    with database.writing() as connection:
        from integrations.jobs.tables import experiments

        connection.execute(update(experiments).where(experiments.c.name == "summer").values(arms=arms))
    assert all(assign(database, tenant, Order("score"), a_film(film)) == (Order("score"), None) for film in range(10))


def test_a_request_repeated_after_an_experiment_began_is_still_the_same_request(database: Database) -> None:
    tenant = a_tenant(database)
    film = next(
        number for number in range(50) if assign(database, tenant, Order("score"), a_film(number))[0] != Order("score")
    )
    end_experiment(database, "spring")
    order, arm = assign(database, tenant, Order("score"), a_film(film))
    first = take_in(database, tenant, Ask(order, a_film(film), same="once", arm=arm, asked=Order("score")))
    create_experiment(database, "summer", ["built-in", "warmer"])
    with database.writing() as connection:
        from integrations.jobs.tables import experiments

        spring = connection.execute(select(experiments.c.id).where(experiments.c.name == "spring")).scalar_one()
        connection.execute(experiments.delete().where(experiments.c.id == spring))
        connection.execute(update(experiments).values(id=spring))
    order, arm = assign(database, tenant, Order("score"), a_film(film))
    assert order != Order("score")
    again = take_in(database, tenant, Ask(order, a_film(film), same="once", arm=arm, asked=Order("score")))
    assert (again.job_id, again.was_there) == (first.job_id, True)


def test_a_job_keeps_its_arm(database: Database) -> None:
    tenant = a_tenant(database)
    job_id, arm = scored(database, tenant, 1)
    with database.reading() as connection:
        kept = connection.execute(select(jobs.c.arm).where(jobs.c.id == job_id)).scalar_one()
    assert kept["experiment"] == "spring"
    assert kept["arm"] == arm
