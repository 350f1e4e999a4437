"""Writing a snapshot: whole, in one transaction, or not at all."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Model

from analysis.domain.architecture import ModuleGraph
from analysis.domain.coupling import Coupling
from analysis.domain.picture import FilePicture, totals
from analysis.domain.source import ANALYSER_VERSION
from analysis.models import (
    Repository,
    Snapshot,
    SnapshotCoupling,
    SnapshotDependency,
    SnapshotFile,
    SnapshotModule,
)
from common import clock
from common.bulk import copy_rows, insert_rows

# Snapshots of a repository whose rows are kept, besides the current one.
KEEP_ROWS = 2

FILE_FIELDS = (
    "snapshot_id", "path", "language", "oid", "size", "is_vendored", "is_generated",
    "facts_id", "loc", "sloc", "lloc", "comments", "functions", "complexity", "complexity_max",
    "maintainability_index", "error",
    "tracked_file_id", "revisions", "revisions_recent", "added", "deleted", "authors",
    "age_months", "hotspot",
)  # fmt: skip
MODULE_FIELDS = (
    "snapshot_id", "name", "path", "ca", "ce", "instability", "cycle", "level", "role",
)  # fmt: skip
GRAPH_TOTALS = (
    "modules", "dependencies", "propagation_cost", "cyclicality", "nccd", "architecture",
    "graph_digest", "cycles",
)  # fmt: skip
COUPLING_FIELDS = ("snapshot_id", "a", "b", "shared", "revisions_a", "revisions_b", "degree")
ROW_MODELS: tuple[type[Model], ...] = (
    SnapshotFile, SnapshotModule, SnapshotDependency, SnapshotCoupling,
)  # fmt: skip


def snapshot_create(
    *,
    repository: Repository,
    commit_sha: str,
    committed_at: datetime,
    is_default_tip: bool,
    pictures: Sequence[FilePicture],
    graph: ModuleGraph | Snapshot,
    couplings: Sequence[Coupling[str]],
    commits: int | None,
    warnings: Sequence[str],
) -> Snapshot:
    """Write the snapshot and all its rows; call it inside the transaction that shows it.

    `graph` may be a snapshot whose module graph is equal: its rows are copied then. `commits` is
    None for a snapshot without history. A snapshot of the same commit, rules and
    kind that stands already (its rows were dropped by retention) is replaced.
    """
    key: dict[str, Any] = {
        "commit_sha": commit_sha,
        "analyser": ANALYSER_VERSION,
        "with_history": commits is not None,
        "is_default_tip": is_default_tip,
    }
    with transaction.atomic():
        rows_delete(repository.snapshots.filter(**key).values_list("pk", flat=True))
        snapshot, _ = repository.snapshots.update_or_create(
            **key,
            defaults={
                "committed_at": committed_at,
                "created_at": clock.now(),
                "has_rows": True,
                **asdict(totals(pictures)),
                **_graph_totals(graph),
                "commits": commits,
                "warnings": list(warnings),
            },
        )
        insert_rows(
            SnapshotFile, FILE_FIELDS, (_file_row(snapshot.pk, picture) for picture in pictures)
        )
        _write_graph(snapshot.pk, graph)
        insert_rows(
            SnapshotCoupling,
            COUPLING_FIELDS,
            (
                (snapshot.pk, c.a, c.b, c.shared, c.revisions_a, c.revisions_b, c.degree)
                for c in couplings
            ),
        )
    return snapshot


def _graph_totals(graph: ModuleGraph | Snapshot) -> dict[str, object]:
    if isinstance(graph, Snapshot):
        return {name: getattr(graph, name) for name in GRAPH_TOTALS}
    metrics = graph.metrics
    values = (
        len(graph.modules), len(graph.dependencies), metrics.propagation_cost,
        metrics.cyclicality, metrics.nccd, metrics.architecture.value, graph.digest,
        [{"modules": cycle.modules, "cuts": cycle.cuts} for cycle in graph.cycles],
    )  # fmt: skip
    return dict(zip(GRAPH_TOTALS, values, strict=True))


def _write_graph(snapshot_id: int, graph: ModuleGraph | Snapshot) -> None:
    if isinstance(graph, Snapshot):
        for model in (SnapshotModule, SnapshotDependency):
            copy_rows(model, "snapshot", graph.pk, snapshot_id)
        return
    insert_rows(
        SnapshotModule,
        MODULE_FIELDS,
        (
            (
                snapshot_id, module.name, module.path, module.metrics.ca, module.metrics.ce,
                module.metrics.instability, module.metrics.cycle, module.metrics.level,
                module.metrics.role.value,
            )
            for module in graph.modules
        ),
    )  # fmt: skip
    insert_rows(
        SnapshotDependency,
        ("snapshot_id", "source", "target"),
        ((snapshot_id, source, target) for source, target in graph.dependencies),
    )


def _file_row(snapshot_id: int, picture: FilePicture) -> tuple[object, ...]:
    source, content, history = picture.source, picture.content, picture.history
    measured: tuple[object, ...] = (None,) * 9 + ("",)
    if content is not None:
        measured = (
            content.facts_id, content.loc, content.sloc, content.lloc, content.comments,
            content.functions, content.complexity, content.complexity_max,
            content.maintainability_index, content.error,
        )  # fmt: skip
    lived: tuple[object, ...] = (None,) * 7
    if history is not None:
        lived = (
            history.tracked_file_id, history.revisions, history.revisions_recent, history.added,
            history.deleted, history.authors, history.age_months,
        )  # fmt: skip
    return (
        snapshot_id, source.path, source.language, source.oid, source.size, source.is_vendored,
        source.is_generated, *measured, *lived, picture.hotspot,
    )  # fmt: skip


def rows_delete(snapshot_ids: Iterable[int]) -> None:
    """Drop the detail rows of these snapshots; their totals stay."""
    ids = list(snapshot_ids)
    for model in ROW_MODELS:
        rows = model._default_manager.filter(snapshot_id__in=ids)
        # Nothing refers to these rows: one statement, no cascade to look for.
        rows._raw_delete(rows.db)
    Snapshot.objects.filter(pk__in=ids).update(has_rows=False)


def rows_retire(*, repository: Repository) -> None:
    """Keep the rows of the current and the newest snapshots, drop those of all older ones."""
    with_rows = repository.snapshots.filter(has_rows=True)
    kept = list(with_rows.order_by("-pk").values_list("pk", flat=True)[:KEEP_ROWS])
    rows_delete(
        with_rows.exclude(pk__in=[*kept, repository.current_snapshot_id]).values_list(
            "pk", flat=True
        )
    )
