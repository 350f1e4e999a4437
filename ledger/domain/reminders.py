"""How long a reminder may be put off: enough to breathe, too little to forget."""

from datetime import date, timedelta

from common.errors import Refused
from ledger.domain.texts import day_words

# At most so many days at a time, and so many times for one promised day.
LONGEST_SNOOZE = timedelta(days=7)
MOST_SNOOZES = 2


def require_snooze(*, until: date, today: date) -> None:
    """Refuse a day that is no later one, or too late. `until` is the day of the next reminder."""
    if until <= today:
        raise Refused(
            f"Give the day of the next reminder: one after today, {day_words(today)}.", "until"
        )
    latest = today + LONGEST_SNOOZE
    if until > latest:
        raise Refused(
            f"A reminder can be put off until {day_words(latest)} at the latest; ask for an "
            "extension if the promise itself cannot be kept.",
            "until",
        )
