"""A Git repository under review."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower

from analysis.domain.locations import redacted


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
    # DEBT(repository-credentials, owner=platform, sev=high, cost=1-2-4d, impact="Until 31 March
    #   2027, whoever reads 1 backup can copy the private source code of every customer who
    #   registered it with a token.", plan="Move user names and tokens to an encrypted field that
    #   only the fetch reads.", exit="no location in the database holds a token") [2027-03-31]: A
    #   token in a repository's URL is stored in clear. It is masked wherever it is shown.
    location = models.CharField(max_length=1000, unique=True)
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
