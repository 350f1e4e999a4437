"""The organisation's policy, version by version, and the exceptions from it."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from ledger.domain.policy import Rule
from ledger.models.choices import choices_of, is_one_of


class PolicyVersion(models.Model):
    """A whole policy as it was decided; the newest is in force, and none is ever changed."""

    number = models.PositiveIntegerField(unique=True)
    # Described in ledger.domain.policy_documents.
    document = models.JSONField()
    # Why it was changed.
    note = models.TextField(blank=True)
    at = models.DateTimeField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(number__gte=1), name="policy_from_one"),
        ]

    def __str__(self) -> str:
        return f"policy {self.number}"


class Waiver(models.Model):
    """An exception from one rule in one repository, asked for, approved and at an end.

    It holds from the approval to the end of `expires_on`, and is kept when it is over.
    """

    repository = models.ForeignKey(
        "analysis.Repository", on_delete=models.CASCADE, related_name="+"
    )
    rule = models.CharField(max_length=24, choices=choices_of(Rule))
    # A glob over paths in the repository; empty: everywhere in it.
    path = models.CharField(max_length=200, blank=True)
    reason = models.TextField()
    expires_on = models.DateField()
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    asked_at = models.DateTimeField()
    approver = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_at = models.DateTimeField(null=True)
    # Declined, or withdrawn before its day.
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-asked_at", "-pk"]
        constraints: ClassVar = [
            is_one_of("rule", Rule, "waiver_rule_known"),
            models.CheckConstraint(condition=~Q(reason=""), name="waiver_reason_given"),
            models.CheckConstraint(
                condition=Q(approver__isnull=True, approved_at__isnull=True)
                | (
                    Q(approver__isnull=False, approved_at__isnull=False)
                    & ~Q(approver=F("asked_by"))
                ),
                name="waiver_approved_by_another",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["repository", "expires_on"], name="waiver_by_repository")
        ]

    def __str__(self) -> str:
        return f"{self.rule} until {self.expires_on}"
