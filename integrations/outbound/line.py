"""A connection to a checked address, with an end to its patience."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterable
from typing import Any

import httpcore

from integrations.outbound.address import read_address
from integrations.outbound.guard import Target
from scoring.errors import AddressRefused, Cancelled, FetchFailed

CONNECT_S = 5.0
_SLICE_S = 0.5  # how long a wait goes on before it is asked again whether to go on
_PIECE_BYTES = 4096  # a receiver that takes a byte at a time is found out after each


class Patience:
    """How long one exchange may take altogether, and how long nothing may come.

    total_s: from now to the last byte, however steadily they drip. stall_s: without a byte. cancelled: asked twice a
    second.
    """

    def __init__(
        self,
        total_s: float,
        stall_s: float,
        cancelled: Callable[[], bool] = lambda: False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.total_s = total_s
        self.stall_s = stall_s
        self.clock = clock
        self._cancelled = cancelled
        self._began_s = clock()

    @property
    def elapsed_s(self) -> float:
        """Seconds since the exchange began."""
        return self.clock() - self._began_s

    def left_s(self) -> float:
        """Seconds left, above 0. Raises FetchFailed where there are none, Cancelled where the user said stop."""
        if self._cancelled():
            raise Cancelled("the exchange was stopped")
        left_s = self.total_s - self.elapsed_s
        if left_s <= 0:
            raise FetchFailed(f"it was not over after {self.total_s:g} s", "Try again later, or from a faster host")
        return left_s


class PinnedBackend(httpcore.NetworkBackend):
    """Connects to the addresses of one target and to nothing else, and looks no name up.

    The host stays the one of the URL for everything above: the Host header, the name asked for in TLS and the name that
    the certificate must have.
    """

    def __init__(self, target: Target, patience: Patience, below: httpcore.NetworkBackend) -> None:
        self._target = target
        self._patience = patience
        self._below = below

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address that answers. Raises AddressRefused where it is not the target that is asked
        for, or somebody else answers.
        """
        url = self._target.url
        if (host, port) != (url.host, url.port):
            raise AddressRefused(f"{host}:{port} is not what was checked", "Give a URL that does not lead elsewhere")
        last: Exception = httpcore.ConnectError("no address")
        for address in self._target.addresses:
            within_s = min(CONNECT_S, self._patience.left_s())
            try:
                stream = self._below.connect_tcp(str(address), port, timeout=within_s)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                last = error
                continue
            peer = stream.get_extra_info("server_addr")
            if peer is None or read_address(peer[0]) != address or peer[1] != port:
                stream.close()
                raise AddressRefused(f"{url.origin} was answered by another address than was checked", "Tell its owner")
            return PatientStream(stream, self._patience)
        raise last

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None
    ) -> httpcore.NetworkStream:
        """Never: raises AddressRefused."""
        raise AddressRefused("a socket of this machine is not connected to", "Give an https URL")


class PatientStream(httpcore.NetworkStream):
    """A stream that ends when its patience does, whatever the other side sends meanwhile."""

    def __init__(self, below: httpcore.NetworkStream, patience: Patience) -> None:
        self._below = below
        self._patience = patience

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """At most that many bytes, as soon as there are any. The timeout is the patience's own."""
        began_s = self._patience.clock()
        while True:
            within_s = min(_SLICE_S, self._patience.left_s())
            try:
                return self._below.read(max_bytes, within_s)
            except httpcore.ReadTimeout as error:
                if self._patience.clock() - began_s >= self._patience.stall_s:
                    raise FetchFailed(f"nothing came for {self._patience.stall_s:g} s", "Try again later") from error

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """All of the bytes."""
        for start in range(0, len(buffer), _PIECE_BYTES):
            within_s = min(self._patience.stall_s, self._patience.left_s())
            self._below.write(buffer[start : start + _PIECE_BYTES], within_s)

    def close(self) -> None:
        """Close the connection."""
        self._below.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """The same stream, encrypted. The handshake as a whole has as long as a connection."""
        within_s = min(CONNECT_S, self._patience.left_s())
        return PatientStream(self._below.start_tls(ssl_context, server_hostname, within_s), self._patience)

    def get_extra_info(self, info: str) -> Any:
        """As the stream below."""
        return self._below.get_extra_info(info)
