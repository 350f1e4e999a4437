"""Which addresses may be spoken to."""

import ipaddress
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.addresses import Allowance

NOBODY = Allowance()

HARMFUL = [
    "0.0.0.0",  # noqa: S104 - nothing is bound to it
    "127.0.0.1", "127.8.9.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.7", "203.0.113.9",
    "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12:3456::1", "ff02::1", "2001:db8::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
    "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::a9fe:a9fe",
    "2002:7f00:1::", "2002:c0a8:101::1", "::127.0.0.1",
    "2001:0:4136:e378:8000:63bf:f5ff:fffe", "fec0::1", "4000::1", "64:ff9b:1:7f00:0:100:808:808",
]  # fmt: skip


@pytest.mark.parametrize("address", HARMFUL)
def test_harmful_addresses_are_refused(address: str) -> None:
    assert not NOBODY.covers("host.example", address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "140.82.121.3", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_public_addresses_pass(address: str) -> None:
    assert NOBODY.covers("host.example", address)


def test_an_operator_allows_a_name_or_a_network() -> None:
    allowed = Allowance.of(["Git.Internal.example.", "10.20.0.0/16", "192.168.1.5"])
    assert allowed.covers("git.internal.example", "10.9.9.9")
    assert allowed.covers("other.example", "10.20.3.4")
    assert allowed.covers("other.example", "::ffff:10.20.3.4")
    assert allowed.covers("other.example", "192.168.1.5")
    assert not allowed.covers("other.example", "10.9.9.9")
    assert not allowed.covers("evil-git.internal.example", "10.9.9.9")


def test_a_name_never_lets_the_clouds_own_address_in() -> None:
    assert not Allowance.of(["git.example"]).covers("git.example", "169.254.169.254")
    assert Allowance.of(["169.254.0.0/16"]).covers("git.example", "169.254.169.254")


@pytest.mark.parametrize(
    "entry", ["", "a b", "-x", "10.0.0.0/33", "10.0.0.1/8", "http://x", "1.2.3"]
)
def test_a_wrong_entry_is_refused(entry: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(entry)}$"):
        Allowance.of([entry])


@given(st.ip_addresses(v=4).filter(lambda ip: not NOBODY.covers("h", str(ip))))
def test_wrapping_an_address_never_makes_it_pass(ip: ipaddress.IPv4Address) -> None:
    number = int(ip)
    wrapped = [
        ipaddress.IPv6Address((0xFFFF << 32) | number),
        ipaddress.IPv6Address(int(ipaddress.IPv6Address("64:ff9b::")) | number),
        ipaddress.IPv6Address((0x2002 << 112) | (number << 80)),
    ]
    assert not any(NOBODY.covers("h", str(one)) for one in wrapped)
