"""What everything that stands may cost a month."""

from decimal import Decimal

import pytest

from ledger.domain.policy import EnvironmentCosts
from orchestration.domain.policy import Verdict, limit_verdict

LIMITS = EnvironmentCosts(admin_above=Decimal(100), most=Decimal(500))


def said(total: int, *, is_more: bool = True, is_admin: bool = False) -> Verdict:
    found = limit_verdict(
        LIMITS, total=Decimal(total), currency="EUR", is_more=is_more, is_admin=is_admin
    )
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("total", "is_admin", "is_refusal", "asks"),
    [
        (100, False, False, False),
        (101, False, True, True),
        (101, True, False, True),
        (500, True, False, True),
        (501, True, True, True),
    ],
)
def test_who_may_ask_for_how_much(total: int, is_admin: bool, is_refusal: bool, asks: bool) -> None:
    found = said(total, is_admin=is_admin)
    assert (found.is_refusal, found.asks) == (is_refusal, asks)
    assert f"{total}.00 EUR a month" in found.text


def test_what_costs_no_more_is_never_refused() -> None:
    assert not said(101, is_more=False).is_refusal
    assert not said(10_000, is_more=False).is_refusal


def test_without_limits_nothing_is_said() -> None:
    none = EnvironmentCosts()
    total = Decimal(10**9)
    assert limit_verdict(none, total=total, currency="EUR", is_more=True, is_admin=False) is None
