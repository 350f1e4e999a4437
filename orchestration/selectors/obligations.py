"""What a debt still occupies: it is destroyed or promoted before the debt is closed."""

from collections.abc import Sequence

from ledger.domain.debts import Debt
from ledger.selectors.obligations import obligation
from orchestration.domain.capabilities import CAPABILITIES, Capability
from orchestration.domain.states import GONE_STATES, EnvironmentState
from orchestration.models import DebtLink, Environment

# Titles that begin with a name keep its capital letter.
_NAMES = ("PostgreSQL", "Redis")


@obligation
def temporary_environments(item: Debt) -> Sequence[str]:
    """A sentence for each environment on loan that serves the debt and is not gone."""
    links = DebtLink.objects.filter(item=item.pk).values("environment")
    found = Environment.objects.filter(pk__in=links, promoted_at__isnull=True)
    found = found.exclude(state__in=[one.value for one in GONE_STATES])
    return [_sentence(one) for one in found.prefetch_related("resources").order_by("pk")]


def _sentence(environment: Environment) -> str:
    if environment.state == EnvironmentState.REQUESTED:
        return f"{environment.name} is still being asked for; cancel its run first."
    kinds = {one.capability for one in environment.resources.all()}
    title = CAPABILITIES[Capability(kinds.pop())].title if len(kinds) == 1 else "environment"
    what = title if title.startswith(_NAMES) else f"{title[:1].lower()}{title[1:]}"
    return f"The temporary {what} {environment.name} still stands; destroy it or promote it."
