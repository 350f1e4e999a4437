"""Reading one event.

Nothing that an event says is believed beyond "look at the tip": branch names are used only to
leave out events that cannot matter, and a mistake there costs no more than the wait for the next
periodic look.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from hooks.domain.events.bodies import Unreadable, body_document
from hooks.domain.events.hosts import READERS, Change, Said
from hooks.domain.kinds import Kind

LONGEST_EVENT, LONGEST_SUBJECT, LONGEST_REASON = 60, 200, 300

# The header in which each sender names the event.
EVENT_HEADERS: Mapping[Kind, tuple[str, ...]] = {
    Kind.GITHUB: ("x-github-event",),
    Kind.GITLAB: ("x-gitlab-event",),
    Kind.GITEA: ("x-gitea-event", "x-github-event"),
    Kind.FORGEJO: ("x-forgejo-event", "x-gitea-event", "x-github-event"),
    Kind.BITBUCKET: ("x-event-key",),
    Kind.DISPLACE: (),
}


class Verdict(StrEnum):
    """What is done about an event."""

    PROMPT = "prompt"
    PING = "ping"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class Event:
    """An event whose signature was right; header names in lower case."""

    kind: Kind
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Reading:
    """What an event is called, what it is about, and what is done about it and why."""

    verdict: Verdict
    event: str
    subject: str
    reason: str


def read_event(event: Event, *, default_branch: str) -> Reading:
    """Decide about an event. `default_branch` is empty while the repository's is not known."""
    name = _event_name(event)
    try:
        document = body_document(event.body, event.headers.get("content-type", ""))
    except Unreadable as unreadable:
        reason = f"The body is {unreadable}; the tip is looked at all the same."
        return _reading(Verdict.PROMPT, name, "", reason)
    said = READERS[event.kind](name, document)
    name = name or said.event
    if said.is_ping:
        return _reading(Verdict.PING, name, "", "Connected: the signature is right.")
    verdict, reason = _decide(said, name, default_branch)
    return _reading(verdict, name, said.subject, reason)


def _decide(said: Said, name: str, default_branch: str) -> tuple[Verdict, str]:
    if said.settings_changed:
        return Verdict.PROMPT, "The repository's settings changed; its default branch may have."
    if not said.changes:
        return Verdict.IGNORE, said.reason or f"“{name}” does not move the default branch."
    known = {branch for branch in (default_branch, said.default_branch) if branch}
    if all(change.is_tag for change in said.changes):
        return Verdict.IGNORE, "Only tags are concerned."
    if not known:
        return Verdict.PROMPT, "The default branch is not known yet."
    if any(change.branch in known for change in said.changes):
        return Verdict.PROMPT, "The default branch may have moved."
    return Verdict.IGNORE, _why_ignored(said.changes)


def _why_ignored(changes: tuple[Change, ...]) -> str:
    if all(change.is_deletion for change in changes):
        return "A branch was deleted that is not the default branch."
    return "Only branches other than the default branch are concerned."


def _event_name(event: Event) -> str:
    return next(
        (text for name in EVENT_HEADERS[event.kind] if (text := event.headers.get(name, ""))), ""
    )


def _reading(verdict: Verdict, event: str, subject: str, reason: str) -> Reading:
    return Reading(
        verdict,
        _clean(event, LONGEST_EVENT) or "unnamed",
        _clean(subject, LONGEST_SUBJECT),
        _clean(reason, LONGEST_REASON),
    )


def _clean(text: Any, longest: int) -> str:
    """Text from a stranger for a database and a page: one line, no NUL, no lone surrogate."""
    cut = str(text)[:longest]
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in cut).strip()
