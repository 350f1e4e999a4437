"""Channels, rules and a clock that a test moves, as plain calls."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts import selectors as accounts_selectors
from accounts import services as accounts_services
from accounts.domain.roles import Role
from alerts.models import Channel, Route
from alerts.services import routes
from common import clock
from tests.builders.debts import make_person


class Hands:
    """The hands of the clock; everything in the process reads the time from them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
        self.moment = moment
        monkeypatch.setattr(timezone, "now", lambda: self.moment)

    def set(self, text: str) -> datetime:
        """To a moment in UTC: "2026-11-18 09:30"."""
        self.moment = datetime.fromisoformat(text).replace(tzinfo=UTC)
        return self.moment

    def at(self, hour: int, minute: int = 0) -> datetime:
        """To a time of the same day, UTC."""
        self.moment = datetime.combine(self.moment.date(), time(hour, minute), tzinfo=UTC)
        return self.moment

    def forward(self, days: int = 1) -> datetime:
        self.moment += timedelta(days=days)
        return self.moment


def make_team(slug: str, *members: str, lead: str = "") -> Any:
    """A team; whoever is not there yet is made."""
    there = {one.username: one for one in accounts_selectors.people()}
    people = [there.get(name) or make_person(name) for name in members]
    team = accounts_services.team_create(slug=slug, name=slug.title(), members=people)
    for one in people:
        if one.username == lead:
            accounts_services.team_lead_set(team=team, user=one, is_lead=True)
    return team


def make_channel(name: str, **changes: Any) -> Channel:
    """A channel that nothing is sent to."""
    now = clock.now()
    values = {"kind": "webhook", "key": f"key-of-{name}", **changes}
    return Channel.objects.create(
        name=name, created_at=now, updated_at=now, tokens_at=now, **values
    )


def make_route(operator: Any, channel: Channel, *, is_on: bool = True, **terms: Any) -> Route:
    terms = {"name": f"into {channel.name}", **terms}
    route = routes.route_create(actor=operator, channel_id=channel.pk, **terms)
    return routes.route_switch(actor=operator, route_id=route.pk, is_on=is_on)


def make_operator() -> Any:
    return make_person("olga", Role.OPERATOR)
