"""The register as a table for spreadsheets."""

from collections.abc import Iterator

from ledger.domain.exchange.spreadsheets import neutralised
from ledger.selectors.register import (
    RegisterFilter,
    RegisterRow,
    debts_filtered,
    ordering,
    rows_iterate,
)

HEADER = [
    "reference", "id", "repository", "title", "state", "timing", "owner", "severity", "due_on",
    "first_due_on", "extensions", "principal_hours", "interest_p10", "interest_p50",
    "interest_p90", "impact", "impact_level", "confidence", "quadrant", "containment",
    "reversibility", "system", "path", "line", "origin", "recorded_at", "repaid_on", "text",
    "exit_condition", "external_reference",
]  # fmt: skip


def debts_csv(filter: RegisterFilter, sort: str = "due") -> Iterator[list[str]]:  # noqa: A002 - the word of the field
    """The header and a row for each item, streamed; cells cannot be taken for formulas."""
    yield HEADER
    for row in rows_iterate(debts_filtered(filter).order_by(*ordering(sort))):
        yield [neutralised(cell) for cell in _cells(row)]


def _cells(row: RegisterRow) -> list[object]:
    item = row.item
    return [
        item.reference, item.slug, row.repository_slug, item.title, item.state, row.timing,
        item.owner, item.severity, item.due_on, item.first_due_on, item.extensions,
        item.principal, item.interest_p10, item.interest_p50, item.interest_p90, item.impact,
        item.impact_level, item.confidence, item.quadrant, item.containment, item.reversibility,
        item.system, item.path, item.line, item.origin, item.recorded_at.isoformat(),
        item.repaid_on, item.text, item.exit_condition, item.external_reference,
    ]  # fmt: skip
