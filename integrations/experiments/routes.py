"""`GET /v1/experiments`: numbers over all tenants, nothing of a single other one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Depends

from integrations.experiments.counting import count_ratings
from integrations.experiments.documents import experiment_document
from integrations.experiments.experiment import Experiment, find_experiment, list_experiments
from integrations.experiments.vocabularies import default_vocabulary
from integrations.jobs.database import Database
from integrations.jobs.tenants import Tenant


def make_router(database: Database, authenticated: Callable[..., Tenant]) -> APIRouter:
    """The routes. authenticated: the API's dependency that answers whose key it is, or refuses.

    Figures of fewer than five films are withheld where one of them is another tenant's.
    """
    router = APIRouter(prefix="/v1/experiments", tags=["experiments"])
    caller = Depends(authenticated)

    @router.get("", summary="List experiments with what the ratings say")
    def list_all(tenant: Tenant = caller) -> dict[str, Any]:
        """Every experiment, the newest first, and the vocabulary that films are read with by default."""
        with database.reading() as connection:
            default = default_vocabulary(connection)
            told = [
                experiment_document(found, count_ratings(connection, found, tenant.id))
                for found in list_experiments(connection)
            ]
        return {"experiments": told, "default": {"vocabulary": default.sha256, "title": default.name}}

    @router.get("/{name}", summary="Read one experiment")
    def read_one(name: str, tenant: Tenant = caller) -> dict[str, Any]:
        """One experiment with its arms: n, mean stars, and the difference to the first with its 95 % interval."""
        with database.reading() as connection:
            found: Experiment = find_experiment(connection, name)
            return experiment_document(found, count_ratings(connection, found, tenant.id))

    return router
