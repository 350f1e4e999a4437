"""A digest that somebody asks for, instead of waiting for its time.

Once a day for a channel and a team: it takes the turn of the day, on a day off as well.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.selectors import User
from alerts.domain.messages import Message
from alerts.domain.planning import Planned
from alerts.models import Delivery, Digest, Route
from alerts.models.digests import Turn
from alerts.selectors.due import Target, ground_for, plans_of, target_asked
from alerts.services.composing import messages_of
from alerts.services.digests import digests_write
from alerts.services.permits import require_channel_manager, require_manager
from common import clock
from common.errors import NotFound, Refused
from ledger.domain.families_text import english

RULE_OFF = "The rule is off. Switch it on first; a rule that is off says nothing."
CHANNEL_OFF = "The channel is off. Switch it on first."
NOTHING = (
    "There is nothing to say: every open debt that is said here was named already, "
    "or there is none."
)


@dataclass(frozen=True, slots=True)
class Foretold:
    """What a channel would be told now, and how many would be called by name."""

    message: Message
    calls: int


def digest_foretold(*, actor: User, route_id: int) -> Foretold:
    """What `digest_ask` would say. Refused where it would be."""
    now = clock.now()
    target = _target(_route(actor, route_id), now)
    _refuse_twice(target)
    planned = _planned(target)
    message = messages_of([planned.plan])[0]
    mentions = {row.mention.handle for row in message.rows if row.mention}
    return Foretold(message, len(mentions | {one.handle for one in message.call}))


def digest_ask(*, actor: User, route_id: int) -> Delivery:
    """Say now what the rule's channel has not heard yet of the rule's team, far promises as well.

    All rules of the team into this channel make it, as they make any digest. Refused where the
    channel has had its digest of the day, and where there is nothing to say.
    """
    now = clock.now()
    route = _route(actor, route_id)
    with transaction.atomic():
        # Whoever presses twice, and the worker at its time, stand in line here.
        Turn.objects.bulk_create(
            [Turn(channel_id=route.channel_id, team_id=route.team_id)], ignore_conflicts=True
        )
        turn = Turn.objects.select_for_update().get(channel=route.channel_id, team=route.team_id)
        target = _target(route, now)
        _refuse_twice(target)
        planned = _planned(target)
        turn.day = max(target.day, turn.day or target.day)
        turn.save(update_fields=["day"])
        (digest,) = digests_write([(planned, messages_of([planned.plan])[0])], now)
        return Delivery.objects.get(digest=digest)


def _route(actor: User, route_id: int) -> Route:
    route = Route.objects.select_related("channel").filter(pk=route_id).first()
    if route is None:
        raise NotFound(f"There is no rule {route_id}.")
    require_manager(actor, route.team_id)
    require_channel_manager(actor, route.channel)
    return route


def _target(route: Route, now: datetime) -> Target:
    if not route.is_on:
        raise Refused(RULE_OFF)
    target = target_asked(channel_id=route.channel_id, team_id=route.team_id, now=now)
    if target is None:
        raise Refused(CHANNEL_OFF)
    return target


def _refuse_twice(target: Target) -> None:
    said = Digest.objects.filter(
        channel=target.hearer.channel_id, team=target.hearer.team_id, day=target.day
    )
    if said.exists():
        day = english(target.day.isoformat(), "date")
        raise Refused(f"This channel has had its digest of today, {day}. There is one a day.")


def _planned(target: Target) -> Planned:
    planned = plans_of([target], ground_for([target]))[0]
    if planned is None:
        raise Refused(NOTHING)
    return planned
