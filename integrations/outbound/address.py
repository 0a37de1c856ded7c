"""Which IP addresses a stranger may send us to."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

Address = IPv4Address | IPv6Address

_GLOBAL_IPV6 = IPv6Network("2000::/3")  # all that IANA has ever given out as global unicast
# RFC 6052: a resolver on a network without IPv4 answers with these. What counts is the address inside.
_NAT64 = IPv6Network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class RefusedNetwork:
    """A network of the table. even_when_named: refused also where an operator allowed the host."""

    network: IPv4Network | IPv6Network
    what: str
    even_when_named: bool


@cache
def refused_networks() -> tuple[RefusedNetwork, ...]:
    """The table in data/addresses.toml, the smallest networks first."""
    text = (resources.files("integrations") / "outbound" / "data" / "addresses.toml").read_text(encoding="utf-8")
    rows = [
        RefusedNetwork(ip_network(row["network"]), row["what"], row.get("even_when_named", False))
        for row in tomllib.loads(text)["refused"]
    ]
    return tuple(sorted(rows, key=lambda row: -row.network.prefixlen))


def why_refused(address: Address, *, is_named: bool = False) -> str | None:
    """What kind of address it is, where it is not to be connected to; None where it may be.

    is_named: an operator allowed this host, so private networks are fine. Everything is refused that is not known to be
    public: an address must be outside the table, inside what is given out, and global for Python's own tables as well.
    """
    address = _inside(address)
    for row in refused_networks():
        if row.network.version == address.version and address in row.network:
            return None if is_named and not row.even_when_named else row.what
    if isinstance(address, IPv6Address) and (address not in _GLOBAL_IPV6 or address.scope_id is not None):
        return "not given out by IANA"
    if _is_isatap(address):
        return "an IPv4 address in IPv6's form (RFC 5214)"
    if not address.is_global or address.is_multicast:
        return "not public"
    return None


def read_address(text: str) -> Address | None:
    """The address a literal means; None for anything else, a short or octal form of IPv4 too."""
    try:
        return ip_address(text)
    except ValueError:
        return None


def _inside(address: Address) -> Address:
    if isinstance(address, IPv6Address) and address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _is_isatap(address: Address) -> bool:
    """::5efe:a.b.c.d or ::200:5efe:a.b.c.d as the interface: a router of that kind would send it on to IPv4."""
    return isinstance(address, IPv6Address) and (int(address) >> 32) & 0xFDFFFFFF == 0x00005EFE
