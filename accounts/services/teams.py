"""Teams and who is in them."""

from collections.abc import Iterable

from django.db import transaction

from accounts.models import Membership, Team, User
from accounts.services.handles import refuse_taken_handle
from accounts.services.refusals import refused_when_invalid
from common import clock
from common.errors import Refused


def team_create(*, slug: str, name: str, members: Iterable[User] = ()) -> Team:
    """Create a team. Raises Refused when the slug is not a handle or already taken."""
    refuse_taken_handle(slug, field="slug")
    people = list(dict.fromkeys(members))
    for user in people:
        _refuse_inactive(user)
    team = Team(slug=slug, name=name, created_at=clock.now())
    with refused_when_invalid():
        team.full_clean()
        with transaction.atomic():
            team.save()
            Membership.objects.bulk_create(Membership(team=team, user=user) for user in people)
    return team


def team_add_member(*, team: Team, user: User) -> None:
    """Put a person into a team. Doing it twice changes nothing."""
    _refuse_inactive(user)
    Membership.objects.get_or_create(team=team, user=user)


def team_remove_member(*, team: Team, user: User) -> None:
    """Take a person out of a team. Doing it twice changes nothing."""
    Membership.objects.filter(team=team, user=user).delete()


def team_lead_set(*, team: Team, user: User, is_lead: bool) -> None:
    """Make somebody in the team its lead, or no longer; a team may have several.

    Raises Refused for who is not in the team, and for a deactivated person who is to lead.
    """
    if is_lead:
        _refuse_inactive(user)
    found = Membership.objects.filter(team=team, user=user).update(is_lead=is_lead)
    if not found and is_lead:
        raise Refused(f"{user} is not in {team}; add them to the team first.", "member")


def _refuse_inactive(user: User) -> None:
    if not user.is_active:
        raise Refused(f"{user} is deactivated; reactivate them first.", "member")
