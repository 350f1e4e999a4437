"""What the ledger does when another part of the product tells of something."""

import logging
from typing import Any

from django.dispatch import receiver

from analysis.signals import snapshot_completed
from common.errors import DisplaceError
from common.wakeup import wake
from ledger import services
from ledger.tasks import candidates_register, prices_compute

log = logging.getLogger(__name__)


@receiver(snapshot_completed, dispatch_uid="ledger.register_annotations")
def register_annotations(*, snapshot_id: int, is_default_tip: bool = True, **_signal: Any) -> None:
    """Register at once, where the analysis ran; what fails here is found by the sweep."""
    if not is_default_tip:
        return
    try:
        services.annotations_register(snapshot_id=snapshot_id)
    except DisplaceError as error:
        log.warning("snapshot %s not registered: %s", snapshot_id, error.message)
        return
    # Never a part of the analysis itself: nobody waits for these.
    wake(candidates_register, snapshot_id=snapshot_id)


@receiver(snapshot_completed, dispatch_uid="ledger.price_items")
def price_items(*, repository_id: int, is_default_tip: bool = True, **_signal: Any) -> None:
    """Wake a worker to price what stands in the new tree: never a part of the analysis itself."""
    if is_default_tip:
        wake(prices_compute, repository_id=repository_id)
