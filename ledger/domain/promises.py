"""Dates: how long a promise may run, and how it stands today.

A date is valid to the end of that day in the organisation's time zone. How a promise stands is
derived from the date whenever somebody looks, so that no job has to run for debt to expire.
"""

from collections.abc import Mapping
from datetime import date, timedelta

from common.errors import Refused
from ledger.domain.policy import DEFAULT_TERMS
from ledger.domain.terms import OPEN_STATES, Confidence, State, Timing
from ledger.domain.texts import day_words

DUE_SOON_DAYS = 14


def last_day(
    today: date, confidence: Confidence, longest_terms: Mapping[Confidence, int] = DEFAULT_TERMS
) -> date:
    """The latest date that may be promised today; the terms (days) are those of the policy."""
    return today + timedelta(days=longest_terms[confidence])


def timing(
    state: State, due_on: date, today: date, chance_on_time: float | None = None
) -> Timing | None:
    """How the promise stands, or None for debt that is no longer owed.

    `chance_on_time` (0..1), where a forecast exists, makes a promise due soon below one half.
    """
    if state not in OPEN_STATES:
        return None
    if due_on < today:
        return Timing.EXPIRED
    if due_on == today:
        return Timing.DUE
    is_near = due_on <= today + timedelta(days=DUE_SOON_DAYS)
    is_unlikely = chance_on_time is not None and chance_on_time < 0.5
    return Timing.DUE_SOON if is_near or is_unlikely else Timing.CURRENT


def require_future(due_on: date, today: date) -> None:
    """Refuse to promise a day that is over."""
    if due_on < today:
        raise Refused(
            f"{day_words(due_on)} is over; promise today ({day_words(today)}) or a later day.",
            "due_on",
        )


def require_extension(
    *,
    due_on: date,
    promised: date,
    today: date,
    confidence: Confidence,
    longest_terms: Mapping[Confidence, int] = DEFAULT_TERMS,
) -> None:
    """Refuse a new date that is not later, is over, or lies beyond the longest term."""
    if due_on <= promised:
        raise Refused(f"An extension needs a date after {day_words(promised)}.", "due_on")
    require_future(due_on, today)
    latest = last_day(today, confidence, longest_terms)
    if due_on > latest:
        raise Refused(
            f"With {confidence.value} confidence a promise may run until {day_words(latest)} at "
            "the latest.",
            "due_on",
        )
