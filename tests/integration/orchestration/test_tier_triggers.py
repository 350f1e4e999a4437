"""What outgrows its size becomes one debt with figures and the next size; nothing grows alone."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.domain.roles import Role
from accounts.models import Team
from alerts.models import Delivery
from common import clock
from ledger import services as ledger
from ledger.domain.statements import review
from ledger.models import DebtItem, Milestone
from ledger.selectors import history_verify
from orchestration.models import Environment, Resource, Run
from orchestration.services.loads import load_observe
from orchestration.services.proposals import proposals_sweep
from orchestration.services.tier_triggers import tier_triggers_sweep
from tests.builders.alert_channels import Loop, channel, kind_known
from tests.builders.debts import make_person
from tests.builders.environments import make_catalogue, make_environment

pytestmark = pytest.mark.django_db


class Days:
    """A clock that goes from noon to noon, with one observation and one sweep a day."""

    def __init__(self, resource: Resource) -> None:
        self.now = clock.now()
        self.resource = resource

    def __call__(self) -> datetime:
        return self.now

    def pass_with(self, *values: float | None) -> list[int]:
        """Let a day pass for each value; what each day's sweep recorded."""
        made = []
        for value in values:
            self.now += timedelta(days=1)
            if value is not None:
                load_observe(
                    actor=None,
                    system="",
                    metric="connections",
                    value=value,
                    at=self.now,
                    window_seconds=1,
                    resource_id=self.resource.pk,
                    source="probe",
                )
            made.append(tier_triggers_sweep(now=self.now))
        return made


@pytest.fixture
def environment() -> Environment:
    make_catalogue()
    make_person("ann")
    return make_environment("checkout", owner="ann", system="shop", is_production=True)


@pytest.fixture
def days(environment: Environment, monkeypatch: pytest.MonkeyPatch) -> Days:
    hands = Days(environment.resources.get())
    monkeypatch.setattr(clock, "now", hands)
    return hands


# The small database carries 45 connections: 70 % are 31.5.
BUSY = (34.0, 33.0, 36.0, 35.0, 38.0, 32.0, 40.0)


def test_seven_busy_days_make_one_debt_that_proposes_the_next_size(
    days: Days, environment: Environment
) -> None:
    assert days.pass_with(*BUSY[:6]) == [0] * 6
    assert days.pass_with(BUSY[6], 41.0, 42.0) == [1, 0, 0]
    item = DebtItem.objects.get()
    assert item.title == "checkout (db) outgrows its size: Small"
    assert (item.owner, item.system, item.origin) == ("ann", "shop", "manual")
    assert "32 to 40 of 45 connections on each of the last 7 days, more than 70% of" in item.text
    reference = environment.reference
    assert (
        f"Medium carries 190 for 65.00 EUR more a month: change the size of db of {reference} to "
        "medium. It keeps its data."
    ) in item.text
    assert item.plan_milestones == 1
    assert Milestone.objects.get().due_on == item.due_on
    assert review(item.impact).level >= 1
    assert history_verify().breaks == ()
    # It is proposed, not done.
    assert not Run.objects.exists()
    assert environment.resources.get().tier == "small"


def test_a_day_nobody_looked_on_proves_nothing(days: Days) -> None:
    assert sum(days.pass_with(*BUSY[:3], None, *BUSY[3:])) == 0
    assert sum(days.pass_with(35.0, 36.0, 37.0)) == 1


def test_who_closes_it_is_not_told_again_before_something_changed(
    days: Days, environment: Environment
) -> None:
    days.pass_with(*BUSY)
    lee = make_person("lee", Role.APPROVER)
    item = DebtItem.objects.get()
    ledger.debt_reject(actor=lee, item_id=item.pk, reason="We live with it.")
    assert sum(days.pass_with(*BUSY)) == 0
    # A calm week, then it is busy again: that is another matter.
    assert sum(days.pass_with(5.0, 5.0, *BUSY)) == 1
    assert DebtItem.objects.count() == 2


def test_the_next_size_can_be_outgrown_as_well_and_the_largest_has_no_next(
    days: Days, environment: Environment
) -> None:
    days.pass_with(*BUSY)
    Resource.objects.update(tier="medium")
    assert sum(days.pass_with(*BUSY)) == 0, "well within the new size"
    assert sum(days.pass_with(*[180.0] * 7)) == 1
    Resource.objects.update(tier="large")
    assert sum(days.pass_with(*[470.0] * 7)) == 1
    assert "the largest size that its blueprint offers" in DebtItem.objects.latest("pk").text


def test_what_is_gone_outgrows_nothing(days: Days, environment: Environment) -> None:
    Environment.objects.update(state="destroyed")
    assert sum(days.pass_with(*BUSY)) == 0


def test_the_team_is_told_in_the_same_step(days: Days, environment: Environment) -> None:
    team = Team.objects.create(slug="shop", name="Shop", created_at=clock.now())
    Environment.objects.update(team=team)
    with kind_known(Loop()):
        channel("room", team=team)
        days.pass_with(*BUSY, 40.0)
    told = Delivery.objects.get()
    assert told.message["title"] == "checkout (db) needs a larger size"
    assert [one["handle"] for one in told.message["call"]] == ["ann"]


def test_the_debt_of_a_size_asks_for_no_environment_of_its_own(days: Days) -> None:
    days.pass_with(*BUSY)
    assert proposals_sweep(now=days.now) == 0


def test_a_second_sweep_of_the_day_adds_nothing(
    days: Days, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    days.pass_with(*BUSY)
    with django_assert_max_num_queries(12):
        assert tier_triggers_sweep(now=days.now) == 0
    assert DebtItem.objects.count() == 1
