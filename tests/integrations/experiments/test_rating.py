from __future__ import annotations

import pytest
from rated_jobs import a_film, a_tenant, scored

from integrations.experiments.rating import rate, ratings_of
from integrations.jobs.database import Database
from integrations.jobs.intake import Ask, take_in
from integrations.jobs.orders import Order
from scoring.errors import Conflict, InputError, UnknownId


def test_a_rating_is_kept_changed_and_read(database: Database) -> None:
    job_id, _ = scored(database, a_tenant(database), 1)
    rate(database, "acme", job_id, 3, comment="too loud")
    rate(database, "acme", job_id, 5, cue="1m1")
    rate(database, "acme", job_id, 4, comment="better now")
    with database.reading() as connection:
        said = ratings_of(connection, "acme", job_id)
    assert [(row.cue, row.stars, row.comment) for row in said] == [("", 4, "better now"), ("1m1", 5, "")]


@pytest.mark.parametrize("stars", [0, 6, -1, True, 3.5, "4"])
def test_stars_are_whole_numbers_of_one_to_five(database: Database, stars: object) -> None:
    job_id, _ = scored(database, a_tenant(database), 1)
    with pytest.raises(InputError, match="stars"):
        rate(database, "acme", job_id, stars)  # type: ignore[arg-type]


def test_takes_are_rated_by_their_number_and_cues_there_are_not_are_refused(database: Database) -> None:
    job_id, _ = scored(database, a_tenant(database), 1, ("1m1", "1m1@2"))
    rate(database, "acme", job_id, 5, cue="@2")
    rate(database, "acme", job_id, 5, cue="1m1@2")
    for cue in ("9m9", "@3", "1m1@"):
        with pytest.raises(UnknownId, match="no cue"):
            rate(database, "acme", job_id, 5, cue=cue)


def test_nobody_rates_what_is_not_theirs_or_not_done(database: Database) -> None:
    job_id, _ = scored(database, a_tenant(database), 1)
    a_tenant(database, "other")
    with pytest.raises(UnknownId):
        rate(database, "other", job_id, 5)
    waiting = take_in(database, a_tenant(database), Ask(Order("score"), a_film(2))).job_id
    with pytest.raises(Conflict, match="queued"):
        rate(database, "acme", waiting, 5)
    with pytest.raises(InputError, match="comment"):
        rate(database, "acme", job_id, 5, comment="x" * 2001)
