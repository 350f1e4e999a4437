"""Wake-ups of the analysis workers: what to call, on which queue; no rule of the business."""

from typing import Any

from celery import shared_task

from analysis import services
from analysis.models import AnalysisRun, Repository
from common.wakeup import wake


def analyse_soon(
    *,
    repository: Repository,
    requested_by_id: int | None = None,
    rev: str = "",
    with_history: bool = True,
) -> AnalysisRun:
    """Ask for an analysis and wake a worker for it; return the run, whose progress can be read."""
    run = services.analysis_request(
        repository=repository,
        requested_by_id=requested_by_id,
        rev=rev,
        with_history=with_history,
    )
    wake(run_execute, run_id=run.pk)
    return run


@shared_task(name="analysis.run_execute")
def run_execute(*, run_id: int, **kwargs: Any) -> None:
    """Analyse the repository of a run, if the run can still be claimed."""
    services.run_execute(run_id=run_id)


@shared_task(name="analysis.sweep")
def sweep(**kwargs: Any) -> None:
    """Wake a worker for every run that waits, and ask for first analyses that nobody asked for."""
    services.runs_forget()
    services.refreshes_request()
    for run_id in services.runs_to_wake():
        wake(run_execute, run_id=run_id)
