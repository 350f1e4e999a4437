"""What the policy says of a plan before a person is asked."""

from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from ledger.domain.policy import EnvironmentCosts


@dataclass(frozen=True, slots=True)
class Verdict:
    """One thing that the policy has to say. `rule` names it in docs/environments.md.

    `is_refusal`: nobody can approve it as it is. `asks`: an approver should look at it twice.
    """

    rule: str
    text: str
    is_refusal: bool = False
    asks: bool = False

    def document(self) -> dict[str, Any]:
        return asdict(self)


def limit_verdict(
    limits: EnvironmentCosts, *, total: Decimal, currency: str, is_more: bool, is_admin: bool
) -> Verdict | None:
    """What the organisation's limits say of everything that would stand then; None without limits.

    `is_more`: whether this raises the cost. What does not is never refused: it must be possible to
    go back below a limit that was lowered.
    """
    if limits.most is None and limits.admin_above is None:
        return None
    said = f"Everything that stands then costs {total:,.2f} {currency} a month"
    if limits.most is not None and total > limits.most:
        text = f"{said}; above {limits.most:,.2f} the policy grants nothing."
        return Verdict("limit", text, is_refusal=is_more, asks=True)
    if limits.admin_above is not None and total > limits.admin_above:
        text = f"{said}; above {limits.admin_above:,.2f} an admin must ask."
        return Verdict("limit", text, is_refusal=is_more and not is_admin, asks=True)
    return Verdict("limit", f"{said}, within the limits of the policy.")
