"""Wake-ups of the workers that build; no rule of the business."""

import os
import socket
from typing import Any

from celery import shared_task

from common import clock
from common.wakeup import wake
from orchestration.services import (
    blueprint_sources,
    environments,
    executing,
    forgetting,
    loads,
    proposals,
    recovering,
    tier_triggers,
)


@shared_task(name="orchestration.run_execute")
def run_execute(*, run_id: int, **_arguments: Any) -> None:
    """Take a run one step on."""
    executing.run_execute(run_id=run_id, worker=f"{socket.gethostname()}:{os.getpid()}")


@shared_task(name="orchestration.sweep")
def sweep(**_arguments: Any) -> None:
    """Find what a lost message or a dead worker left behind."""
    for run_id in recovering.runs_sweep(now=clock.now()):
        wake(run_execute, run_id=run_id)
    recovering.workdirs_forget()


@shared_task(name="orchestration.ttl_sweep")
def ttl_sweep(**_arguments: Any) -> None:
    """Warn of ends that are near, and end what has had its time."""
    environments.ttl_sweep(now=clock.now())


@shared_task(name="orchestration.drift_sweep")
def drift_sweep(**_arguments: Any) -> None:
    """Ask for a look at everything that was not looked at for a while."""
    environments.drift_sweep(now=clock.now())


@shared_task(name="orchestration.looks_forget")
def looks_forget(**_arguments: Any) -> None:
    """Forget old looks that found nothing."""
    forgetting.looks_forget(now=clock.now())


@shared_task(name="orchestration.proposals_sweep")
def proposals_sweep(**_arguments: Any) -> None:
    """Propose what debts need that come due soon."""
    proposals.proposals_sweep(now=clock.now())


@shared_task(name="orchestration.loads_sweep")
def loads_sweep(**_arguments: Any) -> None:
    """Look up the load of everything that was not looked up for a while."""
    loads.loads_sweep(now=clock.now())


@shared_task(name="orchestration.tier_triggers_sweep")
def tier_triggers_sweep(**_arguments: Any) -> None:
    """Record what has outgrown its size."""
    tier_triggers.tier_triggers_sweep(now=clock.now())


@shared_task(name="orchestration.sources_sweep")
def sources_sweep(**_arguments: Any) -> None:
    """Read blueprints again where the default branch has moved."""
    blueprint_sources.sources_sweep()
