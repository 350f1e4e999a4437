"""What the ledger does when another part of the product tells of something."""

import logging
from typing import Any

from django.dispatch import receiver

from analysis.signals import snapshot_completed
from common.errors import DisplaceError
from ledger import services

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
