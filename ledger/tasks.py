"""Wake-ups of the ledger's workers; no rule of the business."""

from typing import Any

from celery import shared_task

from common.wakeup import wake
from ledger import selectors, services


@shared_task(name="ledger.registrations_sweep")
def registrations_sweep(**_arguments: Any) -> None:
    """Register the snapshots that nobody registered when they were completed."""
    services.registrations_sweep()


@shared_task(name="ledger.candidates_register")
def candidates_register(*, snapshot_id: int, **_arguments: Any) -> None:
    """Search a registered tree for candidates."""
    services.candidates_register(snapshot_id=snapshot_id)


@shared_task(name="ledger.candidates_sweep")
def candidates_sweep(**_arguments: Any) -> None:
    """Search the trees that nobody searched when they were registered; look up some authors."""
    services.candidates_sweep()
    services.candidates_blame_next()


@shared_task(name="ledger.prices_compute")
def prices_compute(*, repository_id: int, **_arguments: Any) -> None:
    """Price a repository's items, unless another worker is at it."""
    services.prices_compute(repository_id=repository_id)


@shared_task(name="ledger.prices_sweep")
def prices_sweep(**_arguments: Any) -> None:
    """Wake a worker for every repository whose prices are older than its facts."""
    for repository_id in selectors.repositories_to_price():
        wake(prices_compute, repository_id=repository_id)
