"""Entries of reports, baselines and waiver files as proposed debt."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from common import clock
from common.errors import Refused
from ledger.domain import payloads
from ledger.domain.exchange.findings import Finding, Read, Refusal
from ledger.domain.exchange.results import ImportOrder, ImportReport, Outcome
from ledger.domain.terms import CommitmentKind, Confidence, EventType, Origin, State
from ledger.domain.texts import day_words
from ledger.models import DebtItem, ImportedFinding, ImportSource
from ledger.selectors.default_owners import DefaultOwners
from ledger.selectors.policies import policy_in_force
from ledger.services.describing import recording
from ledger.services.recorder import Change, places_note

__all__ = ["Change", "Work", "noted", "planned"]

BATCH = 500


@dataclass(slots=True)
class Work:
    """What an import has to write: changes, and the findings as they are to be remembered."""

    changes: list[Change] = field(default_factory=list)
    # Fingerprint -> the finding, for new ones with the item that is about to be made.
    created: dict[str, tuple[Finding, DebtItem]] = field(default_factory=dict)
    seen: list[ImportedFinding] = field(default_factory=list)
    redated: list[ImportedFinding] = field(default_factory=list)
    moved: list[DebtItem] = field(default_factory=list)


@dataclass(slots=True)
class _Planning:
    order: ImportOrder
    report: ImportReport
    work: Work
    owners: DefaultOwners
    longest: int
    unmapped: dict[str, int] = field(default_factory=dict)


def planned(
    order: ImportOrder,
    found: Read,
    source: ImportSource | None,
    report: ImportReport,
    owners: DefaultOwners,
) -> Work:
    """Compare a file with what its source said before; fills the report, writes nothing."""
    known = _known(source)
    longest = policy_in_force(repository_id=order.repository_id).longest_terms[Confidence.MEDIUM]
    planning = _Planning(order, report, Work(), owners, longest)
    report.refused += found.refusals
    for fingerprint, finding in found.findings.items():
        if fingerprint in known:
            _seen_again(known[fingerprint], finding, planning)
        else:
            _first_seen(fingerprint, finding, planning)
    for fingerprint, before in known.items():
        if fingerprint not in found.findings and before.item.is_open:
            note = "This source does not name it any more: repaid, or only moved?"
            report.vanished.append(_outcome("", before.item, note))
    for note, count in sorted(planning.unmapped.items()):
        report.notes.append(f"{note} ({count:,} entries)")
    return planning.work


def noted(work: Work, source: ImportSource, report: ImportReport) -> None:
    """Remember what was seen, once the items are written, and name them in the report."""
    now = clock.now()
    ImportedFinding.objects.bulk_create(
        [
            ImportedFinding(
                source=source,
                fingerprint=fingerprint,
                item=item,
                expires_on=finding.expires_on,
                seen_at=now,
            )
            for fingerprint, (finding, item) in work.created.items()
        ],
        batch_size=BATCH,
    )
    numbers = [row.pk for row in work.seen]
    for first in range(0, len(numbers), BATCH):
        seen = ImportedFinding.objects.filter(pk__in=numbers[first : first + BATCH])
        seen.update(seen_at=now)
    ImportedFinding.objects.bulk_update(work.redated, ["expires_on"], batch_size=BATCH)
    places_note(work.moved)
    source.imported_at = now
    source.save(update_fields=["imported_at"])
    report.created = [_outcome(finding.row, item) for finding, item in work.created.values()]


def _known(source: ImportSource | None) -> Mapping[str, ImportedFinding]:
    if source is None:
        return {}
    rows = ImportedFinding.objects.filter(source=source).select_related("item")
    return {row.fingerprint: row for row in rows}


def _first_seen(fingerprint: str, finding: Finding, planning: _Planning) -> None:
    order, report = planning.order, planning.report
    owner = _owner(finding, planning)
    due_on = finding.expires_on or order.due_on
    if not owner:
        reason = "Nobody owns it: name a default owner, or map its path in CODEOWNERS."
        report.refused.append(Refusal(finding.row, "owner", reason))
        return
    if due_on is None:
        reason = "It has no expiry: choose a default date."
        report.refused.append(Refusal(finding.row, "due_on", reason))
        return
    try:
        change = recording(
            {
                "title": finding.title, "owner": owner, "text": finding.text,
                "severity": finding.severity.value, "confidence": Confidence.MEDIUM.value,
                "path": finding.path, "external_reference": finding.reference,
                "slug": "", "system": "", "quadrant": "", "containment": "",
                "reversibility": "", "exit_condition": "", "origin": Origin.IMPORT.value,
            },
            due_on,
            {"import": _provenance(fingerprint, order, report)},
            repository_id=order.repository_id,
            line=finding.line if finding.path else None,
            now=clock.now(),
        )  # fmt: skip
    except Refused as refusal:
        report.refused.append(Refusal(finding.row, refusal.field or "", refusal.message))
        return
    planning.work.changes.append(change)
    planning.work.created[fingerprint] = (finding, change.item)
    report.created.append(
        Outcome(finding.row, "", finding.title, owner, due_on, _term_note(due_on, planning.longest))
    )


def _provenance(fingerprint: str, order: ImportOrder, report: ImportReport) -> dict[str, str]:
    """Where the debt comes from, as part of its history."""
    return {"format": order.kind.value, "source": report.source, "fingerprint": fingerprint}


def _owner(finding: Finding, planning: _Planning) -> str:
    """As the file says, else as CODEOWNERS does, else the order's."""
    if finding.owner:
        return finding.owner
    path = finding.path or finding.owner_path
    default = planning.owners.of(path)
    if default.handle:
        return default.handle
    if path and planning.owners.place:
        planning.unmapped[default.note] = planning.unmapped.get(default.note, 0) + 1
    return planning.order.owner


def _term_note(due_on: date, longest: int) -> str:
    if (due_on - clock.today()).days <= longest:
        return ""
    return f"Its date is more than {longest} days away: it cannot be accepted with it."


def _seen_again(known: ImportedFinding, finding: Finding, planning: _Planning) -> None:
    item, report = known.item, planning.report
    before, known.expires_on = known.expires_on, finding.expires_on
    planning.work.seen.append(known)
    if known.expires_on != before:
        planning.work.redated.append(known)
    if not item.is_open:
        note = f"It is {item.state.replace('_', ' ')} here, and the file still names it."
        report.closed.append(_outcome(finding.row, item, note))
        return
    if finding.path == item.path and finding.line not in (None, item.line):
        item.line = finding.line
        planning.work.moved.append(item)
    if finding.expires_on is None or finding.expires_on in (before, item.due_on):
        report.unchanged += 1
    elif item.state == State.PROPOSED and item.due_on == before:
        _renew(item, finding, finding.expires_on, planning)
    else:
        report.unchanged += 1
        said, ours = day_words(finding.expires_on), day_words(item.due_on)
        report.notes.append(
            f"{item.reference}: the file says {said}, the promise is {ours}; extend it here, or "
            "correct the file."
        )


def _renew(item: DebtItem, finding: Finding, due_on: date, planning: _Planning) -> None:
    """The date of debt that nobody accepted yet follows the file."""
    if due_on < clock.today():
        reason = f"{day_words(due_on)} is over; {item.reference} keeps {day_words(item.due_on)}."
        planning.report.refused.append(Refusal(finding.row, "due_on", reason))
        return
    reason = "The imported file was changed before the debt was accepted."
    commitment = payloads.commitment(kind=CommitmentKind.REVISION, due_on=due_on, reason=reason)
    change = Change(item, EventType.DESCRIBED, {"commitment": commitment})
    note = f"promised for {day_words(due_on)} instead of {day_words(item.due_on)}"
    planning.work.changes.append(change)
    planning.report.changed.append(_outcome(finding.row, item, note))


def _outcome(row: str, item: DebtItem, note: str = "") -> Outcome:
    return Outcome(row, item.reference, item.title, item.owner, item.due_on, note)
