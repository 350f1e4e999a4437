"""Between debts and infrastructure: links, proposals, measurements; and what a system carries."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from orchestration.domain.states import LinkRole, ProposalState
from orchestration.models.choices import choices_of, is_one_of


class DebtLink(models.Model):
    """An environment that serves the repayment of a debt."""

    item = models.ForeignKey("ledger.DebtItem", on_delete=models.PROTECT, related_name="+")
    environment = models.ForeignKey(
        "orchestration.Environment", on_delete=models.CASCADE, related_name="links"
    )
    role = models.CharField(max_length=9, choices=choices_of(LinkRole))
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["item", "environment", "role"], name="orch_link_once"),
            is_one_of("role", LinkRole, "orch_link_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.role} {self.environment_id}"


class Proposal(models.Model):
    """What would prepare the refactor of a debt that comes due: made by us, decided by people."""

    item = models.ForeignKey("ledger.DebtItem", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=9, choices=choices_of(ProposalState))
    # What the debt needed when it was made.
    needs = models.JSONField(default=list)
    # [{"name", "blueprint", "version", "tier", "parameters", "why", "monthly_cost"}].
    resources = models.JSONField()
    # Capabilities that nothing in the catalogue offers.
    missing = models.JSONField(default=list, blank=True)
    monthly_cost = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3)
    created_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField(max_length=500, blank=True, default="")
    environment = models.ForeignKey(
        "orchestration.Environment",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    class Meta:
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            is_one_of("state", ProposalState, "orch_proposal_state_known"),
            models.UniqueConstraint(
                fields=["item"], condition=Q(state="open"), name="orch_proposal_open_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.state}"


class Measurement(models.Model):
    """A figure of a debt's outcome, before or after: "p95 of the checkout", 840 ms."""

    item = models.ForeignKey("ledger.DebtItem", on_delete=models.PROTECT, related_name="+")
    environment = models.ForeignKey(
        "orchestration.Environment", null=True, blank=True, on_delete=models.SET_NULL,
        related_name="measurements",
    )  # fmt: skip
    name = models.CharField(max_length=100)
    unit = models.CharField(max_length=30, blank=True, default="")
    is_after = models.BooleanField()
    value = models.FloatField()
    note = models.CharField(max_length=500, blank=True, default="")
    at = models.DateTimeField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["item", "name", "at"]
        indexes: ClassVar = [models.Index(fields=["item"], name="orch_measurement_item")]

    def __str__(self) -> str:
        return f"{self.name} {self.value} {self.unit}"


class LoadObservation(models.Model):
    """A peak that a system was measured to carry: connections, requests a second, gigabytes."""

    system = models.CharField(max_length=100)
    # Of one environment where that is known, else of the system as a whole.
    resource = models.ForeignKey(
        "orchestration.Resource", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    metric = models.CharField(max_length=40)
    value = models.FloatField()
    # The window that the peak is of ends here, and is so long (seconds).
    at = models.DateTimeField()
    window_seconds = models.PositiveIntegerField()
    # "api", "prometheus", "probe".
    source = models.CharField(max_length=20)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["-at"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(system=""), name="orch_load_system_given"),
            models.CheckConstraint(condition=Q(value__gte=0), name="orch_load_not_negative"),
            models.UniqueConstraint(
                fields=["system", "metric", "at", "source"],
                condition=Q(resource__isnull=True),
                name="orch_load_once",
            ),
            models.UniqueConstraint(
                fields=["resource", "metric", "at", "source"],
                condition=Q(resource__isnull=False),
                name="orch_load_of_resource_once",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["system", "metric", "at"], name="orch_load_of_system"),
            models.Index(fields=["resource", "metric", "at"], name="orch_load_of_resource"),
            models.Index(fields=["at"], name="orch_load_when"),
        ]

    def __str__(self) -> str:
        return f"{self.system} {self.metric} {self.value}"


class LoadSource(models.Model):
    """A Prometheus that is asked for the load of a system every so often."""

    system = models.CharField(max_length=100)
    metric = models.CharField(max_length=40)
    url = models.CharField(max_length=500)
    query = models.CharField(max_length=1000)
    asked_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=500, blank=True, default="")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["system", "metric"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["system", "metric", "url"], name="orch_source_once"),
        ]

    def __str__(self) -> str:
        return f"{self.system} {self.metric}"
