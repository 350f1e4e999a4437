"""Notices of other parts reach the outbox in the transaction of their fact, once for each place."""

import pytest
from django.db import transaction

from accounts.models import Team
from alerts.domain.messages import from_json
from alerts.models import Channel, Delivery, Route
from alerts.services import delivering
from common import clock, notices
from common.notices import Notice, Severity, say
from tests.builders.alert_channels import channel
from tests.builders.debts import make_person
from tests.fakes.odd_service import OddService
from tests.integration.alerts.delivery_fixtures import loop, odd

__all__ = ["loop", "odd"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("loop")]


def notice(key: str = "run:1", **columns: object) -> Notice:
    values = {"title": "Ready", "text": "It stands.", "url": "https://d.example/e/1", **columns}
    return Notice(key, **values)


def team(name: str) -> Team:
    return Team.objects.create(slug=name, name=name.title(), created_at=clock.now())


def route(into: Channel, of: Team | None, *, is_on: bool = True) -> None:
    now = clock.now()
    Route.objects.create(
        name="rule", channel=into, team=of, created_at=now, switched_on_at=now if is_on else None
    )


def heard_in() -> list[str]:
    return sorted(Delivery.objects.values_list("channel__name", flat=True))


def test_a_notice_goes_to_the_rooms_of_its_team_only() -> None:
    mine, other = team("mine"), team("other")
    channel("own", team=mine)
    route(channel("ruled"), mine)
    route(channel("off"), mine, is_on=False)
    channel("else", team=other)
    channel("nobody's")
    channel("closed", team=mine, disabled_at=clock.now())
    channel("person's", person=make_person("ann"))

    say(notice(team_id=mine.pk))

    assert heard_in() == ["own", "ruled"]


def test_without_rooms_of_the_team_it_goes_where_nobodys_debts_are_told() -> None:
    mine = team("mine")
    channel("plain")
    channel("else", team=team("other"))
    say(notice(team_id=mine.pk))
    assert heard_in() == ["plain"]

    route(channel("ruled"), None)
    say(notice("run:2", team_id=mine.pk))
    say(notice("run:3"))
    assert heard_in() == ["plain", "ruled", "ruled"]


def test_a_fact_is_told_once_however_often_it_is_said() -> None:
    channel("room")
    say(notice())
    say(notice(title="Said again"))
    assert [one.message["title"] for one in Delivery.objects.all()] == ["Ready"]


@pytest.mark.django_db(transaction=True)
def test_who_takes_the_fact_back_takes_the_notice_back() -> None:
    channel("room")
    with transaction.atomic():
        say(notice())
        assert Delivery.objects.count() == 1
        transaction.set_rollback(True)
    assert not Delivery.objects.exists()
    with pytest.raises(RuntimeError, match="in the transaction"):
        say(notice())


def test_people_are_called_for_what_needs_them_only() -> None:
    make_person("ann")
    channel("room")
    say(notice(handles=("ann", "ghost", "ann")))
    say(notice("run:2", handles=("ann", "ghost", "ann"), severity=Severity.WARNING))
    quiet, loud = (from_json(one.message) for one in Delivery.objects.order_by("pk"))
    assert quiet.call == ()
    assert [one.handle for one in loud.call] == ["ann", "ghost"]
    assert (loud.title, loud.lead, loud.url) == ("Ready", "It stands.", "https://d.example/e/1")


def test_it_arrives(odd: OddService) -> None:
    room = channel("room", odd.url("ok"))
    say(notice())
    delivering.channel_deliver(channel_id=room.pk)
    assert [one.state for one in Delivery.objects.all()] == ["sent"]


def test_nothing_happens_where_nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "_listeners", [])
    channel("room")
    say(notice())
    assert not Delivery.objects.exists()
