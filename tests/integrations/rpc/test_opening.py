"""The gRPC server with the service's own settings, database and keys."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from rpc_rig import short_cue
from service_rig import free_port

from integrations.jobs.database import Database
from integrations.jobs.migrating import migrate
from integrations.jobs.tenants import create_key, ensure_tenant, revoke_key
from integrations.rpc.generated import compose_pb2 as pb
from integrations.rpc.generated import compose_pb2_grpc as services
from integrations.rpc.opening import open_rpc
from integrations.service.settings import ServiceSettings


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path / 'cuesmith.db'}")
    migrate(made)
    yield made
    made.close()


def settings_of(folder: Path, **more: str) -> ServiceSettings:
    return ServiceSettings.from_env({"CUESMITH_DATA": str(folder), **more})


def test_a_key_of_the_database_composes_until_it_is_revoked(tmp_path: Path, database: Database) -> None:
    port = free_port()
    ensure_tenant(database, "a-tenant")
    key = create_key(database, "a-tenant")
    server = open_rpc(settings_of(tmp_path, CUESMITH_GRPC_PORT=str(port)), database, "127.0.0.1")
    assert server is not None
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = services.ComposerStub(channel)

        def call() -> list[pb.ComposeCueResponse]:
            asked = pb.ComposeCueRequest(cue=short_cue(duration_s=2.0), engine="composer")
            return list(stub.ComposeCue(asked, metadata=[("authorization", f"Bearer {key.secret}")], timeout=60))

        try:
            assert call()[-1].summary.engine == "composer"
            revoke_key(database, key.id)
            with pytest.raises(grpc.RpcError) as refused:
                call()
            assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED
            assert key.secret not in refused.value.details()
        finally:
            server.stop(0)


def test_without_a_port_there_is_no_server_and_grpc_is_not_loaded(tmp_path: Path) -> None:
    script = f"""
import sys
from pathlib import Path
from integrations.jobs.database import Database
from integrations.rpc.opening import open_rpc
from integrations.service.settings import ServiceSettings
settings = ServiceSettings.from_env({{"CUESMITH_DATA": {str(tmp_path)!r}}})
assert open_rpc(settings, Database(settings.database_url), "127.0.0.1") is None
assert "grpc" not in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
