from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from api_rig import ApiRig, served


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiRig]:
    """One API for a file's tests; each test has its own tenant or its own jobs."""
    with served(tmp_path_factory.mktemp("api")) as rig:
        yield rig


@pytest.fixture
def a(api: ApiRig) -> Iterator[httpx.Client]:
    with api.client("a") as client:
        yield client


@pytest.fixture
def b(api: ApiRig) -> Iterator[httpx.Client]:
    with api.client("b") as client:
        yield client
