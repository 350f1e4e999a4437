"""Rules: made switched off, looked at in a preview, switched on."""

from typing import TypedDict, Unpack

from django.db import IntegrityError, transaction

from accounts.selectors import User
from alerts.models import Channel, Route
from alerts.selectors.channels import channel_get
from alerts.services.permits import require_channel_manager, require_manager
from common import clock
from common.errors import NotFound, Refused
from ledger.domain.audiences import Audience
from ledger.domain.terms import Severity

LONGEST_NAME = 100
LONGEST_SYSTEM = 100


class Terms(TypedDict, total=False):
    """What a rule says; what is left out stays, or is as the model has it."""

    name: str
    channel_id: int
    team_id: int | None
    system: str
    repository_id: int | None
    least_severity: str
    audience: str
    mentions: bool


def route_create(*, actor: User, **terms: Unpack[Terms]) -> Route:
    """Make a rule, switched off. Needs its name and channel. Refused with the field at fault."""
    if "channel_id" not in terms:
        raise Refused("Choose a channel.", "channel")
    require_manager(actor, terms.get("team_id"))
    route = Route(created_at=clock.now(), created_by=actor)
    _assign(route, terms, actor)
    _save(route)
    return route


def route_update(*, actor: User, route_id: int, **terms: Unpack[Terms]) -> Route:
    """Change a rule. One that is switched on goes on with its new terms from the next digest on."""
    with transaction.atomic():
        route = _locked(route_id)
        require_manager(actor, route.team_id)
        if "team_id" in terms:
            require_manager(actor, terms["team_id"])
        _assign(route, terms, actor)
        _save(route)
    return route


def route_switch(*, actor: User, route_id: int, is_on: bool) -> Route:
    """Switch a rule on or off; what it takes is told from the next working day's digest on."""
    with transaction.atomic():
        route = _locked(route_id)
        require_manager(actor, route.team_id)
        if is_on != route.is_on:
            if is_on:
                _channel_checked(route.channel, actor)
            route.switched_on_at = clock.now() if is_on else None
            route.switched_on_by = actor if is_on else None
            route.save()
    return route


def route_delete(*, actor: User, route_id: int) -> None:
    """Forget a rule; what was said by it stays on record."""
    with transaction.atomic():
        route = _locked(route_id)
        require_manager(actor, route.team_id)
        route.delete()


def _locked(route_id: int) -> Route:
    route = Route.objects.select_for_update().filter(pk=route_id).first()
    if route is None:
        raise NotFound(f"There is no rule {route_id}.")
    return route


def _assign(route: Route, terms: Terms, actor: User) -> None:
    if "channel_id" in terms and terms["channel_id"] != route.channel_id:
        _channel_checked(channel_get(terms["channel_id"]), actor)
    for name, value in terms.items():
        setattr(route, name, value)
    route.name = " ".join(route.name.split())
    if not route.name:
        raise Refused("Give the rule a name.", "name")
    if len(route.name) > LONGEST_NAME or not route.name.isprintable():
        raise Refused(f"The name may have {LONGEST_NAME} characters that can be shown.", "name")
    route.system = route.system.strip()
    if len(route.system) > LONGEST_SYSTEM:
        raise Refused(f"The system may have {LONGEST_SYSTEM} characters.", "system")
    if route.least_severity not in set(Severity):
        raise Refused("Choose one of the severities.", "least_severity")
    if route.audience not in set(Audience):
        raise Refused("Choose one of the audiences.", "audience")


def _channel_checked(channel: Channel, actor: User) -> None:
    """Refuse a channel that is not the actor's to speak into."""
    if channel.person_id is not None:
        raise Refused(
            "This channel is a person's own; they choose what they hear there themselves.",
            "channel",
        )
    require_channel_manager(actor, channel)


def _save(route: Route) -> None:
    try:
        with transaction.atomic():
            route.save()
    except IntegrityError:
        raise Refused("There is no such team or repository.", "team") from None
