"""Reviews of statements and sentences to say, as plain JSON: for the API and the commands."""

from collections.abc import Iterable
from typing import Any

from ledger.domain.audiences import Audience, unfit_for
from ledger.domain.bindings import as_json
from ledger.domain.statements import LEVELS, LINTER_VERSION
from ledger.models import DebtItem
from ledger.selectors.statement_evidence import Suggestion
from ledger.selectors.statements import draft_review

Json = dict[str, Any]


def lint_document(
    text: str,
    *,
    item: DebtItem | None = None,
    audience: Audience | None = None,
    bindings: Iterable[str] = (),
) -> Json:
    """What the linter says of a text, with the facts of an item where one is named.

    Positions count characters from 0; `end` is behind the last one.
    """
    review = draft_review(text, {}, None, bindings, item)
    unfit = [] if audience is None else unfit_for(text, audience)
    return {
        "linter_version": LINTER_VERSION,
        "level": review.level,
        "level_text": LEVELS[review.level],
        "reading_ease": None if review.reading_ease is None else round(review.reading_ease, 1),
        "next_step": review.next_step,
        "findings": [
            {
                "code": finding.code,
                "is_error": finding.is_error,
                "message": finding.message,
                "advice": finding.advice,
                "match": finding.match,
                "start": finding.start,
                "end": finding.end,
            }
            for finding in review.findings
        ],
        "unfit": [
            {"match": one.match, "start": one.start, "end": one.end, "reason": one.reason}
            for one in unfit
        ],
    }


def suggestion_document(one: Suggestion) -> Json:
    """A sentence with its evidence; `token` goes back with the statement."""
    stored = as_json(one.offer.binding)
    return {
        "family": one.family,
        "audience": one.offer.audience.value,
        "text": one.text,
        "template": stored["template"],
        "locale": stored["locale"],
        "slots": stored["slots"],
        "token": one.token,
    }
