"""E-mail: text and HTML, answers below the first message, one recipient a channel.

Mail knows no idempotency id. The Message-ID is the delivery's key, so a mailbox that looks at it
shows a repetition once; the reference below the message serves all others.
"""

from django.conf import settings as django_settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.core.validators import validate_email

from alerts.channels.formats.letter import letter
from alerts.channels.formats.outline import outline
from alerts.channels.kind import Abilities, ChannelKind, Rate, SendError, Settings
from alerts.channels.speaking import cleaned
from alerts.channels.text import plain
from alerts.domain.messages import Envelope, Message, Receipt
from common import mail
from common.connection_settings import BadSettings, Field

# Far below the 998 characters that a header line may have (RFC 5322, 2.1.1), encoded or not.
MOST_SUBJECT = 150
# No mailbox has more (RFC 5321, 4.5.3.1).
MOST_ADDRESS = 254


class Email(ChannelKind):
    name = "email"
    label = "E-mail"
    fields = (
        Field(
            "to", "Address", "One mailbox or one mailing list.", placeholder="team@example.org"
        ),
    )  # fmt: skip
    rate = Rate(per_second=1.0, burst=10)
    abilities = Abilities(threads=True)
    steps = (
        (
            "An operator sets DISPLACE_EMAIL_URL and DISPLACE_EMAIL_FROM once for the whole "
            "installation; nothing else needs to be prepared."
        ),
        "Give the address. For a team, a mailing list that everybody of the team reads.",
    )

    def check(self, settings: Settings) -> None:
        address = settings.get("to", "")
        if not django_settings.HAS_EMAIL:
            raise BadSettings(
                "This installation sends no e-mail; an operator sets DISPLACE_EMAIL_URL.", "to"
            )
        if "," in address or ";" in address:
            raise BadSettings("Give one address; make a mailing list for several.", "to")
        try:
            # No space or line break passes, so nothing is added to the headers.
            validate_email(address)
        except ValidationError:
            raise BadSettings("An address looks like team@example.org.", "to") from None
        if not address.isascii() or len(address) > MOST_ADDRESS:
            raise BadSettings("Give the address in plain letters, such as xn--… domains.", "to")

    def send(self, settings: Settings, message: Message, envelope: Envelope) -> Receipt:
        return _handed_over(settings, message, envelope, plain(message.title, MOST_SUBJECT), {})

    def reply(
        self, settings: Settings, message: Message, envelope: Envelope, before: Receipt
    ) -> Receipt:
        subject = before.details.get("subject", "") or message.title
        thread = {"In-Reply-To": before.remote_id, "References": before.remote_id}
        if not before.remote_id:
            thread = {}
        again = "Re: " + plain(subject, MOST_SUBJECT).removeprefix("Re: ")
        return _handed_over(settings, message, envelope, again, thread)

    def shown(self, settings: Settings) -> str:
        return f"e-mail to {settings.get('to', '')}"


def _unsubscribing(envelope: Envelope) -> dict[str, str]:
    """How a reader ends it: at one press of the mailbox (RFC 8058), or on a page of choices."""
    if not envelope.stop_url:
        return {"List-Unsubscribe": f"<{django_settings.BASE_URL}/alerts/me/>"}
    return {
        "List-Unsubscribe": f"<{envelope.stop_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def _handed_over(
    settings: Settings,
    message: Message,
    envelope: Envelope,
    subject: str,
    thread: dict[str, str],
) -> Receipt:
    """Give the message to the mail server. Raises SendError."""
    message_id = f"<{envelope.key}@{mail.sender_domain()}>"
    one = EmailMultiAlternatives(
        subject,
        outline(message, envelope),
        to=[settings["to"]],
        headers={
            "Message-ID": message_id,
            # So that no holiday answer comes back (RFC 3834, and what Exchange heeds).
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
            **_unsubscribing(envelope),
            **thread,
        },
    )
    one.attach_alternative(letter(message, envelope), "text/html")
    try:
        mail.send(one)
    except mail.MailError as error:
        said = cleaned(error.said)
        raise SendError(
            f"{error} It says: {said}" if said else str(error),
            is_permanent=error.is_permanent,
            disables_channel=error.is_unknown_recipient,
            is_outcome_unknown=error.is_outcome_unknown,
            status=error.status,
            said=said,
        ) from error
    return Receipt(
        remote_id=message_id,
        said="Taken by the mail server.",
        details={"subject": subject},
    )
