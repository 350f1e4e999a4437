"""Which tip of a repository's default branch was analysed."""

from dataclasses import dataclass

from analysis.domain.source import ANALYSER_VERSION
from analysis.models import Repository
from common.errors import NotFound


@dataclass(frozen=True, slots=True)
class AnalysedTip:
    """The branch and commit of the current snapshot; both empty before the first analysis.

    `is_final` says that analysing the same commit again would show nothing else: it was measured
    by today's rules and with its whole history.
    """

    branch: str
    sha: str
    is_final: bool


def analysed_tip(repository_id: int) -> AnalysedTip:
    """Return what was analysed last; raises NotFound for a repository that was removed."""
    repository = (
        Repository.objects.select_related("current_snapshot")
        .defer("current_snapshot__cycles")
        .filter(pk=repository_id)
        .first()
    )
    if repository is None:
        raise NotFound("This repository has just been removed.")
    snapshot = repository.current_snapshot
    if snapshot is None:
        return AnalysedTip(repository.default_branch, "", is_final=False)
    return AnalysedTip(
        branch=repository.default_branch,
        sha=snapshot.commit_sha,
        is_final=snapshot.analyser == ANALYSER_VERSION
        and snapshot.with_history
        and snapshot.has_rows
        and not repository.history_is_shallow,
    )


def repository_ids() -> list[int]:
    """Return the ids of all repositories."""
    return list(Repository.objects.order_by("pk").values_list("pk", flat=True))
