"""What follows runs that wait or have ended, and taking in the catalogue after a migration."""

import logging
from typing import Any

from django.apps import AppConfig
from django.db import DEFAULT_DB_ALIAS, DatabaseError, transaction
from django.db.models.signals import post_migrate
from django.dispatch import receiver

from common.wakeup import wake
from orchestration.models import Run
from orchestration.services.announcing import failed_end_announce
from orchestration.services.blueprints import catalogue_sync
from orchestration.signals import run_ended, run_waits
from orchestration.tasks import run_execute

log = logging.getLogger(__name__)


@receiver(run_waits, dispatch_uid="orchestration.run_execute")
def wake_worker(*, run_id: int, **_signal: Any) -> None:
    """Queue the work once the transaction that asked for it has committed."""
    wake(run_execute, run_id=run_id)


@receiver(run_ended, dispatch_uid="orchestration.failed_end")
def tell_of_failure(*, run: Run, **_signal: Any) -> None:
    """Say that an end did not come about in the transaction of the run that was to bring it."""
    failed_end_announce(run=run)


@receiver(post_migrate, dispatch_uid="orchestration.catalogue_sync")
def catalogue_follows(*, sender: AppConfig, using: str, **_signal: Any) -> None:
    """Each release brings its catalogue with its tables; so does every start of `make run`."""
    if sender.name != "orchestration" or using != DEFAULT_DB_ALIAS:
        return
    try:
        with transaction.atomic():
            catalogue_sync()
    except DatabaseError as error:
        # Tables of an older release: somebody migrates step by step, or back.
        log.warning("the catalogue was not taken in: %s", error)
