"""The history of an item as a fold: the current state is what its events add up to.

A payload holds everything an event changed: `set` (fields and their new values) and at most one
new `commitment`, `statement`, `estimate`, `plan` and `evidence`, besides `reason`. The same
function that rebuilds the state also computes the row that a service stores, so that the two
cannot drift apart.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from common import hashchain
from ledger.domain.terms import CommitmentKind

Json = dict[str, Any]

SERIES = ("commitment", "statement", "estimate", "plan", "evidence")

# Every field that the history covers, as it stands before the first event.
INITIAL: Mapping[str, Any] = {
    "repository": None,
    "slug": "",
    "origin": "",
    "state": "",
    "closed_from": "",
    "resolution": "",
    "title": "",
    "text": "",
    "owner": "",
    "severity": "",
    "system": "",
    "confidence": "",
    "quadrant": "",
    "containment": "",
    "reversibility": "",
    "reviewer": "",
    "review_note": "",
    "exit_condition": "",
    "external_reference": "",
    "path": "",
    "present": None,
    "annotation": {},
    "due_on": None,
    "first_due_on": None,
    "extensions": 0,
    "impact": "",
    "impact_level": 0,
    "principal": None,
    "interest_p10": None,
    "interest_p50": None,
    "interest_p90": None,
    "plan_milestones": 0,
    "needs": [],
    "recorded_at": None,
    "repaid_on": None,
    # Answers to reminders of the present promise: another date begins anew.
    "seen_by": "",
    "seen_at": None,
    "snoozed_by": "",
    "snoozed_until": None,
    "snoozes": 0,
}
ANSWERED = ("seen_by", "seen_at", "snoozed_by", "snoozed_until", "snoozes")


@dataclass(slots=True)
class Rebuilt:
    """What the events of an item add up to."""

    fields: Json = field(default_factory=lambda: dict(INITIAL))
    series: dict[str, list[Json]] = field(default_factory=lambda: {name: [] for name in SERIES})


def rebuild(payloads: Iterable[Json]) -> Rebuilt:
    """The state after these payloads, oldest first."""
    result = Rebuilt()
    for payload in payloads:
        result.fields = after(result.fields, payload)
        for name in SERIES:
            if name in payload:
                result.series[name].append(payload[name])
    return result


def after(fields: Mapping[str, Any], payload: Json) -> Json:
    """The fields once the event with this payload has happened."""
    unknown = payload.get("set", {}).keys() - INITIAL.keys()
    if unknown:
        raise ValueError(f"an event cannot set {', '.join(sorted(unknown))}")
    result = {**fields, **payload.get("set", {})}
    if commitment := payload.get("commitment"):
        result["due_on"] = commitment["due_on"]
        result["first_due_on"] = result["first_due_on"] or commitment["due_on"]
        result["extensions"] += commitment["kind"] == CommitmentKind.EXTENSION
        result |= {name: INITIAL[name] for name in ANSWERED}
    if statement := payload.get("statement"):
        result["impact"] = statement["text"]
        result["impact_level"] = statement["level"]
    if estimate := payload.get("estimate"):
        for name in ("principal", "interest_p10", "interest_p50", "interest_p90"):
            result[name] = estimate[name]
    if plan := payload.get("plan"):
        result["plan_milestones"] = len(plan["milestones"])
        # The first events were written before plans said what they need.
        result["needs"] = plan.get("needs", [])
    return result


def event_body(
    *,
    key: str,
    sequence: int,
    kind: str,
    at: datetime,
    actor_id: int | None,
    actor_name: str,
    payload: Json,
) -> Json:
    """What the hash of an event covers; `key` binds the chain to its item."""
    return {
        "item": key,
        "sequence": sequence,
        "type": kind,
        "at": at,
        "actor": actor_id,
        "actor_name": actor_name,
        "payload": payload,
    }


def event_hash(previous_hash: str, body: Json) -> str:
    return hashchain.link(previous_hash, body)
