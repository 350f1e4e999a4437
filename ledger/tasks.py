"""Wake-ups of the ledger's workers; no rule of the business."""

from typing import Any

from celery import shared_task

from ledger import services


@shared_task(name="ledger.registrations_sweep")
def registrations_sweep(**_arguments: Any) -> None:
    """Register the snapshots that nobody registered when they were completed."""
    services.registrations_sweep()
