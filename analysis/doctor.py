"""What the doctor asks about repositories and their analyses."""

from collections.abc import Iterator
from datetime import timedelta

from analysis import selectors
from analysis.adapters.git import GitMissing
from analysis.adapters.git.probe import git_version
from common import clock
from common.doctor import Finding, Health, examination

OLDEST_GIT = (2, 31)  # the first that all options used here are in
# Work that has waited longer has no worker (seconds are enough with one that is idle).
LONG_WAIT = timedelta(minutes=10)


@examination
def git() -> Iterator[Finding]:
    """Whether Git is there, and new enough."""
    try:
        version = git_version()
    except GitMissing as error:
        advice = "Install it, and let PATH name it."
        yield Finding("Git", Health.ERROR, str(error), advice)
        return
    shown = ".".join(map(str, version))
    if version < OLDEST_GIT:
        needed = ".".join(map(str, OLDEST_GIT))
        yield Finding("Git", Health.ERROR, f"Git {shown} is too old.", f"Install {needed}.")
    else:
        yield Finding("Git", Health.OK, f"Git {shown}.")


@examination
def repositories() -> Iterator[Finding]:
    """Whether analyses go on, and how the last one of each repository ended."""
    now = clock.now()
    waiting = [
        run for run in selectors.open_runs()
        if run.started_at is None and now - run.requested_at > LONG_WAIT
    ]  # fmt: skip
    for run in waiting:
        minutes = int((now - run.requested_at).total_seconds() // 60)
        advice = "Start a worker for the queue `analysis`, or see what it does in its log."
        message = f"Its analysis has waited for {minutes} minutes."
        yield Finding(run.repository_name, Health.ERROR, message, advice)
    failed = 0
    known = list(selectors.repositories_list())
    for repository in known:
        last = selectors.latest_run(repository.pk)
        if last is not None and last.state == "failed":
            failed += 1
            advice = f"Mend it, then: python manage.py analyse {repository.shown_location}"
            yield Finding(repository.name, Health.WARNING, last.error, advice)
    if not waiting and not failed:
        yield Finding("Repositories", Health.OK, f"{len(known)} registered, no analysis failed.")
