"""Every test of the jobs' tables runs on both kinds of database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from databases import opened

from integrations.jobs.database import Database
from integrations.jobs.tenants import ensure_tenant
from integrations.service.settings import ServiceSettings


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    made = opened(url)
    ensure_tenant(made, "ann")
    ensure_tenant(made, "bob")
    yield made
    made.close()


@pytest.fixture
def settings(tmp_path: Path, url: str) -> ServiceSettings:
    return ServiceSettings.from_env({"CUESMITH_DATA": str(tmp_path), "CUESMITH_DATABASE_URL": url})


@pytest.fixture
def patient(settings: ServiceSettings) -> Callable[..., ServiceSettings]:
    def change(**patience: Any) -> ServiceSettings:
        return replace(settings, patience=replace(settings.patience, **patience))

    return change
