"""What stands, or is to stand: targets, environments, their resources and outputs."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from common.encryption import SealedField
from orchestration.domain.states import DeletionPolicy, EnvironmentState
from orchestration.models.choices import choices_of, is_one_of


class Target(models.Model):
    """Where an engine builds: this host, or a remote system with its address and credential.

    `options` may be shown; `secret` holds the credential as sealed JSON.
    """

    name = models.CharField(max_length=100, unique=True)
    engine = models.CharField(max_length=30)
    options = models.JSONField(default=dict, blank=True)
    secret = SealedField(blank=True, default="")
    # Part of the address to which a remote system calls back; nobody can guess it.
    key = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    disabled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["name"]
        indexes: ClassVar = [models.Index(fields=["engine"], name="orch_target_engine")]

    def __str__(self) -> str:
        return self.name


class Environment(models.Model):
    """Infrastructure for one purpose, owned by somebody, for so long.

    One run at a time may change it: `active_run` names it, and each change of hands, or of its end,
    raises `fence`. `generation` counts what was applied, so that a plan made before is known to be
    stale.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=100)
    purpose = models.CharField(max_length=500, blank=True, default="")
    # A handle, as debts have one: a person or a team.
    owner = models.CharField(max_length=100)
    team = models.ForeignKey(
        "accounts.Team", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    state = models.CharField(max_length=12, choices=choices_of(EnvironmentState))
    # Why it is degraded or drifted, in words for a person.
    state_reason = models.CharField(max_length=500, blank=True, default="")
    is_production = models.BooleanField(default=False)
    deletion_policy = models.CharField(
        max_length=6, choices=choices_of(DeletionPolicy), default=DeletionPolicy.DELETE.value
    )
    # No time to live once it was promoted.
    expires_at = models.DateTimeField(null=True, blank=True)
    ttl_extensions = models.PositiveSmallIntegerField(default=0)
    # The warning that was given last, in minutes before the end; null when none was.
    warned_minutes = models.PositiveIntegerField(null=True, blank=True)
    promoted_at = models.DateTimeField(null=True, blank=True)
    # Set once somebody took it over: its end is no longer the one that was approved with it.
    adopted_at = models.DateTimeField(null=True, blank=True)
    # The system whose load it is sized for (a debt's system).
    system = models.CharField(max_length=100, blank=True, default="")
    # Why it is larger or smaller than was measured, where that has to be said.
    justification = models.CharField(max_length=1000, blank=True, default="")
    generation = models.PositiveIntegerField(default=0)
    fence = models.PositiveIntegerField(default=0)
    active_run = models.OneToOneField(
        "orchestration.Run", null=True, blank=True, on_delete=models.PROTECT, related_name="holds"
    )
    created_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True, blank=True)
    verified_at = models.DateTimeField(null=True, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            is_one_of("state", EnvironmentState, "orch_environment_state_known"),
            is_one_of("deletion_policy", DeletionPolicy, "orch_environment_policy_known"),
            models.CheckConstraint(
                condition=~Q(name="") & ~Q(owner=""), name="orch_environment_named_and_owned"
            ),
            # One of this name at a time; a name is free again once its environment is gone.
            models.UniqueConstraint(
                fields=["name"],
                condition=~Q(state__in=("destroyed", "orphaned")),
                name="orch_environment_name_once",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["state", "expires_at"], name="orch_environment_expiry"),
            models.Index(fields=["state", "checked_at"], name="orch_environment_check"),
            models.Index(fields=["owner"], name="orch_environment_owner"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def reference(self) -> str:
        """The name for people and addresses: E-000042."""
        return f"E-{self.pk:06d}"


class Resource(models.Model):
    """One capability in an environment: what is wanted of it, and what was built last.

    `parameters` holds no secrets; those are made by us and kept in `secrets` as sealed JSON.
    A value such as ${resources.db.host} stands for an output of another resource.
    """

    environment = models.ForeignKey(Environment, on_delete=models.CASCADE, related_name="resources")
    # Unique in the environment; what references to it use.
    name = models.CharField(max_length=40)
    # The order in which they are built; destroyed in reverse.
    position = models.PositiveSmallIntegerField()
    capability = models.CharField(max_length=40)
    target = models.ForeignKey(Target, on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey(
        "orchestration.BlueprintVersion", on_delete=models.PROTECT, related_name="+"
    )
    tier = models.CharField(max_length=40)
    parameters = models.JSONField(default=dict)
    secrets = SealedField(blank=True, default="")
    # As it stands: what the last successful run applied; empty before the first.
    applied = models.JSONField(default=dict, blank=True)
    # What the engine keeps about it between runs (its ports and folders); nothing secret.
    facts = models.JSONField(default=dict, blank=True)
    # The last thing that was observed of it, and when.
    observed = models.JSONField(default=dict, blank=True)
    observed_at = models.DateTimeField(null=True, blank=True)
    # `id` and `name` of the host where it was built, if it can be seen and changed only there.
    stands_on = models.JSONField(default=dict, blank=True)
    # When its load was last asked for, whatever it answered.
    load_asked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["environment", "position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["environment", "name"], name="orch_resource_once"),
            models.UniqueConstraint(
                fields=["environment", "position"], name="orch_resource_position_once"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["capability"], name="orch_resource_capability")]

    def __str__(self) -> str:
        return self.name


class Output(models.Model):
    """What one needs to use a resource, named as Score does: host, port, username, …"""

    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="outputs")
    name = models.CharField(max_length=40)
    value = models.CharField(max_length=1000, blank=True, default="")
    # Set instead of `value` where the blueprint says that it is secret.
    sealed = SealedField(blank=True, default="")

    class Meta:
        ordering: ClassVar = ["resource", "name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["resource", "name"], name="orch_output_once"),
            models.CheckConstraint(
                condition=Q(value="") | Q(sealed=""), name="orch_output_clear_or_sealed"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class StateFile(models.Model):
    """The state that OpenTofu or Terraform keeps of a resource, sealed; we are its HTTP backend."""

    resource = models.OneToOneField(Resource, on_delete=models.CASCADE, related_name="state_file")
    serial = models.PositiveIntegerField(default=0)
    sealed = SealedField(blank=True, default="")
    # What the engine said when it took the lock; empty when nobody holds it.
    lock = models.JSONField(default=dict, blank=True)
    locked_at = models.DateTimeField(null=True, blank=True)
    locked_by_run = models.ForeignKey(
        "orchestration.Run", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    updated_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"state {self.serial} of {self.resource_id}"
