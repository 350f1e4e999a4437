"""People, and debts in every state, made through the services."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from accounts import services as accounts_services
from accounts.domain.roles import Role
from analysis.models import Repository
from common import clock
from ledger import services
from ledger.domain.estimates import EstimateDraft, Interest, Principal
from ledger.domain.plans import MilestoneDraft, PlanDraft

IMPACT = "Changes to billing take 9 days to reach customers, against 4 days elsewhere."


@pytest.fixture
def person(db: None) -> Callable[..., Any]:
    """Make a person with a role; the name is the role's unless given."""

    def make(role: Role, name: str = "") -> Any:
        return accounts_services.user_create(username=name or role.value, role=role)

    return make


@pytest.fixture
def contributor(person: Callable[..., Any]) -> Any:
    return person(Role.CONTRIBUTOR)


@pytest.fixture
def approver(person: Callable[..., Any]) -> Any:
    return person(Role.APPROVER)


@pytest.fixture
def admin(person: Callable[..., Any]) -> Any:
    return person(Role.ADMIN)


def in_days(days: int) -> date:
    return clock.today() + timedelta(days=days)


def complete(**changes: Any) -> dict[str, Any]:
    """What a debt needs to be accepted."""
    return {
        "title": "carts live in process memory",
        "owner": "payments",
        "due_on": in_days(60),
        "impact": IMPACT,
        "estimate": EstimateDraft(Principal.of(8, 16, 40), Interest.of(2, 4, 9)),
        "plan": PlanDraft("Move the carts", (MilestoneDraft("store chosen", in_days(20)),)),
        **changes,
    }


@pytest.fixture
def proposed(contributor: Any) -> Any:
    return services.debt_record(actor=contributor, **complete())


@pytest.fixture
def active(proposed: Any, approver: Any) -> Any:
    return services.debt_activate(actor=approver, item_id=proposed.pk)


@pytest.fixture
def repository(db: None) -> Any:
    return Repository.objects.create(
        name="shop",
        slug="shop",
        location="/srv/git/shop.git",
        kind="local",
        default_branch="main",
        created_at=clock.now(),
    )
