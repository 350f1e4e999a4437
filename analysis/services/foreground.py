"""Analysing in the foreground: the same run, claimed and worked by the caller itself."""

import time
from collections.abc import Callable

from analysis.models import AnalysisRun, Repository
from analysis.services.pipeline import run_execute
from analysis.services.runs import analysis_request
from common.errors import Refused

# Between two looks at a run that somebody else is working on (seconds).
POLL = 0.5


def analyse_now(
    *,
    repository: Repository,
    rev: str = "",
    with_history: bool = True,
    listener: Callable[[str, int, int], None] | None = None,
) -> int:
    """Analyse and return the snapshot's id; Refused says why it could not be done.

    When the repository is being analysed already, that run's end is waited for first, so that
    two never work on one repository.
    """
    while True:
        run = analysis_request(repository=repository, rev=rev, with_history=with_history)
        if (run.rev, run.with_history) == (rev, with_history):
            snapshot = run_execute(run_id=run.pk, listener=listener)
            if snapshot is not None:
                return snapshot.pk
        ended = _wait(run, listener)
        if (ended.rev, ended.with_history) != (rev, with_history):
            continue
        if ended.snapshot_id is not None:
            return ended.snapshot_id
        raise Refused(ended.error or "The analysis ended without a result; start it again.")


def _wait(run: AnalysisRun, listener: Callable[[str, int, int], None] | None) -> AnalysisRun:
    """Wait until another worker has ended the run, or until its lease has run out."""
    while True:
        run.refresh_from_db()
        if run.state not in AnalysisRun.OPEN:
            return run
        snapshot = run_execute(run_id=run.pk, listener=listener)
        if snapshot is None:
            if listener is not None and run.stage:
                listener(run.stage, run.done, run.total)
            time.sleep(POLL)
