"""What the API says of repositories and of what was measured in them.

Names are those of the JSON of `analyse`; a figure that was not measured is null, never 0.
"""

from typing import Any, ClassVar

from rest_framework import serializers

from analysis.models import AnalysisRun, Repository, Snapshot, SnapshotFile
from analysis.selectors.documents import error_text
from analysis.selectors.listings import repository_by_key
from analysis.selectors.runs import STAGES
from common.api.fields import FlagField, StrictSerializer, TextField
from common.api.pagination import PageQuery
from common.errors import NotFound

MOST_LOCATION = 1000


class RepositoryRequest(StrictSerializer):
    url = TextField(max_length=MOST_LOCATION, help_text="A URL, or a path on the server.")
    name = TextField(
        max_length=120,
        required=False,
        allow_blank=True,
        default="",
        help_text="What people call it; taken from the URL when empty.",
    )


class AnalysisRequest(StrictSerializer):
    rev = TextField(
        max_length=250,
        required=False,
        allow_blank=True,
        default="",
        help_text="A branch, tag or commit instead of the tip of the default branch.",
    )
    with_history = FlagField(required=False, default=True)


class OfRepositoryQuery(PageQuery):
    repository = TextField(
        required=False,
        default="",
        allow_blank=True,
        max_length=140,
        help_text="Only those of this repository (slug or id).",
    )

    def validate_repository(self, key: str) -> int | None:
        if not key:
            return None
        try:
            return repository_by_key(key).pk
        except NotFound as error:
            raise serializers.ValidationError(error.message) from None


class RepositorySerializer(serializers.ModelSerializer[Repository]):
    url = serializers.CharField(
        source="shown_location", help_text="Where it is fetched from; a password is masked."
    )
    warnings = serializers.ListField(child=serializers.CharField())
    current_snapshot = serializers.IntegerField(
        source="current_snapshot_id",
        allow_null=True,
        help_text="The id of the newest picture of the default branch.",
    )

    class Meta:
        model = Repository
        fields: ClassVar = [
            "id", "slug", "name", "url", "kind", "default_branch", "warnings",
            "current_snapshot", "created_at",
        ]  # fmt: skip
        read_only_fields = fields


class AnalysisSerializer(serializers.ModelSerializer[AnalysisRun]):
    repository = serializers.CharField(source="repository.slug")
    snapshot = serializers.IntegerField(
        source="snapshot_id", allow_null=True, help_text="What it made, once it is complete."
    )
    stage_text = serializers.SerializerMethodField(help_text="The stage in words.")
    fraction = serializers.SerializerMethodField(
        help_text="0 to 1 within the stage; null where it cannot be told."
    )

    class Meta:
        model = AnalysisRun
        fields: ClassVar = [
            "id", "repository", "state", "rev", "with_history", "stage", "stage_text", "done",
            "total", "fraction", "error", "snapshot", "requested_at", "started_at", "finished_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_stage_text(self, run: AnalysisRun) -> str:
        return STAGES.get(run.stage, "")

    def get_fraction(self, run: AnalysisRun) -> float | None:
        return min(run.done / run.total, 1.0) if run.total else None


class SnapshotSerializer(serializers.ModelSerializer[Snapshot]):
    repository = serializers.CharField(source="repository.slug")
    cycles = serializers.SerializerMethodField(help_text="Modules that import each other.")
    warnings = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = Snapshot
        fields: ClassVar = [
            "id", "repository", "commit_sha", "committed_at", "created_at", "with_history",
            "is_default_tip", "has_rows", "files", "measured_files", "unreadable_files", "loc",
            "sloc", "lloc", "comments", "functions", "complexity", "modules", "dependencies",
            "propagation_cost", "cyclicality", "nccd", "architecture", "commits", "cycles",
            "warnings",
        ]  # fmt: skip
        read_only_fields = fields

    def get_cycles(self, snapshot: Snapshot) -> list[list[str]]:
        return [cycle["modules"] for cycle in snapshot.cycles]


class FileSerializer(serializers.ModelSerializer[SnapshotFile]):
    function_count = serializers.IntegerField(source="functions", allow_null=True)
    churn = serializers.SerializerMethodField(help_text="Lines added plus lines deleted, ever.")
    error = serializers.SerializerMethodField(help_text="Why it could not be measured.")

    class Meta:
        model = SnapshotFile
        fields: ClassVar = [
            "path", "language", "is_vendored", "is_generated", "loc", "sloc", "lloc", "comments",
            "function_count", "complexity", "complexity_max", "maintainability_index", "revisions",
            "revisions_recent", "churn", "age_months", "authors", "hotspot", "error",
        ]  # fmt: skip
        read_only_fields = fields

    def get_churn(self, file: SnapshotFile) -> int | None:
        if file.added is None or file.deleted is None:
            return None
        return file.added + file.deleted

    def get_error(self, file: SnapshotFile) -> str | None:
        facts = file.facts
        return error_text(
            {
                "error": file.error,
                "facts__error_detail": facts.error_detail if facts else "",
                "facts__error_line": facts.error_line if facts else None,
            }
        )


class ModuleSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    path = serializers.CharField()
    ca = serializers.IntegerField(help_text="Modules that import it (afferent coupling).")
    ce = serializers.IntegerField(help_text="Modules that it imports (efferent coupling).")
    instability = serializers.FloatField(
        allow_null=True, help_text="ce / (ca + ce); null for an isolated module."
    )
    cycle = serializers.IntegerField(
        allow_null=True, help_text="The position of its cycle in the snapshot's `cycles`."
    )


class DependencySerializer(serializers.Serializer[Any]):
    """One module imports another: `from` imports `to`."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        # "from" is a keyword of Python and cannot be an attribute of a class.
        return {
            "from": serializers.CharField(source="source"),
            "to": serializers.CharField(source="target"),
        }


class CouplingSerializer(serializers.Serializer[Any]):
    a = serializers.CharField()
    b = serializers.CharField()
    shared = serializers.IntegerField(help_text="Commits that changed both.")
    degree = serializers.FloatField(help_text="Percent of their average number of revisions.")
