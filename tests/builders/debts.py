"""People, and debts that were made through the services, as plain calls."""

from datetime import date, timedelta
from typing import Any

from accounts import services as accounts_services
from accounts.domain.roles import Role
from common import clock
from ledger import services
from ledger.domain.estimates import EstimateDraft, Interest, Principal
from ledger.domain.plans import MilestoneDraft, PlanDraft
from ledger.models import DebtItem

IMPACT = (
    "Changes to billing take 9 days to reach customers, against 4 days elsewhere. "
    "Source: the release log."
)


def in_days(days: int) -> date:
    return clock.today() + timedelta(days=days)


def make_person(name: str, role: Role = Role.CONTRIBUTOR) -> Any:
    return accounts_services.user_create(username=name, role=role, display_name=name.title())


def make_debt(recorder: Any, **changes: Any) -> DebtItem:
    """A proposed debt that could be accepted."""
    values: dict[str, Any] = {
        "title": "Carts live in process memory",
        "owner": recorder.username,
        "due_on": in_days(10),
        "impact": IMPACT,
        "estimate": EstimateDraft(Principal.of(8, 16, 40), Interest.of(2, 4, 9)),
        "plan": PlanDraft("Move the carts", (MilestoneDraft("Store chosen", in_days(5)),)),
        **changes,
    }
    return services.debt_record(actor=recorder, **values)


def make_active_debt(recorder: Any, approver: Any, **changes: Any) -> DebtItem:
    """The same, accepted by the approver."""
    item = make_debt(recorder, **changes)
    return services.debt_activate(actor=approver, item_id=item.pk)
