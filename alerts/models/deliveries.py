"""The outbox: what is to be sent, written in the transaction of the fact that causes it."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q

from alerts.domain.states import DeliveryKind, DeliveryState, Outcome


class Delivery(models.Model):
    """One message on its way to one channel.

    `key` is what the service is given to recognise a repetition. Whoever sends holds a lease;
    every write after the claim carries `fence`, so that a worker which was given up writes
    nothing. `remote` is the receipt: the service's names for the message.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    channel = models.ForeignKey(
        "alerts.Channel", on_delete=models.CASCADE, related_name="deliveries"
    )
    digest = models.ForeignKey(
        "alerts.Digest", null=True, blank=True, on_delete=models.CASCADE, related_name="deliveries"
    )
    kind = models.CharField(max_length=8, choices=[(one.value, one.value) for one in DeliveryKind])
    # The delivery whose message this one changes or answers below.
    target = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="followers"
    )
    message = models.JSONField()
    # For the log's search: the title and the references.
    search_text = models.TextField(blank=True, default="")
    # The same fact asks for the same delivery: whoever writes it twice writes it once.
    dedupe = models.CharField(max_length=200, unique=True)
    state = models.CharField(
        max_length=8,
        choices=[(one.value, one.value) for one in DeliveryState],
        default=DeliveryState.WAITING.value,
    )
    attempts = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    next_attempt_at = models.DateTimeField()
    # It is given up after this time.
    expires_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    fence = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    remote = models.JSONField(default=dict, blank=True)
    error = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        verbose_name_plural = "deliveries"
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=[one.value for one in DeliveryState]),
                name="alerts_delivery_state_known",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[one.value for one in DeliveryKind]),
                name="alerts_delivery_kind_known",
            ),
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(sent_at__isnull=False),
                name="alerts_delivery_sent_when",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["state", "next_attempt_at"], name="alerts_delivery_due"),
            models.Index(fields=["channel", "state", "next_attempt_at"], name="alerts_delivery_of"),
            models.Index(fields=["channel", "-id"], name="alerts_delivery_newest"),
            models.Index(fields=["created_at"], name="alerts_delivery_age"),
            # For the log, newest first: what is rare among thousands that were simply sent.
            models.Index(
                fields=["state", "-id"], condition=~Q(state="sent"), name="alerts_delivery_unsent"
            ),
            models.Index(
                fields=["kind", "-id"], condition=~Q(kind="digest"), name="alerts_delivery_rare"
            ),
            models.Index(
                fields=["sent_at"], condition=Q(sent_at__isnull=False), name="alerts_delivery_sent"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"

    @property
    def reference(self) -> str:
        """The short name that is printed under a message."""
        return self.key.hex[:8]


class Attempt(models.Model):
    """One try at a delivery, written before it begins, so that a killed worker leaves a trace."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="tries")
    number = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(
        max_length=8, blank=True, default="", choices=[(one.value, one.value) for one in Outcome]
    )
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    said = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        ordering: ClassVar = ["delivery", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["delivery", "number"], name="alerts_attempt_once"),
        ]

    def __str__(self) -> str:
        return f"{self.delivery_id}/{self.number} {self.outcome}"
