"""E-mail through a real SMTP server: what arrives, what is refused, what cannot be smuggled."""

import datetime as dt
import ipaddress
import re
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings

from alerts.channels.email import Email
from alerts.channels.kind import SendError
from alerts.domain.messages import Message
from common.connection_settings import BadSettings
from tests.builders.alert_messages import (
    AGAIN,
    BASE,
    ENVELOPE,
    KEY,
    hostile_messages,
    message,
)
from tests.fakes.mailserver import PASSWORD, USER, Mailserver, mailserver

EMAIL = Email()
TO = {"to": "team@example.net"}


@pytest.fixture
def server(settings) -> Iterator[Mailserver]:
    with mailserver() as running:
        use(settings, running)
        yield running


def use(settings, server: Mailserver) -> None:
    settings.HAS_EMAIL = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    settings.DEFAULT_FROM_EMAIL = "Technical debt <debt@example.org>"
    settings.BASE_URL = BASE


def bodies(server: Mailserver) -> tuple[str, str]:
    letter = server.letters[-1]
    text, html = letter.get_body(("plain",)), letter.get_body(("html",))
    assert text is not None
    assert html is not None
    return text.get_content(), html.get_content()


def test_a_message_arrives_as_text_and_html(server: Mailserver) -> None:
    receipt = EMAIL.send(TO, message(), ENVELOPE)
    letter = server.letters[0]
    assert letter["Subject"] == "Payments: 3 debts need you, 1 has expired"
    assert letter["From"] == "Technical debt <debt@example.org>"
    assert server.envelopes[0].rcpt_tos == ["team@example.net"]
    assert receipt.remote_id == letter["Message-ID"] == f"<{KEY}@example.org>"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["List-Unsubscribe"] == f"<{BASE}/alerts/me/>"
    for body in bodies(server):
        assert "Carts live in the memory of one process" in body
        assert "Expired on 30 September 2026, 12 days ago" in body
        assert "Ann Lee: Payments: repay it" in body
        assert "Bo Berg: Of 3 promises" in body
        assert "14 debts are on record" in body
        assert f"{BASE}/answers/token-extend/" in body
        assert f"{BASE}/debts/?team=payments" in body
        assert "and 4 more" in body
        assert "Ref 0d9c3a52" in body


def test_a_repetition_can_be_recognised(server: Mailserver) -> None:
    first = EMAIL.send(TO, message(), ENVELOPE)
    second = EMAIL.send(TO, message(), AGAIN)
    assert first.remote_id == second.remote_id
    assert all("it may be here twice" in body for body in bodies(server))


def test_an_answer_stands_below_the_first_message(server: Mailserver) -> None:
    first = EMAIL.send(TO, message(), ENVELOPE)
    EMAIL.reply(TO, message(title="Ann Lee has seen D-1"), AGAIN, first)
    letter = server.letters[1]
    assert letter["Subject"] == "Re: Payments: 3 debts need you, 1 has expired"
    assert letter["In-Reply-To"] == letter["References"] == first.remote_id
    with pytest.raises(SendError, match="cannot change"):
        EMAIL.edit(TO, message(), AGAIN, first)


@pytest.mark.parametrize(
    ("answer", "is_permanent", "disables"),
    [
        ("550 5.1.1 No such mailbox", True, True),
        ("550 5.7.1 Relaying denied", True, False),
        ("450 4.2.1 Mailbox busy", False, False),
    ],
)
def test_a_refused_recipient(
    server: Mailserver, answer: str, is_permanent: bool, disables: bool
) -> None:
    server.recipient_answer = answer
    with pytest.raises(SendError) as caught:
        EMAIL.send(TO, message(), ENVELOPE)
    assert caught.value.is_permanent is is_permanent
    assert caught.value.disables_channel is disables
    assert not caught.value.is_outcome_unknown
    assert caught.value.status == int(answer[:3])
    assert answer[4:] in caught.value.message


@pytest.mark.parametrize(
    ("answer", "is_permanent"), [("451 4.3.0 Later", False), ("554 5.6.0 Looks like spam", True)]
)
def test_a_refused_text(server: Mailserver, answer: str, is_permanent: bool) -> None:
    server.text_answer = answer
    with pytest.raises(SendError, match=answer[4:]) as caught:
        EMAIL.send(TO, message(), ENVELOPE)
    assert caught.value.is_permanent is is_permanent
    assert not caught.value.is_outcome_unknown


def test_a_server_that_goes_away_with_the_text_may_have_taken_it(server: Mailserver) -> None:
    server.breaks_off = True
    with pytest.raises(SendError, match="broke off") as caught:
        EMAIL.send(TO, message(), ENVELOPE)
    assert caught.value.is_outcome_unknown
    assert not caught.value.is_permanent
    assert len(server.letters) == 1


def test_a_server_that_is_away_has_taken_nothing(server: Mailserver, settings) -> None:
    settings.EMAIL_PORT = 1
    with pytest.raises(SendError, match="cannot be reached") as caught:
        EMAIL.send(TO, message(), ENVELOPE)
    assert not caught.value.is_outcome_unknown
    assert not caught.value.is_permanent


def test_a_server_without_tls_gets_no_password(server: Mailserver, settings) -> None:
    settings.EMAIL_USE_TLS = True
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = USER, PASSWORD
    with pytest.raises(SendError, match="no TLS") as caught:
        EMAIL.send(TO, message(), ENVELOPE)
    assert not caught.value.is_permanent
    assert server.letters == []


def test_tls_is_checked_and_the_password_is_given(tmp_path, settings, monkeypatch) -> None:
    certificate, context = self_signed(tmp_path)
    with mailserver(context) as server:
        use(settings, server)
        settings.EMAIL_USE_TLS = True
        settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = USER, PASSWORD
        with pytest.raises(SendError, match="certificate is not trusted"):
            EMAIL.send(TO, message(), ENVELOPE)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        EMAIL.send(TO, message(), ENVELOPE)
        assert len(server.letters) == 1
        settings.EMAIL_HOST_PASSWORD = "another one"
        with pytest.raises(SendError, match="refuses the user name or password") as caught:
            EMAIL.send(TO, message(), ENVELOPE)
        assert "another one" not in repr(caught.value)
        assert not caught.value.is_permanent


@hypothesis_settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(hostile=hostile_messages())
def test_hostile_texts_stay_texts(server: Mailserver, hostile: Message) -> None:
    server.letters.clear()
    server.envelopes.clear()
    EMAIL.send(TO, hostile, ENVELOPE)
    (letter,), (envelope,) = server.letters, server.envelopes
    assert envelope.rcpt_tos == ["team@example.net"]
    assert sorted(letter.keys()) == sorted(
        [
            "Auto-Submitted", "Content-Type", "Date", "From", "List-Unsubscribe", "MIME-Version",
            "Message-ID", "Subject", "To", "X-Auto-Response-Suppress",
        ]
    )  # fmt: skip
    assert max(map(len, envelope.content.splitlines())) <= 998
    text, html = bodies(server)
    assert "<script" not in html
    assert "<div>" in html or not hostile.rows
    assert html.count("<a ") == html.count("</a>") == 1 + 3 * len(hostile.rows)
    assert f"{BASE}/debts/?team=payments" in text
    assert not re.search(r"://evil|www\.|@\w", text + html)
    assert not set("\u202e\u2066\u2028\x00\x1b") & set(text + html + letter["Subject"])


@pytest.mark.parametrize(
    "address",
    [
        "", "team", "a@b\nBcc: c@d", "a@example.org,b@example.org", "Ann <a@example.org>",
        "a b@example.org", "ann@müller.example", "a" * 300 + "@example.org",
    ],
)  # fmt: skip
def test_bad_addresses(server: Mailserver, address: str) -> None:
    with pytest.raises(BadSettings):
        EMAIL.check({"to": address})


def test_good_settings(server: Mailserver) -> None:
    EMAIL.check(TO)
    assert EMAIL.shown(TO) == "e-mail to team@example.net"


def test_without_a_server_no_channel_is_made(settings) -> None:
    settings.HAS_EMAIL = False
    with pytest.raises(BadSettings, match="DISPLACE_EMAIL_URL"):
        EMAIL.check(TO)
    with pytest.raises(SendError, match="DISPLACE_EMAIL_URL"):
        EMAIL.send(TO, message(), ENVELOPE)


def self_signed(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate for the loopback address, and the server's side of it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    loopback = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([loopback]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate_file, key_file = folder / "certificate.pem", folder / "key.pem"
    certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate_file, key_file)
    return certificate_file, context
