"""The one decision about where a stranger may send us (OWASP, server-side request forgery, case 2)."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from dataclasses import dataclass, field

from integrations.outbound.address import Address, read_address, why_refused
from integrations.outbound.lookup import Resolve, look_up
from integrations.outbound.url import DEFAULT_PORTS, Url, read_authority, read_url
from scoring.errors import AddressRefused, InputError

LOOKUP_S = 5.0
_MOST_ADDRESSES = 4  # tried one after another until one answers
# RFC 6761, 6762, 7686, 8375 and 9476: names that mean something here, or nowhere.
_LOCAL_NAMES = ("localhost", "localdomain", "local", "internal", "intranet", "lan", "home.arpa", "onion", "alt")


@dataclass(frozen=True, slots=True)
class Target:
    """A URL that was allowed, with the addresses it was allowed for. Only these may be connected to.

    is_internal: an operator named the host.
    """

    url: Url
    addresses: tuple[Address, ...]
    is_internal: bool


@dataclass(frozen=True, slots=True)
class Guard:
    """What may be connected to.

    allowed_hosts: internal hosts that an operator names, as "host" (ports 80 and 443) or "host:port"; these may be
    private, may use http, and are looked up as written. ports: for all other hosts. https_only: for all other hosts.
    resolve: what looks names up, as socket.getaddrinfo. Raises InputError for an allowed host that does not read.
    """

    allowed_hosts: tuple[str, ...] = ()
    ports: tuple[int, ...] = (443,)
    https_only: bool = True
    resolve: Resolve = socket.getaddrinfo
    _allowed: frozenset[tuple[str, int]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_allowed", frozenset(_read_allowed(self.allowed_hosts)))

    def check(self, text: str, *, within_s: float = LOOKUP_S) -> Target:
        """Read a URL, look its host up once, and allow it or not. Opens no connection to the host.

        within_s: the longest the look-up may take. Raises AddressRefused; FetchFailed or CapacityError where its name
        cannot be looked up now. One address that is not allowed refuses the host, whatever its others are. Check again
        before every connection: what a name means can change, and only a Target of this moment is to be connected to.
        """
        url = read_url(text)
        is_internal = (url.host, url.port) in self._allowed
        if not is_internal:
            self._check_form(url)
        found = (url.address,) if url.address is not None else self._look_up(url, is_internal, within_s)
        for address in found:
            reason = why_refused(address, is_named=is_internal)
            if reason is not None:
                # The address itself is not told: it would let a stranger read our own names.
                raise AddressRefused(
                    f"{url.origin} leads to an address that is not connected to: {reason}", _advice(is_internal)
                )
        return Target(url, found[:_MOST_ADDRESSES], is_internal)

    def _check_form(self, url: Url) -> None:
        if self.https_only and url.scheme != "https":
            raise AddressRefused(f"{url.origin} is not https", "Use https")
        if url.port not in self.ports:
            allowed = ", ".join(map(str, self.ports)) or "none"
            raise AddressRefused(f"{url.origin} uses port {url.port}", f"Allowed: {allowed}")
        if url.address is None and _is_local(url.host):
            raise AddressRefused(f"{url.host} is a name of a local network", _advice(False))

    def _look_up(self, url: Url, is_internal: bool, within_s: float) -> tuple[Address, ...]:
        # With a dot at its end a name is whole: a resolver with a search list would otherwise try db.corp.example.com
        # inside its own network first (Kubernetes: inside the cluster).
        name = url.host if is_internal else f"{url.host}."
        return look_up(self.resolve, name, url.port, within_s)


def _is_local(host: str) -> bool:
    return "." not in host or any(host == name or host.endswith(f".{name}") for name in _LOCAL_NAMES)


def _read_allowed(entries: Sequence[str]) -> list[tuple[str, int]]:
    allowed: list[tuple[str, int]] = []
    for entry in entries:
        try:
            host, port = read_authority(entry.strip())
        except AddressRefused as error:
            raise InputError(f"the allowed host {entry!r} does not read", "Write it as host or host:port") from error
        address = read_address(host)
        reason = why_refused(address, is_named=True) if address is not None else None
        if reason is not None:
            raise InputError(f"the host {entry!r} cannot be allowed: {reason}", "Name another")
        allowed += [(host, each) for each in (DEFAULT_PORTS.values() if port is None else (port,))]
    return allowed


def _advice(is_internal: bool) -> str:
    if is_internal:
        return "No receiver can be there"
    return "Use a public host; an operator can allow internal ones (CUESMITH_WEBHOOK_HOSTS)"
