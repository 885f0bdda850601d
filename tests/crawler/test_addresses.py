from __future__ import annotations

import ipaddress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.address import IPv4Address, IPv6Address

from crawler.addresses import PinnedResolver, is_public


@pytest.mark.parametrize(
    "address",
    [
        *(
            "127.0.0.1",
            "127.9.9.9",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",  # noqa: S104 - an address to refuse, not to bind
        ),
        *("224.0.0.1", "255.255.255.255", "198.18.0.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00::1"),
        *("ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "not an address", ""),
    ],
)
def test_addresses_inside_somebodys_network_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_addresses_of_the_open_internet_are_public(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_judged_alike_in_every_disguise(address: ipaddress.IPv4Address) -> None:
    wanted = is_public(str(address))
    assert is_public(f"::ffff:{address}") == wanted
    assert is_public(str(ipaddress.IPv6Address(int(ipaddress.IPv6Address("64:ff9b::")) + int(address)))) == wanted


class Reactor:
    """Stands in for Twisted's: keeps the resolver that is installed."""

    def __init__(self, names: Any) -> None:
        self.nameResolver = names

    def installNameResolver(self, resolver: Any) -> None:  # noqa: N802 - Twisted's interface names it
        self.nameResolver = resolver


class Rebinding:
    """A name server that says something else every time."""

    def __init__(self) -> None:
        self.answers = [["8.8.8.8"], ["127.0.0.1"], ["10.0.0.1"]]

    def resolveHostName(self, receiver: Any, name: str, port: int = 0, *_: Any) -> Any:  # noqa: N802 - as above
        for address in self.answers.pop(0):
            kind = IPv6Address if ":" in address else IPv4Address
            receiver.addressResolved(kind("TCP", address, port))
        receiver.resolutionComplete()
        return name


class Receiver:
    """Collects what a resolver says."""

    def __init__(self) -> None:
        self.found: list[tuple[str, int]] = []
        self.complete = False

    def resolutionBegan(self, _resolution: Any) -> None:  # noqa: N802 - as above
        """Nothing to note."""

    def addressResolved(self, address: Any) -> None:  # noqa: N802 - as above
        self.found.append((address.host, address.port))

    def resolutionComplete(self) -> None:  # noqa: N802 - as above
        self.complete = True


def test_a_name_keeps_its_first_address_whatever_the_name_server_says_later() -> None:
    reactor = Reactor(Rebinding())
    PinnedResolver.from_crawler(None, reactor).install_on_reactor()
    heard = []
    for port in (0, 80, 443):
        receiver = Receiver()
        reactor.nameResolver.resolveHostName(receiver, "Rebinding.test" if port else "rebinding.test.", port)
        assert receiver.complete
        heard.append(receiver.found)
    assert heard == [[("8.8.8.8", 0)], [("8.8.8.8", 80)], [("8.8.8.8", 443)]]


def test_a_name_without_an_address_is_asked_for_again() -> None:
    names = Rebinding()
    names.answers.insert(0, [])
    reactor = Reactor(names)
    resolver = PinnedResolver(reactor)
    first, second = Receiver(), Receiver()
    resolver.resolveHostName(first, "late.test")
    resolver.resolveHostName(second, "late.test")
    assert (first.found, second.found) == ([], [("8.8.8.8", 0)])
