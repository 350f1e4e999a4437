"""Where a Git host delivers its events."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from common.encryption import SealedField
from hooks.domain.kinds import Kind


class Endpoint(models.Model):
    """One webhook of one repository.

    Its address holds `key`, which nobody can guess. Two secrets may be valid at once while the
    sender's settings are being changed: the present one, and the one before until `previous_until`.
    """

    repository = models.ForeignKey(
        "analysis.Repository", on_delete=models.CASCADE, related_name="+"
    )
    kind = models.CharField(max_length=10, choices=[(kind.value, kind.label) for kind in Kind])
    key = models.CharField(max_length=64, unique=True)
    secret = SealedField()
    previous_secret = SealedField(blank=True, default="")
    previous_until = models.DateTimeField(null=True, blank=True)
    disabled_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField()
    rotated_at = models.DateTimeField(null=True, blank=True)
    # The last event with a right signature, and the last one without (written once a minute).
    last_seen_at = models.DateTimeField(null=True, blank=True)
    refused_at = models.DateTimeField(null=True, blank=True)
    refused_reason = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        ordering: ClassVar = ["repository", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(kind__in=[kind.value for kind in Kind]),
                name="hooks_endpoint_kind_known",
            ),
            models.CheckConstraint(
                condition=~models.Q(key="") & ~models.Q(secret=""),
                name="hooks_endpoint_key_and_secret_given",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of repository {self.repository_id}"


class Delivery(models.Model):
    """One event that arrived with a right signature. Its body is not kept: it was only a prompt."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        LOOKED = "looked", "Looked"
        IGNORED = "ignored", "Ignored"
        PING = "ping", "Connected"

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="deliveries")
    # The sender's name of the delivery, or a digest where it gives none.
    delivery_id = models.CharField(max_length=100)
    event = models.CharField(max_length=60)
    # The reference or pull request, as the sender names it.
    subject = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=10, choices=State.choices)
    reason = models.CharField(max_length=300)
    received_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "deliveries"
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["endpoint", "delivery_id"], name="hooks_delivery_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=["waiting", "looked", "ignored", "ping"]),
                name="hooks_delivery_state_known",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["endpoint", "-id"], name="hooks_delivery_newest"),
            models.Index(fields=["received_at"], name="hooks_delivery_received"),
            models.Index(
                fields=["endpoint"],
                condition=models.Q(state="waiting"),
                name="hooks_delivery_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.delivery_id}"
