"""Repositories and the facts measured in them.

Four kinds of rows, told apart by how they live:

- content facts: keyed by what the content is, never by where it stands; written once;
- history: commits, files followed through renames, who changed what; appended to as the default
  branch moves on;
- snapshots: the picture of one commit; written whole in one transaction and never changed;
- runs: work under way; the only rows here that a worker updates while it goes.
"""

from analysis.models.facts import ContentFacts, SearchedContent
from analysis.models.history import Author, Commit, Contribution, FileChange, KnownPath, TrackedFile
from analysis.models.repository import Repository
from analysis.models.run import AnalysisRun
from analysis.models.snapshot import (
    Snapshot,
    SnapshotCoupling,
    SnapshotDependency,
    SnapshotFile,
    SnapshotModule,
)
from analysis.models.trend import TrendPoint

__all__ = [
    "AnalysisRun",
    "Author",
    "Commit",
    "ContentFacts",
    "Contribution",
    "FileChange",
    "KnownPath",
    "Repository",
    "SearchedContent",
    "Snapshot",
    "SnapshotCoupling",
    "SnapshotDependency",
    "SnapshotFile",
    "SnapshotModule",
    "TrackedFile",
    "TrendPoint",
]
