"""How a repository's default branch is watched."""

from typing import ClassVar

from django.db import models

from hooks.domain.looks import Outcome


class Watch(models.Model):
    """When the tip of a repository's default branch was looked at, and when it is next.

    A worker owns a look while its lease lasts; every later write names the fence it was claimed
    with. `wanted_at` is when somebody asked for a look at once; it stays until a look that began
    later has ended.
    """

    repository = models.OneToOneField(
        "analysis.Repository", on_delete=models.CASCADE, related_name="+"
    )
    next_look_at = models.DateTimeField()
    wanted_at = models.DateTimeField(null=True, blank=True)
    # What asked last: "webhook", "page", "api", "hook".
    wanted_by = models.CharField(max_length=20, blank=True, default="")
    looked_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(
        max_length=12,
        choices=[(one.value, one.value) for one in Outcome],
        default=Outcome.NEVER.value,
    )
    # What the last look that reached the repository saw.
    tip_branch = models.CharField(max_length=250, blank=True, default="")
    tip_sha = models.CharField(max_length=64, blank=True, default="")
    # The tip for which an analysis was asked last.
    asked_sha = models.CharField(max_length=64, blank=True, default="")
    error = models.TextField(blank=True, default="")
    failures = models.PositiveIntegerField(default=0)
    looks = models.PositiveIntegerField(default=0)
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    fence = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "watches"
        ordering: ClassVar = ["repository"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(outcome__in=[one.value for one in Outcome]),
                name="hooks_watch_outcome_known",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["next_look_at"], name="hooks_watch_due")]

    def __str__(self) -> str:
        return f"repository {self.repository_id}: {self.outcome}"
