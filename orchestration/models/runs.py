"""What is done to environments: runs, their plans, approvals and logs."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from common.encryption import SealedField
from orchestration.domain.states import Decision, EventKind, Fidelity, RunAction, RunState
from orchestration.models.choices import choices_of, is_one_of


class Run(models.Model):
    """One thing that is done to one environment, from its plan to its end.

    Every write after a claim carries `fence`; a worker that lost its lease writes nothing.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    environment = models.ForeignKey(
        "orchestration.Environment", on_delete=models.PROTECT, related_name="runs"
    )
    action = models.CharField(max_length=10, choices=choices_of(RunAction))
    state = models.CharField(max_length=18, choices=choices_of(RunState))
    # Why it ended as it did, and what to do now, in words for a person.
    reason = models.CharField(max_length=1000, blank=True, default="")
    # What is wanted: for a resize {"resources": {"db": {"tier": "medium"}}}.
    wanted = models.JSONField(default=dict, blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    requested_at = models.DateTimeField()
    fence = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    # Which process holds it: "host:pid", for a person who looks.
    worker = models.CharField(max_length=100, blank=True, default="")
    # The phase that runs must end by then.
    deadline = models.DateTimeField(null=True, blank=True)
    # Until then a person must have approved, or a worker have begun.
    expires_at = models.DateTimeField(null=True, blank=True)
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    cancel_requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    # The number of its newest event.
    events = models.PositiveIntegerField(default=0)
    state_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            is_one_of("action", RunAction, "orch_run_action_known"),
            is_one_of("state", RunState, "orch_run_state_known"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["state", "lease_until"], name="orch_run_work"),
            models.Index(fields=["environment", "-id"], name="orch_run_newest"),
            models.Index(fields=["action", "requested_at"], name="orch_run_asked"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.action} {self.state}"

    @property
    def reference(self) -> str:
        """The name for people and addresses: R-000042."""
        return f"R-{self.pk:06d}"


class Plan(models.Model):
    """What a run would do. Applied is exactly the plan with the approved digest, or nothing."""

    run = models.OneToOneField(Run, on_delete=models.CASCADE, related_name="plan")
    # domain.plans.digest_of: blueprints, parameters, inventory, engine versions, generation.
    digest = models.CharField(max_length=71)
    fidelity = models.CharField(max_length=8, choices=choices_of(Fidelity))
    # A list of domain.plans.Change as JSON: what a person reads before approving.
    changes = models.JSONField()
    # What the digest was made from, to say what changed since when it is stale.
    basis = models.JSONField()
    # The policy's and the sizing's verdicts: a list of {level, rule, text}.
    verdicts = models.JSONField(default=list, blank=True)
    # The engine's own plan file, where it has one; it may hold secrets.
    artifact = SealedField(blank=True, default="")
    # Per month once it is applied, and for the time that is left: strings of a decimal number.
    monthly_cost = models.DecimalField(max_digits=12, decimal_places=2)
    cost_until_end = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3)
    generation = models.PositiveIntegerField()
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [is_one_of("fidelity", Fidelity, "orch_plan_fidelity_known")]

    def __str__(self) -> str:
        return self.digest[:19]


class Approval(models.Model):
    """Somebody else's word on exactly one digest. Never changed."""

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="approvals")
    digest = models.CharField(max_length=71)
    decision = models.CharField(max_length=8, choices=choices_of(Decision))
    approver = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField(max_length=1000, blank=True, default="")
    at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["run", "at"]
        constraints: ClassVar = [
            is_one_of("decision", Decision, "orch_approval_decision_known"),
            # Two approvals at once: one of them is.
            models.UniqueConstraint(fields=["run"], name="orch_approval_once"),
        ]

    def __str__(self) -> str:
        return f"{self.decision} {self.digest[:19]}"


class RunEvent(models.Model):
    """One line of a run's log: numbered from 1 without gaps, never changed, without secrets."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="log")
    sequence = models.PositiveIntegerField()
    at = models.DateTimeField()
    kind = models.CharField(max_length=8, choices=choices_of(EventKind))
    text = models.TextField()
    data = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering: ClassVar = ["run", "sequence"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "sequence"], name="orch_event_once"),
            is_one_of("kind", EventKind, "orch_event_kind_known"),
            models.CheckConstraint(condition=Q(sequence__gte=1), name="orch_event_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.run_id}/{self.sequence} {self.kind}"
