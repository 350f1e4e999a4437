"""Candidates in a browser: chosen by key, narrow and wide, light and dark."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from accounts import services as accounts_services
from accounts.domain.roles import Role
from ledger import services
from ledger.models import Candidate, ExtensionRequest
from tests.builders.git_history import History
from tests.functional.conftest import DESKTOP, PHONE, Visit
from tests.integration.ledger.conftest import accept, analyse, carts, in_days, shop

__all__ = ["analyse", "shop"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SIZES = [(DESKTOP, "light"), (DESKTOP, "dark"), (PHONE, "light"), (PHONE, "dark")]


@pytest.fixture
def approver(db: None) -> Any:
    return accounts_services.user_create(username="ann", role=Role.APPROVER)


@pytest.fixture
def scanned(shop: History, analyse: Any, approver: Any) -> History:
    lines = "".join(
        f"x{n} = {n}\n# TODO: prices of partner {n} are copied by hand {'x' * n * 3}\n"
        for n in range(9)
    )
    shop.commit(
        "tax\n\nDebt-Paid: unknown: paid\n",
        {"shop/tax.py": lines, f"{'long/' * 20}name.py": "# FIXME: rounding\nx = 1\n"},
    )
    analyse()
    accept(carts(), approver)
    body = f"Debt-Extend: carts [{in_days(140)}]: the supplier is late\nDebt-Paid: nothing"
    shop.commit(f"x\n\n{body}\n", {"a.py": "x = 1\n"})
    services.candidates_register(snapshot_id=analyse())
    return shop


@pytest.mark.parametrize(("size", "scheme"), SIZES)
def test_pages_fit_and_nothing_complains(
    scanned: Any, approver: Any, visit: Callable[..., Visit], size: Any, scheme: str
) -> None:
    opened = visit(approver, size=size, scheme=scheme)
    first = Candidate.objects.get(line=2)
    asked = ExtensionRequest.objects.get()
    reference = carts().reference
    for path in (
        "candidates/",
        f"candidates/{first.pk}/",
        "annotations/",
        f"{reference}/",
        f"{reference}/extension-requests/{asked.pk}/",
    ):
        opened.to(f"/debts/{path}")
        assert opened.overflow == 0, path
        assert opened.complaints == [], path


def test_candidates_are_chosen_by_key_and_dismissed(
    scanned: Any, approver: Any, visit: Callable[..., Visit]
) -> None:
    page = visit(approver).to("/debts/candidates/?sort=path")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("[data-chosen]")).to_have_text("1")
    page.get_by_label("Choose all on this page").check()
    expect(page.locator("[data-chosen]")).to_have_text("10")
    page.get_by_label("Choose shop/tax.py:2", exact=True).uncheck()
    page.get_by_label("Dismiss the chosen ones for good, because").fill("notes")
    page.get_by_role("button", name="Dismiss").last.click()
    expect(page.get_by_text("9 candidates dismissed for good.")).to_be_visible()
    assert Candidate.objects.filter(state="dismissed").count() == 9
