"""The places that outputs name, looked at before anybody is asked there: outputs are strangers'."""

import ipaddress
import re
import socket
from collections.abc import Mapping

from django.conf import settings

from common.addresses import Allowance
from orchestration.adapters.probes.outcome import ProbeFailed

# Where a server of this host listens.
_HERE = "127.0.0.1"
_HOSTS = ("host", "primary_host")
_PORTS = ("port", "primary_port", "metrics_port")
_HOST = re.compile(r"[\w-]{1,63}(?:\.[\w-]{1,63})*\.?|(?=.*:)[0-9A-Fa-f:.]+(?:%\w+)?")
_LONGEST_HOST = 253
_PORT = re.compile(r"[0-9]{1,5}")
_MOST_PORT = 65535
# This host itself, and where clouds answer with their credentials.
_OURS = Allowance(
    networks=tuple(
        ipaddress.ip_network(one)
        for one in ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "::/127", "fe80::/10")
    )
)


def require_places(outputs: Mapping[str, str]) -> None:
    """Raises ProbeFailed for an output that is no host, or no port, and names it."""
    for name in _HOSTS:
        host = str(outputs.get(name, _HERE))
        if len(host) > _LONGEST_HOST or not _HOST.fullmatch(host):
            raise ProbeFailed(f"The output {name} is no host.")
    for name in _PORTS:
        port = str(outputs.get(name, 1))
        if not _PORT.fullmatch(port) or not 1 <= int(port) <= _MOST_PORT:
            raise ProbeFailed(f"The output {name} is no port.")


def allowance(*, is_local: bool) -> Allowance:
    """Whom a probe may ask over HTTP: whomever the operator allows, and servers of this host.

    The latter only where we built them: another system's outputs may name any address.
    """
    return Allowance.of([*([_HERE] if is_local else []), *settings.INTERNAL_HOSTS])


def require_elsewhere(outputs: Mapping[str, str]) -> None:
    """Raises ProbeFailed where another system's outputs lead to this host and nobody allowed that.

    The guarded client refuses more; a database in a private network is usual, and is asked.
    """
    allowed = allowance(is_local=False)
    for name in _HOSTS:
        host = str(outputs.get(name, ""))
        for address in _addresses(host) if host else ():
            if _OURS.is_inside(address) and not allowed.covers(host, address):
                raise ProbeFailed(
                    f"The output {name} leads to the host of Displace itself, or to what only that "
                    f"host reaches. If that is right, whoever runs Displace adds {host} to "
                    "DISPLACE_INTERNAL_HOSTS and starts it again."
                )


def _addresses(host: str) -> set[str]:
    try:
        return {str(found[4][0]) for found in socket.getaddrinfo(host, None)}
    except (OSError, UnicodeError):  # whoever connects says that it is not known
        return set()
