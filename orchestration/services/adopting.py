"""Taking over what nobody looks after: what was given up, or whose owner left."""

import logging
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import F

from accounts import selectors as accounts_selectors
from accounts.domain.roles import Role
from accounts.selectors import User
from common import clock
from common.errors import Refused, Stale
from orchestration.domain.lifetimes import require_days
from orchestration.domain.states import EnvironmentState, EventKind, RunAction, RunState
from orchestration.models import Environment
from orchestration.selectors.environments import environment_get
from orchestration.services.announcing import announce
from orchestration.services.endings import end_put_off, require_reason
from orchestration.services.queueing import open_runs, require_role, run_queue
from orchestration.services.recording import Lost, environment_move, event_add

log = logging.getLogger(__name__)

# What was given up may be anything by now; what was to end has more time.
_FOLLOWING = {
    EnvironmentState.ORPHANED: EnvironmentState.DEGRADED,
    EnvironmentState.EXPIRING: EnvironmentState.READY,
}
_LOOKED_AT = "It was adopted; what is really there is being looked at."


def environment_adopt(
    *, actor: User, environment_id: int, owner: str, days: int, reason: str, name: str = ""
) -> Environment:
    """Give an owner and an end to an environment that was given up, or whose owner left.

    Needs an approver. It counts as working only after it was looked at again, by a run that is
    queued here and whose log says who adopted it. Nobody ever agreed to its new end, so taking it
    away then is approved like any other destroy. One that was promoted and stands goes on without
    an end. `name`: another one, where its own was given away meanwhile.
    """
    require_role(actor, Role.APPROVER)
    environment = environment_get(environment_id)
    _require_adoptable(environment)
    text, handle = require_reason(reason), owner.strip()
    if accounts_selectors.owner_of(handle) is None:
        raise Refused("Name a person or a team that owns it from now on.", "owner")
    require_days(days)
    try:
        with transaction.atomic():
            end_put_off(environment)
            _adopt(environment, actor, handle, days, name.strip()[:100])
            looks = open_runs(environment, RunAction.DRIFT)
            run = looks.filter(state=RunState.QUEUED.value).first()
            run = run or run_queue(actor, environment, RunAction.DRIFT)
            said = f"{actor.username} adopted it for {handle}: {text}"
            event_add(run, EventKind.PERSON, said)
            announce(environment, f"adopted-{run.pk}", f"was adopted by {handle}", text)
    except IntegrityError:
        raise Refused(
            f"There is another environment “{environment.name}” by now; give this one a new name.",
            "name",
        ) from None
    except Lost:
        raise Stale("It is being looked at just now; adopt it when that has ended.") from None
    log.info("%s adopted by %s for %s: %s", environment.reference, actor.username, handle, text)
    return environment


def _require_adoptable(environment: Environment) -> None:
    state = EnvironmentState(environment.state)
    if state is EnvironmentState.DESTROYED:
        raise Refused("Nothing of it stands any more; ask for a new one.")
    if state is EnvironmentState.REQUESTED:
        raise Refused("Nothing is built yet, so there is nothing to adopt.")
    if environment.active_run_id is not None:
        raise Refused("A run is changing it; wait until that has ended, or cancel it.")
    if state is not EnvironmentState.ORPHANED and not is_without_owner(environment):
        raise Refused(
            f"{environment.owner} owns it and is there; ask them to promote or extend it."
        )


def is_without_owner(environment: Environment) -> bool:
    """Whether its owner is neither a team nor a person who is still here."""
    return accounts_selectors.owner_standing(environment.owner) != "known"


def _adopt(environment: Environment, actor: User, owner: str, days: int, name: str) -> None:
    now = clock.now()
    before = EnvironmentState(environment.state)
    is_orphaned = before is EnvironmentState.ORPHANED
    stays = environment.promoted_at is not None and not is_orphaned
    environment_move(
        environment,
        _FOLLOWING.get(before, before),
        reason=_LOOKED_AT if is_orphaned else environment.state_reason,
        name=name or environment.name,
        owner=owner[:100],
        team_id=accounts_selectors.home_teams().get(owner),
        expires_at=None if stays else now + timedelta(days=days),
        warned_minutes=None,
        promoted_at=environment.promoted_at if stays else None,
        adopted_at=now,
        ended_at=None,
        # What was planned for it before is stale.
        generation=F("generation") + 1,
        # Whoever is about to carry it out has read another end.
        fence=F("fence") + 1,
    )
    environment.refresh_from_db()
