"""What commit messages ask of the ledger: requests to decide on, and lines that did nothing."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from ledger.domain.requests import RequestState
from ledger.domain.trailers import TrailerKind
from ledger.models.choices import choices_of, is_one_of


class TrailerNotice(models.Model):
    """A trailer that could not be acted on, for the commit's author. Kept until it is settled."""

    repository = models.ForeignKey(
        "analysis.Repository", on_delete=models.CASCADE, related_name="+"
    )
    commit = models.CharField(max_length=64)
    author = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=11, choices=choices_of(TrailerKind))
    line = models.CharField(max_length=300)
    reason = models.CharField(max_length=500)
    found_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["repository", "-found_at", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["repository", "commit", "line"], name="trailer_noticed_once"
            ),
            is_one_of("kind", TrailerKind, "trailer_kind_known"),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True) | Q(settled_by__isnull=False),
                name="trailer_settled_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.commit[:10]} {self.reason}"


class ExtensionRequest(models.Model):
    """A later date that a commit or a person asks for. Only an approver makes it a promise.

    `commit` is empty where a person asked, `asked_by` where a commit did; `author` names either.
    """

    item = models.ForeignKey(
        "ledger.DebtItem", on_delete=models.PROTECT, related_name="extension_requests"
    )
    commit = models.CharField(max_length=64, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    author = models.CharField(max_length=200, blank=True)
    due_on = models.DateField()
    reason = models.TextField()
    requested_at = models.DateTimeField()
    state = models.CharField(
        max_length=8, choices=choices_of(RequestState), default=RequestState.OPEN.value
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    answer = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar = ["item", "requested_at", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["item", "commit", "due_on"],
                condition=~Q(commit=""),
                name="extension_requested_once_by_commit",
            ),
            models.UniqueConstraint(
                fields=["item"],
                condition=Q(commit="", state="open"),
                name="extension_asked_once_by_people",
            ),
            models.CheckConstraint(
                condition=~Q(commit="") | Q(asked_by__isnull=False),
                name="extension_request_asked_by_somebody",
            ),
            is_one_of("state", RequestState, "extension_request_state_known"),
            models.CheckConstraint(
                condition=Q(state="open", decided_by__isnull=True)
                | (~Q(state="open") & Q(decided_by__isnull=False, decided_at__isnull=False)),
                name="extension_request_decided_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id}: {self.due_on} ({self.state})"
