"""A team's promises as a calendar (RFC 5545): days without a time, that block nobody's diary.

A promise keeps its identity whatever becomes of its words and its day, and every change of the
debt raises its sequence, so that a calendar moves the entry instead of adding one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from uuid import UUID, uuid5

from icalendar import Calendar, Event
from icalendar.prop import vDuration

# Part of the entity tag: a new form of the same dates is another body.
FORM = 1
# How often a calendar may ask again.
REFRESH = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Entry:
    """One day of the calendar. `uid` never changes, `sequence` grows with every change."""

    uid: UUID
    sequence: int
    day: date
    title: str
    text: str
    url: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Feed:
    """What is served: the name of the calendar and its entries."""

    name: str
    entries: Sequence[Entry]


def step_uid(debt: UUID, position: int) -> UUID:
    """The identity of a step of a debt's plan."""
    return uuid5(debt, f"step {position}")


def entity_tag(feed: Feed) -> str:
    """A strong entity tag (RFC 9110): the same for the same body."""
    known = repr((FORM, feed.name, tuple(feed.entries)))
    return f'"{sha256(known.encode("utf-8", "surrogatepass")).hexdigest()[:32]}"'


def calendar_of(feed: Feed) -> bytes:
    """The calendar as it is served, in UTF-8. Texts are escaped and folded by the library."""
    calendar = Calendar()
    calendar.add("prodid", "-//Displace//Promises//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    for name in ("name", "x-wr-calname"):
        calendar.add(name, clean(feed.name))
    calendar.add("refresh-interval", vDuration(REFRESH), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(REFRESH))
    for event in _events(feed):
        calendar.add_component(event)
    body: bytes = calendar.to_ical()
    return body


def _events(feed: Feed) -> Iterator[Event]:
    for entry in feed.entries:
        event = Event()
        event.add("uid", str(entry.uid))
        event.add("sequence", entry.sequence)
        changed = entry.changed_at.astimezone(UTC)
        event.add("dtstamp", changed)
        event.add("last-modified", changed)
        event.add("dtstart", entry.day)
        # The end is the first moment that is no more part of it.
        event.add("dtend", entry.day + DAY)
        event.add("summary", clean(entry.title))
        event.add("description", clean(entry.text))
        event.add("url", entry.url)
        event.add("transp", "TRANSPARENT")
        yield event


def clean(text: str) -> str:
    """Without what no calendar can carry: control characters and halves of characters."""
    return "".join(
        " " if ord(one) < 0x20 or 0x7F <= ord(one) <= 0x9F else one
        for one in text.encode("utf-8", "ignore").decode("utf-8")
    )
