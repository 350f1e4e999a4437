"""Handing an e-mail to the server of `DISPLACE_EMAIL_URL`, and what its answer means."""

import smtplib
import ssl
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend


class MailError(Exception):
    """Why a message was not handed over. The text is fit for a page and holds no credentials.

    `is_permanent`: this message will not be taken. `is_unknown_recipient`: nor any other to that
    address. `is_outcome_unknown`: it may have been taken. `said` is the server's own answer.
    """

    def __init__(
        self,
        message: str,
        *,
        is_permanent: bool = False,
        is_unknown_recipient: bool = False,
        is_outcome_unknown: bool = False,
        status: int | None = None,
        said: str = "",
    ) -> None:
        super().__init__(message)
        self.is_permanent = is_permanent
        self.is_unknown_recipient = is_unknown_recipient
        self.is_outcome_unknown = is_outcome_unknown
        self.status = status
        self.said = said


def sender_domain() -> str:
    """The domain that this installation's messages come from; their ids end with it."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"


def send(message: EmailMessage) -> None:
    """Hand one message to one recipient's server. Raises MailError."""
    if not settings.HAS_EMAIL:
        raise MailError("This installation sends no e-mail; an operator sets DISPLACE_EMAIL_URL.")
    connection = _opened()
    try:
        connection.send_messages([message])
    except smtplib.SMTPRecipientsRefused as error:
        status, said = next(iter(error.recipients.values()))
        raise _answered(status, said, is_about_recipient=True) from error
    except smtplib.SMTPResponseException as error:
        raise _answered(error.smtp_code, error.smtp_error) from error
    except (OSError, smtplib.SMTPException) as error:
        # The server went away in the middle: nobody knows whether it had the whole message.
        raise MailError("The mail server broke off.", is_outcome_unknown=True) from error
    finally:
        _close(connection)


def _opened() -> BaseEmailBackend:
    """A connection, signed in. Raises MailError; nothing was sent then."""
    connection: BaseEmailBackend = get_connection()
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as error:
        _close(connection)
        raise _not_opened(error) from error
    return connection


def _not_opened(error: Exception) -> MailError:
    """Why no conversation began. Errors of the set-up pass once somebody repairs it."""
    match error:
        case smtplib.SMTPAuthenticationError():
            text = "The mail server refuses the user name or password of DISPLACE_EMAIL_URL."
        case smtplib.SMTPNotSupportedError():
            text = "The mail server offers no TLS, or no sign-in, as DISPLACE_EMAIL_URL asks of it."
        case smtplib.SMTPResponseException():
            text = f"The mail server takes no connection now; it answered {error.smtp_code}."
            return MailError(text, status=error.smtp_code, said=_text(error.smtp_error))
        case ssl.SSLError():
            text = "The mail server's certificate is not trusted here."
        case _:
            text = "The mail server cannot be reached."
    return MailError(text)


def _answered(status: int, answer: bytes | str, *, is_about_recipient: bool = False) -> MailError:
    """What a refusal means: 4xx may pass, 5xx stays (RFC 5321, 4.2.1)."""
    said = _text(answer)
    is_permanent = 500 <= status < 600
    # 5.1.x is about the address itself (RFC 3463); 550 alone may be a rule about the sender.
    is_unknown = is_about_recipient and is_permanent and said.startswith("5.1.")
    return MailError(
        f"The mail server answered {status}.",
        is_permanent=is_permanent,
        is_unknown_recipient=is_unknown,
        status=status,
        said=said,
    )


def _close(connection: BaseEmailBackend) -> None:
    """Say goodbye; whatever goes wrong then does not change what was sent."""
    try:
        connection.close()
    except (OSError, smtplib.SMTPException):
        return


def _text(answer: bytes | str) -> str:
    return answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
