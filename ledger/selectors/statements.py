"""What the statement of an item rests on, and what the rules of today say of it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.core import signing

from common.errors import Refused
from ledger.domain.bindings import (
    MOST_BINDINGS,
    Binding,
    as_json,
    facts_of,
    from_json,
    is_current,
    standing,
)
from ledger.domain.grounds import Grounds, item_grounds
from ledger.domain.statements import Review, review
from ledger.models import DebtItem, ImpactStatement
from ledger.selectors.detail import DebtDetail
from ledger.selectors.item_state import fields_of
from ledger.selectors.items import estimate_numbers, latest_estimate

SALT = "ledger.statement"
MOST_TOKEN = 4_000
Json = Mapping[str, Any]


def token_of(binding: Binding) -> str:
    """A binding as text that only this installation can have written."""
    return signing.dumps(as_json(binding), salt=SALT, compress=True)


def bindings_of(tokens: Iterable[str], about: Json) -> list[Binding]:
    """The bindings behind tokens, of this repository and path only.

    Raises Refused for a token that this installation has not written.
    """
    kept = []
    for token in list(tokens)[:MOST_BINDINGS]:
        try:
            if len(token) > MOST_TOKEN:
                raise ValueError("longer than any token")
            binding = from_json(signing.loads(token, salt=SALT))
        except (signing.BadSignature, ValueError):
            raise Refused(
                "The evidence of a sentence is not as it was offered; insert the sentence again.",
                "impact",
            ) from None
        if dict(binding.about) == dict(about):
            kept.append(binding)
    return kept


def place_of(repository_id: int | None, path: str) -> dict[str, Any]:
    """What a sentence about code is bound to."""
    return {"repository": repository_id, "path": path}


def stored_bindings(item: DebtItem) -> list[Binding]:
    """The evidence kept with the newest statement of an item."""
    newest = ImpactStatement.objects.filter(item=item).order_by("-sequence").first()
    return [] if newest is None else [from_json(stored) for stored in newest.bindings]


def grounded(
    text: str,
    fields: Json,
    estimate: Json | None,
    bindings: Sequence[Binding],
) -> tuple[Grounds, list[Binding]]:
    """What the text may rest on, and the bindings whose sentences stand in it.

    `fields` and `estimate` are plain values as events hold them.
    """
    facts, promised = item_grounds(fields, estimate)
    true = [one for one in bindings if is_current(one, facts, promised)]
    kept = list(standing(text, true))
    sentences = tuple(one.text for one in kept)
    return Grounds((*facts, *facts_of(true)), promised, sentences), kept


def current_review(item: DebtItem, detail: DebtDetail | None = None) -> Review:
    """What the rules of today say of an item's statement, with what is known today.

    `detail`, where the caller has read it, saves reading the same rows again.
    """
    if detail is None:
        bindings, estimate = stored_bindings(item), latest_estimate(item)
    else:
        stored = detail.statements[-1].bindings if detail.statements else []
        bindings = [from_json(one) for one in stored]
        newest = detail.estimates[-1] if detail.estimates else None
        estimate = estimate_numbers(item, newest) if newest else None
    grounds, _kept = grounded(item.impact, fields_of(item), estimate, bindings)
    return review(item.impact, grounds)


def draft_review(
    text: str,
    fields: Json,
    estimate: Json | None,
    tokens: Iterable[str] = (),
    item: DebtItem | None = None,
) -> Review:
    """What the rules say of a text that is not saved yet; evidence that does not hold is none.

    `fields` (repository, path, due_on) and `estimate` are plain values, besides those of the item.
    """
    known = {**(fields_of(item) if item else {}), **fields}
    about = place_of(known.get("repository"), known.get("path") or "")
    offered = stored_bindings(item) if item else []
    for token in tokens:
        try:
            offered += bindings_of([token], about)
        except Refused:
            continue
    costs = {**((latest_estimate(item) or {}) if item else {}), **(estimate or {})}
    grounds, _kept = grounded(text, known, costs, offered)
    return review(text, grounds)
