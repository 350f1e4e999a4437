"""What the pages of rules read, in a constant number of queries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from accounts.selectors import User, teams_led_by
from alerts.domain.access import MANAGES
from alerts.models import Channel, Route
from common.errors import NotFound
from ledger.domain.terms import Severity


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One rule in a list, and what it takes in words."""

    route: Route
    takes: str


def rules_found(*, search: str = "", team_id: int | None = None) -> QuerySet[Route]:
    """Every rule whose name, channel, team or system matches, by name."""
    found = Route.objects.select_related(
        "channel", "team", "repository", "created_by", "switched_on_by"
    )
    if team_id is not None:
        found = found.filter(team=team_id)
    if search:
        found = found.filter(
            Q(name__icontains=search)
            | Q(channel__name__icontains=search)
            | Q(team__name__icontains=search)
            | Q(system__icontains=search)
        )
    return found.order_by("name", "pk")


def rule_get(route_id: int) -> Route:
    """One rule. Raises NotFound."""
    found = rules_found().filter(pk=route_id).first()
    if found is None:
        raise NotFound("There is no such rule; it may have been deleted.")
    return found


def takes_words(route: Route) -> str:
    """Which debts a rule takes, as a phrase: "debts of Payments in checkout, high or worse"."""
    whose = f"debts of {route.team.name}" if route.team else "debts that no team's rule takes"
    parts = [whose]
    if route.system:
        parts.append(f"in the system {route.system}")
    if route.repository:
        parts.append(f"from {route.repository.name}")
    words = " ".join(parts)
    if route.least_severity == Severity.CRITICAL:
        return f"{words}, critical only"
    if route.least_severity != Severity.LOW:
        return f"{words}, of {route.least_severity} severity or worse"
    return words


def rule_lines(routes: Iterable[Route]) -> Sequence[RuleLine]:
    return [RuleLine(route, takes_words(route)) for route in routes]


def channels_for_rules(viewer: User) -> QuerySet[Channel]:
    """The shared channels into which the person may let a rule speak, by name."""
    found = Channel.objects.filter(person=None).order_by("name")
    if viewer.may(MANAGES):
        return found
    return found.filter(team__in=teams_led_by(viewer))
