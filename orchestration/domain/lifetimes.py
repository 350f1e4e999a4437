"""How long environments live, when their end is announced, and what they cost until then."""

from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from common.errors import Refused

# Before the end, in minutes: two days, two hours, half an hour.
WARNINGS = (2 * 24 * 60, 2 * 60, 30)
DEFAULT_DAYS = 14
MOST_DAYS = 180
# Longer than this once more is a debt of its own.
EXTENSIONS_BEFORE_DEBT = 2
HOURS_PER_MONTH = Decimal(730)
_CENT = Decimal("0.01")
_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)
# What is said of a time may be longer than the time by no more than this.
_ROUNDING = timedelta(minutes=5)
_WORDS = {
    48 * _HOUR: "two days",
    24 * _HOUR: "a day",
    2 * _HOUR: "two hours",
    _HOUR: "an hour",
    30 * _MINUTE: "half an hour",
    _MINUTE: "a minute",
}


def require_days(days: int) -> None:
    """Refuse a time to live that is none, or that is no longer temporary."""
    if not 1 <= days <= MOST_DAYS:
        raise Refused(
            f"An environment lives from 1 to {MOST_DAYS} days. One that is to stay is promoted: "
            "it gets an owner and no end.",
            "days",
        )


def warning_due(expires_at: datetime, warned: int | None, now: datetime) -> int | None:
    """Which warning is to be given now, in minutes before the end; None when none is.

    After a pause the nearest is given and those that were missed are not made up for. `warned`
    is the warning that was given last.
    """
    left = (expires_at - now) / timedelta(minutes=1)
    due = [minutes for minutes in WARNINGS if left <= minutes]
    nearest = min(due, default=None)
    if left <= 0 or nearest is None or (warned is not None and warned <= nearest):
        return None
    return nearest


def words_for(left: timedelta) -> str:
    """How long is left, to be read at a glance: "two days", "35 hours", "25 minutes".

    Down to whole hours, and below two hours to the nearest five minutes, so that nobody is told of
    more than five minutes that are not there.
    """
    hours = (left + _ROUNDING) // _HOUR
    if hours >= 2:
        return _WORDS.get(hours * _HOUR, f"{hours} hours")
    minutes = max(left // _MINUTE, 1)
    if minutes >= 10:
        minutes = 5 * round(left / (5 * _MINUTE))
    return _WORDS.get(minutes * _MINUTE, f"{minutes} minutes")


def cost_for(monthly: Decimal, time: timedelta) -> Decimal:
    """What so long costs at so much a month of 730 hours (a year's twelfth), to the cent."""
    hours = Decimal(max(time.total_seconds(), 0)) / 3600
    return (monthly * hours / HOURS_PER_MONTH).quantize(_CENT, ROUND_HALF_UP)


def cost_until(monthly: Decimal, expires_at: datetime | None, now: datetime) -> Decimal | None:
    """What it costs from now to its end; None where it has no end."""
    return None if expires_at is None else cost_for(monthly, expires_at - now)
