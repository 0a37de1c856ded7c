from __future__ import annotations

import pytest
from rated_jobs import a_tenant, other_vocabulary, rated

from integrations.experiments.experiment import create_experiment, find_experiment
from integrations.experiments.promoting import list_promotions, promote, revert
from integrations.experiments.vocabularies import BUILT_IN, default_vocabulary, register_vocabulary
from integrations.jobs.database import Database
from scoring.errors import Conflict, UnknownChoice, UnknownId


@pytest.fixture(autouse=True)
def spring(database: Database) -> None:
    for name in ("warmer", "colder"):
        register_vocabulary(database, name, other_vocabulary(name))
    create_experiment(database, "spring", [BUILT_IN, "warmer"])


def default(database: Database) -> str:
    with database.reading() as connection:
        return default_vocabulary(connection).name


def test_fifty_films_in_each_arm_and_an_interval_above_zero_switch_the_default(database: Database) -> None:
    rated(database, a_tenant(database), 50, {"A": [3, 3, 4], "B": [4, 5, 5]})
    made = promote(database, "spring")
    assert default(database) == "warmer"
    assert made.figures["arm"] == "B"
    assert min(made.figures["n"], made.figures["n_first"]) >= 50
    assert made.figures["difference"]["low"] > 0
    with database.reading() as connection:
        assert not find_experiment(connection, "spring").is_running
    with pytest.raises(Conflict, match="already"):
        promote(database, "spring")


def test_too_few_films_are_refused_with_their_number(database: Database) -> None:
    rated(database, a_tenant(database), 49, {"A": [1, 2], "B": [4, 5]})
    with pytest.raises(Conflict, match="49 rated films in A and 49 in B, of 50 each"):
        promote(database, "spring")
    assert default(database) == BUILT_IN


def test_an_interval_that_holds_zero_is_refused_with_the_interval(database: Database) -> None:
    rated(database, a_tenant(database), 50, {"A": [2, 3, 4, 5], "B": [2, 4, 4, 5]})
    with pytest.raises(Conflict, match=r"95 % interval -0\.\d\d to \+0\.\d\d, .* holds 0"):
        promote(database, "spring")
    assert default(database) == BUILT_IN


def test_a_worse_arm_is_never_promoted_however_sure_it_is(database: Database) -> None:
    rated(database, a_tenant(database), 50, {"A": [4, 5, 5], "B": [1, 2, 3]})
    with pytest.raises(Conflict, match="the worse one"):
        promote(database, "spring", "B")
    assert default(database) == BUILT_IN


def test_the_first_arm_and_one_there_is_not_cannot_be_promoted(database: Database) -> None:
    for arm in ("A", "C"):
        with pytest.raises(UnknownChoice, match="arm to promote"):
            promote(database, "spring", arm)
    with pytest.raises(UnknownId):
        promote(database, "autumn")


def test_promotions_are_taken_back_in_any_order_and_stay_in_the_history(database: Database) -> None:
    tenant = a_tenant(database)
    rated(database, tenant, 50, {"A": [3, 3, 4], "B": [4, 5, 5]})
    promote(database, "spring")
    create_experiment(database, "summer", ["warmer", "colder"])
    rated(database, tenant, 50, {"A": [3, 3, 4], "B": [4, 5, 5]})
    promote(database, "summer")
    assert default(database) == "colder"
    assert revert(database, "summer").is_taken_back
    assert default(database) == "warmer"
    assert promote(database, "summer").before == promote_of(database, "spring").vocabulary
    revert(database, "spring")
    assert default(database) == "colder"
    revert(database, "summer")
    assert default(database) == BUILT_IN
    with pytest.raises(Conflict, match="taken back"):
        revert(database, "summer")
    with database.reading() as connection:
        history = list_promotions(connection)
    assert [(row.experiment, row.is_taken_back) for row in history] == [
        ("summer", True),
        ("summer", True),
        ("spring", True),
    ]


def promote_of(database: Database, experiment: str):  # type: ignore[no-untyped-def]
    with database.reading() as connection:
        return next(row for row in list_promotions(connection) if row.experiment == experiment)


def test_of_several_arms_the_best_one_is_taken(database: Database) -> None:
    from integrations.experiments.experiment import end_experiment

    end_experiment(database, "spring")
    create_experiment(database, "three", [BUILT_IN, "warmer", "colder"])
    rated(database, a_tenant(database), 50, {"A": [2, 3], "B": [3, 4], "C": [4, 5]})
    promote(database, "three")
    assert default(database) == "colder"
