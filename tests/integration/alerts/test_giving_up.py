"""What cannot be delivered is given up and told of where it still works."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.cache import cache

from accounts.domain.roles import Role
from accounts.models import Team
from alerts import doctor, metrics
from alerts.domain.messages import from_json
from alerts.domain.states import DeliveryKind, DeliveryState
from alerts.models import Channel, Delivery, Route, Trouble
from alerts.services import delivering
from alerts.services.announcing import troubles_announce
from alerts.services.giving_up import deliveries_give_up
from common import clock
from common.doctor import Health
from tests.builders.alert_channels import channel, queued
from tests.builders.debts import make_person
from tests.fakes.odd_service import OddService
from tests.integration.alerts.delivery_fixtures import Clock, loop, moved, odd

__all__ = ["loop", "moved", "odd"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("loop")]


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    cache.clear()


def team(name: str) -> int:
    return Team.objects.create(slug=name, name=name.title(), created_at=clock.now()).pk


def notices() -> list[Delivery]:
    return list(Delivery.objects.filter(kind=DeliveryKind.NOTICE).order_by("pk"))


def broken(name: str, odd: OddService, **columns: object) -> Channel:
    """A channel that its service has closed."""
    room = channel(name, odd.url("404"), **columns)
    queued(room)
    delivering.channel_deliver(channel_id=room.pk)
    room.refresh_from_db()
    assert not room.is_on
    return room


def test_after_its_days_a_message_is_given_up_and_told_of(odd: OddService, moved: Clock) -> None:
    other = channel("other")
    room = channel("room", odd.url("500"))
    one, two = queued(room, 2)
    delivering.channel_deliver(channel_id=room.pk, limit=1)
    moved.move(days=2.9)
    assert deliveries_give_up() == 0
    moved.move(days=0.2)
    assert delivering.channel_deliver(channel_id=room.pk) == 0
    assert deliveries_give_up() == 2
    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.state, two.state) == (DeliveryState.DEAD, DeliveryState.DEAD)
    assert one.error.startswith("Given up after 3 days and 1 attempt. The service answered 500")
    assert two.error == "Given up after 3 days and no attempt."
    assert troubles_announce() == 1
    (notice,) = notices()
    assert notice.channel == other
    (fact,) = from_json(notice.message).facts
    assert fact.startswith("“room”: 2 messages were given up.")
    assert odd.url("500") not in str(notice.message)


def test_dead_messages_are_told_of_once_a_day(odd: OddService, moved: Clock) -> None:
    channel("other")
    room = channel("room", odd.url("402"))
    told = []
    for count in (1, 2, 3):
        queued(room, count)
        delivering.channel_deliver(channel_id=room.pk)
        told.append(troubles_announce())
    assert told == [1, 0, 0]
    moved.move(days=1)
    assert troubles_announce() == 1
    assert "5 messages were given up" in from_json(notices()[1].message).facts[0]
    moved.move(days=1)
    assert troubles_announce() == 0


def test_a_channel_that_is_off_is_told_of_in_its_team_first(odd: OddService) -> None:
    payments, shop = team("payments"), team("shop")
    channel("a of nobody")
    channel("b of shop", team_id=shop)
    expected = channel("c of payments", team_id=payments)
    broken("room", odd, team_id=payments)
    assert troubles_announce() == 1
    (notice,) = notices()
    assert notice.channel == expected
    message = from_json(notice.message)
    assert message.title == "Alerts: 1 channel needs help"
    assert message.facts[0].startswith("“room” was switched off. The service answered 404.")
    assert troubles_announce() == 0


def test_a_rule_makes_a_channel_one_of_the_team(odd: OddService) -> None:
    payments = team("payments")
    channel("a of nobody")
    expected = channel("b of nobody")
    now = clock.now()
    Route.objects.create(
        name="r", channel=expected, team_id=payments, created_at=now, switched_on_at=now
    )
    broken("room", odd, team_id=payments)
    troubles_announce()
    assert notices()[0].channel == expected


def test_a_persons_own_channel_is_none_of_the_teams_business(odd: OddService) -> None:
    ann, bo = make_person("ann"), make_person("bo")
    channel("a of bo", person=bo)
    expected = channel("b of nobody")
    broken("room", odd, person=ann)
    troubles_announce()
    assert notices()[0].channel == expected


def test_many_at_once_make_one_message(odd: OddService, moved: Clock) -> None:
    channel("other")
    for number in range(14):
        broken(f"room {number}", odd)
    assert troubles_announce() == 1
    message = from_json(notices()[0].message)
    assert message.title == "Alerts: 14 channels need help"
    assert len(message.facts) == 11
    assert message.facts[-1] == "… and 4 more."
    broken("late room", odd)
    assert troubles_announce() == 0
    moved.move(minutes=11)
    assert troubles_announce() == 1


def test_a_notice_moves_on_when_its_place_fails_too(odd: OddService, moved: Clock) -> None:
    first = channel("a place", odd.url("404"))
    broken("room", odd)
    assert troubles_announce() == 1
    delivering.channel_deliver(channel_id=first.pk)
    second = channel("b place", odd.url("ok"))
    assert troubles_announce() == 1
    moved_one, stays = notices()
    assert (moved_one.state, moved_one.channel) == (DeliveryState.DROPPED, first)
    assert stays.channel == second
    facts = from_json(stays.message).facts
    assert [fact.split(" was")[0] for fact in facts] == ["“room”", "“a place”"]
    assert delivering.channel_deliver(channel_id=second.pk) == 1


def test_a_notice_that_is_refused_moves_on_and_comes_back_no_more_than_daily(
    odd: OddService, moved: Clock, settings
) -> None:
    settings.HAS_EMAIL = False
    places = [channel(f"{name} place", odd.url("402")) for name in "ab"]
    broken("room", odd)

    def a_day() -> int:
        """How many notices are made while everybody refuses them."""
        before = len(notices())
        for _ in range(12):
            troubles_announce()
            for place in places:
                delivering.channel_deliver(channel_id=place.pk)
            moved.move(hours=2)
        return len(notices()) - before

    assert a_day() == 2  # each place once
    assert a_day() <= 2
    assert {one.state for one in notices()} == {DeliveryState.DEAD}
    # Nobody has heard of it yet, and it is not forgotten.
    assert Trouble.objects.filter(channel__name="room", said_at=None).exists()
    places.append(channel("c place", odd.url("ok")))
    a_day()
    heard = [one for one in notices() if one.state == DeliveryState.SENT]
    assert {one.channel for one in heard} == {places[-1]}
    facts = str([from_json(one.message).facts for one in heard])
    assert "“room” was switched off" in facts
    assert "“a place”: " in facts


def test_a_place_for_notices_only_is_tried_again_after_its_outage(
    odd: OddService, moved: Clock
) -> None:
    place = channel("a place", odd.url("ok"))
    Channel.objects.filter(pk=place.pk).update(failures=7, last_error_at=clock.now())
    broken("room", odd)
    assert troubles_announce() == 0
    moved.move(minutes=61)
    assert troubles_announce() == 1
    assert delivering.channel_deliver(channel_id=place.pk) == 1


def test_without_any_place_administrators_get_mail(odd: OddService, settings) -> None:
    ann = make_person("ann", Role.ADMIN)
    ann.email = "ann@example.org"
    ann.save()
    make_person("bo", Role.OPERATOR)
    broken("room", odd)
    settings.HAS_EMAIL = False
    assert troubles_announce() == 0
    assert Trouble.objects.filter(said_at=None).count() == 1
    settings.HAS_EMAIL = True
    assert troubles_announce() == 1
    (letter,) = mail.outbox
    assert letter.to == ["ann@example.org"]
    assert letter.subject == "Displace: Alerts: 1 channel needs help"
    assert "“room” was switched off. The service answered 404." in letter.body
    assert troubles_announce() == 0


def test_mail_that_cannot_be_sent_is_tried_again(
    odd: OddService, settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = make_person("ann", Role.ADMIN)
    ann.email = "ann@example.org"
    ann.save()
    broken("room", odd)
    settings.HAS_EMAIL = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert troubles_announce() == 0
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert troubles_announce() == 0  # not at once
    cache.clear()
    assert troubles_announce() == 1


def test_the_doctor_and_the_figures_tell_of_it(odd: OddService, moved: Clock) -> None:
    def findings() -> dict[str, Health]:
        found = [*doctor.channels(), *doctor.outbox()]
        return {f"{one.subject}: {one.message}": one.health for one in found}

    assert set(findings().values()) == {Health.OK}
    room = broken("room", odd)
    channel("other", odd.url("402"))
    queued(Channel.objects.get(name="other"))
    delivering.channel_deliver(channel_id=Channel.objects.get(name="other").pk)
    moved.move(hours=1)
    found = findings()
    assert found[f"room: Off; 1 message waits. {room.disabled_reason}"] is Health.ERROR
    assert found["Messages: 1 message was given up."] is Health.WARNING
    samples = {
        (sample.name, *sample.labels.values()): sample.value
        for family in [*metrics.messages(), *metrics.channels()]
        for sample in family.samples
    }
    assert samples["displace_alerts_messages", "dead"] == 1
    assert samples["displace_alerts_messages", "waiting"] == 1
    assert samples["displace_alerts_channels", "off"] == 1
    assert samples["displace_alerts_channels", "on"] == 1
    assert samples["displace_alerts_oldest_unsent_seconds",] >= timedelta(hours=1).seconds
