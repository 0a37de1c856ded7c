"""Which addresses are connected to."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.outbound.address import refused_networks, why_refused


@pytest.mark.parametrize("text", ["1.1.1.1", "8.8.8.8", "93.184.216.34", "2606:4700:4700::1111", "2a00:1450::1"])
def test_public_addresses_are_fine(text: str) -> None:
    assert why_refused(ip_address(text)) is None


@pytest.mark.parametrize("row", refused_networks(), ids=lambda row: str(row.network))
def test_the_ends_of_every_network_of_the_table_are_refused(row) -> None:  # type: ignore[no-untyped-def]
    assert why_refused(row.network[0])
    assert why_refused(row.network[-1])


@pytest.mark.parametrize(
    "text", ["169.254.169.254", "224.0.0.1", "255.255.255.255", "0.0.0.0", "::", "fe80::1", "ff02::1"]
)
def test_what_can_be_no_receiver_is_refused_even_where_an_operator_names_it(text: str) -> None:
    assert why_refused(ip_address(text), is_named=True)


@pytest.mark.parametrize("text", ["127.0.0.1", "10.1.2.3", "192.168.0.9", "172.31.0.1", "100.64.0.1", "::1", "fd12::1"])
def test_what_an_operator_names_may_be_private(text: str) -> None:
    assert why_refused(ip_address(text))
    assert why_refused(ip_address(text), is_named=True) is None


def test_translated_addresses_count_as_what_is_inside_them() -> None:
    assert why_refused(ip_address("64:ff9b::7f00:1")) == why_refused(ip_address("127.0.0.1"))
    assert why_refused(ip_address("64:ff9b::a9fe:a9fe"))
    assert why_refused(ip_address("64:ff9b::101:101")) is None


@given(st.ip_addresses(v=4))
def test_no_address_that_python_calls_local_gets_through(address: IPv4Address) -> None:
    if not address.is_global or address.is_multicast:
        assert why_refused(address)


@given(st.ip_addresses(v=4))
def test_no_wrapping_in_ipv6_lets_a_private_address_through(inner: IPv4Address) -> None:
    number = int(inner)
    for prefix in ("::", "::ffff:0:0", "::ffff:0:0:0", "64:ff9b:1::", "2a00:1450::5efe:0:0", "2a00:1450::200:5efe:0:0"):
        assert why_refused(IPv6Address(int(IPv6Address(prefix)) + number)), prefix
    assert why_refused(IPv6Address((0x2002 << 112) + (number << 80)))
    assert why_refused(IPv6Address((0x20010000 << 96) + (number ^ 0xFFFFFFFF)))
    assert bool(why_refused(IPv6Address(int(IPv6Address("64:ff9b::")) + number))) == bool(why_refused(inner))
