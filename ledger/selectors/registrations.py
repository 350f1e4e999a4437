"""What became of the trees that were to be registered."""

from dataclasses import dataclass
from datetime import timedelta

from common import clock
from ledger.models import Registration

# A snapshot that is younger may be waiting for its registration.
GRACE = timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class RefusedSwitch:
    """A branch that became the default and lacks the commit that was registered last."""

    branch: str
    registered_branch: str
    registered_head: str


def refused_switch(repository_id: int) -> RefusedSwitch | None:
    """Return the switch of the default branch that the ledger does not follow, if there is one.

    Registered debt stays as it was until the new branch holds what was registered last.
    """
    last = (
        Registration.objects.select_related("repository__current_snapshot")
        .defer("repository__current_snapshot__cycles")
        .filter(repository_id=repository_id)
        .exclude(head="")
        .first()
    )
    shown = last.repository.current_snapshot if last else None
    if last is None or shown is None or shown.created_at > clock.now() - GRACE:
        return None
    branch = last.repository.default_branch
    if last.branch == branch or last.head == shown.commit_sha:
        return None
    return RefusedSwitch(branch, last.branch, last.head)
