"""What owners are told of the lives of their environments, each thing once."""

from datetime import datetime

from django.conf import settings
from django.utils import formats
from django.utils.timezone import localtime

from common import clock
from common.notices import Notice, Severity, say
from orchestration.domain.lifetimes import words_for
from orchestration.domain.states import (
    GONE_STATES,
    DeletionPolicy,
    RunAction,
    RunState,
)
from orchestration.models import Environment, Run
from orchestration.services.policy import is_at_its_end

# What is said of a reason (characters); the run itself shows all of it.
LONGEST_REASON = 300
# It came about, or nobody wants it any more.
_AS_WANTED = (RunState.SUCCEEDED, RunState.STALE)


def announce(
    environment: Environment,
    key: str,
    what: str,
    text: str,
    severity: Severity = Severity.INFO,
) -> None:
    """Tell the owner's channels what became of it; `key` keeps the same from being said twice."""
    say(
        Notice(
            key=f"environment-{environment.key}-{key}",
            title=f"{environment.name} {what}",
            text=text,
            url=f"{settings.BASE_URL}/environments/{environment.pk}/",
            team_id=environment.team_id,
            handles=(environment.owner,),
            severity=severity,
        )
    )


def warning_announce(environment: Environment, minutes: int, now: datetime) -> None:
    """Say that an end is near. `minutes`: which warning it is; what is left may be much less.

    The moment stands beside it, in the installation's time zone: a message may be late.
    """
    end = _end_of(environment)
    moment = formats.date_format(localtime(end), "j F Y, H:i T")
    follows = (
        "Its data is lost then. Give it more time, promote it, or let it go."
        if environment.deletion_policy == DeletionPolicy.DELETE
        else "It is left standing then, and nobody looks after it any more."
    )
    announce(
        environment,
        f"{_named(end)}-{minutes}",
        f"ends in {words_for(end - now)}",
        f"Its end is on {moment}. {follows}",
        Severity.WARNING,
    )


def end_announce(environment: Environment) -> None:
    """Say that the end is here; once, however often it has to be tried."""
    text = (
        "It is being taken away."
        if environment.adopted_at is None
        else "It was adopted, so an approver decides whether it is taken away."
    )
    announce(environment, f"end-{_named(_end_of(environment))}", "has come to its end", text)


def failed_end_announce(*, run: Run) -> None:
    """Say, once for each end, that the product's own destroy did not bring it about, and why."""
    is_own = run.action == RunAction.DESTROY and run.requested_by_id is None
    if not is_own or run.state in _AS_WANTED:
        return
    environment = Environment.objects.get(pk=run.environment_id)
    if environment.state in GONE_STATES or not is_at_its_end(environment, clock.now()):
        return
    why = " ".join(run.reason.split())[:LONGEST_REASON]
    announce(
        environment,
        f"end-failed-{_named(_end_of(environment))}",
        "could not be taken away",
        f"{why} It is tried again every hour, unless it is given more time or promoted.".strip(),
        Severity.ERROR,
    )


def _end_of(environment: Environment) -> datetime:
    assert environment.expires_at is not None  # noqa: S101 - for the type checker: it has an end
    return environment.expires_at


def _named(end: datetime) -> str:
    """An end as a part of a key; another one after more time."""
    return f"{end:%Y%m%dT%H%M%S}"
