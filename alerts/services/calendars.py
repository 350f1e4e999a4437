"""Addresses of a team's calendar: made, ended, and read."""

import secrets
from datetime import timedelta

from django.db import transaction

from accounts.domain.secrets import SECRET_BYTES, digest
from accounts.selectors import Team, User
from alerts.domain.access import LOOKS
from alerts.models import CalendarFeed
from alerts.selectors.calendar import live_feed
from alerts.services.permits import may_manage
from common import clock
from common.errors import Denied, NotFound, Refused

# One for each place where somebody keeps a calendar, and no heap of forgotten ones.
MOST_FEEDS = 10
# When it was last read is written at most this often, so that reading stays cheap.
LAST_READ_PRECISION = timedelta(minutes=10)


def calendar_feed_create(*, actor: User, team: Team) -> tuple[CalendarFeed, str]:
    """Make an address for a team's calendar; its token can't be read again.

    Whoever may look at debts may have one. It ends with the account of who made it.
    """
    if not actor.may(LOOKS):
        raise Denied(f"This needs the role “{LOOKS.label}”.")
    with transaction.atomic():
        own = CalendarFeed.objects.filter(team=team, created_by=actor, revoked_at=None)
        if own.count() >= MOST_FEEDS:
            raise Refused(
                f"You have {MOST_FEEDS} addresses of this calendar already; end one of them first."
            )
        token = secrets.token_urlsafe(SECRET_BYTES)
        feed = CalendarFeed.objects.create(
            team=team, digest=digest(token), created_at=clock.now(), created_by=actor
        )
    return feed, token


def calendar_feed_revoke(*, actor: User, feed_id: int) -> None:
    """End an address: whoever knows it reads nothing more. Doing it twice changes nothing."""
    with transaction.atomic():
        feed = _permitted(actor, feed_id)
        if feed.revoked_at is None:
            CalendarFeed.objects.filter(pk=feed.pk).update(revoked_at=clock.now())


def calendar_feed_use(*, token: str) -> CalendarFeed | None:
    """The feed behind an address, noting that it was read; None when it is not valid."""
    feed = live_feed(token)
    if feed is None:
        return None
    now = clock.now()
    # Looked at here, since even an update of no row waits for the database's writers.
    if feed.last_read_at is None or feed.last_read_at < now - LAST_READ_PRECISION:
        CalendarFeed.objects.filter(pk=feed.pk).update(last_read_at=now)
    return feed


def _permitted(actor: User, feed_id: int) -> CalendarFeed:
    """The feed, for who made it, who leads its team, and operators. Raises NotFound and Denied."""
    found = CalendarFeed.objects.select_for_update(of=("self",)).select_related("team")
    feed = found.filter(pk=feed_id).first()
    if feed is None:
        raise NotFound("There is no such calendar address.")
    is_own = feed.created_by_id == actor.pk and actor.is_active
    if not is_own and not may_manage(actor, feed.team_id):
        raise Denied("Only who made this address, the lead of the team or an operator may end it.")
    return feed
