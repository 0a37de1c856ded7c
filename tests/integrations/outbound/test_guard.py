"""What the guard lets through, and that nothing at all is sent to what it does not."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from receivers import Canary, Dialler, Names, canary, hostile_urls, public_name

from integrations.outbound.client import Client
from integrations.outbound.guard import Guard
from integrations.outbound.url import read_url
from scoring.errors import AddressRefused, CapacityError, CuesmithError, FetchFailed, InputError

PUBLIC = "93.184.216.34"

LED_ASTRAY = {
    "loop.example.com": [["127.0.0.1"]],
    "mixed.example.com": [[PUBLIC, "127.0.0.1"]],
    "six.example.com": [["::1"]],
    "mapped.example.com": [["::ffff:127.0.0.1"]],
    "cloud.example.com": [["169.254.169.254"]],
}


@pytest.fixture(scope="module")
def listener():  # type: ignore[no-untyped-def]
    with canary() as listening:
        yield listening


def _names() -> Names:
    """A resolver that calls all it does not know public: whatever is taken for a name gets through there."""
    return Names({name: list(answers) for name, answers in LED_ASTRAY.items()}, otherwise=[PUBLIC])


@pytest.mark.parametrize("line", hostile_urls(), ids=ascii)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_hostile_url_is_refused_and_nothing_is_connected_to(line: str, scheme: str, listener: Canary) -> None:
    url = line.replace("PORT", str(listener.port)).replace("http:", f"{scheme}:", 1)
    before, dialler = listener.connects, Dialler()
    # The listener's port is allowed, so that only what the URL says and where it leads can refuse it.
    guard = Guard(ports=(listener.port, 80, 443), https_only=False, resolve=_names())
    with pytest.raises(AddressRefused) as refused:
        guard.check(url)
    with pytest.raises(AddressRefused):
        Client(guard, below=dialler).send("POST", url, content=b"{}")
    assert dialler.asked == []
    assert listener.connects == before
    assert refused.value.advice
    assert "pass@" not in str(refused.value)


def test_the_listener_does_count_where_an_operator_allows_it(listener: Canary) -> None:
    before, dialler = listener.connects, Dialler()
    host = f"127.0.0.1:{listener.port}"
    with pytest.raises(FetchFailed):
        Client(Guard(allowed_hosts=(host,)), below=dialler).send("POST", f"http://{host}/", content=b"{}")
    assert dialler.asked == [("127.0.0.1", listener.port)]
    assert listener.connects == before + 1


def test_a_public_host_is_allowed_with_what_it_was_checked_for() -> None:
    names = public_name([PUBLIC, "2606:4700:4700::1111", PUBLIC])
    target = Guard(resolve=names).check("https://Hooks.Example.com/a?b=c")
    assert [str(address) for address in target.addresses] == [PUBLIC, "2606:4700:4700::1111"]
    assert (target.url.text, target.url.authority) == ("https://hooks.example.com/a?b=c", "hooks.example.com")
    assert not target.is_internal
    assert names.asked == ["hooks.example.com."]  # whole, so that no search list is tried


def test_a_name_in_another_script_is_looked_up_in_its_ascii_form() -> None:
    names = public_name([PUBLIC], name="xn--mnchen-3ya.example")
    assert Guard(resolve=names).check("https://MÜNCHEN.example/").url.host == "xn--mnchen-3ya.example"


@pytest.mark.parametrize(
    "url",
    ["https://hidden@a.example/", "https://a:hidden@a.example/", "https://a.example/?k=hidden", "gopher://hidden/"],
)
def test_no_refusal_repeats_a_password_a_path_or_a_query(url: str) -> None:
    with pytest.raises(AddressRefused) as refused:
        Guard(resolve=public_name(["10.0.0.1"], name="a.example")).check(url)
    assert "hidden" not in str(refused.value)


def test_http_and_other_ports_are_refused_before_a_name_is_looked_up() -> None:
    names = public_name([PUBLIC])
    for url in ("http://hooks.example.com/", "https://hooks.example.com:8443/"):
        with pytest.raises(AddressRefused):
            Guard(resolve=names).check(url)
    with pytest.raises(AddressRefused):
        Guard(ports=(), resolve=names).check("https://hooks.example.com/")
    assert names.asked == []


def test_a_name_that_turns_private_after_it_was_allowed_is_not_connected_to(listener: Canary) -> None:
    names = public_name([PUBLIC], ["127.0.0.1"], [PUBLIC], ["10.0.0.1"], name="rebind.example.com")
    guard = Guard(ports=(listener.port,), resolve=names)
    url, before, dialler = f"https://rebind.example.com:{listener.port}/", listener.connects, Dialler()
    for _ in range(2):
        assert guard.check(url).addresses
        with pytest.raises(AddressRefused, match=r"loopback|private"):
            Client(guard, below=dialler).send("POST", url)
    assert dialler.asked == []
    assert listener.connects == before


def test_an_allowed_host_is_allowed_under_its_port_only(listener: Canary) -> None:
    guard = Guard(
        allowed_hosts=("Receiver:8080", "[::1]:9000", "10.1.1.1"), resolve=Names({"receiver": [["10.0.0.5"]]})
    )
    assert guard.check("http://receiver:8080/").is_internal
    assert guard.check("http://[0:0::1]:9000/").is_internal
    assert guard.check("https://10.1.1.1/").is_internal
    assert guard.check("http://10.1.1.1/").is_internal
    for url in (
        "http://receiver/",
        "http://receiver:8081/",
        "https://[::1]/",
        "https://10.1.1.1:8443/",
        "https://10.1.1.2/",
    ):
        with pytest.raises(AddressRefused):
            guard.check(url)


def test_an_allowed_host_that_leads_to_the_metadata_service_is_refused() -> None:
    guard = Guard(allowed_hosts=("receiver",), resolve=Names({"receiver": [["169.254.169.254"]]}))
    with pytest.raises(AddressRefused, match="link-local"):
        guard.check("http://receiver/")


@pytest.mark.parametrize("entry", ["", "http://a", "a/b", "u@a", "a:0", "a b", "169.254.169.254", "*", "a:b"])
def test_an_allowed_host_that_does_not_read_stops_the_start(entry: str) -> None:
    with pytest.raises(InputError):
        Guard(allowed_hosts=(entry,))


def test_a_name_that_does_not_exist_is_the_callers_fault_and_a_resolver_that_is_down_is_not() -> None:
    def down(*_: object) -> list[tuple[object, ...]]:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    with pytest.raises(AddressRefused, match=r"no host called nowhere\.example\.com\. Check"):
        Guard(resolve=Names({})).check("https://nowhere.example.com/")
    with pytest.raises(FetchFailed, match="Temporary failure"):
        Guard(resolve=down).check("https://hooks.example.com/")  # type: ignore[arg-type]
    with pytest.raises(AddressRefused, match="no address"):
        Guard(resolve=lambda *_: []).check("https://hooks.example.com/")
    with pytest.raises(FetchFailed, match="ValueError"):
        Guard(resolve=public_name(["0x7f.1"])).check("https://hooks.example.com/")


def test_a_resolver_that_hangs_is_left_behind_and_only_so_many_are() -> None:
    may_go = threading.Event()

    def hanging(*_: object) -> list[tuple[object, ...]]:
        assert may_go.wait(30)
        return []

    guard = Guard(resolve=hanging)  # type: ignore[arg-type]
    try:
        with pytest.raises(FetchFailed, match="within"):
            guard.check("https://hooks.example.com/", within_s=0.05)
        for _ in range(31):
            with pytest.raises(FetchFailed):
                guard.check("https://hooks.example.com/", within_s=0.001)
        with pytest.raises(CapacityError, match="32"):
            guard.check("https://hooks.example.com/")
    finally:
        may_go.set()
        for thread in threading.enumerate():
            if thread.name == "lookup":
                thread.join()
    assert Guard(resolve=public_name([PUBLIC])).check("https://hooks.example.com/").addresses


@given(st.text(max_size=60), st.sampled_from(["", "http://", "https://", "https://127.0.0.1", "https://[", "//"]))
def test_whatever_is_given_is_read_or_refused(text: str, before: str) -> None:
    try:
        url = read_url(before + text)
    except AddressRefused:
        return
    assert url.scheme in ("http", "https")
    assert 1 <= url.port <= 65535
    assert (url.host + url.target).isascii()
    assert read_url(url.text) == url  # what is sent is what was read


@given(st.integers(0, 2**32 - 1))
def test_no_spelling_of_a_number_is_taken_for_a_name(number: int) -> None:
    parts = [number >> 24, number >> 16 & 255, number >> 8 & 255, number & 255]
    spelt = [
        str(number),
        hex(number),
        f"0{number:o}",
        ".".join(map(hex, parts)),
        ".".join(f"0{part:o}" for part in parts),
        f"{parts[0]}.{number & 0xFFFFFF}",
        f"{parts[0]}.{parts[1]}.{number & 0xFFFF}",
    ]
    for host in spelt:
        with suppress(CuesmithError):
            url = read_url(f"https://{host}/")
            pytest.fail(f"{host} was read as {url.host}")
