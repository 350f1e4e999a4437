"""What the messages of one run are worded from: read at once for all of them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from accounts import selectors as accounts_selectors
from alerts.domain.facts import Facts, Places, TeamFacts
from alerts.domain.messages import MOST_ROWS, Mention
from alerts.domain.plans import DigestPlan
from ledger import selectors as ledger_selectors
from ledger.selectors.telling import open_by_owner, repositories_of, tellings_of


def facts_for(plans: Sequence[DigestPlan], *, debts: str) -> Facts:
    """Everything that the plans speak of; `debts` is the address of the register.

    The number of queries does not grow with the plans, but for a round per 5,000 debts.
    """
    shown = (told.item_id for plan in plans for told in plan.told[:MOST_ROWS])
    policy = ledger_selectors.policy_in_force(repository_id=None)
    return Facts(
        debts=debts,
        tellings=tellings_of(shown),
        names={owner.handle: owner.name for owner in accounts_selectors.owners()},
        teams=_teams(),
        people=_people({plan.person_id for plan in plans if plan.person_id is not None}),
        places=_places(plans),
        extensions=len(policy.extension_roles),
    )


def _teams() -> Mapping[int, TeamFacts]:
    leads = accounts_selectors.leads_by_team()
    return {
        team.pk: TeamFacts(
            team.slug,
            team.name,
            tuple(Mention(lead.username, str(lead)) for lead in leads.get(team.pk, ())),
        )
        for team in accounts_selectors.teams_all()
    }


def _people(numbers: set[int]) -> Mapping[int, Mention]:
    found = accounts_selectors.people_by_id(numbers) if numbers else ()
    return {one.pk: Mention(one.username, str(one)) for one in found}


def _places(plans: Sequence[DigestPlan]) -> Mapping[int, Places]:
    """Of the summaries among the plans: in which repositories, the fullest first, and how many."""
    summaries = {number: plan for number, plan in enumerate(plans) if plan.is_summary}
    if not summaries:
        return {}
    stand = repositories_of(told.item_id for plan in summaries.values() for told in plan.told)
    owed, members = open_by_owner(), _members()
    found = {}
    for number, plan in summaries.items():
        counts: dict[tuple[int | None, str], int] = defaultdict(int)
        for told in plan.told:
            counts[stand.get(told.item_id, (None, ""))] += 1
        fullest = sorted(counts, key=lambda one: (-counts[one], one[1]))
        handles = members.get(plan.team_id or 0, ())
        found[number] = Places(
            repositories=tuple(name for _id, name in fullest if name),
            on_record=sum(
                owed.get((handle, place), 0) for handle in handles for place, _ in fullest
            ),
        )
    return found


def _members() -> Mapping[int, Sequence[str]]:
    """By team, the handles whose debts it looks after."""
    found: dict[int, list[str]] = defaultdict(list)
    for handle, team_id in accounts_selectors.home_teams().items():
        found[team_id].append(handle)
    return found
