"""Who let a change through that the gate had stopped."""

from typing import ClassVar

from django.conf import settings
from django.db import models


class GateOverride(models.Model):
    """One use of the break-glass: who, when, why, and what would have stopped the change.

    The names are kept beside the keys, so that a row still says who it was and where after a
    person or a repository has gone. Nothing in the program changes or deletes a row.
    """

    class Source(models.TextChoices):
        COMMAND = "command", "Command"
        API = "api", "API"
        TRAILER = "trailer", "Commit message"

    repository = models.ForeignKey(
        "analysis.Repository", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    repository_name = models.CharField(max_length=200)
    base_sha = models.CharField(max_length=64)
    head_sha = models.CharField(max_length=64)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    actor_name = models.CharField(max_length=150)
    source = models.CharField(max_length=10, choices=Source.choices)
    reason = models.CharField(max_length=1000)
    # The commit whose message asked, for a trailer.
    commit_sha = models.CharField(max_length=64, blank=True, default="")
    # [{"rule", "path", "line", "debt", "message"}, ...]: what blocked.
    findings = models.JSONField(default=list)
    recorded_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~models.Q(actor_name="") & ~models.Q(reason=""),
                name="hooks_override_never_anonymous",
            ),
            models.CheckConstraint(
                condition=models.Q(source__in=["command", "api", "trailer"]),
                name="hooks_override_source_known",
            ),
            # A pipeline that runs again finds the trailer again.
            models.UniqueConstraint(
                fields=["head_sha", "base_sha", "commit_sha", "repository_name"],
                condition=models.Q(source="trailer"),
                name="hooks_override_trailer_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.actor_name} let {self.head_sha[:12]} through"
