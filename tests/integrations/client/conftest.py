from __future__ import annotations

from collections.abc import Iterator

import pytest
from api_rig import ApiRig, served
from cutting_proxy import CuttingProxy, cutting_proxy

from integrations.client import CuesmithClient


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiRig]:
    """A running API."""
    with served(tmp_path_factory.mktemp("api")) as rig:
        yield rig


@pytest.fixture
def client(api: ApiRig) -> Iterator[CuesmithClient]:
    """A client of it."""
    with CuesmithClient(api.address, api.key(), first_wait_s=0.01) as made:
        yield made


@pytest.fixture
def proxy(api: ApiRig) -> Iterator[CuttingProxy]:
    """A proxy before it that cuts what it is told to."""
    with cutting_proxy(api.address) as made:
        yield made


@pytest.fixture
def through(api: ApiRig, proxy: CuttingProxy) -> Iterator[CuesmithClient]:
    """A client that reaches the API through the proxy."""
    with CuesmithClient(proxy.address, api.key(), first_wait_s=0.01, retries=3) as made:
        yield made
