"""What was used already."""

from alerts.domain.once import mark_of
from alerts.models import UsedOnce


def was_used(*, purpose: str, value: str) -> bool:
    """Whether `value` was used before."""
    return UsedOnce.objects.filter(digest=mark_of(purpose, value)).exists()
