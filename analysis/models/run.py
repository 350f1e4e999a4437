"""The work of analysing: requested, claimed, under way, ended."""

from typing import ClassVar

from django.conf import settings
from django.db import models


class AnalysisRun(models.Model):
    """One request to analyse a repository, and its live progress.

    The row is the truth and a Celery message only a wake-up. A worker owns the run while its lease
    lasts; each claim raises `fence`, and every later write names the fence it was claimed with, so
    that a worker which lost its lease can change nothing any more.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "waiting"
        RUNNING = "running", "running"
        COMPLETE = "complete", "complete"
        FAILED = "failed", "failed"

    OPEN: ClassVar = (State.QUEUED, State.RUNNING)

    repository = models.ForeignKey(
        "analysis.Repository", on_delete=models.CASCADE, related_name="runs"
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    # A revision other than the default branch's tip, or empty.
    rev = models.CharField(max_length=250, blank=True)
    with_history = models.BooleanField(default=True)
    stage = models.CharField(max_length=20, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)
    snapshot = models.ForeignKey(
        "analysis.Snapshot", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    requested_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    # Host and process that hold the lease.
    worker = models.CharField(max_length=300, blank=True)
    fence = models.PositiveIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(state__in=["queued", "running", "complete", "failed"]),
                name="run_state_known",
            ),
            # Two analyses of one repository at once cannot exist.
            models.UniqueConstraint(
                fields=["repository"],
                condition=models.Q(state__in=["queued", "running"]),
                name="run_one_open_per_repository",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["state", "lease_expires_at"], name="run_sweep"),
            models.Index(fields=["repository", "-id"], name="run_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.repository_id}: {self.state}"
