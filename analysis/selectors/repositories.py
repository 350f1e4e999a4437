"""Repositories as others see them."""

from django.db.models import QuerySet

from analysis.models import Repository, Snapshot
from common.errors import NotFound


def repositories_list() -> QuerySet[Repository]:
    """Return all repositories by name, each with the totals of its current snapshot at hand."""
    # Cycles can be long lists, and few readers want them.
    return Repository.objects.select_related("current_snapshot").defer("current_snapshot__cycles")


def repository_by_slug(slug: str) -> Repository:
    """Return the repository, or raise NotFound."""
    repository = repositories_list().filter(slug=slug).first()
    if repository is None:
        raise NotFound(f"There is no repository “{slug}”. See the list of repositories.")
    return repository


def snapshots_list(repository_id: int) -> QuerySet[Snapshot]:
    """Return the snapshots of a repository, the newest first."""
    return Snapshot.objects.filter(repository_id=repository_id)
