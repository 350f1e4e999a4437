"""What the calendar of a team shows, and which addresses of it are valid."""

from collections.abc import Iterator

from accounts import selectors as accounts_selectors
from accounts.domain.secrets import digest
from accounts.selectors import Team
from alerts.domain.calendar_feed import Entry, Feed, step_uid
from alerts.domain.row_words import MOST_TITLE, day_text, shortened
from alerts.models import CalendarFeed
from ledger.selectors.calendar import DatedDebt, dated_debts


def live_feed(token: str) -> CalendarFeed | None:
    """The feed behind an address, unless it was ended or its maker has left.

    Looked up by the digest of a long random secret: how long that takes says nothing of it.
    """
    found = CalendarFeed.objects.select_related("team").filter(
        digest=digest(token), revoked_at=None, created_by__is_active=True
    )
    return found.first()


def feed_content(team: Team, *, debts: str) -> Feed:
    """Every day on which a promise of the team ends or a step of a plan is due.

    `debts` is the address of the register, with a slash at its end.
    """
    owners = accounts_selectors.handles_at_home(team.slug)
    names = {one.handle: one.name for one in accounts_selectors.owners() if one.handle in owners}
    found = dated_debts(owners=owners)
    entries = [
        entry
        for debt in found
        for entry in _entries(debt, names.get(debt.owner, debt.owner), debts)
    ]
    return Feed(f"{team.name}: promised dates", entries)


def _entries(debt: DatedDebt, owner: str, debts: str) -> Iterator[Entry]:
    title, url = shortened(debt.title, MOST_TITLE), f"{debts}{debt.reference}/"
    end = day_text(debt.due_on)
    said = "promised to put this right" if debt.is_accepted else "proposes to put this right"
    yield Entry(
        uid=debt.key,
        sequence=debt.version,
        day=debt.due_on,
        title=f"Promise ends: {title}",
        text=f"{owner} {said} by {end}. {debt.reference}: {url}",
        url=url,
        changed_at=debt.changed_at,
    )
    for step in debt.steps:
        yield Entry(
            uid=step_uid(debt.key, step.position),
            sequence=debt.version,
            day=step.due_on,
            title=f"Step: {shortened(step.title, MOST_TITLE)}",
            text=f"{owner}, a step towards the promise “{title}”, which ends on {end}. "
            f"{debt.reference}: {url}",
            url=url,
            changed_at=debt.changed_at,
        )
