"""Rules: which there are, and what they mean for planning."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from accounts import selectors as accounts_selectors
from alerts.domain.planning import Hearer, Rule
from alerts.models import Preference, Route
from ledger.domain.audiences import Audience
from ledger.domain.terms import Severity

_RANKS = {severity.value: rank for rank, severity in enumerate(Severity)}


@dataclass(frozen=True, slots=True)
class Routing:
    """The rules that are switched on, by team (None: nobody's), and where each handle belongs."""

    rules: Mapping[int | None, Sequence[Rule]]
    homes: Mapping[str, int]

    def home(self, owner: str) -> int | None:
        """The team behind an owner: the team itself, or a person's first one by its handle."""
        return self.homes.get(owner)


def rule_of(route: Route) -> Rule:
    """What planning needs of a rule."""
    return Rule(
        channel_id=route.channel_id,
        team_id=route.team_id,
        system=route.system,
        repository_id=route.repository_id,
        least_rank=_RANKS[route.least_severity],
        audience=Audience(route.audience),
        mentions=route.mentions,
    )


def routing_now() -> Routing:
    """How debts find their channels today; a fixed number of queries."""
    rules: dict[int | None, list[Rule]] = defaultdict(list)
    for route in Route.objects.filter(switched_on_at__isnull=False).order_by("pk"):
        rules[route.team_id].append(rule_of(route))
    return Routing(rules, accounts_selectors.home_teams())


def hearers_now() -> list[Hearer]:
    """Every channel that is on, once for each team, for nobody's debts, or for its person."""
    found: dict[tuple[int, int | None], list[Rule]] = defaultdict(list)
    routes = Route.objects.filter(
        switched_on_at__isnull=False, channel__disabled_at=None, channel__person=None
    )
    for route in routes.order_by("channel_id", "team_id", "pk"):
        found[route.channel_id, route.team_id].append(rule_of(route))
    shared = [
        Hearer(channel_id=channel_id, team_id=team_id, rules=tuple(rules))
        for (channel_id, team_id), rules in found.items()
    ]
    return [*shared, *_personal()]


def _personal() -> list[Hearer]:
    """People's own channels, for those who want to hear something there."""
    wishes = Preference.objects.select_related("user", "channel").filter(
        channel__isnull=False, channel__disabled_at=None, user__is_active=True
    )
    led: dict[int, set[int]] = defaultdict(set)
    for team_id, leads in accounts_selectors.leads_by_team().items():
        for lead in leads:
            led[lead.pk].add(team_id)
    return [
        Hearer(
            channel_id=wish.channel_id,
            person_id=wish.user_id,
            handle=wish.user.username if wish.own_debts else "",
            leads=frozenset(led[wish.user_id]) if wish.escalations else frozenset(),
        )
        for wish in wishes.order_by("pk")
        # A channel of somebody else would tell them what is not theirs to read.
        if wish.channel is not None
        and wish.channel_id is not None
        and wish.channel.person_id == wish.user_id
        and (wish.own_debts or (wish.escalations and led[wish.user_id]))
    ]
