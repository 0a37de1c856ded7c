"""A proxy on this machine that cuts connections where it is told to."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_BLOCK_BYTES = 8192


@dataclass
class CuttingProxy:
    """up, down: after how many bytes to and from the server each next connection is cut, None for never; a connection
    takes the first of each list. made: how many connections there were. cut: how many of them were cut.
    """

    address: str
    up: list[int | None] = field(default_factory=list)
    down: list[int | None] = field(default_factory=list)
    made: int = 0
    cut: int = 0


@contextmanager
def cutting_proxy(server: str) -> Iterator[CuttingProxy]:
    """A proxy before a server, which passes on bytes as they come."""
    target = urlsplit(server)
    listener = socket.create_server(("127.0.0.1", 0))
    proxy = CuttingProxy(f"http://127.0.0.1:{listener.getsockname()[1]}")
    is_over = threading.Event()
    threads: list[threading.Thread] = []
    lock = threading.Lock()

    def pump(source: socket.socket, sink: socket.socket, limit: int | None, ends: tuple[socket.socket, ...]) -> None:
        left = limit
        try:
            while not is_over.is_set():
                block = source.recv(_BLOCK_BYTES if left is None else min(_BLOCK_BYTES, left + 1))
                if not block:
                    break
                if left is not None and len(block) > left:
                    sink.sendall(block[:left])
                    with lock:
                        proxy.cut += 1
                    for end in ends:  # a reset, as when a cable is pulled or a balancer restarts
                        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    break
                left = None if left is None else left - len(block)
                sink.sendall(block)
        except OSError:
            pass
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def serve(client: socket.socket) -> None:
        with lock:
            proxy.made += 1
            up = proxy.up.pop(0) if proxy.up else None
            down = proxy.down.pop(0) if proxy.down else None
        with client, socket.create_connection((target.hostname or "", target.port or 80)) as upstream:
            ends = (client, upstream)
            back = threading.Thread(target=pump, args=(upstream, client, down, ends), daemon=True)
            back.start()
            pump(client, upstream, up, ends)
            back.join()

    def accept() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=serve, args=(client,), daemon=True)
            threads.append(thread)
            thread.start()

    acceptor = threading.Thread(target=accept, daemon=True)
    acceptor.start()
    try:
        yield proxy
    finally:
        is_over.set()
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        acceptor.join(10)
        for thread in threads:
            thread.join(10)
