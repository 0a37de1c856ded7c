"""Names looked up within a time that is ours, not the system resolver's."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from ipaddress import ip_address
from typing import Any

from integrations.outbound.address import Address
from scoring.errors import AddressRefused, CapacityError, FetchFailed

# As socket.getaddrinfo: (host, port, family, kind) to rows of (family, kind, protocol, name, (address, port, ...)).
Resolve = Callable[[str, int, int, int], Sequence[tuple[Any, Any, Any, Any, tuple[Any, ...]]]]

_MOST_AT_ONCE = 32
_slots = threading.BoundedSemaphore(_MOST_AT_ONCE)


def look_up(resolve: Resolve, host: str, port: int, within_s: float) -> tuple[Address, ...]:
    """Every address of a name, IPv4 and IPv6, in the resolver's order, each once.

    A resolver cannot be interrupted, so it runs in a thread that is left behind when it takes longer than within_s; at
    most 32 run at once. Raises AddressRefused where there is no such name; FetchFailed where nobody can tell now;
    CapacityError where all 32 hang.
    """
    if not _slots.acquire(blocking=False):
        raise CapacityError(f"{_MOST_AT_ONCE} names are being looked up already", "Try again later")
    answer: Future[tuple[Address, ...]] = Future()
    shown = host.removesuffix(".")

    def run() -> None:
        try:
            answer.set_result(_addresses(resolve(host, port, socket.AF_UNSPEC, socket.SOCK_STREAM)))
        except (OSError, ValueError) as error:  # ValueError: a label that is too long, an answer that is no address
            answer.set_exception(error)
        finally:
            _slots.release()

    threading.Thread(target=run, name="lookup", daemon=True).start()
    try:
        found = answer.result(timeout=within_s)
    except TimeoutError as error:
        raise FetchFailed(f"{shown} was not found within {within_s:.1f} s", "Try again later") from error
    except socket.gaierror as error:
        if error.errno in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)):
            raise AddressRefused(f"there is no host called {shown}", "Check the spelling") from error
        raise FetchFailed(f"{shown} could not be looked up ({error.strerror})", "Try again later") from error
    except (OSError, ValueError) as error:
        raise FetchFailed(f"{shown} could not be looked up ({type(error).__name__})", "Try again later") from error
    if not found:
        raise AddressRefused(f"{shown} has no address", "Check the spelling")
    return found


def _addresses(rows: Sequence[tuple[Any, Any, Any, Any, tuple[Any, ...]]]) -> tuple[Address, ...]:
    return tuple(dict.fromkeys(ip_address(str(row[4][0])) for row in rows))
