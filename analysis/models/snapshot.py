"""The picture of a repository at one commit."""

from typing import ClassVar

from django.db import models


class Snapshot(models.Model):
    """What was measured at one commit; written whole, in one transaction, and never changed.

    A row that exists is complete. The totals stay for ever; the rows of files, modules,
    dependencies and coupling are kept for the newest snapshots only (`has_rows`), since they can
    be made again from the content facts and the history.
    """

    repository = models.ForeignKey(
        "analysis.Repository", on_delete=models.CASCADE, related_name="snapshots"
    )
    commit_sha = models.CharField(max_length=64)
    committed_at = models.DateTimeField()
    created_at = models.DateTimeField()
    analyser = models.PositiveSmallIntegerField()
    with_history = models.BooleanField(default=True)
    # Taken at the tip of the default branch (the debt register follows only those).
    is_default_tip = models.BooleanField(default=True)
    has_rows = models.BooleanField(default=True)

    files = models.PositiveIntegerField()
    measured_files = models.PositiveIntegerField()
    unreadable_files = models.PositiveIntegerField()
    loc = models.PositiveBigIntegerField()
    sloc = models.PositiveBigIntegerField()
    lloc = models.PositiveBigIntegerField()
    comments = models.PositiveBigIntegerField()
    functions = models.PositiveIntegerField()
    complexity = models.PositiveBigIntegerField()
    modules = models.PositiveIntegerField()
    dependencies = models.PositiveIntegerField()
    propagation_cost = models.FloatField(null=True)
    cyclicality = models.FloatField(null=True)
    nccd = models.FloatField(null=True)
    architecture = models.CharField(max_length=20, blank=True)
    # Of the module graph; equal for equal graphs.
    graph_digest = models.CharField(max_length=64, blank=True)
    commits = models.PositiveIntegerField(null=True)
    # [{"modules": [name, ...], "cuts": [[from, to], ...]}, ...], the largest cycle first.
    cycles = models.JSONField(default=list)
    warnings = models.JSONField(default=list)

    class Meta:
        ordering: ClassVar = ["-pk"]
        get_latest_by = "pk"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["repository", "commit_sha", "analyser", "with_history", "is_default_tip"],
                name="snapshot_once_per_commit",
            )
        ]

    def __str__(self) -> str:
        return self.commit_sha[:12]


class SnapshotFile(models.Model):
    """A source file of the snapshot: its content's facts and its history's, side by side.

    Sizes and complexity are null where the content was not measured (another language, or an
    error in `facts`); history figures are null when the snapshot was taken without history.
    """

    # No index of their own for the keys: `path` is unique below a snapshot, which serves it, and
    # nothing is looked up by the other two. Each index would be written for every row of a push.
    snapshot = models.ForeignKey(
        Snapshot, on_delete=models.CASCADE, related_name="file_rows", db_index=False
    )
    path = models.TextField()
    language = models.CharField(max_length=20)
    oid = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    is_vendored = models.BooleanField(default=False)
    is_generated = models.BooleanField(default=False)
    facts = models.ForeignKey(
        "analysis.ContentFacts",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    tracked_file = models.ForeignKey(
        "analysis.TrackedFile",
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
    )
    loc = models.PositiveIntegerField(null=True)
    sloc = models.PositiveIntegerField(null=True)
    lloc = models.PositiveIntegerField(null=True)
    comments = models.PositiveIntegerField(null=True)
    functions = models.PositiveIntegerField(null=True)
    complexity = models.PositiveIntegerField(null=True)
    complexity_max = models.PositiveIntegerField(null=True)
    maintainability_index = models.FloatField(null=True)
    revisions = models.PositiveIntegerField(null=True)
    revisions_recent = models.PositiveIntegerField(null=True)
    added = models.PositiveIntegerField(null=True)
    deleted = models.PositiveIntegerField(null=True)
    authors = models.PositiveIntegerField(null=True)
    age_months = models.PositiveIntegerField(null=True)
    hotspot = models.FloatField(null=True)
    error = models.CharField(max_length=20, blank=True)

    class Meta:
        ordering: ClassVar = ["path"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["snapshot", "path"], name="snapshot_file_once"),
            models.CheckConstraint(
                condition=models.Q(hotspot__isnull=True) | models.Q(hotspot__gte=0, hotspot__lte=1),
                name="hotspot_is_a_ratio",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["snapshot", "-hotspot"], name="file_by_hotspot")]

    def __str__(self) -> str:
        return self.path


class SnapshotModule(models.Model):
    """A Python module of the snapshot with its place in the dependency graph."""

    # `name` is unique below a snapshot, which serves look-ups by snapshot too.
    snapshot = models.ForeignKey(
        Snapshot, on_delete=models.CASCADE, related_name="module_rows", db_index=False
    )
    name = models.TextField()
    path = models.TextField()
    ca = models.PositiveIntegerField()
    ce = models.PositiveIntegerField()
    instability = models.FloatField(null=True)
    # The position of its cycle in Snapshot.cycles, or null.
    cycle = models.PositiveIntegerField(null=True)
    level = models.PositiveIntegerField(default=0)
    role = models.CharField(max_length=10, blank=True)

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["snapshot", "name"], name="snapshot_module_once")
        ]

    def __str__(self) -> str:
        return self.name


class SnapshotDependency(models.Model):
    """Module `source` imports module `target`."""

    snapshot = models.ForeignKey(Snapshot, on_delete=models.CASCADE, related_name="dependency_rows")
    source = models.TextField()
    target = models.TextField()

    class Meta:
        ordering: ClassVar = ["source", "target"]

    def __str__(self) -> str:
        return f"{self.source} -> {self.target}"


class SnapshotCoupling(models.Model):
    """Two files that keep changing together (degree in percent)."""

    snapshot = models.ForeignKey(Snapshot, on_delete=models.CASCADE, related_name="coupling_rows")
    a = models.TextField()
    b = models.TextField()
    shared = models.PositiveIntegerField()
    revisions_a = models.PositiveIntegerField()
    revisions_b = models.PositiveIntegerField()
    degree = models.FloatField()

    class Meta:
        ordering: ClassVar = ["-degree", "-shared", "a", "b"]

    def __str__(self) -> str:
        return f"{self.a} ~ {self.b}"
