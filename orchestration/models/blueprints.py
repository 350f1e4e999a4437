"""What can be built: blueprints and their versions, which never change."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from orchestration.domain.states import VersionState
from orchestration.models.choices import choices_of, is_one_of


class BlueprintSource(models.Model):
    """A Git repository of an organisation's own blueprints, one folder each.

    Read at a commit, never run from: what is found becomes proposed versions.
    """

    name = models.CharField(max_length=100, unique=True)
    repository = models.ForeignKey(
        "analysis.Repository", on_delete=models.PROTECT, related_name="+"
    )
    folder = models.CharField(max_length=200, blank=True, default="")
    read_commit = models.CharField(max_length=64, blank=True, default="")
    read_at = models.DateTimeField(null=True, blank=True)
    # What could not be read, in words for a person.
    problems = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class Blueprint(models.Model):
    """A proven way to a capability, such as a PostgreSQL database; its versions say how."""

    # Our own catalogue's are plain ("postgresql"), a source's carry its name ("acme/queue").
    name = models.CharField(max_length=120, unique=True)
    source = models.ForeignKey(
        BlueprintSource, null=True, blank=True, on_delete=models.PROTECT, related_name="blueprints"
    )
    capability = models.CharField(max_length=40)
    title = models.CharField(max_length=120)
    # The newest version that is signed off; what a new environment is built from.
    current = models.ForeignKey(
        "orchestration.BlueprintVersion",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["name"]
        indexes: ClassVar = [models.Index(fields=["capability"], name="orch_blueprint_capability")]

    def __str__(self) -> str:
        return self.name


class BlueprintVersion(models.Model):
    """One content of a blueprint, named by its digest. Manifest and files are never changed."""

    blueprint = models.ForeignKey(Blueprint, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    # "sha256:" and 64 hex digits over manifest and files: domain.manifests.digest_of.
    digest = models.CharField(max_length=71, unique=True)
    manifest = models.JSONField()
    # Path below the blueprint's folder -> text.
    files = models.JSONField()
    # Where it was found: a commit of the source; empty for our own catalogue.
    commit = models.CharField(max_length=64, blank=True, default="")
    state = models.CharField(max_length=10, choices=choices_of(VersionState))
    created_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decision_note = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        ordering: ClassVar = ["blueprint", "-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["blueprint", "number"], name="orch_version_once"),
            is_one_of("state", VersionState, "orch_version_state_known"),
            models.CheckConstraint(condition=~Q(digest=""), name="orch_version_digest_given"),
        ]

    def __str__(self) -> str:
        return f"{self.blueprint_id}/{self.number} {self.digest[:19]}"
