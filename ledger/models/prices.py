"""What items cost as measured: beside the history, since a price is an observation."""

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from ledger.domain import terms
from ledger.models.choices import choices_of, hours_field, is_one_of


def _money() -> "models.DecimalField[Decimal, Decimal]":
    return models.DecimalField(max_digits=14, decimal_places=2)


class Price(models.Model):
    """The interest of an item as one snapshot and one version of the formula gave it.

    Rows stay as they were written: a new formula adds rows. Of the rows of one day the last is
    kept, since a busy branch would else write thousands that nobody ever reads.
    """

    item = models.ForeignKey("ledger.DebtItem", on_delete=models.CASCADE, related_name="prices")
    snapshot = models.ForeignKey(
        "analysis.Snapshot", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    commit_sha = models.CharField(max_length=64)
    formula = models.CharField(max_length=20)
    formula_version = models.PositiveSmallIntegerField()
    basis = models.CharField(max_length=8, choices=choices_of(terms.Basis))
    # Hours a month, money a month, and hours lost since the item was recorded.
    interest_p10 = hours_field()
    interest_p50 = hours_field()
    interest_p90 = hours_field()
    cost_p10 = _money()
    cost_p50 = _money()
    cost_p90 = _money()
    currency = models.CharField(max_length=3)
    paid_p10 = hours_field()
    paid_p50 = hours_field()
    paid_p90 = hours_field()
    # What went into it and what was assumed: docs/pricing.md names each.
    inputs = models.JSONField()
    assumptions = models.JSONField()
    # Of commit, formula, inputs and assumptions: the same once more writes nothing.
    digest = models.CharField(max_length=64)
    is_current = models.BooleanField(default=True)
    at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["item", "-at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["item"], condition=Q(is_current=True), name="price_current_once"
            ),
            is_one_of("basis", terms.Basis, "price_basis_known"),
            models.CheckConstraint(
                condition=Q(
                    interest_p10__gte=0,
                    interest_p10__lte=F("interest_p50"),
                    interest_p50__lte=F("interest_p90"),
                ),
                name="price_interest_ordered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id}: {self.interest_p50} h a month"


class RepositoryPricing(models.Model):
    """How far the prices of a repository's items are; the claim of the worker that prices them."""

    repository = models.OneToOneField(
        "analysis.Repository", on_delete=models.CASCADE, related_name="+"
    )
    # The snapshot priced last, and a digest of formula and assumptions; 0 and "" before.
    snapshot_number = models.BigIntegerField(default=0)
    rules = models.CharField(max_length=64, blank=True)
    priced_at = models.DateTimeField(null=True)
    items = models.PositiveIntegerField(default=0)
    lease_expires_at = models.DateTimeField(null=True)
    fence = models.PositiveIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["repository"]

    def __str__(self) -> str:
        return f"{self.repository_id} at snapshot {self.snapshot_number}"


class Outcome(models.Model):
    """What a paid item cost in the end beside what was estimated; written once per formula.

    `principal_actual`: hours of the days of its code between the start of the repayment and its
    end. `interest_actual`: hours lost a month while it was unpaid.
    """

    item = models.ForeignKey("ledger.DebtItem", on_delete=models.CASCADE, related_name="outcomes")
    formula = models.CharField(max_length=20)
    formula_version = models.PositiveSmallIntegerField()
    principal_p10 = hours_field()
    principal_expected = hours_field()
    principal_p90 = hours_field()
    principal_actual = hours_field()
    repayment_days = models.PositiveIntegerField(default=0)
    interest_p10 = hours_field()
    interest_p50 = hours_field()
    interest_p90 = hours_field()
    interest_actual = hours_field()
    unpaid_days = models.PositiveIntegerField(default=0)
    basis = models.CharField(max_length=8, choices=choices_of(terms.Basis), blank=True)
    repaid_on = models.DateField()
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-repaid_on", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["item", "formula", "formula_version"], name="outcome_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id}: {self.principal_actual} h"
