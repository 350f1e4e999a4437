"""People, debts in every state, made through the services, and a repository with a debt."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from accounts import services as accounts_services
from accounts.domain.roles import Role
from analysis import services as analysis_services
from analysis.models import Repository
from common import clock
from ledger import services
from ledger.domain.estimates import EstimateDraft, Interest, Principal
from ledger.domain.plans import MilestoneDraft, PlanDraft
from ledger.models import DebtItem
from tests.builders.git_history import History

IMPACT = (
    "Changes to billing take 9 days to reach customers, against 4 days elsewhere. "
    "Source: the release log."
)


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


DUE = in_days(100).isoformat()
CARTS = f"# DEBT(carts, owner=payments, sev=high) [{DUE}]: carts live in process memory\n"


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


@pytest.fixture
def shop(tmp_path: Path, db: None) -> History:
    return History(tmp_path / "shop.git").commit(
        "open the shop", {"shop/cart.py": f"{CARTS}#   and are lost on restart\nitems = []\n"}
    )


@pytest.fixture
def analyse(shop: History, django_capture_on_commit_callbacks: Any) -> Callable[[], int]:
    """Analyse the shop's default branch; the ledger is told as it would be in production."""

    def run() -> int:
        repository = analysis_services.repository_register(location=str(shop.path))
        with django_capture_on_commit_callbacks(execute=True):
            return analysis_services.analyse_now(repository=repository)

    return run


def carts() -> Any:
    return DebtItem.objects.get(slug="carts")


def accept(item: Any, actor: Any) -> Any:
    services.debt_describe(
        actor=actor,
        item_id=item.pk,
        impact=IMPACT,
        estimate=EstimateDraft(Principal.of(1, 2, 3), Interest.of(1, 2, 3)),
        plan=PlanDraft("a store", (MilestoneDraft("chosen", in_days(9)),)),
    )
    return services.debt_activate(actor=actor, item_id=item.pk)
