"""The register as a table for spreadsheets."""

from collections.abc import Iterator

from django.db.models import OuterRef, Subquery

from ledger.domain.exchange.spreadsheets import neutralised
from ledger.models import Estimate
from ledger.selectors.register import (
    RegisterFilter,
    RegisterRow,
    debts_filtered,
    ordering,
    rows_iterate,
)

HEADER = [
    "reference", "id", "repository", "title", "state", "timing", "owner", "severity", "due_on",
    "first_due_on", "extensions", "principal_hours", "principal_optimistic", "principal_likely",
    "principal_pessimistic", "interest_p10", "interest_p50", "interest_p90", "impact",
    "impact_level", "confidence", "quadrant", "containment", "reversibility", "system", "path",
    "line", "origin", "recorded_at", "repaid_on", "text", "exit_condition", "external_reference",
]  # fmt: skip
_POINTS = ("principal_optimistic", "principal_likely", "principal_pessimistic")


def debts_csv(filter: RegisterFilter, sort: str = "due") -> Iterator[list[str]]:  # noqa: A002 - the word of the field
    """The header and a row for each item, streamed; cells cannot be taken for formulas."""
    yield HEADER
    newest = Estimate.objects.filter(item=OuterRef("pk")).order_by("-sequence")
    points = {name: Subquery(newest.values(name)[:1]) for name in _POINTS}
    found = debts_filtered(filter).annotate(**points)
    for row in rows_iterate(found.order_by(*ordering(sort))):
        yield [neutralised(cell) for cell in _cells(row)]


def _cells(row: RegisterRow) -> list[object]:
    item = row.item
    return [
        item.reference, item.slug, row.repository_slug, item.title, item.state, row.timing,
        item.owner, item.severity, item.due_on, item.first_due_on, item.extensions,
        item.principal, *(getattr(item, name) for name in _POINTS),
        item.interest_p10, item.interest_p50, item.interest_p90, item.impact,
        item.impact_level, item.confidence, item.quadrant, item.containment, item.reversibility,
        item.system, item.path, item.line, item.origin, item.recorded_at.isoformat(),
        item.repaid_on, item.text, item.exit_condition, item.external_reference,
    ]  # fmt: skip
