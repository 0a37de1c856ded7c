"""uvicorn as this API wants it."""

from __future__ import annotations

import socket

import uvicorn
from fastapi import FastAPI

from integrations.api.desk import Desk

STOP_S = 10  # what requests in flight may take at the end
_KEEP_ALIVE_S = 20


class Server(uvicorn.Server):
    """Ends what waits for news first, so that a stop need not wait for readers that would stay for hours."""

    def __init__(self, config: uvicorn.Config, desk: Desk) -> None:
        super().__init__(config)
        self._desk = desk

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn has it, after the readers."""
        self._desk.lookout.close()
        await super().shutdown(sockets)


def make_server(app: FastAPI, host: str, port: int) -> Server:
    """A server of create_app's application; its own log lines are the frame's. run() serves until told to stop."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=STOP_S,
    )
    return Server(config, app.state.desk)
