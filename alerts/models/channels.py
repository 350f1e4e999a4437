"""Where messages go."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from common.encryption import SealedField


class Channel(models.Model):
    """One place at one service: a room, a person's mailbox, the address of a webhook.

    `options` holds what may be shown; `secret` holds the rest as sealed JSON. A channel of a
    `person` carries what only they are told.
    """

    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=100, unique=True)
    team = models.ForeignKey(
        "accounts.Team", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    options = models.JSONField(default=dict)
    secret = SealedField(blank=True, default="")
    # Part of the address to which the service sends answers; nobody can guess it.
    key = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    updated_at = models.DateTimeField()

    # Off until somebody switches it on again; `disabled_reason` says why, in words for a person.
    disabled_at = models.DateTimeField(null=True, blank=True)
    disabled_reason = models.CharField(max_length=500, blank=True, default="")
    # The breaker: after some failures in a row nothing is tried until `open_until`.
    failures = models.PositiveIntegerField(default=0)
    open_until = models.DateTimeField(null=True, blank=True)
    # The token bucket: what was left at `tokens_at`.
    tokens = models.FloatField(default=0)
    tokens_at = models.DateTimeField()
    last_sent_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=500, blank=True, default="")
    last_error_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(kind=""), name="alerts_channel_kind_given"),
            models.CheckConstraint(
                condition=~Q(name="") & ~Q(key=""), name="alerts_channel_name_and_key_given"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["kind"], name="alerts_channel_kind")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_on(self) -> bool:
        return self.disabled_at is None
