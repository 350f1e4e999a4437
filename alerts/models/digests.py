"""What was said of which debt on which day."""

from typing import ClassVar

from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Coalesce


class Digest(models.Model):
    """What one team, or one person, is told in one channel on one business day.

    `team` is empty for debts of nobody's team and in a person's channel. The unique rows are what
    makes a second run on the same day, or two at once, say nothing twice.
    """

    channel = models.ForeignKey("alerts.Channel", on_delete=models.CASCADE, related_name="digests")
    team = models.ForeignKey(
        "accounts.Team", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    day = models.DateField()
    created_at = models.DateTimeField()
    # How many debts it speaks of, whether as rows or in a sum.
    items = models.PositiveIntegerField()
    is_summary = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["-day", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["channel", "team", "day"],
                condition=Q(team__isnull=False),
                name="alerts_digest_once",
            ),
            models.UniqueConstraint(
                fields=["channel", "day"],
                condition=Q(team__isnull=True),
                name="alerts_digest_once_without_team",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["day"], name="alerts_digest_day")]

    def __str__(self) -> str:
        return f"{self.channel_id} on {self.day}"


class Notice(models.Model):
    """A stage of a debt's promise that a channel has been told of.

    `rank` orders the stages (alerts.domain.cadence), so that the highest one so far is known
    without knowing their names. A new date begins anew.
    """

    channel = models.ForeignKey("alerts.Channel", on_delete=models.CASCADE, related_name="+")
    item = models.ForeignKey("ledger.DebtItem", on_delete=models.CASCADE, related_name="+")
    due_on = models.DateField()
    stage = models.CharField(max_length=12)
    rank = models.PositiveSmallIntegerField()
    digest = models.ForeignKey(
        Digest, null=True, blank=True, on_delete=models.SET_NULL, related_name="notices"
    )
    said_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["channel", "item", "due_on", "stage"], name="alerts_notice_once"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["item", "due_on", "rank"], name="alerts_notice_of_item"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.stage} in {self.channel_id}"


class Turn(models.Model):
    """The last day on which a channel had its turn to be told of a team's debts, said or not.

    Raised by a conditional update in the transaction that writes the digest: of two workers at
    once one raises it, and on a day without news nobody looks a second time.
    """

    channel = models.ForeignKey("alerts.Channel", on_delete=models.CASCADE, related_name="+")
    team = models.ForeignKey(
        "accounts.Team", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    day = models.DateField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint("channel", Coalesce("team", Value(0)), name="alerts_turn_once"),
        ]

    def __str__(self) -> str:
        return f"{self.channel_id}: {self.day}"
