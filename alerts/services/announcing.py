"""Channels that are off and messages that were given up are told of where it still works.

In another channel of the same team, else in one that belongs to no team, else by e-mail to the
administrators. One word for all that happened, and no more than one in ten minutes for each place:
when a service goes away, five hundred channels go off together.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.core.cache import cache
from django.core.mail import send_mail
from django.db import transaction
from django.urls import reverse

from accounts import selectors as accounts_selectors
from accounts.domain.roles import Role
from alerts.domain.messages import MOST_ROWS, Message
from alerts.domain.states import DeliveryKind, DeliveryState
from alerts.models import Channel, Delivery, Route, Trouble
from alerts.models.troubles import DEAD
from alerts.selectors.deliveries import (
    given_up_untold,
    healthy_channels,
    notices_stuck,
    troubles_unsaid,
)
from alerts.services.outbox import Draft, delivery_queue
from common import clock

log = logging.getLogger(__name__)

PAUSE = timedelta(minutes=10)
# Troubles that one run looks at.
MOST_TROUBLES = 1_000
_MAIL_TRIED = "alerts:announcing:mail"


def troubles_announce() -> int:
    """Tell of everything that nobody was told of yet; return how many messages that made."""
    now = clock.now()
    for notice in notices_stuck(now)[:MOST_TROUBLES]:
        _taken_back(notice, now)
    unsaid = list(troubles_unsaid(now)[:MOST_TROUBLES])
    if not unsaid:
        return 0
    places = _places(unsaid, now)
    grouped: dict[int | None, list[Trouble]] = defaultdict(list)
    for trouble in unsaid:
        grouped[places.get(trouble.channel_id)].append(trouble)
    said = 0
    for place, troubles in grouped.items():
        said += _mailed(troubles, now) if place is None else _queued(place, troubles, now)
    return said


def _places(troubles: Iterable[Trouble], now: datetime) -> Mapping[int, int]:
    """For each channel in trouble a healthy one; none where there is no other."""
    healthy = list(healthy_channels(now))
    teams_of: dict[int, set[int]] = defaultdict(set)
    routes = Route.objects.filter(switched_on_at__isnull=False, team__isnull=False)
    for channel_id, team_id in routes.values_list("channel", "team").distinct():
        teams_of[channel_id].add(team_id)
    places = {}
    for channel in {trouble.channel_id: trouble.channel for trouble in troubles}.values():
        # A person's own channel is nothing for their team's room.
        own = set() if channel.person_id else set(teams_of[channel.pk])
        if channel.team_id is not None:
            own.add(channel.team_id)
        place = _place(channel, healthy, own, teams_of)
        if place is not None:
            places[channel.pk] = place
    return places


def _place(
    channel: Channel, healthy: Sequence[Channel], own: set[int], teams_of: Mapping[int, set[int]]
) -> int | None:
    others = [one for one in healthy if one.pk != channel.pk]
    of_team = [one for one in others if one.team_id in own or own & teams_of.get(one.pk, set())]
    of_nobody = [one for one in others if one.team_id is None]
    return next((one.pk for one in (*of_team, *of_nobody)), None)


def _queued(place: int, troubles: Sequence[Trouble], now: datetime) -> int:
    """Put one notice for all of them into a channel, unless it has had one just now."""
    with transaction.atomic():
        recent = Trouble.objects.filter(said_by__channel=place, said_at__gt=now - PAUSE)
        if recent.exists():
            return 0
        numbers = [trouble.pk for trouble in troubles]
        free = Trouble.objects.select_for_update(skip_locked=True, of=("self",)).filter(
            pk__in=numbers, said_at__isnull=True
        )
        if len(free) < len(numbers):
            return 0  # somebody else is telling them
        dedupe = f"trouble:{place}:{now.isoformat()}"
        delivery_queue(Draft(place, _message(troubles), DeliveryKind.NOTICE, dedupe))
        notice = Delivery.objects.get(dedupe=dedupe)
        Trouble.objects.filter(pk__in=numbers).update(said_at=now, said_by=notice)
    return 1


def _mailed(troubles: Sequence[Trouble], now: datetime) -> int:
    """Write to the administrators; what cannot be sent stays for the next time."""
    people = accounts_selectors.people().filter(role=Role.ADMIN).exclude(email="")
    addresses = [person.email for person in people]
    if not settings.HAS_EMAIL or not addresses:
        return 0  # the doctor and the page of channels show it
    if not cache.add(_MAIL_TRIED, True, PAUSE.total_seconds()):
        return 0
    message = _message(troubles)
    lines = [message.lead, "", *(f"- {fact}" for fact in message.facts), "", message.url]
    try:
        send_mail(f"Displace: {message.title}", "\n".join(lines), None, addresses)
    except OSError as error:
        log.warning("administrators could not be written to: %s", type(error).__name__)
        return 0
    Trouble.objects.filter(pk__in=[trouble.pk for trouble in troubles]).update(said_at=now)
    return 1


def _taken_back(notice: Delivery, now: datetime) -> None:
    """Have what a stuck or a dead notice says told elsewhere."""
    unchanged = Delivery.objects.filter(pk=notice.pk, fence=notice.fence, state=notice.state)
    with transaction.atomic():
        if notice.state == DeliveryState.DEAD:
            # It stays what it is: that keeps the next notice out of the same place.
            is_free = unchanged.exists()
        else:
            why = "This channel fails; said elsewhere."
            is_free = unchanged.update(state=DeliveryState.DROPPED, settled_at=now, error=why) == 1
        if is_free:
            Trouble.objects.filter(said_by=notice).update(said_at=None, said_by=None)


def _message(troubles: Sequence[Trouble]) -> Message:
    counts = given_up_untold({one.channel_id for one in troubles if one.key.startswith(DEAD)})
    # Days on which messages died make one line for their channel.
    told = (_fact(trouble, counts.get(trouble.channel_id, 0)) for trouble in troubles)
    facts = list(dict.fromkeys(told))
    channels = len({trouble.channel_id for trouble in troubles})
    if len(facts) > MOST_ROWS:
        facts = [*facts[:MOST_ROWS], f"… and {len(facts) - MOST_ROWS} more."]
    return Message(
        title=f"Alerts: {'1 channel needs' if channels == 1 else f'{channels} channels need'} help",
        lead="Messages do not reach people there. They are kept until somebody has looked.",
        facts=tuple(facts),
        url=settings.BASE_URL + reverse("alerts:overview"),
    )


def _fact(trouble: Trouble, dead: int) -> str:
    name = f"“{trouble.channel.name}”"
    if trouble.key.startswith(DEAD):
        counted = "1 message was" if dead == 1 else f"{dead} messages were"
        return f"{name}: {counted} given up. {trouble.channel.last_error}".strip()
    return f"{name} was switched off. {trouble.channel.disabled_reason}".strip()
