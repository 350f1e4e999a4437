"""How a repository's tip is watched, as people see it."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from hooks.domain.looks import Outcome
from hooks.models import Watch


@dataclass(frozen=True, slots=True)
class WatchState:
    """`outcome` is a word of `Outcome`; moments are None before the first look."""

    outcome: str = Outcome.NEVER.value
    looked_at: datetime | None = None
    next_look_at: datetime | None = None
    is_wanted: bool = False
    tip_branch: str = ""
    tip_sha: str = ""
    error: str = ""
    failures: int = 0


def watch_state(repository_id: int) -> WatchState:
    """Return the state; a repository that nobody watches yet has one too."""
    watch = Watch.objects.filter(repository_id=repository_id).first()
    if watch is None:
        return WatchState()
    return WatchState(
        outcome=watch.outcome,
        looked_at=watch.looked_at,
        next_look_at=watch.next_look_at,
        is_wanted=watch.wanted_at is not None,
        tip_branch=watch.tip_branch,
        tip_sha=watch.tip_sha,
        error=watch.error,
        failures=watch.failures,
    )


def watches_failing() -> QuerySet[Watch]:
    """Return the watches whose last look failed, the longest failing first."""
    failing = Watch.objects.select_related("repository").filter(failures__gt=0)
    return failing.order_by("-failures", "pk")
