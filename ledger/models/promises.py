"""What was promised and what is known about an item; each row replaces none before it."""

from collections.abc import Mapping
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from ledger.domain import terms
from ledger.models.choices import choices_of, hours_field, is_one_of


class Numbered(models.Model):
    """A row of an item's series, numbered from 1 and written once."""

    sequence = models.PositiveIntegerField()
    at = models.DateTimeField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        abstract = True


class Commitment(Numbered):
    """A date promised for an item. Immutable: an extension is a new row."""

    item = models.ForeignKey(
        "ledger.DebtItem", on_delete=models.PROTECT, related_name="commitments"
    )
    kind = models.CharField(max_length=9, choices=choices_of(terms.CommitmentKind))
    due_on = models.DateField()
    reason = models.TextField(blank=True)
    interest_p10 = hours_field()
    interest_p50 = hours_field()
    interest_p90 = hours_field()
    approver = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["item", "sequence"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["item", "sequence"], name="commitment_sequence_once"),
            models.CheckConstraint(condition=Q(sequence__gte=1), name="commitment_from_one"),
            is_one_of("kind", terms.CommitmentKind, "commitment_kind_known"),
            models.CheckConstraint(
                condition=~Q(kind="extension")
                | (~Q(reason="") & Q(approver__isnull=False) & Q(interest_p50__isnull=False)),
                name="extension_has_reason_price_approver",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id}/{self.sequence}: {self.due_on}"


class ImpactStatement(Numbered):
    """A wording of the business impact with what the linter said of it at that time."""

    item = models.ForeignKey("ledger.DebtItem", on_delete=models.PROTECT, related_name="statements")
    text = models.TextField()
    level = models.PositiveSmallIntegerField()
    # A list of objects with code, message and match, as the linter gave them.
    findings = models.JSONField(default=list)
    linter_version = models.PositiveSmallIntegerField()
    # The sentences that were inserted with their evidence: ledger.domain.bindings.
    bindings = models.JSONField(default=list, db_default=[])

    class Meta:
        ordering: ClassVar = ["item", "sequence"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["item", "sequence"], name="statement_sequence_once"),
            models.CheckConstraint(condition=Q(level__lte=3), name="statement_level_known"),
        ]

    def __str__(self) -> str:
        return self.text


class Estimate(Numbered):
    """Principal in hours (three points) and interest in hours a month (a range)."""

    item = models.ForeignKey("ledger.DebtItem", on_delete=models.PROTECT, related_name="estimates")
    principal_optimistic = hours_field()
    principal_likely = hours_field()
    principal_pessimistic = hours_field()
    interest_p10 = hours_field()
    interest_p50 = hours_field()
    interest_p90 = hours_field()
    # The hours that the shortcut saved when it was taken: what the debt was taken up for.
    time_saved = hours_field()
    basis = models.CharField(max_length=8, choices=choices_of(terms.Basis))
    formula_version = models.PositiveSmallIntegerField()

    class Meta:
        ordering: ClassVar = ["item", "sequence"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["item", "sequence"], name="estimate_sequence_once"),
            is_one_of("basis", terms.Basis, "estimate_basis_known"),
            models.CheckConstraint(
                condition=Q(principal_optimistic__isnull=True, principal_pessimistic__isnull=True)
                | Q(
                    principal_optimistic__gte=0,
                    principal_optimistic__lte=F("principal_likely"),
                    principal_likely__lte=F("principal_pessimistic"),
                ),
                name="estimate_principal_ordered",
            ),
            models.CheckConstraint(
                condition=Q(interest_p10__isnull=True, interest_p90__isnull=True)
                | Q(
                    interest_p10__gte=0,
                    interest_p10__lte=F("interest_p50"),
                    interest_p50__lte=F("interest_p90"),
                ),
                name="estimate_interest_ordered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id}/{self.sequence}"


class Plan(Numbered):
    """How the debt will be repaid."""

    item = models.ForeignKey("ledger.DebtItem", on_delete=models.PROTECT, related_name="plans")
    summary = models.TextField(blank=True)
    # The infrastructure that it needs: values of ledger.domain.terms.Need.
    needs = models.JSONField(default=list, db_default=[])

    class Meta:
        ordering: ClassVar = ["item", "sequence"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["item", "sequence"], name="plan_sequence_once")
        ]

    def __str__(self) -> str:
        return self.summary


class Milestone(models.Model):
    """A step of a plan with its date."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="milestones")
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    due_on = models.DateField()

    class Meta:
        ordering: ClassVar = ["plan", "position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["plan", "position"], name="milestone_position_once"),
            models.CheckConstraint(condition=~Q(title=""), name="milestone_title_given"),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.due_on})"


class Evidence(Numbered):
    """What shows that an item was repaid or that its exit condition holds."""

    item = models.ForeignKey("ledger.DebtItem", on_delete=models.PROTECT, related_name="evidence")
    kind = models.CharField(max_length=16, choices=choices_of(terms.EvidenceKind))
    # A commit, the name of a trailer, a measurement.
    reference = models.CharField(max_length=200, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar = ["item", "sequence"]
        verbose_name_plural = "evidence"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["item", "sequence"], name="evidence_sequence_once"),
            is_one_of("kind", terms.EvidenceKind, "evidence_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"


# The model behind each series of `ledger.domain.history`.
SERIES_MODELS: Mapping[str, type[models.Model]] = {
    "commitment": Commitment,
    "statement": ImpactStatement,
    "estimate": Estimate,
    "plan": Plan,
    "evidence": Evidence,
}
