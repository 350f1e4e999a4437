"""The debt ceiling of a system: how much of its capacity interest may take.

An error budget for debt: once it is used up, the next tier of approver decides.
"""

from dataclasses import dataclass
from decimal import Decimal

from ledger.domain.policy import Policy


@dataclass(frozen=True, slots=True)
class SystemLoad:
    """What a system's accepted debt costs, in hours a month.

    `interest` adds up the best known middle figures of its debts, hours in one place counted once.
    `capacity` is None where nobody said it and no person is known;
    `ceiling` is None without a capacity or without a ceiling in the policy.
    """

    system: str
    interest: Decimal
    debts: int
    people: int = 0
    capacity: Decimal | None = None
    is_capacity_given: bool = False
    ceiling: Decimal | None = None

    @property
    def is_over(self) -> bool:
        return self.ceiling is not None and self.interest > self.ceiling

    @property
    def share(self) -> Decimal | None:
        """The interest as a share (0 and up) of the capacity."""
        return self.interest / self.capacity if self.capacity else None


def system_load(
    policy: Policy, *, system: str, interest: Decimal, debts: int, people: int
) -> SystemLoad:
    """Hold a system's interest against what the policy allows it."""
    given = policy.capacities.get(system)
    capacity = given if given is not None else policy.hours_per_person * people
    share = policy.ceiling_share
    return SystemLoad(
        system=system,
        interest=interest,
        debts=debts,
        people=people,
        capacity=capacity or None,
        is_capacity_given=given is not None,
        ceiling=share * capacity if share is not None and capacity else None,
    )


def over_words(load: SystemLoad) -> str:
    """Why the next tier decides: "The debt of shop costs 120 hours a month, over ..."."""
    ceiling = f"{load.ceiling or 0:,.0f}"
    return (
        f"The accepted debt of {load.system} costs {load.interest:,.0f} hours a month, over its "
        f"ceiling of {ceiling}."
    )
