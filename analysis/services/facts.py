"""Content facts: every blob is measured once, ever."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.adapters.measuring import Measured, Standby, Wanted, measure_blobs
from analysis.domain.picture import ContentFigures
from analysis.domain.source import ANALYSER_VERSION, ImportStatement
from analysis.models import ContentFacts

# Rows written at a time: a worker killed between two batches loses at most one.
BATCH = 250
LOOKUP = 900
FEW = 50
# Reasons that may be the machine's fault, not the file's, and how often they are tried.
UNSTABLE = ("crashed", "timeout", "missing")
MOST_ATTEMPTS = 3
# What a second attempt replaces: all but the key of the row.
MEASURED = tuple(
    field.name
    for field in ContentFacts._meta.concrete_fields
    if field.name not in ("id", "scope", "digest", "analyser")
)


@dataclass(frozen=True, slots=True)
class StoredFacts:
    """A blob's stored figures, and how often it was tried."""

    figures: ContentFigures
    attempts: int


def facts_ensure(
    *,
    git_dir: Path,
    wanted: Sequence[Wanted],
    report: Callable[[int, int], None],
    standby: Standby | None = None,
) -> dict[str, StoredFacts]:
    """Return the facts of every wanted blob, measuring those never seen before.

    Facts are written as they come, in batches: they are true whatever becomes of the analysis
    that asked for them, so a killed worker's successor goes on where it stopped.
    """
    wanted_by_oid = {blob.oid: blob for blob in wanted}
    stored = _stored_facts(wanted_by_oid)
    missing = [blob for oid, blob in wanted_by_oid.items() if oid not in stored]
    again = [
        wanted_by_oid[oid]
        for oid, facts in stored.items()
        if facts.figures.error in UNSTABLE and facts.attempts < MOST_ATTEMPTS
    ]
    to_measure = missing + again
    if not to_measure:
        return stored
    attempts = {blob.oid: stored[blob.oid].attempts + 1 for blob in again}
    batch: list[ContentFacts] = []
    report(0, len(to_measure))
    for number, measured in enumerate(_measure(git_dir, to_measure, standby), start=1):
        language = wanted_by_oid[measured.oid].language
        batch.append(_row(measured, language, attempts.get(measured.oid, 1)))
        if len(batch) >= BATCH:
            _write(batch)
            batch = []
        report(number, len(to_measure))
    _write(batch)
    return stored | _stored_facts([blob.oid for blob in to_measure])


def _measure(git_dir: Path, blobs: Sequence[Wanted], standby: Standby | None) -> Iterator[Measured]:
    # A second process takes longer to start than a push takes to measure.
    processes = 1 if len(blobs) <= FEW else 2
    return measure_blobs(git_dir, blobs, processes=processes, standby=standby)


def imports_of(oids: Iterable[str]) -> dict[str, tuple[ImportStatement, ...]]:
    """Return the import statements of these blobs; an unmeasured blob is left out."""
    return {
        digest: tuple(ImportStatement(*parts) for parts in imports)
        for digest, imports in _rows(oids, "digest", "imports")
    }


def _stored_facts(oids: Iterable[str]) -> dict[str, StoredFacts]:
    fields = (
        "digest", "pk", "loc", "sloc", "lloc", "comments", "function_count", "complexity",
        "complexity_max", "maintainability_index", "error_reason", "attempts",
    )  # fmt: skip
    return {
        digest: StoredFacts(ContentFigures(*values), attempts)
        for digest, *values, attempts in _rows(oids, *fields)
    }


def _rows(oids: Iterable[str], *fields: str) -> Iterator[tuple[Any, ...]]:
    ordered = sorted(oids)
    facts = ContentFacts.objects.filter(scope=ContentFacts.Scope.FILE, analyser=ANALYSER_VERSION)
    for start in range(0, len(ordered), LOOKUP):
        rows = facts.filter(digest__in=ordered[start : start + LOOKUP])
        yield from rows.values_list(*fields).iterator()


def _write(rows: list[ContentFacts]) -> None:
    """Write facts; where another worker measured the same blob first, its row is as good."""
    ContentFacts.objects.bulk_create(
        [row for row in rows if row.attempts == 1], ignore_conflicts=True
    )
    for row in rows:
        if row.attempts > 1:
            # In place: the files of earlier snapshots refer to this row.
            ContentFacts.objects.filter(
                scope=row.scope, digest=row.digest, analyser=row.analyser, error_reason__in=UNSTABLE
            ).update(**{name: getattr(row, name) for name in MEASURED})


def _row(measured: Measured, language: str, attempts: int) -> ContentFacts:
    row = ContentFacts(
        scope=ContentFacts.Scope.FILE,
        digest=measured.oid,
        analyser=ANALYSER_VERSION,
        language=language,
        attempts=attempts,
    )
    if measured.facts is None:
        error = measured.error
        row.error_reason = error.reason if error else "crashed"
        row.error_detail = (error.detail if error else "")[:500]
        row.error_line = error.line if error else None
        return row
    facts = measured.facts
    raw, halstead = facts.raw, facts.halstead
    row.loc, row.lloc, row.sloc = raw.loc, raw.lloc, raw.sloc
    row.comments, row.multi, row.blank = raw.comments, raw.multi, raw.blank
    row.single_comments = raw.single_comments
    row.complexity, row.complexity_max = facts.complexity, facts.complexity_max
    row.function_count = len(facts.functions)
    row.maintainability_index = facts.maintainability_index
    row.distinct_operators, row.distinct_operands = halstead.h1, halstead.h2
    row.total_operators, row.total_operands = halstead.N1, halstead.N2
    row.functions = [[f.name, f.line, f.end_line, f.complexity] for f in facts.functions]
    row.imports = [[i.module, i.name, i.level, i.line, i.type_checking] for i in facts.imports]
    return row
