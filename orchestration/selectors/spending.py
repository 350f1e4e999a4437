"""What environments have cost so far: the plans that were applied say how much a month."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import zip_longest

from orchestration.domain.lifetimes import cost_for
from orchestration.domain.states import RunAction, RunState
from orchestration.models import Environment, Run

# After these it stood as its plan said; what a failed run left is not guessed at.
_BUILT = (RunState.SUCCEEDED, RunState.VERIFY_FAILED)
_BUILDING = (RunAction.PROVISION, RunAction.RESIZE, RunAction.REPAIR)


def spent_on(environments: Sequence[Environment], now: datetime) -> Mapping[str, Decimal]:
    """By currency, what they have cost while they were temporary.

    From the promotion on an environment is no cost of a repayment any more. Two queries at most.
    """
    runs: dict[int, list[Run]] = {one.pk: [] for one in environments}
    rows = Run.objects.filter(
        environment__in=runs,
        state__in=[one.value for one in _BUILT],
        action__in=[one.value for one in _BUILDING],
        plan__isnull=False,
        ended_at__isnull=False,
    )
    for run in rows.select_related("plan").defer("plan__artifact").order_by("ended_at"):
        runs[run.environment_id].append(run)
    total: dict[str, Decimal] = {}
    for environment in environments:
        ends = (environment.promoted_at, environment.ended_at, now)
        end = min(one for one in ends if one is not None)
        for currency, amount in _costs(runs[environment.pk], end):
            total[currency] = total.get(currency, Decimal(0)) + amount
    return total


def planned_for(environments: Sequence[Environment]) -> Mapping[str, Decimal]:
    """By currency, what they were to cost until their ends when they were approved and built."""
    rows = Run.objects.filter(
        environment__in=environments,
        state__in=[one.value for one in _BUILT],
        action=RunAction.PROVISION.value,
        plan__cost_until_end__isnull=False,
    )
    total: dict[str, Decimal] = {}
    for currency, amount in rows.values_list("plan__currency", "plan__cost_until_end"):
        total[currency] = total.get(currency, Decimal(0)) + (amount or Decimal(0))
    return total


def _costs(runs: Sequence[Run], end: datetime) -> Iterable[tuple[str, Decimal]]:
    """Each plan's cost for as long as it was the one that stood."""
    for run, following in zip_longest(runs, runs[1:]):
        start = run.ended_at
        until = min(end, following.ended_at) if following and following.ended_at else end
        if start is not None and start < until:
            yield run.plan.currency, cost_for(run.plan.monthly_cost, until - start)
