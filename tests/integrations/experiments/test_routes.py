from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from api_rig import ApiRig, served
from rated_jobs import a_tenant, other_vocabulary, rated, scored

from integrations.experiments.experiment import create_experiment
from integrations.experiments.rating import rate
from integrations.experiments.vocabularies import register_vocabulary


@pytest.fixture
def api(tmp_path: Path) -> Iterator[ApiRig]:
    """A running API with an experiment."""
    with served(tmp_path) as rig:
        register_vocabulary(rig.database, "warmer", other_vocabulary("warmer"))
        create_experiment(rig.database, "spring", ["built-in", "warmer"])
        yield rig


def test_experiments_are_told_with_intervals_over_all_tenants(api: ApiRig) -> None:
    rated(api.database, a_tenant(api.database, "a"), 6, {"A": [3, 4], "B": [4, 5]})
    rated(api.database, a_tenant(api.database, "b"), 6, {"A": [2, 3], "B": [5, 5]})
    with api.client("c") as http:
        told = http.get("/v1/experiments").json()
        one = http.get("/v1/experiments/spring").json()
    assert told["experiments"] == [one]
    assert told["default"]["title"] == "built-in"
    a, b = one["arms"]
    assert (a["n"], a["mean_stars"], a["difference"]) == (12, 3.0, None)
    assert (b["n"], b["mean_stars"]) == (12, 4.75)
    assert b["difference"]["mean"] == 1.75
    assert 0 < b["difference"]["low"] < 1.75 < b["difference"]["high"]
    assert (b["difference"]["level"], b["difference"]["excludes_zero"]) == (0.95, True)


def test_what_few_films_of_another_tenant_say_is_not_told(api: ApiRig) -> None:
    job_id, arm = scored(api.database, a_tenant(api.database, "a"), 1)
    rate(api.database, "a", job_id, 1)
    told = {}
    for tenant in ("a", "b"):
        with api.client(tenant) as http:
            arms = http.get("/v1/experiments/spring").json()["arms"]
        told[tenant] = next(row for row in arms if row["name"] == arm)
    assert (told["a"]["mean_stars"], told["a"]["withheld"]) == (1.0, False)
    assert (told["b"]["n"], told["b"]["mean_stars"], told["b"]["withheld"]) == (1, None, True)


def test_jobs_over_http_get_their_arm_and_ratings_count_for_it(api: ApiRig) -> None:
    with api.client() as http:
        job = api.job(http)
        arm = http.get(f"/v1/jobs/{job}").json()["arm"]
        assert arm["experiment"] == "spring"
        assert http.get("/v1/experiments/spring").json()["arms"]["AB".index(arm["arm"])]["jobs"] == 1
        assert api.job(http, texts={"vocabulary": other_vocabulary("mine")}) != job


def test_without_a_key_and_for_an_experiment_there_is_not_nothing_is_told(api: ApiRig) -> None:
    with api.client() as http:
        assert http.get("/v1/experiments", headers={"Authorization": ""}).status_code == 401
        answer = http.get("/v1/experiments/none")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_id")
