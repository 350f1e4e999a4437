"""Plain words for what the analysis stores."""

from typing import Any

from analysis.models import Snapshot, SnapshotFile
from common.figures import grouped_number

# Why a file could not be measured, by the reason that is stored.
REASONS = {
    "binary": "Binary",
    "too_large": "Too large",
    "encoding": "Unknown encoding",
    "python2": "Python 2",
    "syntax": "Syntax error",
    "too_deep": "Nested too deeply",
    "timeout": "Took too long",
    "crashed": "The parser crashed",
    "missing": "Git could not deliver it",
}

# The share of modules in cycles (0..1) from which the figure is shown in red.
SERIOUS_CYCLICALITY = 0.1


def snapshot_notes(snapshot: Snapshot) -> dict[str, Any]:
    """Return the small print below the totals."""
    return {
        "lines_note": (
            f"in {grouped_number(snapshot.measured_files)} measured files, "
            "without blank lines and comments"
        ),
        "cycle_tone": _cycle_tone(snapshot.cyclicality),
    }


def _cycle_tone(cyclicality: float | None) -> str:
    """Most projects have a small cycle: only a large share is worth an alarm."""
    if not cyclicality:
        return ""
    return "danger" if cyclicality >= SERIOUS_CYCLICALITY else "warn"


def file_notes(file: SnapshotFile) -> dict[str, str]:
    """Return the small print below the figures of a file."""
    notes = {}
    if file.loc is not None and file.comments is not None:
        notes["lines_note"] = f"of {grouped_number(file.loc)}; {file.comments} with comments"
    if file.complexity_max is not None:
        notes["worst_note"] = f"{file.complexity_max} in the worst function"
    if file.added is not None and file.deleted is not None:
        notes["churn_note"] = (
            f"{grouped_number(file.added)} lines added, {grouped_number(file.deleted)} removed"
        )
    return notes
