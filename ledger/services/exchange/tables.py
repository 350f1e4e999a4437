"""Rows of a table as debt: new, changed, as it was, or refused."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from analysis import selectors as analysis_selectors
from common import clock
from common.errors import Denied, NotFound, Refused
from ledger.domain.estimates import EstimateDraft, Interest, Principal
from ledger.domain.exchange.findings import Refusal, day_of, fingerprint_of, number_of
from ledger.domain.exchange.results import ImportOrder, ImportReport, Outcome
from ledger.domain.exchange.spreadsheets import Row, rows
from ledger.domain.payloads import hours
from ledger.domain.terms import Confidence, Origin, Severity
from ledger.models import DebtItem, ImportedFinding, ImportSource
from ledger.selectors.default_owners import DefaultOwners, default_owners
from ledger.selectors.items import latest_estimate, number_in
from ledger.services.actors import Actor
from ledger.services.describing import described, describing, recording
from ledger.services.inputs import checked
from ledger.services.recorder import Change

BATCH = 500
# Columns that say something of a debt of any age; the other ones identify it or place it.
PLAIN = (
    "title", "owner", "text", "severity", "system", "confidence", "quadrant", "containment",
    "reversibility", "exit_condition", "external_reference",
)  # fmt: skip
PRINCIPAL = ("principal_optimistic", "principal_likely", "principal_pessimistic")
INTEREST = ("interest_p10", "interest_p50", "interest_p90")
# The service's name of an input, where the column has another.
COLUMNS = {"slug": "id", "principal": "principal_likely", "interest": "interest_p50"}

Key = tuple[str, int | None, str]


@dataclass(slots=True)
class Plan:
    """The changes to write, each with the row that asks for it."""

    changes: list[Change] = field(default_factory=list)
    created: list[tuple[Row, Change]] = field(default_factory=list)
    # Fingerprints of the new debts whose rows have neither an id nor a reference.
    nameless: dict[str, DebtItem] = field(default_factory=dict)


@dataclass(slots=True)
class _Table:
    order: ImportOrder
    actor: Actor
    report: ImportReport
    plan: Plan
    repositories: Mapping[str, int]
    owners: Mapping[int | None, DefaultOwners]
    items: dict[int, DebtItem] = field(default_factory=dict)
    by_key: dict[Key, list[int]] = field(default_factory=dict)
    # Which row was the first to mean a debt.
    taken: dict[Key, int] = field(default_factory=dict)
    # Rows that say nothing to tell a debt by: the debts of the last import, by fingerprint.
    nameless: dict[str, ImportedFinding] = field(default_factory=dict)
    counts: Counter[Key] = field(default_factory=Counter)


def parsed(text: str) -> list[Row]:
    return list(rows(text))


def owners_for(order: ImportOrder, found: Iterable[Row]) -> dict[int | None, DefaultOwners]:
    """The CODEOWNERS that rows without an owner need. Asks Git, so before any row is locked."""
    repositories = _repositories()
    wanted = {
        repositories.get(slug) if slug else order.repository_id
        for row in found
        if not row.cells.get("owner")
        for slug in [row.cells.get("repository", "").strip()]
    }
    return {number: default_owners(number) for number in wanted}


def planned(
    order: ImportOrder,
    found: list[Row],
    source: ImportSource | None,
    actor: Actor,
    report: ImportReport,
    owners: Mapping[int | None, DefaultOwners],
) -> Plan:
    """Compare the rows with the register; fills the report, writes nothing."""
    table = _Table(order, actor, report, Plan(), _repositories(), owners)
    _look_up(table, found, is_locked=not report.is_dry_run)
    if source is not None:
        known = ImportedFinding.objects.filter(source=source).select_related("item")
        table.nameless = {row.fingerprint: row for row in known}
    for row in found:
        try:
            _take(row, table)
        except (Refused, Denied, NotFound) as error:
            name = getattr(error, "field", None) or ""
            report.refused.append(Refusal(str(row.number), COLUMNS.get(name, name), error.message))
    return table.plan


def noted(plan: Plan, source: ImportSource, report: ImportReport) -> None:
    """Remember the new debts, and name them in the report, once they have their numbers."""
    now = clock.now()
    ImportedFinding.objects.bulk_create(
        [
            ImportedFinding(source=source, fingerprint=fingerprint, item=item, seen_at=now)
            for fingerprint, item in plan.nameless.items()
        ],
        batch_size=BATCH,
    )
    source.imported_at = now
    source.save(update_fields=["imported_at"])
    report.created = [_outcome(row, change.item) for row, change in plan.created]


def _repositories() -> dict[str, int]:
    return {one.slug: one.pk for one in analysis_selectors.repositories_list()}


def _take(row: Row, table: _Table) -> None:
    key, item = _identified(row, table)
    if key in table.taken:
        raise Refused(f"It is the same debt as in row {table.taken[key]}.", key[0] or "title")
    table.taken[key] = row.number
    if item is None:
        _create(row, table)
        if key[0] == "":
            table.plan.nameless[key[2]] = table.plan.created[-1][1].item
    else:
        _change(row, item, table)


def _identified(row: Row, table: _Table) -> tuple[Key, DebtItem | None]:
    """Which debt a row means: by its reference, id, or ticket, else as in an earlier import."""
    if reference := row.cells.get("reference", ""):
        number = number_in(reference.strip())
        item = table.items.get(number) if number is not None else None
        if item is None:
            raise Refused(
                f"There is no debt {reference[:40]}; leave the cell empty to record a new one.",
                "reference",
            )
        _require_same(row, item, table)
        return ("reference", None, str(item.pk)), item
    repository = _repository(row, table)
    for column in ("id", "external_reference"):
        if value := row.cells.get(column, "").strip():
            key = (column, repository, value)
            found = table.by_key.get(key, [])
            if len(found) > 1:
                raise Refused("Several debts have this reference; name one by its id.", column)
            item = table.items[found[0]] if found else None
            return (("reference", None, str(item.pk)) if item else key), item
    fingerprint = _fingerprint(row, repository, table)
    known = table.nameless.get(fingerprint)
    if known is None:
        return ("", None, fingerprint), None
    return ("reference", None, str(known.item.pk)), table.items.setdefault(
        known.item.pk, known.item
    )


def _fingerprint(row: Row, repository: int | None, table: _Table) -> str:
    """What tells a row that names no debt: its title and path, and its number among equal ones."""
    key = ("title", repository, f"{row.cells.get('title', '')}\n{row.cells.get('path', '')}")
    table.counts[key] += 1
    return fingerprint_of(("csv", str(repository or ""), key[2]), table.counts[key])


def _require_same(row: Row, item: DebtItem, table: _Table) -> None:
    """A reference of another installation must not change a stranger."""
    slug = row.cells.get("id", "").strip()
    if slug and slug != item.slug:
        raise Refused(f"{item.reference} has another id, and an id stays as it is.", "slug")
    if row.cells.get("repository") and _repository(row, table) != item.repository_id:
        raise Refused(f"{item.reference} is in another repository.", "repository")


def _repository(row: Row, table: _Table) -> int | None:
    slug = row.cells.get("repository", "").strip()
    if not slug:
        return table.order.repository_id
    if slug not in table.repositories:
        raise Refused(f"There is no repository “{slug[:80]}”.", "repository")
    return table.repositories[slug]


def _create(row: Row, table: _Table) -> None:
    cells, order = row.cells, table.order
    repository = _repository(row, table)
    path = cells.get("path", "")
    due_on = _day(cells) or order.due_on
    if due_on is None:
        raise Refused("It has no date: fill due_on, or choose a default date.", "due_on")
    said = {name: cells.get(name, "") for name in PLAIN}
    said |= {
        "owner": cells.get("owner") or _default_owner(path, repository, table),
        "severity": cells.get("severity", Severity.MEDIUM.value),
        "confidence": cells.get("confidence", Confidence.MEDIUM.value),
        "slug": cells.get("id", "").strip(),
        "path": path,
        "origin": Origin.IMPORT.value,
    }
    estimate = EstimateDraft(_principal(cells), _interest(cells))
    parts = described(cells.get("impact") or None, estimate, None)
    change = recording(
        said,
        due_on,
        {**parts, "import": {"format": order.kind.value, "source": table.report.source}},
        repository_id=repository,
        line=number_of(cells.get("line", "")) if path else None,
        now=clock.now(),
    )
    table.plan.changes.append(change)
    table.plan.created.append((row, change))
    fields = change.payload["set"]
    table.report.created.append(
        Outcome(str(row.number), "", fields["title"], fields["owner"], due_on)
    )


def _change(row: Row, item: DebtItem, table: _Table) -> None:
    """Only what a cell says otherwise; an empty cell changes nothing."""
    cells = row.cells
    said = checked({name: cells[name] for name in PLAIN if name in cells})
    changes = {name: value for name, value in said.items() if getattr(item, name) != value}
    due_on = _day(cells)
    estimate = _new_estimate(cells, item)
    parts = described(cells.get("impact"), estimate, None, item)
    is_other_day = due_on is not None and due_on != item.due_on
    if not changes and not parts and not is_other_day:
        table.report.unchanged += 1
        return
    change = describing(item, changes, due_on, parts, table.actor)
    if change is None:
        table.report.unchanged += 1
        return
    names = [*changes, *(["due_on"] if is_other_day else []), *parts]
    note = f"changes {', '.join(name.replace('_', ' ') for name in names)}"
    table.plan.changes.append(change)
    table.report.changed.append(_outcome(row, item, note))


def _new_estimate(cells: Mapping[str, str], item: DebtItem) -> EstimateDraft | None:
    """The ranges that differ from those of the newest estimate."""
    principal, interest = _principal(cells), _interest(cells)
    if principal is None and interest is None:
        return None
    current = latest_estimate(item) or {}
    if principal is not None:
        points = (principal.optimistic, principal.likely, principal.pessimistic)
        principal = None if _are(PRINCIPAL, points, current) else principal
    if interest is not None:
        points = (interest.p10, interest.p50, interest.p90)
        interest = None if _are(INTEREST, points, current) else interest
    return EstimateDraft(principal, interest) if principal or interest else None


def _are(names: Iterable[str], points: Iterable[Any], current: Mapping[str, Any]) -> bool:
    return [current.get(name) for name in names] == [hours(point) for point in points]


def _principal(cells: Mapping[str, str]) -> Principal | None:
    values = _three(cells, PRINCIPAL)
    return Principal.of(*values) if values else None


def _interest(cells: Mapping[str, str]) -> Interest | None:
    values = _three(cells, INTEREST)
    return Interest.of(*values) if values else None


def _three(cells: Mapping[str, str], names: tuple[str, str, str]) -> list[str] | None:
    given = [cells[name] for name in names if name in cells]
    if given and len(given) < len(names):
        raise Refused("Give all three numbers of the range, or none.", names[1])
    # A spreadsheet of another language writes 4,5.
    return [value.replace(",", ".") for value in given] or None


def _day(cells: Mapping[str, str]) -> date | None:
    try:
        return day_of(cells.get("due_on", "").strip())
    except ValueError as error:
        raise Refused(str(error), "due_on") from None


def _default_owner(path: str, repository: int | None, table: _Table) -> str:
    found = table.owners[repository].of(path).handle or table.order.owner
    if not found:
        raise Refused(
            "Nobody owns it: fill owner, name a default, or map its path in CODEOWNERS.", "owner"
        )
    return found


def _look_up(table: _Table, found: list[Row], *, is_locked: bool) -> None:
    """Read every debt that the rows may mean, some hundred at a time."""
    numbers = [number_in(row.cells.get("reference", "").strip()) for row in found]
    _read(table, "pk", [number for number in numbers if number is not None], is_locked)
    for column, name in (("id", "slug"), ("external_reference", "external_reference")):
        values = [value for row in found if (value := row.cells.get(column, "").strip())]
        for item in _read(table, name, values, is_locked):
            key = (column, item.repository_id, getattr(item, name))
            table.by_key.setdefault(key, []).append(item.pk)


def _read(table: _Table, name: str, values: list[Any], is_locked: bool) -> list[DebtItem]:
    wanted = sorted(set(values))
    read: list[DebtItem] = []
    for start in range(0, len(wanted), BATCH):
        items = DebtItem.objects.filter(**{f"{name}__in": wanted[start : start + BATCH]})
        found = (items.select_for_update() if is_locked else items).order_by("pk")
        # The same object however it was found, so that it is changed once.
        read += [table.items.setdefault(item.pk, item) for item in found]
    return read


def _outcome(row: Row, item: DebtItem, note: str = "") -> Outcome:
    return Outcome(str(row.number), item.reference, item.title, item.owner, item.due_on, note)
