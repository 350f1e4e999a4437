"""Wake-ups of the workers that watch tips; no rule of the business."""

from typing import Any

from celery import shared_task

from common.wakeup import wake
from hooks import services


@shared_task(name="hooks.tip_look")
def tip_look(*, repository_id: int, **_arguments: Any) -> None:
    """Look at the tip of a repository's default branch, if one is due and free."""
    services.tip_look(repository_id=repository_id)


@shared_task(name="hooks.sweep")
def sweep(**_arguments: Any) -> None:
    """Wake a worker for every look that is due, and forget what has had its time."""
    services.deliveries_forget()
    services.previous_secrets_forget()
    for repository_id in services.looks_due():
        wake(tip_look, repository_id=repository_id)
