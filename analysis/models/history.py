"""The default branch's past: commits, the files they changed, the people who wrote them.

Where a constraint begins with a key, the key has no index of its own: the constraint's serves.
"""

from typing import ClassVar

from django.db import models


class Author(models.Model):
    """Who wrote a commit, after the repository's .mailmap.

    Kept for ownership and key-person risk; never shown as a measure of a person.
    """

    repository = models.ForeignKey(
        "analysis.Repository", on_delete=models.CASCADE, related_name="authors", db_index=False
    )
    # The address in lower case, or the name where a commit has none.
    key = models.CharField(max_length=254)
    name = models.CharField(max_length=200)
    email = models.CharField(max_length=254)
    is_bot = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["repository", "key"], name="author_once_per_repository")
        ]

    def __str__(self) -> str:
        return self.name


class Commit(models.Model):
    """A commit reachable from the default branch."""

    repository = models.ForeignKey(
        "analysis.Repository", on_delete=models.CASCADE, related_name="commits", db_index=False
    )
    sha = models.CharField(max_length=64)
    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="commits")
    committed_at = models.DateTimeField()
    subject = models.CharField(max_length=200, blank=True)
    is_merge = models.BooleanField(default=False)
    files = models.PositiveIntegerField(default=0)
    # Written by a person, and small enough that its files changed together for a reason.
    couples = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["repository", "sha"], name="commit_once_per_repository")
        ]
        indexes: ClassVar = [
            models.Index(fields=["repository", "committed_at"], name="commit_by_date")
        ]

    def __str__(self) -> str:
        return self.sha[:12]


class TrackedFile(models.Model):
    """One file through all its names: the life of a file from its first commit, renames followed.

    `number` is its identity inside the repository; `path` its newest name. When a name is used
    again by a new file, that is another TrackedFile. The sums are those over its FileChanges.
    """

    repository = models.ForeignKey(
        "analysis.Repository",
        on_delete=models.CASCADE,
        related_name="tracked_files",
        db_index=False,
    )
    number = models.PositiveIntegerField()
    path = models.TextField()
    revisions = models.PositiveIntegerField(default=0)
    # Those of its revisions that say something about change coupling (see Commit.couples).
    coupling_revisions = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    deleted = models.PositiveIntegerField(default=0)
    authors = models.PositiveIntegerField(default=0)
    first_changed_at = models.DateTimeField(null=True)
    last_changed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["repository", "number"], name="tracked_file_number")
        ]

    def __str__(self) -> str:
        return self.path


class KnownPath(models.Model):
    """A path that was ever in the repository, and the file that bears it or bore it last.

    `moved_away`: the file was renamed; a parallel branch may still change it under this name,
    while a file added here anew is another one. Together these rows are all that is needed to
    follow renames on from where the history was read to.
    """

    repository = models.ForeignKey(
        "analysis.Repository", on_delete=models.CASCADE, related_name="known_paths"
    )
    path = models.TextField()
    file = models.ForeignKey(TrackedFile, on_delete=models.CASCADE, related_name="paths")
    moved_away = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.path


class FileChange(models.Model):
    """A non-merge commit changed a file. Lines are null where Git calls the file binary."""

    commit = models.ForeignKey(Commit, on_delete=models.CASCADE, related_name="changes")
    file = models.ForeignKey(
        TrackedFile, on_delete=models.CASCADE, related_name="changes", db_index=False
    )
    added = models.PositiveIntegerField(null=True)
    deleted = models.PositiveIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["file", "commit"], name="file_changed_once_per_commit")
        ]

    def __str__(self) -> str:
        return f"{self.commit_id}: {self.file_id}"


class Contribution(models.Model):
    """How much one author changed one file: the ground of ownership and truck factor."""

    file = models.ForeignKey(
        TrackedFile, on_delete=models.CASCADE, related_name="contributions", db_index=False
    )
    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="contributions")
    revisions = models.PositiveIntegerField()
    added = models.PositiveIntegerField()
    deleted = models.PositiveIntegerField()
    created_file = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["file", "author"], name="contribution_once")
        ]

    def __str__(self) -> str:
        return f"{self.author_id}: {self.file_id}"
