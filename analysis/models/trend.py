"""How a repository grew."""

from typing import ClassVar

from django.db import models


class TrendPoint(models.Model):
    """The totals at one commit of the past; the same figures as those of a snapshot.

    `position` is the commit's number along the first parents, counted from the first commit, so
    that points can be put in order whatever the committers' clocks said.
    """

    repository = models.ForeignKey(
        "analysis.Repository", on_delete=models.CASCADE, related_name="trend_points", db_index=False
    )
    commit_sha = models.CharField(max_length=64)
    committed_at = models.DateTimeField()
    position = models.PositiveIntegerField()
    analyser = models.PositiveSmallIntegerField()

    files = models.PositiveIntegerField()
    measured_files = models.PositiveIntegerField()
    unreadable_files = models.PositiveIntegerField()
    loc = models.PositiveBigIntegerField()
    sloc = models.PositiveBigIntegerField()
    lloc = models.PositiveBigIntegerField()
    functions = models.PositiveIntegerField()
    complexity = models.PositiveBigIntegerField()
    modules = models.PositiveIntegerField()
    dependencies = models.PositiveIntegerField()
    propagation_cost = models.FloatField(null=True)
    cyclicality = models.FloatField(null=True)
    nccd = models.FloatField(null=True)

    class Meta:
        ordering: ClassVar = ["repository", "position"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["repository", "commit_sha", "analyser"], name="trend_point_once"
            )
        ]

    def __str__(self) -> str:
        return self.commit_sha[:12]
