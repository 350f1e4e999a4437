"""What is said where, when a team works, and what a person wants to hear."""

from datetime import time
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Coalesce

from ledger.domain.audiences import Audience
from ledger.domain.terms import Severity


def monday_to_friday() -> list[int]:
    return [0, 1, 2, 3, 4]


class TeamSchedule(models.Model):
    """When a team works, and when it wants to be spoken to.

    Without a row the organisation's own counts: the one without a team, else the settings.
    """

    team = models.OneToOneField(
        "accounts.Team", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    time_zone = models.CharField(max_length=64)
    # ISO 3166 country and subdivision of its public holidays; empty for none.
    country = models.CharField(max_length=2, blank=True, default="")
    subdivision = models.CharField(max_length=10, blank=True, default="")
    # Monday is 0, as date.weekday() has it.
    working_days = models.JSONField(default=monday_to_friday)
    speaks_at = models.TimeField(default=time(9, 30))
    weekly_on = models.PositiveSmallIntegerField(default=0)
    # Days on which this team is off besides: ISO dates.
    days_off = models.JSONField(default=list)
    updated_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(weekly_on__lte=6), name="alerts_weekly_on_known"),
            # One row for the organisation, which has no team.
            models.UniqueConstraint(Coalesce("team", Value(0)), name="alerts_schedule_once"),
        ]

    def __str__(self) -> str:
        return f"schedule of {self.team_id or 'the organisation'}"


class Route(models.Model):
    """A rule: what becomes due and matches it is said in its channel.

    `team` empty: debts whose owner no route of a team serves. A route is made switched off, so
    that its preview is seen first.
    """

    name = models.CharField(max_length=100)
    channel = models.ForeignKey("alerts.Channel", on_delete=models.CASCADE, related_name="routes")
    team = models.ForeignKey(
        "accounts.Team", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    system = models.CharField(max_length=100, blank=True, default="")
    repository = models.ForeignKey(
        "analysis.Repository", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    least_severity = models.CharField(
        max_length=8,
        choices=[(one.value, one.value.capitalize()) for one in Severity],
        default=Severity.LOW.value,
    )
    audience = models.CharField(
        max_length=10,
        choices=[(one.value, one.value) for one in Audience],
        default=Audience.PRODUCT.value,
    )
    mentions = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    switched_on_at = models.DateTimeField(null=True, blank=True)
    switched_on_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["name", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(least_severity__in=[one.value for one in Severity]),
                name="alerts_route_severity_known",
            ),
            models.CheckConstraint(
                condition=Q(audience__in=[one.value for one in Audience]),
                name="alerts_route_audience_known",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_on(self) -> bool:
        return self.switched_on_at is not None


class Preference(models.Model):
    """What one person wants to be told, besides what their teams read in common.

    Without a row: nothing personal, and mentions in their teams' channels.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    # A channel whose `person` is this one.
    channel = models.ForeignKey(
        "alerts.Channel", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    own_debts = models.BooleanField(default=False)
    # What is escalated to them as the lead of a team.
    escalations = models.BooleanField(default=True)
    mentions = models.BooleanField(default=True)
    updated_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"preferences of {self.user_id}"
