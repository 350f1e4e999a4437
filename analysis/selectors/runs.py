"""How far an analysis is."""

from dataclasses import dataclass
from datetime import datetime

from analysis.models import AnalysisRun

# What each stage is called in front of people, in the order they are passed.
STAGES = {
    "fetch": "Fetching from Git",
    "files": "Measuring files",
    "graph": "Mapping modules",
    "history": "Reading history",
    "store": "Writing the snapshot",
}


@dataclass(frozen=True, slots=True)
class RunProgress:
    """A run as people see it. `fraction` is 0..1 within the stage, None where it can't be told."""

    run_id: int
    repository_id: int
    repository_name: str
    repository_slug: str
    state: str
    stage: str
    stage_text: str
    done: int
    total: int
    fraction: float | None
    error: str
    snapshot_id: int | None
    requested_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether there is still something to wait for."""
        return self.state in AnalysisRun.OPEN


def run_progress(run_id: int) -> RunProgress:
    """Return how far the run is; raises AnalysisRun.DoesNotExist."""
    return _progress(AnalysisRun.objects.select_related("repository").get(pk=run_id))


def latest_run(repository_id: int) -> RunProgress | None:
    """Return the newest run of a repository, or None before the first."""
    run = (
        AnalysisRun.objects.select_related("repository")
        .filter(repository_id=repository_id)
        .order_by("-pk")
        .first()
    )
    return _progress(run) if run else None


def open_runs() -> list[RunProgress]:
    """Return every run that waits or is under way, the oldest first."""
    runs = AnalysisRun.objects.select_related("repository").filter(state__in=AnalysisRun.OPEN)
    return [_progress(run) for run in runs.order_by("pk")]


def _progress(run: AnalysisRun) -> RunProgress:
    return RunProgress(
        run_id=run.pk,
        repository_id=run.repository_id,
        repository_name=run.repository.name,
        repository_slug=run.repository.slug,
        state=run.state,
        stage=run.stage,
        stage_text=STAGES.get(run.stage, ""),
        done=run.done,
        total=run.total,
        fraction=min(run.done / run.total, 1.0) if run.total else None,
        error=run.error,
        snapshot_id=run.snapshot_id,
        requested_at=run.requested_at,
        started_at=run.started_at,
        finished_at=run.finished_at,
    )
