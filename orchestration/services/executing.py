"""Whatever a run waits for: one door for the workers."""

from orchestration.domain.states import RunAction, RunState
from orchestration.models import Run
from orchestration.services.applying import run_apply
from orchestration.services.planning import run_plan
from orchestration.services.recovering import run_reconcile
from orchestration.services.verifying import run_verify


def run_execute(*, run_id: int, worker: str) -> None:
    """Take a run one step on. Doubled, late and needless calls do nothing."""
    run = Run.objects.filter(pk=run_id).only("state", "action").first()
    if run is None:
        return
    match RunState(run.state):
        case RunState.QUEUED if run.action == RunAction.VERIFY:
            run_verify(run_id=run_id, worker=worker)
        case RunState.QUEUED:
            run_plan(run_id=run_id, worker=worker)
        case RunState.APPLY_QUEUED:
            run_apply(run_id=run_id, worker=worker)
        case RunState.INDETERMINATE:
            run_reconcile(run_id=run_id, worker=worker)
        case _:
            return
