"""A Git repository under review."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower

from analysis.domain.locations import redacted
from common.encryption import SealedField


class Repository(models.Model):
    """One Git repository, known by where it is fetched from.

    `history_head` is the commit up to which the history tables are complete, and
    `current_snapshot` the newest whole picture of the default branch: moving these two pointers,
    in the transaction that writes the rows behind them, is what makes an analysis visible.
    """

    class Kind(models.TextChoices):
        LOCAL = "local", "a path on this host"
        REMOTE = "remote", "a URL"

    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=140, unique=True)
    # Without any password or token: those are sealed in `credentials` (the user part of the
    # address, as typed), which only a fetch opens.
    location = models.CharField(max_length=1000, unique=True)
    credentials = SealedField(blank=True, db_default="", default="")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    default_branch = models.CharField(max_length=250, blank=True)
    history_head = models.CharField(max_length=64, blank=True)
    # Whether the history read so far was cut off: once it is whole, it is read again.
    history_is_shallow = models.BooleanField(default=False)
    current_snapshot = models.ForeignKey(
        "analysis.Snapshot", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    # Sentences about the repository as a whole (shallow, submodules); replaced by each analysis.
    warnings = models.JSONField(default=list, blank=True)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "repositories"
        ordering: ClassVar = [Lower("name"), "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["local", "remote"]), name="repository_kind_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(location=""), name="repository_location_given"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def shown_location(self) -> str:
        """The location with any password or token in it masked: the form fit for a page."""
        return redacted(self.location)
