"""Every read of this app."""

from analysis.selectors.code_standing import CodeStanding, code_standing
from analysis.selectors.documents import snapshot_document
from analysis.selectors.effort import effort_of
from analysis.selectors.hotspots import (
    FileFigures,
    HotspotRow,
    file_figures,
    hotspot_in_current,
    worst_hotspots,
)
from analysis.selectors.listings import repository_by_key, whole_snapshot_document
from analysis.selectors.place_history import PlaceHistory, place_history
from analysis.selectors.repositories import (
    repositories_list,
    repository_by_slug,
    snapshots_list,
)
from analysis.selectors.runs import STAGES, RunProgress, latest_run, open_runs, run_progress
from analysis.selectors.snapshots import SnapshotHead, default_heads, snapshot_head
from analysis.selectors.trends import TrendRow, trend_of, trend_rows

__all__ = [
    "STAGES",
    "CodeStanding",
    "FileFigures",
    "HotspotRow",
    "PlaceHistory",
    "RunProgress",
    "SnapshotHead",
    "TrendRow",
    "code_standing",
    "default_heads",
    "effort_of",
    "file_figures",
    "hotspot_in_current",
    "latest_run",
    "open_runs",
    "place_history",
    "repositories_list",
    "repository_by_key",
    "repository_by_slug",
    "run_progress",
    "snapshot_document",
    "snapshot_head",
    "snapshots_list",
    "trend_of",
    "trend_rows",
    "whole_snapshot_document",
    "worst_hotspots",
]
