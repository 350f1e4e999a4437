"""Which addresses the program may speak to on somebody's word: public ones, and those allowed.

A webhook's or a forge's address is typed by a person or found in a message. Without a guard it
could point at this machine, at the network around it, or at the cloud's own services.
"""

import ipaddress
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# Addresses that carry an IPv4 address in their last 32 bits (RFC 6052, RFC 4291).
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
# One's own translation may carry it elsewhere, too (RFC 8215), so the last bits prove nothing.
_OWN_NAT64 = ipaddress.IPv6Network("64:ff9b:1::/48")
# All of IPv6 that is given out to the public so far.
_PUBLIC = ipaddress.IPv6Network("2000::/3")
_COMPATIBLE = ipaddress.IPv6Network("::/96")
_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")


@dataclass(frozen=True, slots=True)
class Allowance:
    """What an operator allows besides the public Internet: names of hosts, and networks."""

    hosts: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()

    @classmethod
    def of(cls, entries: Sequence[str]) -> "Allowance":
        """Read `git.example.org`, `10.1.2.3` or `10.0.0.0/8`. Raises ValueError."""
        hosts, networks = set(), []
        for entry in entries:
            try:
                networks.append(ipaddress.ip_network(entry))
            except ValueError:
                name = entry.lower().rstrip(".")
                if not _NAME.fullmatch(name) or re.fullmatch(r"[0-9./]+", name):
                    raise ValueError(entry) from None
                hosts.add(name)
        return cls(frozenset(hosts), tuple(networks))

    def without_networks(self) -> "Allowance":
        """The same without networks of more than one address."""
        single = (one for one in self.networks if one.num_addresses == 1)
        return Allowance(self.hosts, tuple(single))

    def names(self, host: str) -> bool:
        """Whether the operator named this host."""
        return host.lower().rstrip(".") in self.hosts

    def covers(self, host: str, address: str) -> bool:
        """Whether `address`, at which `host` was found, may be spoken to.

        A host that is named may be anywhere but on a link-local address, where clouds answer
        with their credentials; only a network lets that in.
        """
        if self.is_inside(address):
            return True
        forms = list(_forms(_parsed(address)))
        if self.names(host):
            return not any(form.is_link_local or form.is_multicast for form in forms)
        return all(_is_public(form) for form in forms)

    def is_inside(self, address: str) -> bool:
        """Whether the address is in one of the networks."""
        return all(
            any(_is_in(form, network) for network in self.networks)
            for form in _forms(_parsed(address))
        )


def _parsed(address: str) -> Address:
    return ipaddress.ip_address(address.partition("%")[0])


def _forms(ip: Address) -> Iterator[Address]:
    """The address itself, or what it stands for where IPv6 only wraps an IPv4 address."""
    if isinstance(ip, ipaddress.IPv4Address):
        yield ip
        return
    if ip.ipv4_mapped is not None:
        yield ip.ipv4_mapped
        return
    inner = _inside(ip)
    yield from inner or (ip,)


def _inside(ip: ipaddress.IPv6Address) -> tuple[Address, ...]:
    if ip.sixtofour is not None:
        return (ip.sixtofour,)
    if ip.teredo is not None:
        return ip.teredo
    if ip in _OWN_NAT64:
        return (ip, _last_bits(ip))
    if ip in _NAT64 or (ip in _COMPATIBLE and int(ip) > 1):
        return (_last_bits(ip),)
    return ()


def _last_bits(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address:
    return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)


def _is_public(ip: Address) -> bool:
    # is_global alone lets site-local addresses of IPv6 pass.
    if isinstance(ip, ipaddress.IPv6Address) and ip not in _PUBLIC:
        return False
    # is_private alone misses 100.64.0.0/10; is_global alone lets some multicast pass.
    return ip.is_global and not (
        ip.is_multicast or ip.is_reserved or ip.is_unspecified or ip.is_loopback or ip.is_link_local
    )


def _is_in(ip: Address, network: Network) -> bool:
    return ip.version == network.version and ip in network
