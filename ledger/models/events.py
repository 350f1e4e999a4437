"""The history of an item: append-only by database trigger, chained by hashes."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from ledger.domain import terms
from ledger.models.choices import choices_of, is_one_of


class DebtEvent(models.Model):
    """One thing that happened to an item, with all the data needed to rebuild it."""

    item = models.ForeignKey("ledger.DebtItem", on_delete=models.PROTECT, related_name="events")
    sequence = models.PositiveIntegerField()
    type = models.CharField(max_length=20, choices=choices_of(terms.EventType))
    at = models.DateTimeField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    # The name at that time, "system" for the product itself; covered by the hash.
    actor_name = models.CharField(max_length=150)
    payload = models.JSONField()
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering: ClassVar = ["item", "sequence"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["item", "sequence"], name="event_sequence_once"),
            is_one_of("type", terms.EventType, "event_type_known"),
            models.CheckConstraint(condition=Q(sequence__gte=1), name="event_from_one"),
        ]
        indexes: ClassVar = [models.Index(fields=["at"], name="event_by_time")]

    def __str__(self) -> str:
        return f"{self.item_id}/{self.sequence} {self.type}"
