"""A real SMTP server (aiosmtpd) on the loopback address, with accidents to order."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USER, PASSWORD = "displace", "the mail server's password"


@dataclass
class Mailserver:
    """What arrived, and what is answered instead of taking it."""

    port: int = 0
    # The answer to a recipient or to the text; empty to take it.
    recipient_answer: str = ""
    text_answer: str = ""
    # Whether the server goes away after it has the whole text, before it says so.
    breaks_off: bool = False
    letters: list[EmailMessage] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 - the names are aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.recipient_answer:
            return self.recipient_answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - the names are aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self.text_answer:
            return self.text_answer
        self.envelopes.append(envelope)
        self.letters.append(message_from_bytes(envelope.content, policy=policy.default))
        if self.breaks_off:
            server.transport.close()
        return "250 2.0.0 Taken"

    def sign_in(self, server: SMTP, session: Session, envelope: Any, how: str, data: Any) -> Any:
        is_right = isinstance(data, LoginPassword) and data == LoginPassword(
            USER.encode(), PASSWORD.encode()
        )
        return AuthResult(success=is_right, handled=False)


@contextmanager
def mailserver(tls: ssl.SSLContext | None = None) -> Iterator[Mailserver]:
    """A server that listens until the block ends; with `tls` it wants STARTTLS and a password."""
    state = Mailserver(port=_free_port())
    wants: dict[str, Any] = {}
    if tls is not None:
        wants = {
            "tls_context": tls,
            "require_starttls": True,
            "auth_required": True,
            "authenticator": state.sign_in,
        }
    controller = Controller(state, hostname="127.0.0.1", port=state.port, **wants)
    controller.start()
    try:
        yield state
    finally:
        controller.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
