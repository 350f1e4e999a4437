"""Asking a repository for the tip of its default branch, fetching nothing."""

from dataclasses import dataclass

from analysis.adapters.git import GitError
from analysis.adapters.git.probe import tip
from analysis.domain.locations import LocationRefused
from analysis.models import Repository
from analysis.services.repositories import location_of
from common.errors import NotFound, Refused

# The longest silence of a place that is asked (seconds): many others wait for their turn.
PATIENCE = 20.0


@dataclass(frozen=True, slots=True)
class RemoteTip:
    """The default branch at the place a repository is fetched from, and the sha at its tip."""

    branch: str
    sha: str


def remote_tip(*, repository_id: int) -> RemoteTip:
    """Return the tip as it is there now.

    Raises NotFound when the repository has been removed here, and Refused, with a sentence that
    says what to do, when the place cannot be read or has no default branch.
    """
    repository = Repository.objects.filter(pk=repository_id).first()
    if repository is None:
        raise NotFound("This repository has just been removed.")
    try:
        branch, sha = tip(location_of(repository), patience=PATIENCE)
    except (GitError, LocationRefused) as error:
        raise Refused(str(error)) from error
    return RemoteTip(branch, sha)
