"""A server with a certificate of somebody's own authority: trusted where that one is named."""

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from common.http import Redirected, Unreachable, request
from tests.fakes.loopback import Reply, service


def certificate() -> tuple[bytes, bytes]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    now = datetime.now(UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(address, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return built.public_bytes(serialization.Encoding.PEM), private


@pytest.fixture(autouse=True)
def _allowed(settings: object) -> None:
    settings.INTERNAL_HOSTS = ("127.0.0.1",)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """The address of a server that speaks TLS, and its authority."""
    public, private = certificate()
    (tmp_path / "both.pem").write_bytes(public + private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "both.pem")
    with service(lambda _request: Reply(200, {"well": True}), tls=context) as running:
        yield f"https://127.0.0.1:{running.port}/", public.decode()


def test_an_authority_of_ones_own_is_trusted_where_it_is_named(server: tuple[str, str]) -> None:
    url, authority = server
    with pytest.raises(Unreachable, match="not trusted"):
        request("GET", url)
    assert request("GET", url, trusted=authority).json() == {"well": True}
    with pytest.raises(Unreachable, match="not trusted"):
        request("GET", url, trusted=certificate()[0].decode())


def test_where_a_redirect_leads_is_known_and_not_followed() -> None:
    asked = []

    def answer(one: object) -> Reply:
        asked.append(one)
        return Reply(302, headers={"Location": "http://127.0.0.1/inside"})

    with service(answer) as running, pytest.raises(Redirected) as redirected:
        request("GET", running.url)
    assert redirected.value.location == "http://127.0.0.1/inside"
    assert len(asked) == 1
