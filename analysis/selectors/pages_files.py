"""The files of a snapshot as pages show them: listed, drawn and one by one."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.expressions import CombinedExpression, OrderBy

from analysis.models import FileChange, Snapshot, SnapshotCoupling, SnapshotFile, SnapshotModule
from common.errors import NotFound

# A browser draws so many rectangles at once without a pause; the largest files come first.
TREEMAP_FILES = 4000
COUPLED_FILES = 20
RECENT_CHANGES = 12

SORTS: dict[str, F | CombinedExpression] = {
    "path": F("path"),
    "loc": F("loc"),
    "complexity": F("complexity"),
    "complexity_max": F("complexity_max"),
    "revisions": F("revisions"),
    "recent": F("revisions_recent"),
    "churn": F("added") + F("deleted"),
    "authors": F("authors"),
    "age": F("age_months"),
    "hotspot": F("hotspot"),
}
DEFAULT_SORT = "-hotspot"

# Rank of a complexity as radon gives it: the highest value of each letter.
RANKS = ((5, "A"), (10, "B"), (20, "C"), (30, "D"), (40, "E"))


@dataclass(frozen=True, slots=True)
class FileFilter:
    """Which files to list. `show`: "own" (no vendored or generated ones), "all" or "unreadable"."""

    search: str = ""
    language: str = ""
    show: str = "own"


@dataclass(frozen=True, slots=True)
class FunctionRow:
    """A function of a file with radon's rank A..F of its complexity."""

    name: str
    line: int
    end_line: int
    complexity: int
    rank: str

    @property
    def length(self) -> int:
        """Lines from the first to the last, both counted."""
        return self.end_line - self.line + 1


@dataclass(frozen=True, slots=True)
class CoupledFile:
    """A file that keeps changing together with the one shown (degree in percent)."""

    path: str
    shared: int
    degree: float


@dataclass(frozen=True, slots=True)
class FilePage:
    """Everything stored about one file of a snapshot."""

    file: SnapshotFile
    functions: list[FunctionRow]
    coupled: list[CoupledFile]
    modules: list[SnapshotModule]
    changes: list[FileChange]
    position: int | None
    ranked: int


def rank(complexity: int) -> str:
    """Return radon's rank of a complexity: A (1 to 5) … F (41 and more)."""
    return next((letter for highest, letter in RANKS if complexity <= highest), "F")


def files_list(snapshot: Snapshot, chosen: FileFilter, sort: str) -> QuerySet[SnapshotFile]:
    """Return the files chosen, in order; figures that were not measured come last."""
    files = SnapshotFile.objects.filter(snapshot=snapshot).select_related("facts")
    files = files.defer("facts__functions", "facts__imports")
    if chosen.show == "own":
        files = files.filter(is_vendored=False, is_generated=False)
    elif chosen.show == "unreadable":
        files = files.exclude(error="")
    if chosen.language:
        files = files.filter(language=chosen.language)
    if chosen.search:
        files = files.filter(path__icontains=chosen.search)
    return files.order_by(_order(sort), "path")


def clean_sort(sort: str) -> str:
    """Return `sort` if files can be ordered by it, else the default."""
    return sort if sort.removeprefix("-") in SORTS else DEFAULT_SORT


def _order(sort: str) -> OrderBy:
    by = SORTS[sort.removeprefix("-")]
    return by.desc(nulls_last=True) if sort.startswith("-") else by.asc(nulls_last=True)


def languages_in(snapshot: Snapshot) -> list[str]:
    """Return the languages of the snapshot by name."""
    files = SnapshotFile.objects.filter(snapshot=snapshot).order_by()
    return sorted(files.values_list("language", flat=True).distinct())


def treemap_files(snapshot: Snapshot) -> list[tuple[str, int | None, float | None]]:
    """Return (path, lines, hotspot) of the largest measured files that people here write."""
    files = SnapshotFile.objects.filter(
        snapshot=snapshot, loc__gt=0, is_vendored=False, is_generated=False
    )
    return list(files.order_by("-loc").values_list("path", "loc", "hotspot")[:TREEMAP_FILES])


def file_page(snapshot: Snapshot, path: str) -> FilePage:
    """Return one file with its functions and history; raises NotFound."""
    files = SnapshotFile.objects.filter(snapshot=snapshot)
    file = files.filter(path=path).select_related("facts", "tracked_file").first()
    if file is None:
        raise NotFound(f"This snapshot has no source file “{path}”.")
    ranked = files.filter(hotspot__isnull=False)
    position = None
    if file.hotspot is not None:
        position = ranked.filter(hotspot__gt=file.hotspot).count() + 1
    return FilePage(
        file=file,
        functions=_functions(file.facts.functions if file.facts else ()),
        coupled=_coupled(snapshot, path),
        modules=list(SnapshotModule.objects.filter(snapshot=snapshot, path=path)),
        changes=_changes(file),
        position=position,
        ranked=ranked.count(),
    )


def _functions(stored: Iterable[list[Any]]) -> list[FunctionRow]:
    rows = [FunctionRow(name, line, end, cc, rank(cc)) for name, line, end, cc in stored]
    return sorted(rows, key=lambda row: (-row.complexity, row.line))


def _coupled(snapshot: Snapshot, path: str) -> list[CoupledFile]:
    pairs = SnapshotCoupling.objects.filter(Q(a=path) | Q(b=path), snapshot=snapshot)
    return [
        CoupledFile(pair.b if pair.a == path else pair.a, pair.shared, pair.degree)
        for pair in pairs.order_by("-degree", "-shared")[:COUPLED_FILES]
    ]


def _changes(file: SnapshotFile) -> list[FileChange]:
    if file.tracked_file_id is None:
        return []
    changes = FileChange.objects.filter(file_id=file.tracked_file_id).select_related("commit")
    return list(changes.order_by("-commit__committed_at", "-pk")[:RECENT_CHANGES])
