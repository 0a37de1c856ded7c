"""The gRPC server as the service's settings want it: on their port, for the API keys of their database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from integrations.jobs.database import Database
from integrations.jobs.tenants import authenticate
from integrations.service.settings import ServiceSettings

if TYPE_CHECKING:
    from integrations.rpc.server import RpcServer


def open_rpc(settings: ServiceSettings, database: Database, host: str) -> RpcServer | None:
    """A server that has begun to answer, or None where CUESMITH_GRPC_PORT is not set; then grpc is not even loaded.

    host: the address to listen on. To be called after any fork, and stopped before the database is closed.
    Raises InputError where the port cannot be had.
    """
    if settings.grpc_port is None:
        return None
    from integrations.rpc.engines import Engines
    from integrations.rpc.server import RpcServer, RpcSettings

    server = RpcServer(
        RpcSettings(host=host, port=settings.grpc_port),
        lambda key: authenticate(database, key, settings.quota),
        Engines(settings.media.engines),
    )
    server.start()
    return server
