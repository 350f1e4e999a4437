"""What a chat service asks for before an answer counts: a day, a reason, a code."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings

TITLE = "Displace"
MOST_REASON = 2_000
# What a form proposes before anybody chooses a day.
PROPOSED_SNOOZE = timedelta(days=3)
PROPOSED_EXTENSION = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Asked:
    """A form before a service shows it; its parts are named as `alerts.services.pressing` has them.

    `token` belongs to the chat account that pressed.
    """

    token: str
    heading: str
    due_on: date
    asks_until: bool
    asks_date: bool
    asks_code: bool
    today: date

    @property
    def proposed_until(self) -> date:
        return self.today + PROPOSED_SNOOZE

    @property
    def proposed_date(self) -> date:
        return max(self.due_on, self.today) + PROPOSED_EXTENSION


def how_to_link() -> str:
    """What somebody reads whom nobody knows yet, above the field for the code."""
    return (
        "Displace does not know yet who you are. Sign in there, make a code at "
        f"{settings.BASE_URL}/alerts/me/ and enter it here within 10 minutes. Enter only a code "
        "that you have made yourself."
    )
