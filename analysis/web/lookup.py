"""From an address to the thing it names, or to the page that says there is none."""

from django.http import Http404

from analysis.models import Repository, Snapshot
from analysis.selectors.repositories import repository_by_slug
from common.errors import NotFound


def repository_or_404(slug: str) -> Repository:
    """Return the repository; raises Http404."""
    try:
        return repository_by_slug(slug)
    except NotFound as error:
        raise Http404(error.message) from None


def snapshot_or_404(repository: Repository) -> Snapshot:
    """Return the repository's current snapshot; raises Http404 before the first analysis."""
    if repository.current_snapshot is None:
        raise Http404(f"“{repository.name}” has not been analysed yet.")
    return repository.current_snapshot
