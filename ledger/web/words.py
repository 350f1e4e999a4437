"""Dates and events of a debt in words. Pure: the days are arguments."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from common.figures import grouped_number
from common.templatetags.numbers import hours
from ledger.domain.terms import EventType, Timing
from ledger.domain.texts import day_words

TITLES: Mapping[str, str] = {
    EventType.RECORDED: "Recorded",
    EventType.DESCRIBED: "Described anew",
    EventType.ACTIVATED: "Accepted",
    EventType.EXTENDED: "Extended",
    EventType.REPAYMENT_STARTED: "Repayment started",
    EventType.REPAID: "Repaid",
    EventType.VERIFIED: "Verified",
    EventType.WRITTEN_OFF: "Written off",
    EventType.REJECTED: "Rejected",
    EventType.ROLLED_BACK: "Rolled back",
    EventType.REOPENED: "Reopened",
    EventType.ESCALATED: "Escalated",
    EventType.DOOR_REVIEWED: "Reviewed, since it cannot be undone",
    EventType.ACKNOWLEDGED: "Seen",
    EventType.SNOOZED: "Reminder put off",
    EventType.ANNOTATION_CHANGED: "Changed in the code",
    EventType.ANNOTATION_LEFT: "Left the code",
    EventType.ANNOTATION_RETURNED: "Came back to the code",
}

FIELD_WORDS: Mapping[str, str] = {
    "external_reference": "reference elsewhere",
    "exit_condition": "exit condition",
    "due_on": "date",
    "present": "presence in the code",
    "text": "details",
}
# Bookkeeping that follows from the rest and would only repeat it.
UNSPOKEN = frozenset(
    {
        "state",
        "closed_from",
        "annotation",
        "first_due_on",
        "repaid_on",
        "recorded_at",
        "text_hash",
        "owner",
        "severity",
        "reviewer",
        "review_note",
        "seen_by",
        "seen_at",
        "snoozed_by",
        "snoozed_until",
        "snoozes",
    }
)
SERIES_WORDS: Mapping[str, str] = {
    "statement": "impact statement",
    "estimate": "estimate",
    "plan": "plan",
    "evidence": "evidence",
}


def due_words(days_left: int) -> str:
    """ "expired 12 days ago", "due today", "due tomorrow" or "due in 30 days"."""
    if days_left == 0:
        return "due today"
    if days_left == 1:
        return "due tomorrow"
    if days_left == -1:
        return "expired yesterday"
    days = grouped_number(abs(days_left))
    return f"expired {days} days ago" if days_left < 0 else f"due in {days} days"


def tone_of(timing: Timing | None) -> str:
    """The tone in which a date is written."""
    if timing is Timing.EXPIRED:
        return "danger"
    return "warn" if timing in (Timing.DUE, Timing.DUE_SOON) else ""


def event_title(kind: str) -> str:
    return TITLES.get(kind, kind.replace("_", " ").capitalize())


def event_details(kind: str, payload: Mapping[str, Any]) -> list[str]:
    """What an event changed, as short phrases."""
    phrases = []
    if commitment := payload.get("commitment"):
        phrases.append(f"promised for {day_words(date.fromisoformat(commitment['due_on']))}")
    fields: Mapping[str, Any] = payload.get("set", {})
    phrases += [f"{name} {fields[name]}" for name in ("owner", "severity") if fields.get(name)]
    if kind == EventType.SNOOZED:
        phrases.append(f"until {day_words(date.fromisoformat(fields['snoozed_until']))}")
    if kind == EventType.RECORDED:
        return phrases
    names = [FIELD_WORDS.get(name, name) for name in fields if name not in UNSPOKEN]
    names += [word for name, word in SERIES_WORDS.items() if name in payload]
    if names:
        phrases.append(f"new {', '.join(names)}")
    # The default has no number that says anything.
    if number := payload.get("policy"):
        phrases.append(f"by policy {number}")
    return phrases


def times_words(count: int) -> str:
    """ "once", "twice" or "3 times"."""
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def range_words(low: Decimal | None, high: Decimal | None) -> str:
    """A range of hours a month; empty when nobody has estimated it."""
    if low is None or high is None:
        return ""
    if low == high:
        return f"{hours(float(low))} hours a month"
    return f"{hours(float(low))} to {hours(float(high))} hours a month"
