"""Watching the tips of default branches: what makes a lost event no more than a delay.

The row of a watch is the truth. A look is claimed by a conditional update with a lease, and writes
its result under the fence of that claim; a message only wakes a worker.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Max, Q

from analysis.selectors import latest_run
from analysis.selectors.repositories import repositories_list
from analysis.selectors.tips import analysed_tip, repository_ids
from analysis.services.tips import RemoteTip, remote_tip
from analysis.tasks import analyse_soon
from common import clock
from common.errors import DisplaceError, NotFound, Refused
from hooks.domain.looks import FOLLOW_UP, LEASE, Outcome, first_pause, next_pause
from hooks.models import Delivery, Watch
from hooks.signals import look_wanted

log = logging.getLogger(__name__)

# Looks that one sweep wakes workers for.
MOST_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Look:
    """The right to look at one tip: valid while the fence is the newest."""

    watch: Watch
    fence: int
    began: datetime
    # The newest delivery that this look answers.
    last_delivery: int

    def write(self, **values: object) -> bool:
        """Change the watch under this claim; False when somebody else has taken it over."""
        own = Watch.objects.filter(pk=self.watch.pk, fence=self.fence)
        return own.update(lease_expires_at=None, **values) == 1


def tip_moved(*, repository_id: int, source: str) -> None:
    """Ask for a look at a repository's tip now, because something said that it may have moved.

    `source` is a word for what said it: "webhook", "page", "api", "hook". Asking again before the
    look has begun changes nothing. Nothing else is believed: only the look starts an analysis.
    """
    now = clock.now()
    wanted = {"wanted_at": now, "wanted_by": source[:20], "next_look_at": now}
    with transaction.atomic():
        if not Watch.objects.filter(repository_id=repository_id).update(**wanted):
            Watch.objects.bulk_create(
                [Watch(repository_id=repository_id, **wanted)], ignore_conflicts=True
            )
        look_wanted.send(sender=Watch, repository_id=repository_id)


def looks_due() -> list[int]:
    """Return the repositories whose tip is to be looked at now, the longest waiting first.

    Repositories that nobody watches yet are taken in here.
    """
    now = clock.now()
    _take_in(repository_ids(), now)
    due = Watch.objects.filter(_free(now), next_look_at__lte=now).order_by("next_look_at")
    return list(due.values_list("repository_id", flat=True)[:MOST_AT_ONCE])


def tip_look(*, repository_id: int) -> Outcome | None:
    """Look at a repository's tip and start an analysis if it is not the one analysed last.

    None when no look is due, or somebody else is at it.
    """
    look = _claim(repository_id)
    if look is None:
        return None
    run = latest_run(repository_id)
    if run is not None and run.is_open:
        # It may have fetched before the tip moved, so the question stays open until it has ended.
        look.write(outcome=Outcome.ANALYSING, next_look_at=clock.now() + FOLLOW_UP)
        return Outcome.ANALYSING
    try:
        tip = remote_tip(repository_id=repository_id)
        known = analysed_tip(repository_id)
    except NotFound:
        return None  # removed, and its watch with it
    except Refused as refusal:
        return _unreachable(look, refusal.message)
    was_asked = look.watch.outcome == Outcome.ANALYSING and look.watch.asked_sha == tip.sha
    if (tip.branch, tip.sha) == (known.branch, known.sha) and (known.is_final or was_asked):
        return _unchanged(look, tip)
    return _moved(look, tip, was_asked=was_asked)


def _take_in(repositories: Iterable[int], now: datetime) -> None:
    known = set(Watch.objects.values_list("repository_id", flat=True))
    new = [
        Watch(
            repository_id=pk,
            next_look_at=now + first_pause(interval=settings.HOOKS_LOOK_EVERY, repository_id=pk),
        )
        for pk in repositories
        if pk not in known
    ]
    Watch.objects.bulk_create(new, ignore_conflicts=True)


def _free(now: datetime) -> Q:
    return Q(lease_expires_at__isnull=True) | Q(lease_expires_at__lt=now)


def _claim(repository_id: int) -> Look | None:
    now = clock.now()
    watch = Watch.objects.filter(_free(now), repository_id=repository_id).first()
    if watch is None or watch.next_look_at > now:
        return None
    newest = Delivery.objects.filter(endpoint__repository_id=repository_id).aggregate(
        newest=Max("pk")
    )
    # The fence makes sure that of several that saw the watch free, one takes it.
    taken = Watch.objects.filter(pk=watch.pk, fence=watch.fence).update(
        fence=F("fence") + 1, looks=F("looks") + 1, lease_expires_at=now + LEASE
    )
    return Look(watch, watch.fence + 1, now, newest["newest"] or 0) if taken == 1 else None


def _unchanged(look: Look, tip: RemoteTip) -> Outcome:
    reason = f"Looked: {tip.branch} is at {tip.sha[:10]}, which is analysed."
    _end(look, Outcome.UNCHANGED, tip=tip, settled=reason)
    return Outcome.UNCHANGED


def _unreachable(look: Look, error: str) -> Outcome:
    log.warning("repository %s: %s", look.watch.repository_id, error)
    # What was delivered goes on waiting: the next look that gets through answers it.
    _end(look, Outcome.UNREACHABLE, failures=look.watch.failures + 1, error=error)
    return Outcome.UNREACHABLE


def _moved(look: Look, tip: RemoteTip, *, was_asked: bool) -> Outcome:
    """Ask for an analysis, less and less often while it fails on this very tip."""
    run = latest_run(look.watch.repository_id)
    has_failed = run is not None and run.state == "failed" and look.watch.asked_sha == tip.sha
    error = run.error if run is not None and has_failed else ""
    failures = look.watch.failures if has_failed else 0
    if has_failed and was_asked:
        # The analysis that was asked for has just failed: say so now, and try again later.
        _end(look, Outcome.FAILED, tip=tip, failures=failures + 1, error=error)
        return Outcome.FAILED
    try:
        analyse_soon(repository=repositories_list().get(pk=look.watch.repository_id))
    except DisplaceError as refusal:
        return _unreachable(look, refusal.message)
    _end(
        look,
        Outcome.ANALYSING,
        tip=tip,
        failures=failures,
        error=error,
        settled=f"Looked: {tip.branch} is at {tip.sha[:10]}; an analysis was started.",
    )
    return Outcome.ANALYSING


def _end(
    look: Look,
    outcome: Outcome,
    *,
    tip: RemoteTip | None = None,
    failures: int = 0,
    error: str = "",
    settled: str = "",
) -> None:
    """Write what a look found and when the next one is due; answer the deliveries it was for."""
    now = clock.now()
    seen = {"tip_branch": tip.branch, "tip_sha": tip.sha} if tip else {}
    asked = {"asked_sha": tip.sha} if tip and outcome is Outcome.ANALYSING else {}
    with transaction.atomic():
        is_ours = look.write(
            looked_at=now,
            outcome=outcome,
            error=error,
            failures=failures,
            next_look_at=now + _pause(look, outcome, failures),
            **seen,
            **asked,
        )
        if not is_ours:
            return
        _settle_wish(look, now)
        if settled:
            Delivery.objects.filter(
                endpoint__repository_id=look.watch.repository_id,
                state=Delivery.State.WAITING,
                pk__lte=look.last_delivery,
            ).update(state=Delivery.State.LOOKED, reason=settled[:300], settled_at=now)


def _settle_wish(look: Look, now: datetime) -> None:
    """Drop the wish for a look that this one fulfilled; one that came meanwhile is due at once."""
    watch = Watch.objects.filter(pk=look.watch.pk)
    watch.filter(wanted_at__lte=look.began).update(wanted_at=None)
    if watch.filter(wanted_at__gt=look.began).update(next_look_at=now):
        look_wanted.send(sender=Watch, repository_id=look.watch.repository_id)


def _pause(look: Look, outcome: Outcome, failures: int) -> timedelta:
    if outcome is Outcome.ANALYSING:
        return FOLLOW_UP
    return next_pause(
        interval=settings.HOOKS_LOOK_EVERY,
        failures=failures,
        repository_id=look.watch.repository_id,
        looks=look.watch.looks,
    )
