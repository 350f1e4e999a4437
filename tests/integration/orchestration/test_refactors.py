"""What stands for a debt is on its page, counts in its cost, and is settled before it is closed."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.domain.roles import Role
from common import clock
from common.errors import Refused
from ledger import services as ledger
from ledger.domain.plans import MilestoneDraft, PlanDraft
from ledger.domain.terms import Need
from ledger.models import DebtItem
from orchestration.models import DebtLink, Environment, Plan, Run
from orchestration.selectors.refactors import refactor_of
from orchestration.selectors.spending import spent_on
from orchestration.services.measurements import measurement_add
from orchestration.services.proposals import proposals_sweep
from tests.builders.debts import in_days, make_debt, make_person
from tests.builders.environments import (
    make_catalogue,
    make_environment,
    make_outputs,
    make_plan,
    make_run,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _catalogue() -> None:
    make_catalogue()


@pytest.fixture
def ann() -> Any:
    return make_person("ann")


@pytest.fixture
def lee() -> Any:
    return make_person("lee", Role.APPROVER)


@pytest.fixture
def item(ann: Any) -> DebtItem:
    plan = PlanDraft("Move", (MilestoneDraft("Chosen", in_days(5)),), (Need.POSTGRESQL,))
    return make_debt(ann, plan=plan, system="checkout")


def linked(item: DebtItem, name: str = "checkout-db", **columns: Any) -> Environment:
    environment = make_environment(name, **columns)
    DebtLink.objects.create(
        item=item, environment=environment, role="provision", created_at=clock.now()
    )
    return environment


def built(environment: Environment, days_ago: float, monthly: str, **changes: Any) -> Run:
    at = clock.now() - timedelta(days=days_ago)
    run = make_run(environment, **{"state": "succeeded", "ended_at": at, **changes})
    make_plan(run, monthly_cost=Decimal(monthly))
    return run


def page_of(person: Any, item: DebtItem) -> str:
    client = Client()
    client.force_login(person)
    page: str = client.get(reverse("ledger:item", args=[item.reference])).content.decode()
    return page


def test_nothing_on_loan_may_stand_when_a_debt_is_closed(
    item: DebtItem, lee: Any, ann: Any
) -> None:
    loaned = linked(item)
    linked(item, "stage", parts={"db": ("postgresql", "small"), "cache": ("redis", "small")})
    linked(item, "asked", state="requested")
    linked(item, "promoted", promoted_at=clock.now(), expires_at=None)
    linked(item, "gone", state="destroyed")
    with pytest.raises(Refused) as refusal:
        ledger.debt_reject(actor=lee, item_id=item.pk, reason="no debt at all")
    assert refusal.value.message == (
        "The temporary PostgreSQL database checkout-db still stands; destroy it or promote it. "
        "The temporary environment stage still stands; destroy it or promote it. "
        "asked is still being asked for; cancel its run first."
    )
    assert "checkout-db still stands" in page_of(lee, item)
    Environment.objects.filter(name__in=["stage", "asked"]).update(state="destroyed")
    Environment.objects.filter(pk=loaned.pk).update(promoted_at=clock.now())
    assert ledger.debt_reject(actor=lee, item_id=item.pk, reason="no debt").state == "rejected"


def test_what_was_spent_follows_the_plans_that_were_applied(item: DebtItem) -> None:
    environment = linked(item, promoted_at=clock.now() - timedelta(hours=73))
    now = clock.now()
    # 73 hours are a tenth of a month.
    built(environment, 73 * 3 / 24, "100.00")
    built(environment, 73 * 2 / 24, "200.00", action="resize")
    built(environment, 73 / 24, "400.00", action="resize")
    assert spent_on([environment], now) == {"EUR": Decimal("30.00")}
    Environment.objects.update(promoted_at=None)
    environment.refresh_from_db()
    assert spent_on([environment], now)["EUR"] == pytest.approx(Decimal("70.00"), abs=Decimal(1))
    Environment.objects.update(ended_at=now - timedelta(hours=73 * 2))
    environment.refresh_from_db()
    assert spent_on([environment], now) == {"EUR": Decimal("10.00")}


def test_what_failed_or_was_only_planned_costs_nothing(item: DebtItem) -> None:
    environment = linked(item)
    built(environment, 10, "100.00", state="apply_failed")
    built(environment, 10, "100.00", action="destroy")
    make_run(environment, state="succeeded", ended_at=clock.now())
    assert spent_on([environment], clock.now()) == {}


def test_infrastructure_counts_in_the_cost_of_repayment(item: DebtItem, settings: Any) -> None:
    settings.CURRENCY, settings.HOURLY_RATE = "EUR", (Decimal(80), Decimal(100), Decimal(120))
    environment = linked(item)
    built(environment, 73 / 24, "100.00")
    found = refactor_of(item, clock.now())
    assert found.spent == {"EUR": Decimal("10.00")}
    assert item.principal is not None
    assert found.repayment == item.principal * 100 + 10
    settings.CURRENCY = "USD"
    assert refactor_of(item, clock.now()).repayment is None


def test_the_page_of_a_debt_shows_it_all(item: DebtItem, ann: Any) -> None:
    page = page_of(ann, item)
    assert "It needs: PostgreSQL database." in page
    assert f'action="{reverse("environments:proposal_make")}"' in page
    proposals_sweep(now=clock.now())
    page = page_of(ann, item)
    assert "Prepare the refactor" in page
    assert "<strong>PostgreSQL database</strong>, small" in page
    assert "11.51 EUR" in page
    viewer = page_of(make_person("vic", Role.VIEWER), item)
    assert "Prepare the refactor" not in viewer
    assert "Look at the proposal" in viewer

    environment = linked(item)
    make_outputs(environment, "db", host="127.0.0.1", port="5433")
    run = built(environment, 73 / 24, "100.00")
    Plan.objects.filter(run=run).update(cost_until_end=Decimal("46.03"))
    for is_after, value in ((False, 840.0), (True, 310.0)):
        measurement_add(
            actor=ann, item_id=item.pk, name="p95", unit="ms", value=value, is_after=is_after
        )
    page = page_of(ann, item)
    assert "<code>db.host</code>, <code>db.port</code>" in page
    assert "127.0.0.1" not in page, "names only"
    assert "p95: 840 ms before, 310 ms after: 63 % less." in page
    assert "10.00 EUR" in page
    assert "approved until its end: " in page
    assert "46.03 EUR" in page
    assert "Destroy it or promote it before this debt is closed." in page


def test_a_debt_without_needs_has_no_such_section(ann: Any) -> None:
    assert "Infrastructure for the repayment" not in page_of(ann, make_debt(ann))
