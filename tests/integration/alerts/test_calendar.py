"""The calendar of a team: stable entries, addresses that end, and nothing that a text can break."""

from datetime import date, datetime, timedelta
from typing import Any

import icalendar
import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts import services as accounts_services
from accounts.domain.roles import Role
from alerts.models import CalendarFeed
from alerts.services.calendars import (
    MOST_FEEDS,
    calendar_feed_create,
    calendar_feed_revoke,
)
from common.errors import Denied, NotFound, Refused
from ledger import services as ledger_services
from ledger.domain.estimates import Interest
from ledger.domain.plans import MilestoneDraft, PlanDraft
from ledger.models import DebtItem
from tests.builders.debts import in_days, make_active_debt, make_debt, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann() -> Any:
    return make_person("ann")


@pytest.fixture
def root() -> Any:
    return make_person("root", Role.ADMIN)


@pytest.fixture
def team(ann: Any) -> Any:
    return accounts_services.team_create(slug="payments", name="Payments", members=[ann])


@pytest.fixture
def token(ann: Any, team: Any) -> str:
    _feed, token = calendar_feed_create(actor=ann, team=team)
    return token


def read(token: str, **headers: str) -> Any:
    return Client(headers=headers).get(reverse("calendar:feed", args=[token]))


def events(token: str) -> dict[str, Any]:
    """The entries by their identity."""
    calendar = icalendar.Calendar.from_ical(read(token).content)
    return {str(event["uid"]): event for event in calendar.walk("VEVENT")}


def test_promises_and_steps_are_days_of_the_calendar(
    ann: Any, root: Any, team: Any, token: str
) -> None:
    item = make_active_debt(ann, root, owner="payments", due_on=in_days(10))
    make_debt(ann, owner="ann", title="Ann's own")
    make_debt(ann, owner="search", title="of somebody else")
    found = events(token)
    assert len(found) == 4
    promise = found[str(item.key)]
    assert promise["summary"] == "Promise ends: Carts live in process memory"
    address = f"{settings.BASE_URL}{reverse('ledger:item', args=[item.reference])}"
    assert promise["url"] == address
    assert address in promise["description"]
    assert promise["description"].startswith("Payments promised to put this right by ")
    start, end = promise["dtstart"].dt, promise["dtend"].dt
    assert (start, end) == (in_days(10), in_days(11))
    assert type(start) is date
    assert not isinstance(start, datetime)
    steps = [one for one in found.values() if one["summary"] == "Step: Store chosen"]
    assert {one["dtstart"].dt for one in steps} == {in_days(5)}
    own = next(one for one in found.values() if "own" in one["summary"])
    assert own["description"].startswith("Ann proposes to put this right by ")


def test_an_entry_moves_with_its_promise_and_goes_when_it_is_paid(
    ann: Any, root: Any, team: Any, token: str
) -> None:
    item = make_active_debt(ann, root, owner="payments", due_on=in_days(10))
    before = events(token)
    ledger_services.debt_extend(
        actor=root,
        item_id=item.pk,
        due_on=in_days(20),
        reason="the shop moves first",
        interest=Interest.of(2, 4, 9),
    )
    after = events(token)
    assert set(after) == set(before)
    uid = str(item.key)
    assert after[uid]["dtstart"].dt - before[uid]["dtstart"].dt == timedelta(days=10)
    assert after[uid]["sequence"] > before[uid]["sequence"]
    ledger_services.debt_write_off(actor=root, item_id=item.pk, reason="the shop is closed")
    assert events(token) == {}


def test_a_new_plan_replaces_the_steps_in_place(ann: Any, team: Any, token: str) -> None:
    item = make_debt(ann, owner="payments")
    first = set(events(token))
    steps = (MilestoneDraft("Store bought", in_days(2)), MilestoneDraft("Carts moved", in_days(4)))
    ledger_services.debt_describe(actor=ann, item_id=item.pk, plan=PlanDraft("", steps))
    found = events(token)
    assert set(found) > first
    assert {one["summary"] for one in found.values()} >= {"Step: Store bought", "Step: Carts moved"}
    assert "Step: Store chosen" not in {one["summary"] for one in found.values()}


HOSTILE = "x\\n;,: BEGIN:VEVENT \u202eevil\u200b \U0001f4a3 " + "long " * 20


def test_no_text_breaks_out_of_its_line(ann: Any, team: Any, token: str) -> None:
    item = make_debt(ann, owner="payments")
    # As a title looks that came from a file.
    DebtItem.objects.filter(pk=item.pk).update(
        title=HOSTILE + "\r\nEND:VEVENT\r\nATTACH:https://evil.example\x07\x85"
    )
    body = read(token).content
    assert max(len(line) for line in body.split(b"\r\n")) <= 75
    assert body.count(b"\r\nBEGIN:VEVENT") == 2
    assert b"\r\nATTACH" not in body
    assert "BEGIN:VEVENT \u202eevil" in events(token)[str(item.key)]["summary"]


def test_a_calendar_that_is_known_is_not_sent_again(ann: Any, team: Any, token: str) -> None:
    item = make_debt(ann, owner="payments")
    first = read(token)
    assert first["Content-Type"] == "text/calendar; charset=utf-8"
    assert first["Cache-Control"] == "private, no-cache"
    assert first["Content-Disposition"] == 'inline; filename="payments.ics"'
    assert "Set-Cookie" not in first
    assert read(token).content == first.content
    again = read(token, if_none_match=first["ETag"])
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    ledger_services.debt_describe(actor=ann, item_id=item.pk, title="Carts get lost")
    changed = read(token, if_none_match=first["ETag"])
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]
    assert Client().head(reverse("calendar:feed", args=[token])).content == b""
    assert Client().post(reverse("calendar:feed", args=[token])).status_code == 405


def test_an_address_is_a_secret_that_ends(ann: Any, team: Any, token: str) -> None:
    feed = CalendarFeed.objects.get()
    assert token not in (feed.digest, str(feed))
    assert len(token) >= 43
    assert read(token).status_code == 200
    feed.refresh_from_db()
    assert feed.last_read_at is not None
    _, other = calendar_feed_create(actor=ann, team=team)
    calendar_feed_revoke(actor=ann, feed_id=feed.pk)
    calendar_feed_revoke(actor=ann, feed_id=feed.pk)
    assert read(token).status_code == read("x" * 43).status_code == read("%00").status_code == 404
    assert read(other).status_code == 200


def test_who_leaves_takes_the_address_along(ann: Any, team: Any, token: str) -> None:
    accounts_services.user_deactivate(user=ann)
    assert read(token).status_code == 404
    ann.refresh_from_db()
    with pytest.raises(Denied):
        calendar_feed_create(actor=ann, team=team)


def test_only_its_maker_a_lead_and_operators_end_an_address(
    ann: Any, root: Any, team: Any, token: str
) -> None:
    bo, lead = make_person("bo"), make_person("lead")
    accounts_services.team_add_member(team=team, user=lead)
    accounts_services.team_lead_set(team=team, user=lead, is_lead=True)
    feed = CalendarFeed.objects.get()
    with pytest.raises(Denied):
        calendar_feed_revoke(actor=bo, feed_id=feed.pk)
    with pytest.raises(NotFound):
        calendar_feed_revoke(actor=root, feed_id=feed.pk + 1)
    calendar_feed_revoke(actor=lead, feed_id=feed.pk)
    assert read(token).status_code == 404
    other, _ = calendar_feed_create(actor=ann, team=team)
    calendar_feed_revoke(actor=root, feed_id=other.pk)


def test_nobody_heaps_up_addresses(ann: Any, team: Any) -> None:
    for _ in range(MOST_FEEDS):
        calendar_feed_create(actor=ann, team=team)
    with pytest.raises(Refused, match="end one of them first"):
        calendar_feed_create(actor=ann, team=team)
