"""`cuesmith serve`: the API, and by default workers beside it: one command is the whole service on one machine."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from integrations.api.app import create_app
from integrations.api.serving import STOP_S, make_server
from integrations.host.parts import listen_for_bell, local_key, open_parts
from integrations.rpc.opening import open_rpc
from integrations.service.logs import logger
from integrations.service.settings import QUEUES, ServiceSettings
from integrations.work.worker import Worker


def serve(settings: ServiceSettings, host: str, port: int, slots: int, queues: Sequence[str] = QUEUES) -> None:
    """Serve until told to stop. slots: of the workers beside the API, 0 for none. Raises as open_parts does."""
    parts = open_parts(settings, migrates=True)
    key_file = local_key(parts)
    worker: Worker | None = None
    if slots:
        worker = Worker(settings, parts.database, parts.storage, queues, slots, parts.ring)

    def ring(queue: str) -> None:
        if worker is not None:
            worker.wake()
        parts.ring(queue)

    app = create_app(settings, database=parts.database, storage=parts.storage, ring=ring)
    if settings.broker_url is not None:
        from integrations.bell.ring import RINGS

        app.state.desk.metrics.registry.register(RINGS)
    rpc = open_rpc(settings, parts.database, host)
    if worker is not None:
        worker.start()
    listening = contextlib.nullcontext() if worker is None else listen_for_bell(parts, queues, worker.wake)
    logger(__name__).info("serving", address=f"http://{host}:{port}", key_file=str(key_file or ""), slots=slots)
    try:
        # uvicorn raises KeyboardInterrupt again once it has stopped.
        with listening, contextlib.suppress(KeyboardInterrupt):
            make_server(app, host, port).run()
    finally:
        if rpc is not None:
            rpc.stop(STOP_S)
        if worker is not None:
            worker.drain()
        parts.close()
