"""The statement on the page of a debt: as each audience is told it, and every earlier wording."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ledger.domain.bindings import Binding, from_json
from ledger.domain.statements import LEVELS, LINTER_VERSION
from ledger.models import ImpactStatement
from ledger.selectors import DebtDetail
from ledger.selectors.statement_evidence import renderings
from ledger.selectors.statements import current_review


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    """A sentence of a statement and what it rests on; `path` names the file measured, if any."""

    sentence: str
    template: str
    facts: tuple[str, ...]
    path: str


@dataclass(frozen=True, slots=True)
class Wording:
    """A statement as it was stored: its level is that of the linter of its day."""

    text: str
    level_text: str
    linter_version: int
    at: datetime
    author: str
    evidence: tuple[EvidenceLine, ...]


def wording_context(detail: DebtDetail) -> dict[str, Any]:
    """What the section about the impact shows."""
    newest = detail.statements[-1] if detail.statements else None
    return {
        "review": current_review(detail.item, detail),
        "told": renderings(detail) if detail.item.is_open else (),
        "wordings": _wordings(detail.statements),
        "is_judged_anew": newest is not None and newest.linter_version != LINTER_VERSION,
        "stored_level": LEVELS[newest.level] if newest else "",
        "stored_linter": newest.linter_version if newest else LINTER_VERSION,
    }


def _wordings(statements: Sequence[ImpactStatement]) -> list[Wording]:
    return [
        Wording(
            one.text,
            LEVELS[one.level],
            one.linter_version,
            one.at,
            one.made_by.username if one.made_by else "the mark in the code",
            tuple(_line(from_json(stored)) for stored in one.bindings),
        )
        for one in reversed(statements)
        if one.text
    ]


def _line(binding: Binding) -> EvidenceLine:
    facts = []
    for name, slot in binding.slots.items():
        if slot.unit == "text" or not slot.source:
            continue
        n = f", n = {slot.n}" if slot.n is not None else ""
        window = f", {slot.window}" if slot.window else ""
        facts.append(f"{name} {slot.value} ({slot.unit}{window}{n}; {slot.source})")
    return EvidenceLine(binding.text, binding.template, tuple(facts), binding.about.get("path", ""))
