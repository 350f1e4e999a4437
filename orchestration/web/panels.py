"""The section on a debt's page about the infrastructure of its repayment."""

from django.conf import settings

from accounts.domain.roles import Role, allows
from common import clock
from ledger.domain.actors import Person
from ledger.domain.debts import Debt
from ledger.web.panels import Panel, panel
from orchestration.domain.proposing import SHOWN_DAYS
from orchestration.selectors.blueprints import titles
from orchestration.selectors.refactors import refactor_of
from orchestration.web import wording


@panel
def infrastructure(item: Debt, user: Person) -> Panel | None:
    """Nothing for a debt that needs nothing and never had anything."""
    found = refactor_of(item, clock.now())
    if found.is_empty:
        return None
    context = {
        "item": item,
        "refactor": found,
        "shown_days": SHOWN_DAYS,
        "titles": titles(),
        "proposed_on": item.due_on - settings.ORCHESTRATION_PROPOSE_AHEAD,
        "today": clock.today(),
        "may_ask": allows(Role(user.role), Role.CONTRIBUTOR),
        "words": wording,
    }
    return Panel("orchestration/parts/debt_panel.html", context)
