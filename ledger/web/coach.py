"""The coach: what the linter says of a statement while it is typed, and sentences to insert."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.datastructures import MultiValueDict
from django.views.decorators.http import require_POST

from accounts.domain.roles import Role
from accounts.web.access import require_role
from ledger.domain.audiences import AUDIENCE_WORDS, Audience, unfit_for
from ledger.domain.bindings import MOST_BINDINGS
from ledger.domain.estimates import cents
from ledger.domain.statements import Review
from ledger.models import DebtItem
from ledger.selectors.statement_evidence import Suggestion, draft_suggestions, suggestions_for
from ledger.selectors.statement_facts import Draft
from ledger.selectors.statements import draft_review
from ledger.web.forms.debts import ESTIMATE_FIELDS, IMPACT_LIMIT
from ledger.web.lookup import item_or_404

MOST_PATH = 1000
MOST_HOURS = Decimal(1_000_000)
# Findings that stand for words to replace; the others say what is missing or too long.
AT_WORDS = frozenset({"E1", "E2", "E3", "E10", "W7"})


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of the text; `code` names the finding that it breaks, or is empty."""

    text: str
    code: str = ""


@require_POST
def statement_coach(request: HttpRequest) -> HttpResponse:
    """What the linter says of a statement that is being typed."""
    require_role(request, Role.CONTRIBUTOR)
    reference = request.POST.get("reference", "")
    item = item_or_404(reference[:100]) if reference else None
    context = {**coach_context(request.POST, item), "is_answer": True}
    return render(request, "ledger/parts/coach.html", context)


def coach_context(
    data: MultiValueDict[str, str], item: DebtItem | None = None, impact: str | None = None
) -> dict[str, Any]:
    """What the coach shows for the fields of a form; without an impact the one in the data."""
    text = (data.get("impact", "") if impact is None else impact)[:IMPACT_LIMIT]
    text = text.replace("\r\n", "\n")
    draft = _draft(data, item)
    tokens = data.getlist("binding")[:MOST_BINDINGS]
    fields: dict[str, Any] = {"repository": draft.repository_id, "path": draft.path}
    if draft.due_on is not None:
        fields["due_on"] = draft.due_on.isoformat()
    review = draft_review(text, fields, draft.estimate, tokens, item)
    audience = _audience(data.get("audience", ""))
    return {
        "review": review,
        "impact": text,
        "segments": segments(text, review),
        "suggestions": _new(text, _suggestions(draft, audience, item)),
        "unfit": list(unfit_for(text, audience)),
        "audience": audience,
        "audiences": [(one.value, AUDIENCE_WORDS[one]) for one in Audience],
        "audience_title": AUDIENCE_WORDS[audience],
        "tokens": tokens,
        "has_place": draft.repository_id is not None and bool(draft.path),
        "status": _status(review),
    }


def segments(text: str, review: Review) -> list[Segment]:
    """The text cut where words are to be replaced."""
    result, position = [], 0
    spans = sorted(
        (finding.start, finding.end, finding.code)
        for finding in review.findings
        if finding.code in AT_WORDS and finding.end > finding.start
    )
    for start, end, code in spans:
        if start < position:
            continue
        result += [Segment(text[position:start]), Segment(text[start:end], code)]
        position = end
    result.append(Segment(text[position:]))
    return [segment for segment in result if segment.text]


def _suggestions(draft: Draft, audience: Audience, item: DebtItem | None) -> list[Suggestion]:
    if item is None:
        return draft_suggestions(draft, audience)
    return suggestions_for(item, audience, draft)


def _new(text: str, suggestions: list[Suggestion]) -> list[Suggestion]:
    return [one for one in suggestions if one.text not in text]


def _status(review: Review) -> str:
    """One sentence for a screen reader."""
    count = len({finding.code for finding in review.findings})
    noted = "Nothing to mend." if not count else f"{count} kinds of findings."
    return f"{review.level_text}. {noted} {review.next_step}"


def _audience(value: str) -> Audience:
    return Audience(value) if value in set(Audience) else Audience.PRODUCT


def _draft(data: Mapping[str, Any], item: DebtItem | None) -> Draft:
    if item is not None:
        repository, path = item.repository_id, item.path
    else:
        number = data.get("repository", "")
        repository = int(number) if number.isdecimal() and len(number) < 19 else None
        # PostgreSQL takes no NUL, not even to find nothing.
        path = " ".join(data.get("path", "").replace("\0", " ").split())[:MOST_PATH]
    return Draft(
        repository_id=repository,
        path=path,
        system=" ".join(data.get("system", "").split())[:100],
        due_on=_day(data.get("due_on", "")),
        estimate=_estimate(data),
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _estimate(data: Mapping[str, Any]) -> dict[str, str]:
    """The hours in the form, with the expected effort (PERT) where all three points are there."""
    found = {name: _hours(data.get(name, "")) for name in (*ESTIMATE_FIELDS, "time_saved")}
    estimate = {name: str(cents(value)) for name, value in found.items() if value is not None}
    low, likely, high = (
        found[f"principal_{point}"] for point in ("optimistic", "likely", "pessimistic")
    )
    if low is not None and likely is not None and high is not None:
        estimate["principal"] = str(cents((low + 4 * likely + high) / 6))
    return estimate


def _hours(text: str) -> Decimal | None:
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        return None
    return value if value.is_finite() and 0 <= value <= MOST_HOURS else None
