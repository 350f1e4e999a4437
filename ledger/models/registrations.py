"""What the ledger has read from repositories."""

from typing import ClassVar

from django.db import models

from ledger.domain import terms
from ledger.models.choices import choices_of, is_one_of


class Registration(models.Model):
    """The last tree of a repository that was applied to the ledger, and its branch then."""

    # One for all branches: items belong to the repository, and its default branch may change.
    repository = models.OneToOneField(
        "analysis.Repository", on_delete=models.CASCADE, related_name="+"
    )
    branch = models.CharField(max_length=250)
    head = models.CharField(max_length=64)
    snapshot = models.ForeignKey(
        "analysis.Snapshot", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    annotations = models.PositiveIntegerField()
    # The commit whose tree was last searched for candidates.
    candidates_head = models.CharField(max_length=64, blank=True, db_default="")
    applied_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["repository"]

    def __str__(self) -> str:
        return f"{self.branch} at {self.head[:12]}"


class RejectedAnnotation(models.Model):
    """A marked line that is no registered debt, with the reason for its author.

    The rows of a repository are those of the newest registered tree, replaced as a whole.
    """

    repository = models.ForeignKey(
        "analysis.Repository", on_delete=models.CASCADE, related_name="+"
    )
    kind = models.CharField(max_length=9, choices=choices_of(terms.Problem))
    path = models.TextField()
    line = models.PositiveIntegerField()
    text = models.CharField(max_length=300)
    reason = models.CharField(max_length=500)
    author = models.CharField(max_length=200, blank=True)
    found_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["repository", "path", "line", "pk"]
        constraints: ClassVar = [
            is_one_of("kind", terms.Problem, "rejected_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.path}:{self.line} {self.reason}"
