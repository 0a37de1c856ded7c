"""Stars for a film and its cues."""

from __future__ import annotations

import httpx
import pytest
from api_made import scored
from api_rig import ApiRig


def test_a_film_and_its_cues_are_rated_and_a_second_opinion_takes_the_place_of_the_first(
    api: ApiRig, a: httpx.Client
) -> None:
    job = scored(api, a)
    where = f"/v1/jobs/{job}/ratings"
    assert a.post(where, json={"stars": 2}).status_code == 201
    assert a.post(where, json={"stars": 4, "comment": "better the second time"}).status_code == 201
    assert a.post(where, json={"stars": 5, "cue": "1m2"}).status_code == 201
    told = a.get(where).json()["ratings"]
    assert [(rating["cue"], rating["stars"]) for rating in told] == [("", 4), ("1m2", 5)]
    assert told[0]["comment"] == "better the second time"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"stars": 0},
        {"stars": 6},
        {"stars": 4.5},
        {"stars": "5"},
        {"stars": True},
        {"stars": 3, "comment": "x" * 3000},
        {"stars": 3, "x": 1},
    ],
)
def test_stars_that_are_none_are_refused(api: ApiRig, a: httpx.Client, body: dict[str, object]) -> None:
    job = scored(api, a)
    assert a.post(f"/v1/jobs/{job}/ratings", json=body).status_code == 422
    assert a.get(f"/v1/jobs/{job}/ratings").json() == {"ratings": []}


def test_only_what_was_made_can_be_rated(api: ApiRig, a: httpx.Client) -> None:
    job = api.job(a)
    assert a.post(f"/v1/jobs/{job}/ratings", json={"stars": 3}).status_code == 409
    done = scored(api, a)
    assert a.post(f"/v1/jobs/{done}/ratings", json={"stars": 3, "cue": "9m9"}).status_code == 404
