"""What this app tells those who build upon it, without knowing them."""

from django.dispatch import Signal

# Sent after the commit of a new snapshot. Arguments: repository_id, snapshot_id, is_default_tip.
# A receiver is woken, not trusted: whoever must not miss a snapshot also sweeps for it.
snapshot_completed = Signal()
