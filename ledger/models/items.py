"""A debt item: the current state, which its events can rebuild."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Cast, Concat, Lower, NullIf

from ledger.domain import terms
from ledger.models.choices import choices_of, hours_field, is_one_of


class DebtItem(models.Model):
    """One debt: what was cut short, who pays it back, and until when.

    Only `ledger.services` writes this row, together with the event that says why. The columns
    from `due_on` to `needs` repeat the newest commitment, statement, estimate and plan,
    so that the register can sort 100,000 items by them; `verify_history` compares the two.
    """

    # Known before the row has a number, and the root of the item's hash chain.
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    repository = models.ForeignKey(
        "analysis.Repository", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    # The id in the annotation; unique in its repository, empty for debt with no place in code.
    slug = models.CharField(max_length=63, blank=True)
    origin = models.CharField(max_length=12, choices=choices_of(terms.Origin))
    state = models.CharField(max_length=12, choices=choices_of(terms.State))
    # The state to return to if code that was removed or rolled back comes back.
    closed_from = models.CharField(max_length=12, blank=True)
    resolution = models.CharField(max_length=8, blank=True, choices=choices_of(terms.Resolution))

    title = models.CharField(max_length=200)
    text = models.TextField(blank=True)
    owner = models.CharField(max_length=100)
    severity = models.CharField(max_length=8, choices=choices_of(terms.Severity))
    system = models.CharField(max_length=100, blank=True)
    confidence = models.CharField(max_length=6, choices=choices_of(terms.Confidence))
    quadrant = models.CharField(max_length=22, blank=True, choices=choices_of(terms.Quadrant))
    containment = models.CharField(max_length=10, blank=True, choices=choices_of(terms.Containment))
    reversibility = models.CharField(
        max_length=8, blank=True, choices=choices_of(terms.Reversibility)
    )
    # Who looked at a one-way door before it was gone through, and what they said.
    reviewer = models.CharField(max_length=150, blank=True, default="", db_default="")
    review_note = models.TextField(blank=True, default="", db_default="")
    # Who answered a reminder of the present promise, and until when none is wanted.
    seen_by = models.CharField(max_length=150, blank=True, default="", db_default="")
    seen_at = models.DateTimeField(null=True, blank=True)
    snoozed_by = models.CharField(max_length=150, blank=True, default="", db_default="")
    snoozed_until = models.DateField(null=True, blank=True)
    snoozes = models.PositiveSmallIntegerField(default=0, db_default=0)
    # What must hold for the debt to count as gone, and where else it is tracked.
    exit_condition = models.CharField(max_length=500, blank=True)
    external_reference = models.CharField(max_length=200, blank=True)

    # Where the annotation stands in the newest registered tree. The lines are an observation
    # (any edit above moves them) and so no part of the history; path and presence are.
    path = models.TextField(blank=True)
    line = models.PositiveIntegerField(null=True, blank=True)
    end_line = models.PositiveIntegerField(null=True, blank=True)
    text_hash = models.CharField(max_length=64, blank=True)
    present = models.BooleanField(null=True)
    # What the annotation last said, to tell an edit in the code from a decision made here.
    annotation = models.JSONField(default=dict, blank=True)

    due_on = models.DateField()
    first_due_on = models.DateField()
    extensions = models.PositiveSmallIntegerField(default=0)
    impact = models.TextField(blank=True)
    impact_level = models.PositiveSmallIntegerField(default=0)
    principal = hours_field()
    interest_p10 = hours_field()
    interest_p50 = hours_field()
    interest_p90 = hours_field()
    # Cost of delay (hours a week) per hour of principal: ledger.domain.estimates.cd3.
    cd3 = models.GeneratedField(
        expression=Cast(F("interest_p50"), models.FloatField())
        * 12.0
        / 52.0
        / NullIf(Cast(F("principal"), models.FloatField()), 0.0),
        output_field=models.FloatField(),
        db_persist=True,
        null=True,
    )
    plan_milestones = models.PositiveSmallIntegerField(default=0)
    needs = models.JSONField(default=list, db_default=[])
    # The newest price and the best known figure (ledger.domain.known_costs). Observations, not
    # history: the next pricing makes them again. `place` tells which items share their code.
    priced_p10 = hours_field()
    priced_p50 = hours_field()
    priced_p90 = hours_field()
    priced_basis = models.CharField(max_length=8, blank=True, default="", db_default="")
    known_p10 = hours_field()
    known_p50 = hours_field()
    known_p90 = hours_field()
    known_basis = models.CharField(max_length=8, blank=True, default="", db_default="")
    known_cd3 = models.FloatField(null=True, blank=True)
    place = models.BigIntegerField(null=True, blank=True)
    # For sorting and searching; the database keeps them in step.
    severity_rank = models.GeneratedField(
        expression=Case(
            *(When(severity=level, then=Value(rank)) for rank, level in enumerate(terms.Severity)),
            default=Value(0),
        ),
        output_field=models.SmallIntegerField(),
        db_persist=True,
    )
    search_text = models.GeneratedField(
        expression=Lower(
            Concat(
                *("title", Value(" "), "slug", Value(" "), "owner", Value(" "), "system"),
                *(Value(" "), "path", Value(" "), "text"),
                output_field=models.TextField(),
            )
        ),
        output_field=models.TextField(),
        db_persist=True,
    )

    recorded_at = models.DateTimeField()
    repaid_on = models.DateField(null=True, blank=True)
    updated_at = models.DateTimeField()

    # The number of events so far (also the version for optimistic locking), and the last hash.
    version = models.PositiveIntegerField()
    history_head = models.CharField(max_length=64)

    class Meta:
        ordering: ClassVar = ["due_on", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["repository", "slug"],
                condition=~Q(slug="") & Q(repository__isnull=False),
                name="debt_slug_once_per_repository",
            ),
            is_one_of("state", terms.State, "debt_state_known"),
            is_one_of("severity", terms.Severity, "debt_severity_known"),
            is_one_of("confidence", terms.Confidence, "debt_confidence_known"),
            is_one_of("origin", terms.Origin, "debt_origin_known"),
            is_one_of("quadrant", terms.Quadrant, "debt_quadrant_known", blank=True),
            is_one_of("containment", terms.Containment, "debt_containment_known", blank=True),
            is_one_of("reversibility", terms.Reversibility, "debt_reversibility_known", blank=True),
            is_one_of("resolution", terms.Resolution, "debt_resolution_known", blank=True),
            models.CheckConstraint(condition=~Q(title=""), name="debt_title_given"),
            models.CheckConstraint(condition=~Q(owner=""), name="debt_owner_given"),
            models.CheckConstraint(condition=Q(version__gte=1), name="debt_has_history"),
            models.CheckConstraint(
                condition=Q(impact_level__lte=3), name="debt_impact_level_known"
            ),
            models.CheckConstraint(
                condition=Q(interest_p10__isnull=True, interest_p90__isnull=True)
                | Q(
                    interest_p10__gte=0,
                    interest_p10__lte=F("interest_p50"),
                    interest_p50__lte=F("interest_p90"),
                ),
                name="debt_interest_ordered",
            ),
            models.CheckConstraint(
                condition=Q(principal__isnull=True) | Q(principal__gte=0),
                name="debt_principal_not_negative",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["state", "due_on"], name="debt_by_state_due"),
            models.Index(fields=["due_on", "id"], name="debt_by_due"),
            models.Index(fields=["owner", "due_on"], name="debt_by_owner"),
            models.Index(fields=["repository", "due_on", "state"], name="debt_by_repository"),
            models.Index(fields=["known_p50", "id"], name="debt_by_known_interest"),
            models.Index(fields=["principal", "id"], name="debt_by_principal"),
            models.Index(fields=["known_cd3", "id"], name="debt_by_known_cd3"),
            models.Index(fields=["recorded_at", "id"], name="debt_by_age"),
            models.Index(fields=["severity_rank", "id"], name="debt_by_severity"),
            models.Index(Lower("title"), "id", name="debt_by_title"),
            models.Index(fields=["owner", "id"], name="debt_by_owner_name"),
            models.Index(
                fields=["recorded_at", "id"],
                condition=Q(reversibility=terms.Reversibility.ONE_WAY.value),
                name="debt_one_way",
            ),
            # The sums of the dashboard are read from the following alone. They hold closed items
            # too: SQLite uses an index with a condition only where the values are in the
            # statement itself, not beside it.
            models.Index(
                fields=["place", "known_p10", "known_p50", "known_p90", "state"],
                name="debt_cost_by_place",
            ),
            models.Index(
                fields=["state", "due_on", "principal", "known_p50"], name="debt_cost_by_day"
            ),
            # The load of each system, whose debts in one place count once.
            models.Index(
                fields=["system", "repository", "place", "owner", "known_p50", "state"],
                name="debt_load",
            ),
            models.Index(
                fields=["resolution", "repaid_on", "first_due_on", "due_on"], name="debt_kept"
            ),
            models.Index(
                fields=["repaid_on", "due_on", "closed_from", "resolution"],
                condition=Q(resolution=terms.Resolution.REMOVED.value),
                name="debt_removed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"

    @property
    def reference(self) -> str:
        """The name of the item for people and addresses: D-000123."""
        return f"D-{self.pk:06d}"

    @property
    def history_length(self) -> int:
        """How many events the item has: every event raises the version by one."""
        return self.version

    @property
    def is_open(self) -> bool:
        return self.state in terms.OPEN_STATES
