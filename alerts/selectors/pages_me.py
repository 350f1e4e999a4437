"""What a person's own page reads."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from accounts.selectors import User, teams_led_by
from alerts.models import CalendarFeed, Channel, Preference


@dataclass(frozen=True, slots=True)
class TeamCalendars:
    """One of the person's teams and the addresses at which its calendar can be read."""

    slug: str
    name: str
    is_led: bool
    feeds: Sequence[CalendarFeed]


def preference_of(user: User) -> Preference | None:
    """What the person wants to be told; None until they have said so."""
    return Preference.objects.select_related("channel").filter(user=user).first()


def personal_channels(user: User) -> Sequence[Channel]:
    """The channels that carry only what this person is told."""
    return list(Channel.objects.filter(person=user))


def calendars_of(user: User) -> Sequence[TeamCalendars]:
    """The person's teams with the calendar addresses that the person made and that still work."""
    teams = list(user.teams.order_by("name"))
    led = teams_led_by(user)
    feeds: dict[int, list[CalendarFeed]] = defaultdict(list)
    rows = CalendarFeed.objects.filter(team__in=[team.pk for team in teams], revoked_at=None)
    for feed in rows.select_related("created_by"):
        if feed.created_by_id == user.pk or feed.team_id in led:
            feeds[feed.team_id].append(feed)
    return [
        TeamCalendars(team.slug, team.name, team.pk in led, feeds.get(team.pk, ()))
        for team in teams
    ]
