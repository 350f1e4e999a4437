"""Reading runs: their state, plan and log."""

from collections.abc import Sequence

from common.errors import NotFound
from orchestration.domain.states import RunState
from orchestration.models import Run, RunEvent


def run_get(run_id: int) -> Run:
    """The run with its environment and plan. Raises NotFound."""
    run = (
        Run.objects.select_related("environment", "plan", "requested_by").filter(pk=run_id).first()
    )
    if run is None:
        raise NotFound("There is no such run.")
    return run


def run_waiting(run_id: int, state: RunState) -> Run | None:
    """The run with its environment; None when it has left this state, or somebody ended it."""
    rows = Run.objects.select_related("environment", "plan")
    return rows.filter(pk=run_id, state=state.value).first()


def events_after(run: Run, sequence: int, limit: int = 500) -> Sequence[RunEvent]:
    """The lines of the log that come after a number, oldest first."""
    return list(
        RunEvent.objects.filter(run=run, sequence__gt=sequence).order_by("sequence")[:limit]
    )
