"""Digests, day by day, with the clock of the whole process moved."""

from datetime import date, timedelta
from typing import Any

import pytest

from accounts.domain.roles import Role
from alerts.models import Delivery, Digest, Notice, Preference
from alerts.models.digests import Turn
from alerts.services.digests import digests_make
from alerts.services.schedules import schedule_update
from common import clock
from ledger import services as ledger_services
from ledger.domain.estimates import Interest
from tests.builders.alerting import Hands, make_channel, make_operator, make_route, make_team
from tests.builders.debts import make_active_debt, make_debt, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def hands(monkeypatch: pytest.MonkeyPatch) -> Hands:
    # A Monday, before anybody is spoken to.
    hands = Hands(monkeypatch, clock.now())
    hands.set("2026-09-07 08:00")
    return hands


@pytest.fixture
def operator(db: None, hands: Hands) -> Any:
    return make_operator()


@pytest.fixture
def payments(operator: Any) -> Any:
    return make_team("payments", "ann", "bob", lead="bob")


@pytest.fixture
def room(payments: Any, operator: Any) -> Any:
    channel = make_channel("payments room", team=payments)
    make_route(operator, channel, team_id=payments.pk)
    return channel


@pytest.fixture
def approver(operator: Any) -> Any:
    return make_person("cy", Role.ADMIN)


def run_days(hands: Hands, days: int) -> list[tuple[date, list[str]]]:
    """What each day's digest notes, over so many days."""
    found = []
    for _ in range(days):
        hands.at(9, 30)
        before = set(Notice.objects.values_list("pk", flat=True))
        if digests_make():
            new = Notice.objects.exclude(pk__in=before).order_by("rank")
            found.append((hands.moment.date(), list(new.values_list("stage", flat=True))))
        hands.forward()
    return found


def test_one_promise_from_its_first_word_to_the_lead(
    hands: Hands, room: Any, operator: Any
) -> None:
    make_debt(operator, owner="payments", due_on=date(2026, 10, 8))
    assert run_days(hands, 62) == [
        (date(2026, 9, 14), ["in_30"]),
        (date(2026, 9, 24), ["in_14"]),
        (date(2026, 10, 1), ["in_7"]),
        (date(2026, 10, 7), ["in_1"]),
        (date(2026, 10, 8), ["due"]),
        (date(2026, 10, 9), ["late_1"]),
        (date(2026, 10, 12), ["late_2"]),
        (date(2026, 10, 14), ["late_4"]),
        (date(2026, 10, 15), ["lead_5"]),
        (date(2026, 10, 20), ["late_8"]),
        (date(2026, 10, 30), ["late_16"]),
        (date(2026, 11, 5), ["lead_20"]),
    ]
    assert Delivery.objects.count() == Digest.objects.count() == 12
    assert set(Delivery.objects.values_list("channel_id", flat=True)) == {room.pk}


def test_the_message_calls_the_owner_from_the_day_before_and_the_lead_after_five(
    hands: Hands, room: Any, operator: Any
) -> None:
    make_debt(operator, owner="ann", due_on=date(2026, 9, 14))
    run_days(hands, 15)
    messages = [one.message for one in Delivery.objects.order_by("pk")]
    mentioned = [bool(one["rows"][0]["mention"]) for one in messages]
    # in_7, in_1 (Friday), due, 1, 2, 4 and the lead.
    assert mentioned == [False, True, True, True, True, True, False]
    assert [[who["handle"] for who in one["call"]] for one in messages] == [[]] * 6 + [["bob"]]


def test_a_second_run_says_nothing_twice_and_nothing_to_say_is_silence(
    hands: Hands, room: Any, operator: Any
) -> None:
    make_debt(operator, owner="ann", due_on=date(2026, 9, 14))
    hands.at(9, 29)
    assert digests_make() == 0
    hands.at(9, 30)
    assert digests_make() == 1
    assert digests_make() == 0
    # What is recorded after the day's turn waits for tomorrow's.
    make_debt(operator, owner="ann", due_on=date(2026, 9, 14))
    hands.at(14)
    assert digests_make() == 0
    hands.forward()
    assert digests_make() == 1
    hands.forward()
    assert digests_make() == 0
    assert Digest.objects.count() == 2
    assert Turn.objects.get().day == date(2026, 9, 9)


def test_missed_runs_say_the_highest_stage_once(hands: Hands, room: Any, operator: Any) -> None:
    make_debt(operator, owner="ann", due_on=date(2026, 9, 14))
    hands.set("2026-09-28 09:30")
    assert run_days(hands, 3) == [(date(2026, 9, 28), ["late_8", "lead_5"])]


def test_a_day_whose_hours_are_over_is_caught_up_with_tomorrow(
    hands: Hands, room: Any, operator: Any
) -> None:
    make_debt(operator, owner="ann", due_on=date(2026, 9, 14))
    hands.at(22)
    assert digests_make() == 0
    hands.set("2026-09-08 09:30")
    assert digests_make() == 1


def test_a_new_date_begins_anew(hands: Hands, room: Any, operator: Any, approver: Any) -> None:
    item = make_active_debt(operator, approver, owner="ann", due_on=date(2026, 9, 14))
    run_days(hands, 3)
    ledger_services.debt_extend(
        actor=approver,
        item_id=item.pk,
        due_on=date(2026, 9, 25),
        reason="The supplier is late.",
        interest=Interest.of(2, 4, 9),
    )
    assert run_days(hands, 10) == [
        (date(2026, 9, 11), ["in_14"]),
        (date(2026, 9, 18), ["in_7"]),
    ]


def test_paid_debt_is_spoken_of_no_more(
    hands: Hands, room: Any, operator: Any, approver: Any
) -> None:
    item = make_active_debt(operator, approver, owner="ann", due_on=date(2026, 9, 14))
    run_days(hands, 1)
    ledger_services.debt_write_off(actor=approver, item_id=item.pk, reason="The shop was sold.")
    assert run_days(hands, 20) == []


def test_a_snooze_is_kept_and_its_day_reminds(hands: Hands, room: Any, operator: Any) -> None:
    item = make_debt(operator, owner="ann", due_on=date(2026, 9, 14))
    run_days(hands, 1)
    ledger_services.debt_snooze(actor=operator, item_id=item.pk, until=date(2026, 9, 10))
    assert run_days(hands, 4) == [
        (date(2026, 9, 10), ["on_20260910"]),
        (date(2026, 9, 11), ["in_1"]),
    ]
    hands.set("2026-09-11 12:00")
    ledger_services.debt_snooze(actor=operator, item_id=item.pk, until=date(2026, 9, 16))
    # Left out over the due day and the day after; the highest stage comes with the reminder.
    assert run_days(hands, 7) == [(date(2026, 9, 16), ["on_20260916", "late_2"])]


def test_who_has_seen_it_is_not_mentioned_and_the_first_call_is_held_off(
    hands: Hands, room: Any, operator: Any
) -> None:
    item = make_debt(operator, owner="ann", due_on=date(2026, 9, 8))
    run_days(hands, 1)
    ledger_services.debt_acknowledge(actor=operator, item_id=item.pk)
    stages = [key for _, keys in run_days(hands, 30) for key in keys]
    assert stages == ["due", "late_1", "late_2", "late_4", "late_8", "late_16", "lead_20"]
    last = Delivery.objects.order_by("-pk")[0]
    assert last.message["rows"][0]["mention"] is None


def test_a_first_import_makes_one_summary_and_then_each_its_own(
    hands: Hands, room: Any, operator: Any
) -> None:
    for n in range(25):
        make_debt(operator, owner="payments", due_on=date(2026, 9, 11) + timedelta(days=n))
    hands.at(9, 30)
    assert digests_make() == 1
    digest = Digest.objects.get()
    assert digest.is_summary
    # All 25 lie within 30 days or a weekend after, and it is a Monday.
    assert digest.items == Notice.objects.count() == 25
    assert Delivery.objects.get().message["call"] == []
    hands.forward()
    said = run_days(hands, 4)
    # The nearest ones go on as ever, one message a day for what is new that day.
    assert [day.day for day, _ in said] == [8, 9, 10, 11]
    assert Digest.objects.filter(is_summary=True).count() == 1


def test_after_a_later_import_the_urgent_rest_waits_one_day_and_not_two(
    hands: Hands, room: Any, operator: Any
) -> None:
    old = make_debt(operator, owner="ann", due_on=date(2026, 9, 14))
    run_days(hands, 1)
    old_stages = Notice.objects.filter(item_id=old.pk)
    hands.set("2026-09-11 08:00")
    for _ in range(12):
        make_debt(operator, owner="payments", due_on=date(2026, 9, 18))
    run_days(hands, 1)
    assert Digest.objects.latest("pk").is_summary
    assert list(old_stages.values_list("stage", flat=True)) == ["in_7"]
    hands.set("2026-09-14 08:00")
    for _ in range(12):
        make_debt(operator, owner="payments", due_on=date(2026, 9, 18))
    run_days(hands, 1)
    assert not Digest.objects.latest("pk").is_summary
    assert list(old_stages.values_list("stage", flat=True)) == ["in_7", "due"]
    assert Digest.objects.latest("pk").items == 13


def test_debts_of_nobodys_team_and_those_no_rule_takes_go_to_the_rest(
    hands: Hands, operator: Any, payments: Any
) -> None:
    high, rest = make_channel("high"), make_channel("rest")
    make_route(operator, high, team_id=payments.pk, least_severity="high")
    make_route(operator, rest)
    items = {
        name: make_debt(operator, owner=owner, due_on=date(2026, 9, 14), severity=severity)
        for name, owner, severity in (
            ("high", "ann", "high"),
            ("low", "ann", "low"),
            ("nobody", "olga", "high"),
        )
    }
    run_days(hands, 1)
    told = {
        channel.name: set(Notice.objects.filter(channel=channel).values_list("item_id", flat=True))
        for channel in (high, rest)
    }
    assert told == {"high": {items["high"].pk}, "rest": {items["low"].pk, items["nobody"].pk}}


def test_several_rules_into_one_channel_make_one_digest_for_the_strictest_reader(
    hands: Hands, room: Any, operator: Any, payments: Any
) -> None:
    make_route(operator, room, team_id=payments.pk, audience="sales", system="checkout")
    make_debt(operator, owner="ann", due_on=date(2026, 9, 14), system="checkout")
    make_debt(operator, owner="ann", due_on=date(2026, 9, 14))
    run_days(hands, 1)
    assert Digest.objects.get().items == 2
    assert "to keep in mind" in Delivery.objects.get().message["title"]


def test_a_channel_that_is_off_is_told_once_it_is_on_again(
    hands: Hands, room: Any, operator: Any
) -> None:
    make_debt(operator, owner="ann", due_on=date(2026, 9, 14))
    room.disabled_at = clock.now()
    room.save()
    assert run_days(hands, 8) == []
    room.disabled_at = None
    room.save()
    assert run_days(hands, 1) == [(date(2026, 9, 15), ["late_1"])]


def test_a_person_hears_of_their_own_debts_and_of_calls_for_the_lead(
    hands: Hands, operator: Any, payments: Any
) -> None:
    bob = payments.members.get(username="bob")
    own = make_channel("bob's", person=bob)
    now = clock.now()
    Preference.objects.create(user=bob, channel=own, own_debts=True, updated_at=now)
    make_debt(operator, owner="ann", due_on=date(2026, 9, 8))
    make_debt(operator, owner="bob", due_on=date(2026, 9, 14))
    assert run_days(hands, 9) == [
        (date(2026, 9, 7), ["in_7"]),
        (date(2026, 9, 11), ["in_1"]),
        (date(2026, 9, 14), ["due"]),
        (date(2026, 9, 15), ["late_1", "lead_5"]),
    ]
    assert set(Delivery.objects.values_list("channel_id", flat=True)) == {own.pk}


def test_teams_speak_at_their_own_time_and_on_their_own_days(
    hands: Hands, operator: Any, payments: Any, room: Any
) -> None:
    gulf = make_team("gulf", "dia")
    make_route(operator, make_channel("gulf room"), team_id=gulf.pk)
    week = [6, 0, 1, 2, 3]
    schedule_update(actor=operator, team_id=gulf.pk, time_zone="Asia/Dubai", working_days=week)
    schedule_update(
        actor=operator, team_id=None, time_zone="Europe/Berlin", country="DE", subdivision="BE"
    )
    for owner in ("ann", "dia"):
        make_debt(operator, owner=owner, due_on=date(2026, 10, 3))
    hands.set("2026-09-18 00:00")
    for _ in range(24 * 17):
        digests_make()
        hands.moment += timedelta(hours=1)
    by_team = {
        team: [f"{one.created_at:%m-%d %H}" for one in Digest.objects.filter(team=team)][::-1]
        for team in (payments, gulf)
    }
    # Berlin: half past seven UTC, so the run at eight; the third is a holiday and a Saturday.
    assert by_team[payments] == ["09-18 08", "09-25 08", "10-02 08"]
    # Dubai: half past five UTC, so the run at six; Friday and Saturday are off.
    assert by_team[gulf] == ["09-20 06", "09-24 06", "10-01 06", "10-04 06"]


@pytest.mark.parametrize(
    ("friday", "zone", "times"),
    [
        # Clocks go forward on 29 March 2026 and back on 25 October.
        ("2026-03-27", "Europe/Berlin", ["03-27 08:30", "03-30 07:30"]),
        ("2026-10-23", "Europe/Berlin", ["10-23 07:30", "10-26 08:30"]),
        ("2026-10-30", "America/New_York", ["10-30 13:30", "11-02 14:30"]),
    ],
)
def test_over_a_change_of_the_clocks(
    hands: Hands, operator: Any, room: Any, friday: str, zone: str, times: list[str]
) -> None:
    hands.set(f"{friday} 00:00")
    schedule_update(actor=operator, team_id=None, time_zone=zone)
    make_debt(operator, owner="ann", due_on=hands.moment.date() + timedelta(days=4))
    # Friday and Monday each have something to say.
    make_debt(operator, owner="ann", due_on=hands.moment.date() + timedelta(days=3))
    for _ in range(4 * 24 * 2):
        digests_make()
        hands.moment += timedelta(minutes=30)
    said = [f"{one.created_at:%m-%d %H:%M}" for one in Digest.objects.order_by("pk")]
    assert said[:2] == times


def test_over_a_years_end(hands: Hands, operator: Any, room: Any) -> None:
    schedule_update(
        actor=operator, team_id=None, time_zone="Europe/Berlin", country="DE", subdivision="BE"
    )
    hands.set("2026-12-21 08:00")
    make_debt(operator, owner="ann", due_on=date(2027, 1, 1))
    assert run_days(hands, 20) == [
        (date(2026, 12, 21), ["in_14"]),
        # Christmas is on the Friday and Saturday; the new year begins on a Friday.
        (date(2026, 12, 24), ["in_7"]),
        (date(2026, 12, 31), ["due"]),
        (date(2027, 1, 4), ["late_1"]),
        (date(2027, 1, 5), ["late_2"]),
        (date(2027, 1, 7), ["late_4"]),
        (date(2027, 1, 8), ["lead_5"]),
    ]
