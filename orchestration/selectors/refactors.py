"""What prepares and carries the repayment of one debt: what is proposed, what stands, its cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from ledger.domain.debts import Debt
from ledger.selectors import assumptions
from orchestration.domain.capabilities import CAPABILITIES, Capability
from orchestration.domain.outcomes import Figure
from orchestration.domain.states import GONE_STATES, EnvironmentState, ProposalState
from orchestration.models import DebtLink, Environment, Proposal
from orchestration.selectors.costs import Costs, costs_of
from orchestration.selectors.environments import ShownOutput, outputs_of
from orchestration.selectors.measurements import figures_of
from orchestration.selectors.proposals import cost_shown, newest_of
from orchestration.selectors.spending import planned_for, spent_on


@dataclass(frozen=True, slots=True)
class LinkedEnvironment:
    """An environment that serves the debt; `costs` None once it is gone."""

    environment: Environment
    role: str
    costs: Costs | None
    outputs: Sequence[ShownOutput]

    @property
    def is_on_loan(self) -> bool:
        """Whether it has to be destroyed or promoted before the debt is closed."""
        return self.costs is not None and self.environment.promoted_at is None


@dataclass(frozen=True, slots=True)
class Refactor:
    """Everything about the infrastructure of one repayment."""

    needs: Sequence[str]
    proposal: Proposal | None
    proposal_cost: Decimal
    environments: Sequence[LinkedEnvironment]
    figures: Sequence[Figure]
    # By currency, what the environments have cost while they were on loan.
    spent: Mapping[str, Decimal]
    # By currency, what they were to cost until their ends when they were approved.
    planned: Mapping[str, Decimal]
    # The estimated effort in money and what was spent, in one sum; None where that is not known.
    repayment: Decimal | None
    currency: str

    @property
    def is_empty(self) -> bool:
        return not (self.needs or self.proposal or self.environments or self.figures)

    @property
    def is_served(self) -> bool:
        """Whether an environment for it stands, or was asked for."""
        return any(one.costs is not None for one in self.environments)

    @property
    def is_open(self) -> bool:
        """Whether a proposal waits for somebody."""
        return self.proposal is not None and self.proposal.state == ProposalState.OPEN


def refactor_of(item: Debt, now: datetime) -> Refactor:
    """Read it whole; the number of queries grows with the environments of the debt."""
    links = DebtLink.objects.filter(item=item.pk).select_related("environment").order_by("-pk")
    linked = [_linked(link, now) for link in links]
    proposal = newest_of([item.pk]).get(item.pk)
    distinct = {one.environment.pk: one.environment for one in linked}
    spent = spent_on(list(distinct.values()), now)
    assumed = assumptions()
    return Refactor(
        needs=[CAPABILITIES[Capability(one)].title for one in item.needs],
        proposal=proposal,
        proposal_cost=cost_shown(proposal) if proposal else Decimal(0),
        environments=linked,
        figures=figures_of(item.pk),
        spent=spent,
        planned=planned_for(list(distinct.values())),
        repayment=_repayment(item, spent, assumed.currency),
        currency=assumed.currency,
    )


def _linked(link: DebtLink, now: datetime) -> LinkedEnvironment:
    environment = link.environment
    if EnvironmentState(environment.state) in GONE_STATES:
        return LinkedEnvironment(environment, link.role, None, ())
    return LinkedEnvironment(
        environment, link.role, costs_of(environment, now=now), outputs_of(environment)
    )


def _repayment(item: Debt, spent: Mapping[str, Decimal], currency: str) -> Decimal | None:
    """Infrastructure counts in the cost of repayment, as the hours do."""
    if item.principal is None or not spent or set(spent) != {currency}:
        return None
    return assumptions().money(item.principal) + spent[currency]
