"""What went wrong in one channel and must be heard of somewhere else."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

# What the key of each kind of trouble begins with.
OFF = "off:"
DEAD = "dead:"


class Trouble(models.Model):
    """A channel that was switched off by its service, or messages that were given up.

    `key` names the occasion, so that it is told once: "off:" and the moment, "dead:" and the day.
    It is told when `said_at` is set, by `said_by`, or by e-mail where that is empty.
    """

    channel = models.ForeignKey("alerts.Channel", on_delete=models.CASCADE, related_name="troubles")
    key = models.CharField(max_length=60)
    # Not before this moment.
    at = models.DateTimeField()
    said_at = models.DateTimeField(null=True, blank=True)
    said_by = models.ForeignKey(
        "alerts.Delivery", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["channel", "key"], name="alerts_trouble_once"),
            models.CheckConstraint(condition=~Q(key=""), name="alerts_trouble_key_given"),
        ]
        indexes: ClassVar = [models.Index(fields=["said_at", "at"], name="alerts_trouble_unsaid")]

    def __str__(self) -> str:
        return f"{self.key} of {self.channel_id}"
