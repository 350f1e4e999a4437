"""Comments that might be debt, and what people decided about them."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from ledger.domain.candidate_terms import CandidateKind, CandidateState
from ledger.models.choices import choices_of, is_one_of


class Candidate(models.Model):
    """A TODO, FIXME, HACK, XXX or a DEBT without an id, followed through moves and edits.

    It is kept when the comment goes, so that what was dismissed for good stays dismissed when the
    comment comes back.
    """

    repository = models.ForeignKey(
        "analysis.Repository", on_delete=models.CASCADE, related_name="+"
    )
    kind = models.CharField(max_length=5, choices=choices_of(CandidateKind))
    path = models.TextField()
    line = models.PositiveIntegerField()
    text = models.CharField(max_length=300)
    # Identity: ledger.domain.candidates says what they are made of.
    text_hash = models.CharField(max_length=64)
    context_hash = models.CharField(max_length=64)
    ordinal = models.PositiveIntegerField()

    is_present = models.BooleanField(default=True)
    first_seen_at = models.DateTimeField()
    # When a tree was last registered in which its file had changed, or in which it was gone.
    last_seen_at = models.DateTimeField()
    # By blame, asked for when somebody wants to know.
    author = models.CharField(max_length=200, blank=True)
    written_at = models.DateTimeField(null=True, blank=True)

    state = models.CharField(
        max_length=9, choices=choices_of(CandidateState), default=CandidateState.OPEN.value
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField(max_length=500, blank=True)
    item = models.ForeignKey(
        "ledger.DebtItem", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["repository", "path", "line", "pk"]
        constraints: ClassVar = [
            is_one_of("kind", CandidateKind, "candidate_kind_known"),
            is_one_of("state", CandidateState, "candidate_state_known"),
            models.CheckConstraint(
                condition=Q(state="open") | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="candidate_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state="dismissed") | ~Q(reason=""), name="candidate_dismissed_why"
            ),
            models.CheckConstraint(
                condition=~Q(state="promoted") | Q(item__isnull=False),
                name="candidate_promoted_to_debt",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["repository", "path"], name="candidate_by_path"),
            models.Index(fields=["repository", "text_hash"], name="candidate_by_text"),
            models.Index(fields=["state", "is_present", "repository"], name="candidate_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.path}:{self.line} {self.text}"


class CandidateFile(models.Model):
    """A file of the newest scanned tree that holds one of the words, and which content it had.

    A file whose content is the same is not read again.
    """

    repository = models.ForeignKey(
        "analysis.Repository", on_delete=models.CASCADE, related_name="+"
    )
    path = models.TextField()
    digest = models.CharField(max_length=64)

    class Meta:
        ordering: ClassVar = ["repository", "path"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["repository", "path"], name="candidate_file_once")
        ]

    def __str__(self) -> str:
        return self.path
