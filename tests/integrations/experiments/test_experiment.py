from __future__ import annotations

import threading

import pytest
from rated_jobs import other_vocabulary

from integrations.experiments.experiment import (
    create_experiment,
    end_experiment,
    list_experiments,
    running_experiment,
)
from integrations.experiments.vocabularies import register_vocabulary
from integrations.jobs.database import Database
from scoring.errors import Conflict, InputError, UnknownChoice, UnknownId


@pytest.fixture(autouse=True)
def versions(database: Database) -> None:
    for name in ("warmer", "colder"):
        register_vocabulary(database, name, other_vocabulary(name))


def test_arms_are_lettered_in_the_order_they_are_given(database: Database) -> None:
    made = create_experiment(database, "spring", ["built-in", "warmer", "colder"])
    assert [(arm.name, arm.title) for arm in made.arms] == [("A", "built-in"), ("B", "warmer"), ("C", "colder")]
    assert made.is_running


def test_a_vocabulary_is_found_by_the_first_digits_of_its_hash(database: Database) -> None:
    made = create_experiment(database, "spring", ["warmer", "colder"])
    end_experiment(database, "spring")
    again = create_experiment(database, "summer", [arm.vocabulary[:8] for arm in made.arms])
    assert [arm.title for arm in again.arms] == ["warmer", "colder"]


def test_one_experiment_runs_at_a_time_and_its_name_is_never_used_again(database: Database) -> None:
    create_experiment(database, "spring", ["built-in", "warmer"])
    with pytest.raises(Conflict, match="spring is running"):
        create_experiment(database, "summer", ["built-in", "colder"])
    assert not end_experiment(database, "spring").is_running
    with pytest.raises(Conflict, match="ended before"):
        end_experiment(database, "spring")
    with pytest.raises(Conflict, match="called spring"):
        create_experiment(database, "spring", ["built-in", "colder"])
    create_experiment(database, "summer", ["built-in", "colder"])
    with database.reading() as connection:
        assert [found.name for found in list_experiments(connection)] == ["summer", "spring"]
        running = running_experiment(connection)
    assert running is not None
    assert running.name == "summer"


def test_of_experiments_begun_at_the_same_moment_one_runs(database: Database) -> None:
    said: list[str] = []

    def begin(number: int) -> None:
        try:
            said.append(create_experiment(database, f"number-{number}", ["built-in", "warmer"]).name)
        except Conflict as error:
            said.append(error.what.split()[-1])

    threads = [threading.Thread(target=begin, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as connection:
        assert len(list_experiments(connection)) == 1
    assert said.count("running") == 5


def test_what_makes_no_experiment_is_refused(database: Database) -> None:
    for name, arms, error in (
        ("Spring Time", ["built-in", "warmer"], InputError),
        ("spring", ["built-in"], InputError),
        ("spring", ["warmer", "warmer"], InputError),
        ("spring", ["built-in"] * 7, InputError),
        ("spring", ["built-in", "nobody"], UnknownChoice),
    ):
        with pytest.raises(error):
            create_experiment(database, name, arms)
    with pytest.raises(UnknownId):
        end_experiment(database, "spring")
