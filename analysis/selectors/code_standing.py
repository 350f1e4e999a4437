"""How one file stands in the current snapshot: complexity, and whether it is in a cycle."""

from dataclasses import dataclass

from analysis.models import Repository, SnapshotFile, SnapshotModule


@dataclass(frozen=True, slots=True)
class CodeStanding:
    """A file that is gone has complexity 0 and is in no cycle; None where nothing was measured."""

    commit_sha: str
    complexity: int | None
    is_in_cycle: bool | None


def code_standing(*, repository_id: int, path: str) -> CodeStanding | None:
    """Look a file up in its repository's current snapshot; None without one."""
    repository = (
        Repository.objects.filter(pk=repository_id, current_snapshot__isnull=False)
        .values_list("current_snapshot_id", "current_snapshot__commit_sha")
        .first()
    )
    if repository is None:
        return None
    snapshot_id, commit_sha = repository
    files = SnapshotFile.objects.filter(snapshot_id=snapshot_id, path=path)
    found = files.values_list("complexity", flat=True)[:1]
    if not found:
        return CodeStanding(commit_sha, 0, is_in_cycle=False)
    modules = SnapshotModule.objects.filter(snapshot_id=snapshot_id, path=path)
    cycles = list(modules.values_list("cycle", flat=True))
    is_in_cycle = any(cycle is not None for cycle in cycles) if cycles else None
    return CodeStanding(commit_sha, found[0], is_in_cycle)
