"""A URL taken apart, strictly: what two parsers could read differently is not read at all."""

from __future__ import annotations

import re
from dataclasses import dataclass

import idna

from integrations.outbound.address import Address, read_address
from scoring.errors import AddressRefused

MOST_CHARACTERS = 2048
DEFAULT_PORTS = {"https": 443, "http": 80}

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]*)(/[^?#]*)?(\?[^#]*)?(#.*)?", re.DOTALL)
_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\[\]:]+)(?::([0-9]{1,5}))?", re.DOTALL)
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
# RFC 3986 leaves these out, and parsers disagree about them; a browser makes a slash of the backslash.
_NOT_IN_A_PATH = re.compile(r"[^!-~]|[\\\"<>^`{|}]")
_LOOKS_NUMERIC = re.compile(r"[0-9]+|0x[0-9a-f]*")


@dataclass(frozen=True, slots=True)
class Url:
    """scheme: lower case. host: lower case ASCII, an IPv6 address without brackets. target: path and query.
    address: what the host means where it is a literal.
    """

    scheme: str
    host: str
    port: int
    target: str
    address: Address | None

    @property
    def authority(self) -> str:
        """What belongs into the Host header: the port only where it is not the scheme's own."""
        return self.named_host if self.port == DEFAULT_PORTS.get(self.scheme) else f"{self.named_host}:{self.port}"

    @property
    def named_host(self) -> str:
        """The host, with brackets where it is an IPv6 address."""
        return f"[{self.host}]" if ":" in self.host else self.host

    @property
    def origin(self) -> str:
        """What a message or a log may say of the URL: no path and no query, where secrets travel."""
        return f"{self.scheme}://{self.authority}"

    @property
    def text(self) -> str:
        """The whole URL."""
        return self.origin + self.target


def read_url(text: str) -> Url:
    """Take a URL apart. Raises AddressRefused for all that is not plain scheme://host:port/path?query of http or https.

    Credentials, fragments, backslashes, blanks and control characters, percent signs in the host, a dot at its end, and
    every form of an IPv4 address but four decimal numbers are refused. A host in another script is read as UTS 46 says.
    """
    if len(text) > MOST_CHARACTERS:
        raise AddressRefused(f"the URL has {len(text)} characters", f"At most {MOST_CHARACTERS} are taken")
    match = _URL.fullmatch(text)
    if match is None:
        raise AddressRefused("the URL is not of the form https://host/path", "Give a whole URL")
    scheme, authority, path, query, fragment = match.groups()
    scheme = scheme.lower()
    if scheme not in DEFAULT_PORTS:
        raise AddressRefused(f"the URL's scheme is {scheme[:20]!r}", "Use https")
    if fragment is not None:
        raise AddressRefused("the URL has a fragment (#)", "Leave it out; it is never sent")
    target = (path or "/") + (query or "")
    if _NOT_IN_A_PATH.search(target):
        raise AddressRefused("the URL's path or query has a character that may not stand there", "Percent-encode it")
    host, port = read_authority(authority)
    return Url(scheme, host, DEFAULT_PORTS[scheme] if port is None else port, target, read_address(host))


def read_authority(text: str) -> tuple[str, int | None]:
    """Host and port of "host", "host:port" or "[::1]:port". Raises AddressRefused."""
    if "@" in text:
        raise AddressRefused("the URL has a name or password before its host (@)", "Leave it out")
    match = _AUTHORITY.fullmatch(text)
    if match is None:
        raise AddressRefused("the URL's host or port does not read", "Use a host name, or host:port")
    host, port_text = match.groups()
    port = None if port_text is None else int(port_text)
    if port is not None and (not 1 <= port <= 65535 or str(port) != port_text):
        raise AddressRefused(f"the URL's port is {port_text}", "Use one from 1 to 65535")
    if host.startswith("["):
        address = read_address(host[1:-1])
        if address is None:
            raise AddressRefused(f"{host[:50]} is not an IPv6 address", "Use a host name")
        return str(address), port
    return _name(host), port


def _name(host: str) -> str:
    """The host as it is looked up. Raises AddressRefused."""
    shown = ascii(host[:80])
    try:
        host = host.lower() if host.isascii() else idna.encode(host, uts46=True, std3_rules=True).decode("ascii")
    except idna.IDNAError as error:
        raise AddressRefused(f"{shown} is not a host name", "Use its ASCII form (xn--...)") from error
    labels = host.split(".")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise AddressRefused(f"{shown} is not a host name", "Use letters, digits, - and dots; no dot at the end")
    # Resolvers read 0x7f.1, 017700000001 and 2130706433 as 127.0.0.1, and disagree about 127.0.0.010.
    if _LOOKS_NUMERIC.fullmatch(labels[-1]) and read_address(host) is None:
        raise AddressRefused(f"{shown} is not a host name, nor four decimal numbers", "Write the address in full")
    return host
