"""What a debt costs, by the formulas of the field."""

from datetime import date
from decimal import Decimal

import pytest

from common.errors import Refused
from ledger.domain.estimates import (
    Bargain,
    Interest,
    Principal,
    bad_debt_reasons,
    cd3,
    debt_rating,
    debt_ratio,
    payback_months,
)
from ledger.domain.terms import Containment, Reversibility


def test_pert() -> None:
    assert Principal.of(2, 4, 12).expected == Decimal("5.00")
    assert Principal.of("1", 1.5, Decimal(2)).expected == Decimal("1.50")


@pytest.mark.parametrize(
    "values",
    [(3, 2, 4), (1, 5, 4), (-1, 2, 3), ("x", 2, 3), ("nan", 2, 3), (1, 2, "inf"), (1, 2, 10**7)],
)
@pytest.mark.parametrize("kind", [Principal, Interest])
def test_a_range_is_three_hours_in_order(kind: type, values: tuple[object, ...]) -> None:
    with pytest.raises(Refused):
        kind.of(*values)  # type: ignore[attr-defined]  # both have it


def test_sqale() -> None:
    ratio = debt_ratio(24_000, 2_500)
    assert ratio == pytest.approx(0.32)
    assert debt_rating(ratio) == "D"
    limits = [debt_rating(value) for value in (0.05, 0.051, 0.1, 0.2, 0.5, 0.51)]
    assert limits == ["A", "B", "B", "C", "D", "E"]
    with pytest.raises(ValueError, match="lines"):
        debt_ratio(1, 0)


def test_payback_and_cd3() -> None:
    assert payback_months(Decimal(30), Decimal(4)) == Decimal("7.5")
    assert payback_months(Decimal(30), Decimal(0)) is None
    assert payback_months(None, Decimal(1)) is None
    assert cd3(Decimal(52), Decimal(24)) == pytest.approx(0.5)
    assert cd3(Decimal(1), Decimal(0)) is None
    assert cd3(None, Decimal(1)) is None


def bargain(**changes: object) -> Bargain:
    values: dict[str, object] = {
        "value_of_time_saved": Decimal(100),
        "principal": Decimal(40),
        "interest_per_month": Decimal(10),
        "registered_on": date(2026, 1, 1),
        "expires_on": date(2026, 4, 2),
        "has_plan": True,
        "has_owner": True,
        "containment": Containment.CONTAINED,
        "reversibility": Reversibility.TWO_WAY,
    }
    return Bargain(**{**values, **changes})  # type: ignore[arg-type]  # a test's shorthand


def test_good_debt() -> None:
    assert bad_debt_reasons(bargain()) == []


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"value_of_time_saved": Decimal(69)}, "saves less"),
        ({"has_plan": False}, "no plan"),
        ({"has_owner": False}, "no owner"),
        ({"containment": Containment.DEAD_END}, "dead end"),
        ({"reversibility": Reversibility.ONE_WAY}, "one-way"),
    ],
)
def test_bad_debt(changes: dict[str, object], reason: str) -> None:
    reasons = bad_debt_reasons(bargain(**changes))
    assert len(reasons) == 1
    assert reason in reasons[0]
