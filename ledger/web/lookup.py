"""Items by the name in the address, and what changed since a form was opened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.forms import Form
from django.http import Http404, QueryDict

from common.errors import NotFound, Refused
from ledger.models import DebtEvent, DebtItem
from ledger.selectors import debt_by_reference
from ledger.web.words import event_details, event_title


@dataclass(frozen=True, slots=True)
class EventLine:
    """Something that happened to an item, in words."""

    title: str
    details: Sequence[str]
    reason: str
    actor: str
    at: datetime
    sequence: int
    hash: str


def item_or_404(reference: str) -> DebtItem:
    try:
        return debt_by_reference(reference)
    except (NotFound, Refused) as error:
        raise Http404(error.message) from None


def event_line(event: DebtEvent) -> EventLine:
    return EventLine(
        title=event_title(event.type),
        details=event_details(event.type, event.payload),
        reason=_reason(event.payload),
        # People go by their names on pages; the event itself keeps the handle.
        actor=str(event.actor or event.actor_name),
        at=event.at,
        sequence=event.sequence,
        hash=event.hash,
    )


def _reason(payload: Mapping[str, Any]) -> str:
    commitment = payload.get("commitment") or {}
    note = payload.get("set", {}).get("review_note")
    return str(payload.get("reason") or commitment.get("reason") or note or "")


def changes_since(events: Sequence[DebtEvent], version: int) -> list[EventLine]:
    """What happened after the version that a form was made from, oldest first."""
    return [event_line(event) for event in events if event.sequence > version]


def seen_version(data: Mapping[str, Any]) -> int:
    """The version that the sender of a form has seen; 0 when it is not readable."""
    text = str(data.get("version", ""))
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def accept_version(form: Form, version: int) -> None:
    """Let the form be sent again by somebody who has now seen `version`."""
    assert isinstance(form.data, QueryDict)  # noqa: S101 - a form that came by POST
    form.data = form.data.copy()
    form.data["version"] = str(version)
