"""`GET /v1/experiments`: numbers over all tenants, nothing of a single other one."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from integrations.experiments.counting import LEAST_SHOWN, count_ratings
from integrations.experiments.documents import experiment_document
from integrations.experiments.experiment import find_experiment, list_experiments
from integrations.experiments.vocabularies import default_vocabulary
from integrations.jobs.database import Database
from integrations.jobs.tenants import Tenant


class DifferenceAnswer(BaseModel):
    """How far an arm is ahead of the first one."""

    mean: float = Field(description="Mean stars less the first arm's.")
    low: float | None = Field(description="The interval's lower end; null with fewer than two films in an arm.")
    high: float | None = Field(description="The interval's upper end.")
    level: float = Field(description="Of the interval (Welch's t).", examples=[0.95])
    excludes_zero: bool = Field(description="Whether the interval lies wholly on one side of 0.")


class ArmAnswer(BaseModel):
    """A vocabulary and what people say of films read with it."""

    name: str = Field(description="A is the one to beat.", examples=["A"])
    vocabulary: str = Field(description="SHA-256 of the vocabulary's text.")
    title: str = Field(description="The vocabulary's name.", examples=["built-in"])
    jobs: int = Field(description="Jobs assigned to it that are still kept.")
    n: int = Field(description="Films rated; a film that one tenant scored and rated several times counts once.")
    mean_stars: float | None = Field(description="1 to 5; null without ratings, or where withheld.")
    difference: DifferenceAnswer | None = Field(description="To the first arm.")
    withheld: bool = Field(description=f"Fewer than {LEAST_SHOWN} films, and one of them is another tenant's.")


class ExperimentAnswer(BaseModel):
    """An experiment. Times are seconds since 1970."""

    id: str
    name: str
    state: str = Field(description="running or ended.")
    created_s: float
    ended_s: float | None
    arms: list[ArmAnswer]


class DefaultAnswer(BaseModel):
    """The vocabulary that new films are read with, outside experiments."""

    vocabulary: str
    title: str


class ExperimentsAnswer(BaseModel):
    """Every experiment, the newest first."""

    experiments: list[ExperimentAnswer]
    default: DefaultAnswer


def make_router(database: Database, authenticated: Callable[..., object]) -> APIRouter:
    """The routes. authenticated: the API's dependency that answers whose key it is (a Tenant), or refuses."""
    router = APIRouter(prefix="/v1/experiments", tags=["experiments"])
    caller = Depends(authenticated)

    @router.get("", summary="List experiments with what the ratings say")
    def list_all(tenant: Tenant = caller) -> ExperimentsAnswer:
        """Every experiment, the newest first, and the vocabulary that films are read with by default."""
        with database.reading() as connection:
            default = default_vocabulary(connection)
            told = [
                experiment_document(found, count_ratings(connection, found, tenant.id))
                for found in list_experiments(connection)
            ]
        answer = {"experiments": told, "default": {"vocabulary": default.sha256, "title": default.name}}
        return ExperimentsAnswer.model_validate(answer)

    @router.get("/{name}", summary="Read one experiment")
    def read_one(name: str, tenant: Tenant = caller) -> ExperimentAnswer:
        """One experiment with its arms: films rated, mean stars, and the difference to the first arm."""
        with database.reading() as connection:
            found = find_experiment(connection, name)
            return ExperimentAnswer.model_validate(
                experiment_document(found, count_ratings(connection, found, tenant.id))
            )

    return router
