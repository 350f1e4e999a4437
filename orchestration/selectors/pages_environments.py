"""What the lists of environments and runs show, in a constant number of queries."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from accounts.domain.roles import Role
from accounts.selectors import User
from orchestration.domain.lifetimes import cost_until
from orchestration.domain.manifests import Manifest, Tier
from orchestration.domain.outcomes import Figure
from orchestration.domain.states import (
    LIVE_STATES,
    EnvironmentState,
    RunAction,
    RunState,
)
from orchestration.models import (
    DebtLink,
    Environment,
    LoadObservation,
    Resource,
    Run,
)
from orchestration.selectors.blueprints import manifest_of
from orchestration.selectors.costs import Costs, standing_costs
from orchestration.selectors.measurements import figures_by_item

TROUBLED = (EnvironmentState.DEGRADED, EnvironmentState.DRIFTED)


@dataclass(frozen=True, slots=True)
class Part:
    """A resource in a list: its name, what it is, and its size."""

    name: str
    title: str
    tier: str


@dataclass(frozen=True, slots=True)
class EnvironmentLine:
    """An environment in a list. `until_end` is None where it has no end."""

    environment: Environment
    parts: Sequence[Part]
    monthly: Decimal
    until_end: Decimal | None
    currency: str
    costs_now: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """What stands, in numbers."""

    live: int
    troubled: int
    # The last look failed: nobody knows how they are.
    unseen: int
    ending: int
    monthly: Decimal
    currency: str


def resource_rows(environments: Iterable[Environment]) -> QuerySet[Resource]:
    """Their resources in the order of building, without the files of the blueprints."""
    rows = Resource.objects.filter(environment__in=[one.pk for one in environments])
    rows = rows.select_related("version__blueprint", "target").defer(
        "version__files", "secrets", "facts", "target__secret"
    )
    return rows.order_by("environment_id", "position")


def environment_lines(
    environments: Sequence[Environment], now: datetime
) -> Sequence[EnvironmentLine]:
    """What is shown of each: two queries however many there are."""
    rows: dict[int, list[Resource]] = defaultdict(list)
    for one in resource_rows(environments):
        rows[one.environment_id].append(one)
    manifests: dict[int, Manifest] = {}
    return [_line(one, rows[one.pk], manifests, now) for one in environments]


def _line(
    environment: Environment,
    resources: Sequence[Resource],
    manifests: dict[int, Manifest],
    now: datetime,
) -> EnvironmentLine:
    parts, monthly, currency = [], Decimal(0), ""
    for resource in resources:
        manifest = _manifest(resource, manifests)
        tier = manifest.tier(resource.tier)
        parts.append(Part(resource.name, manifest.title, tier.title))
        monthly += tier.monthly_cost
        currency = currency or tier.currency
    return EnvironmentLine(
        environment=environment,
        parts=parts,
        monthly=monthly,
        until_end=cost_until(monthly, environment.expires_at, now),
        currency=currency,
        costs_now=environment.state in LIVE_STATES,
    )


def _manifest(resource: Resource, known: dict[int, Manifest]) -> Manifest:
    found = known.get(resource.version_id)
    if found is None:
        found = known[resource.version_id] = manifest_of(resource.version)
    return found


def figures() -> Figures:
    """Counts and cost of everything that stands; one row for each size of each blueprint."""
    live = [one.value for one in LIVE_STATES]
    counts = Environment.objects.aggregate(
        live=Count("pk", filter=Q(state__in=live)),
        troubled=Count("pk", filter=Q(state__in=[one.value for one in TROUBLED])),
        ending=Count("pk", filter=Q(state=EnvironmentState.EXPIRING.value)),
    )
    # What costs in another currency than most of it cannot be added.
    dearest = max(standing_costs().items(), key=lambda one: one[1], default=("", Decimal(0)))
    unseen = unseen_in(Environment.objects.all()).count()
    return Figures(**counts, unseen=unseen, monthly=dearest[1], currency=dearest[0])


def troubled_in(rows: QuerySet[Environment]) -> QuerySet[Environment]:
    """Those that do not work, or are not as they were declared."""
    return rows.filter(state__in=[one.value for one in TROUBLED])


def unseen_in(rows: QuerySet[Environment]) -> QuerySet[Environment]:
    """Those that stand and could not be looked at the last time: they keep the state they had."""
    seen = Coalesce(OuterRef("checked_at"), OuterRef("created_at"))
    failed = Run.objects.filter(
        environment=OuterRef("pk"),
        action=RunAction.DRIFT.value,
        state__in=(RunState.PLAN_FAILED.value, RunState.EXPIRED.value),
        ended_at__gt=seen,
    )
    return rows.filter(Exists(failed), state__in=[one.value for one in LIVE_STATES])


def runs_waiting(user: User) -> QuerySet[Run]:
    """The runs that this person may decide about, the longest waiting first."""
    rows = Run.objects.filter(state=RunState.AWAITING_APPROVAL.value)
    if not user.may(Role.APPROVER):
        return rows.none()
    # A run of the product itself (nobody asked) is for every approver.
    others = Q(requested_by__isnull=True) | ~Q(requested_by=user.pk)
    return _with_names(rows.filter(others)).order_by("state_at", "pk")


def runs_asked_and_waiting(user: User) -> QuerySet[Run]:
    """The runs of this person that wait for somebody else's approval, the newest first."""
    return runs_asked_by(user).filter(state=RunState.AWAITING_APPROVAL.value)


def runs_asked_by(user: User) -> QuerySet[Run]:
    """The runs that this person asked for, the newest first."""
    return _with_names(Run.objects.filter(requested_by=user.pk)).order_by("-pk")


def _with_names(rows: QuerySet[Run]) -> QuerySet[Run]:
    return rows.select_related("environment", "requested_by", "plan").defer(
        "plan__artifact", "plan__basis", "plan__changes"
    )


def owners_known() -> Sequence[str]:
    """Whoever owns something that stands, to filter by."""
    live = [one.value for one in (*LIVE_STATES, EnvironmentState.REQUESTED)]
    rows = Environment.objects.filter(state__in=live).order_by("owner")
    return list(rows.values_list("owner", flat=True).distinct()[:200])


@dataclass(frozen=True, slots=True)
class LinkedDebt:
    """A debt that an environment serves, with its figures before and after."""

    link: DebtLink
    figures: Sequence[Figure]


def debts_of(environment: Environment) -> Sequence[LinkedDebt]:
    """The debts that it serves; the newest figure of each name counts."""
    links = list(
        DebtLink.objects.filter(environment=environment).select_related("item").order_by("pk")
    )
    figures = figures_by_item([one.item_id for one in links])
    return [LinkedDebt(link, figures.get(link.item_id, ())) for link in links]


def states_passed(run: Run) -> list[tuple[str, datetime]]:
    """The states that a run went through with their moments, oldest first."""
    rows = run.log.filter(kind="state").order_by("sequence")
    return [
        (state, at)
        for state, at in rows.annotate(to=F("data__state")).values_list("to", "at")
        if state
    ]


def systems_measured() -> Sequence[str]:
    """Systems of which a load is known, to choose from."""
    rows = LoadObservation.objects.order_by("system").values_list("system", flat=True)
    return list(rows.distinct()[:200])


def costs_from(tiers: Sequence[Tier], expires_at: datetime | None, now: datetime) -> Costs:
    """What these sizes cost together, a month and until an end."""
    monthly = sum((one.monthly_cost for one in tiers), Decimal(0))
    currency = tiers[0].currency if tiers else ""
    return Costs(monthly, cost_until(monthly, expires_at, now), currency)
