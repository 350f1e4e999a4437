"""What an import would do, or did."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ledger.domain.exchange.findings import Refusal
from ledger.domain.exchange.formats import Format

# So many of each kind are told one by one; the counts are always whole.
MOST_TOLD = 1_000
_TOLD = ("created", "changed", "vanished", "closed")


@dataclass(frozen=True, slots=True)
class ImportOrder:
    """A file and how to take it.

    `source` names the file from import to import: what it no longer holds is reported. `owner` and
    `due_on` are for entries that name none, `owner` after CODEOWNERS.
    """

    kind: Format
    data: bytes
    file_name: str = ""
    repository_id: int | None = None
    source: str = ""
    owner: str = ""
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """One entry of the file: its place, the debt (empty while it is not written) and its title.

    `note` says what changed, or what to look at.
    """

    row: str
    reference: str
    title: str
    owner: str = ""
    due_on: date | None = None
    note: str = ""


@dataclass(slots=True)
class ImportReport:
    """Everything that an import found; nothing was written when `is_dry_run`."""

    kind: Format
    source: str
    encoding: str
    is_dry_run: bool
    created: list[Outcome] = field(default_factory=list)
    changed: list[Outcome] = field(default_factory=list)
    # In the file as in the ledger.
    unchanged: int = 0
    refused: list[Refusal] = field(default_factory=list)
    # Open debt that this source named before and does not name now: it is not closed.
    vanished: list[Outcome] = field(default_factory=list)
    # Closed debt that the file still names: it is not reopened.
    closed: list[Outcome] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def report_document(report: ImportReport) -> dict[str, Any]:
    """The report as plain JSON: whole counts, and of each kind the first so many one by one."""
    told = {name: getattr(report, name)[:MOST_TOLD] for name in _TOLD}
    return {
        "schema": 1,
        "format": report.kind.value,
        "source": report.source,
        "encoding": report.encoding,
        "dry_run": report.is_dry_run,
        "counts": {
            **{name: len(getattr(report, name)) for name in (*_TOLD, "refused")},
            "unchanged": report.unchanged,
        },
        **{name: [_outcome(one) for one in outcomes] for name, outcomes in told.items()},
        "refused": [
            {"row": one.row, "column": one.column, "reason": one.reason}
            for one in report.refused[:MOST_TOLD]
        ],
        "notes": report.notes[:MOST_TOLD],
    }


def _outcome(one: Outcome) -> dict[str, Any]:
    return {
        "row": one.row,
        "reference": one.reference,
        "title": one.title,
        "owner": one.owner,
        "due_on": one.due_on.isoformat() if one.due_on else None,
        "note": one.note,
    }
