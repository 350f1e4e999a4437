"""The parts of an event's payload, as plain JSON: numbers as text, dates as YYYY-MM-DD."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from ledger.domain.bindings import Binding, as_json
from ledger.domain.estimates import FORMULA_VERSION, EstimateDraft, Interest, cents
from ledger.domain.evidence import EvidenceDraft
from ledger.domain.grounds import NOTHING, Grounds
from ledger.domain.history import Json
from ledger.domain.plans import PlanDraft
from ledger.domain.statements import LINTER_VERSION, review
from ledger.domain.terms import CommitmentKind


def commitment(
    *,
    kind: CommitmentKind,
    due_on: date,
    reason: str = "",
    interest: Interest | None = None,
    approver: int | None = None,
) -> Json:
    return {
        "kind": kind.value,
        "due_on": due_on.isoformat(),
        "reason": reason,
        **_interest(interest),
        "approver": approver,
    }


def statement(text: str, grounds: Grounds = NOTHING, bindings: Iterable[Binding] = ()) -> Json:
    """The wording with its evidence, and the level and findings that it has today."""
    result = review(text, grounds)
    return {
        "text": text,
        "level": result.level,
        "findings": [
            {
                "code": finding.code,
                "message": finding.message,
                "match": finding.match,
                "start": finding.start,
                "end": finding.end,
            }
            for finding in result.findings
        ],
        "linter_version": LINTER_VERSION,
        "bindings": [as_json(binding) for binding in bindings],
    }


def estimate(draft: EstimateDraft, current: Mapping[str, Any] | None = None) -> Json:
    """A whole estimate: what the draft leaves out is taken from the `current` one."""
    points = ("principal_optimistic", "principal_likely", "principal_pessimistic", "principal")
    kept = (*points, *_interest(None), "time_saved")
    result: Json = {name: (current or {}).get(name) for name in kept}
    if draft.principal is not None:
        principal = draft.principal
        values = (
            principal.optimistic,
            principal.likely,
            principal.pessimistic,
            principal.expected,
        )
        result.update(zip(points, map(hours, values), strict=True))
    if draft.interest is not None:
        result.update(_interest(draft.interest))
    if draft.time_saved is not None:
        result["time_saved"] = hours(draft.time_saved)
    return {**result, "basis": draft.basis.value, "formula_version": FORMULA_VERSION}


def plan(draft: PlanDraft, needed: Iterable[str] = ()) -> Json:
    """`needed` is what the plan before it needs."""
    return {
        "summary": draft.summary,
        "milestones": [
            {"title": step.title, "due_on": step.due_on.isoformat()} for step in draft.milestones
        ],
        "needs": [str(one) for one in (needed if draft.needs is None else draft.needs)],
    }


def evidence(draft: EvidenceDraft) -> Json:
    return {"kind": draft.kind.value, "reference": draft.reference, "note": draft.note}


def hours(value: Decimal | None) -> str | None:
    """Two decimals, as the database stores them."""
    return None if value is None else format(cents(value), "f")


def _interest(interest: Interest | None) -> Json:
    names = ("interest_p10", "interest_p50", "interest_p90")
    if interest is None:
        return dict.fromkeys(names)
    return dict(zip(names, map(hours, (interest.p10, interest.p50, interest.p90)), strict=True))
