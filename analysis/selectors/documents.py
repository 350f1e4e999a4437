"""A snapshot as the JSON document that `analyse` prints and users rely on."""

from collections.abc import Iterator
from typing import Any

from analysis.models import (
    Snapshot,
    SnapshotCoupling,
    SnapshotDependency,
    SnapshotFile,
    SnapshotModule,
)

SCHEMA = 1
FUNCTION_FIELDS = ("name", "line", "end_line", "complexity")
FILE_FIELDS = (
    "path", "language", "loc", "sloc", "lloc", "comments", "complexity", "complexity_max",
    "maintainability_index", "revisions", "age_months", "authors", "hotspot",
)  # fmt: skip
TOTALS = (
    "files", "measured_files", "unreadable_files", "loc", "sloc", "lloc", "functions",
    "complexity", "modules", "dependencies", "propagation_cost", "cyclicality", "nccd", "commits",
)  # fmt: skip


def snapshot_document(*, snapshot_id: int) -> dict[str, Any]:
    """Return the snapshot as plain values, in the shape promised to users (schema 1).

    `churn` is lines added plus lines deleted over the file's whole life, renames followed;
    figures that were not measured are None, never 0.
    """
    snapshot = Snapshot.objects.select_related("repository").get(pk=snapshot_id)
    repository = snapshot.repository
    return {
        "schema": SCHEMA,
        "repository": {
            "name": repository.name,
            "url": repository.shown_location,
            "default_branch": repository.default_branch,
        },
        "commit": {
            "sha": snapshot.commit_sha,
            "committed_at": snapshot.committed_at.isoformat(),
        },
        "totals": {name: getattr(snapshot, name) for name in TOTALS},
        "warnings": snapshot.warnings,
        "files": list(_files(snapshot_id)),
        "modules": list(
            SnapshotModule.objects.filter(snapshot_id=snapshot_id)
            .order_by("name")
            .values("name", "path", "ca", "ce", "instability")
        ),
        "dependencies": [
            {"from": source, "to": target}
            for source, target in SnapshotDependency.objects.filter(snapshot_id=snapshot_id)
            .order_by("source", "target")
            .values_list("source", "target")
        ],
        "cycles": [cycle["modules"] for cycle in snapshot.cycles],
        "change_coupling": list(
            SnapshotCoupling.objects.filter(snapshot_id=snapshot_id)
            .order_by("-degree", "-shared", "a", "b")
            .values("a", "b", "shared", "degree")
        ),
    }


def _files(snapshot_id: int) -> Iterator[dict[str, Any]]:
    rows = (
        SnapshotFile.objects.filter(snapshot_id=snapshot_id)
        .order_by("path")
        .values(
            *FILE_FIELDS,
            "added",
            "deleted",
            "facts__functions",
            "facts__error_reason",
            "facts__error_detail",
            "facts__error_line",
            "error",
        )
    )
    for row in rows.iterator(chunk_size=500):
        document = {name: row[name] for name in FILE_FIELDS}
        document["functions"] = [
            dict(zip(FUNCTION_FIELDS, values, strict=True))
            for values in row["facts__functions"] or []
        ]
        known = row["added"] is not None
        document["churn"] = row["added"] + row["deleted"] if known else None
        document["error"] = error_text(row)
        yield document


def error_text(row: dict[str, Any]) -> str | None:
    """Return why a file could not be measured, as one sentence, or None."""
    if not row["error"]:
        return None
    line = f" (line {row['facts__error_line']})" if row["facts__error_line"] else ""
    detail = row["facts__error_detail"] or ""
    return f"{row['error']}: {detail}{line}" if detail else row["error"]
