"""Runs: requested by anyone, claimed by one worker, never left half done.

The row is the truth. A Celery message only wakes a worker, which then tries to claim the run by a
conditional update; the sweep (`runs_to_wake`) finds those that no message reached and those whose
worker died.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, Max

from analysis.adapters.worker import current_worker, is_gone
from analysis.models import AnalysisRun, Repository
from common import clock
from common.errors import NotFound, Refused

LEASE = timedelta(seconds=120)
# A run whose workers died this often is given up: something in it kills them.
MOST_CLAIMS = 5
# How long the runs that ended are kept.
KEEP_ENDED = timedelta(days=30)
# Progress is written at most this often: it is for people's eyes and to keep the lease.
REPORT_EVERY = timedelta(milliseconds=400)


class LeaseLost(Exception):
    """Another worker owns the run now: stop at once and write nothing more."""


@dataclass(slots=True)
class Claim:
    """The right to work on a run, valid while its fence is the newest.

    `report` says how far the work is and keeps the lease; it raises LeaseLost when the run has
    been taken over. `listener` hears every report too (the command line's progress bar).
    """

    run: AnalysisRun
    fence: int
    listener: Callable[[str, int, int], None] | None = None
    _reported: tuple[str, float] = field(default=("", 0.0))

    def report(self, stage: str, done: int = 0, total: int = 0) -> None:
        """Say that `stage` is `done` of `total` (0 of 0: not countable)."""
        if self.listener is not None:
            self.listener(stage, done, total)
        now = clock.now()
        last_stage, last_at = self._reported
        if stage == last_stage and now.timestamp() - last_at < REPORT_EVERY.total_seconds():
            return
        self._reported = (stage, now.timestamp())
        self.write(stage=stage, done=done, total=total, lease_expires_at=now + LEASE)

    def write(self, **values: object) -> None:
        """Change the run's row under this claim's fence; raise LeaseLost when it is not ours."""
        owned = AnalysisRun.objects.filter(
            pk=self.run.pk, fence=self.fence, state=AnalysisRun.State.RUNNING
        )
        if owned.update(**values) != 1:
            raise LeaseLost(f"run {self.run.pk} was taken over by another worker")


def analysis_request(
    *,
    repository: Repository,
    requested_by_id: int | None = None,
    rev: str = "",
    with_history: bool = True,
) -> AnalysisRun:
    """Return the repository's open run, or a new one waiting in the queue.

    Asking twice makes one run: a constraint of the database allows one open run per repository.
    Raises NotFound when the repository has been removed meanwhile.
    """
    # A second time where the open run ended between the two statements.
    for _ in range(2):
        try:
            with transaction.atomic():
                return AnalysisRun.objects.create(
                    repository=repository,
                    requested_by_id=requested_by_id,
                    requested_at=clock.now(),
                    rev=rev,
                    with_history=with_history,
                )
        except IntegrityError:
            open_run = repository.runs.filter(state__in=AnalysisRun.OPEN).first()
            if open_run is not None:
                return open_run
    if not Repository.objects.filter(pk=repository.pk).exists():
        raise NotFound(f"{repository.name} has just been removed.")
    raise Refused(f"{repository.name} is being analysed again and again; try once more.")


def run_claim(*, run_id: int) -> Claim | None:
    """Take the run if it waits or its worker has died; None when it is not to be had."""
    run = AnalysisRun.objects.select_related("repository").filter(pk=run_id).first()
    if run is None or not _is_free(run):
        return None
    now = clock.now()
    # The fence makes sure that of several that saw the run free, one takes it.
    seen = AnalysisRun.objects.filter(pk=run_id, fence=run.fence, state__in=AnalysisRun.OPEN)
    if run.fence >= MOST_CLAIMS:
        seen.update(
            state=AnalysisRun.State.FAILED,
            error=f"The worker ended {MOST_CLAIMS} times before the analysis did; it may lack "
            "memory or disk space. See its log, then start the analysis again.",
            finished_at=now,
            lease_expires_at=None,
        )
        return None
    taken = seen.update(
        state=AnalysisRun.State.RUNNING,
        fence=F("fence") + 1,
        worker=current_worker(),
        lease_expires_at=now + LEASE,
        started_at=now,
        stage="",
        done=0,
        total=0,
    )
    if taken != 1:
        return None
    run.refresh_from_db()
    return Claim(run=run, fence=run.fence)


def _is_free(run: AnalysisRun) -> bool:
    if run.state == AnalysisRun.State.QUEUED:
        return True
    if run.state != AnalysisRun.State.RUNNING:
        return False
    expired = run.lease_expires_at is None or run.lease_expires_at < clock.now()
    return expired or is_gone(run.worker)


def run_fail(*, claim: Claim, message: str) -> None:
    """End the run with a sentence that tells its readers what to do."""
    claim.write(
        state=AnalysisRun.State.FAILED,
        error=message,
        finished_at=clock.now(),
        lease_expires_at=None,
    )


def runs_to_wake() -> list[int]:
    """Return the runs that wait for a worker: queued, or left behind by one that died."""
    runs = AnalysisRun.objects.filter(state__in=AnalysisRun.OPEN).order_by("pk")
    return [run.pk for run in runs if _is_free(run)]


def runs_forget() -> int:
    """Delete the runs that ended long ago, but for each repository's newest; return how many."""
    newest = AnalysisRun.objects.order_by().values("repository").annotate(newest=Max("pk"))
    ended = AnalysisRun.objects.exclude(state__in=AnalysisRun.OPEN).exclude(
        pk__in=newest.values("newest")
    )
    deleted, _ = ended.filter(finished_at__lt=clock.now() - KEEP_ENDED).delete()
    return deleted
