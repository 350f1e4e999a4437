"""The policy pages in a real browser: nothing is cut off, and a form changes what is in force."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from accounts.domain.roles import Role
from ledger import selectors, services
from ledger.models import DebtItem
from tests.functional.conftest import DESKTOP, PHONE, Visit
from tests.functional.web_ledger.test_policy import put

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_nothing_is_wider_than_the_window(
    visit: Callable[..., Visit], people: Any, record: Any, repository: Any, size: Any, scheme: str
) -> None:
    door: DebtItem = record(reversibility="one_way", system="s" * 90)
    put(people, ceiling_share=0.1, capacities={"s" * 90: 30})
    services.waiver_ask(
        actor=people[Role.APPROVER], repository_id=repository.pk, rule="expired_debt",
        path="a/" * 90, reason="r" * 300, expires_on=door.due_on,
    )  # fmt: skip
    opened = visit(people[Role.ADMIN], size=size, scheme=scheme)
    for path in ("/policy/", "/policy/edit/", "/policy/versions/1/", "/policy/repositories/shop/",
                 f"/debts/{door.reference}/review/"):  # fmt: skip
        opened.to(path)
        assert opened.overflow == 0, path
    assert opened.complaints == []


def test_an_admin_finds_the_policy_and_announces_a_harder_rule(
    visit: Callable[..., Visit], people: Any
) -> None:
    page = visit(people[Role.ADMIN]).to("/")
    page.keyboard.press("g")
    page.keyboard.press("o")
    expect(page.get_by_role("heading", name="Policy", exact=True)).to_be_visible()
    page.get_by_role("link", name="Change the policy").click()
    page.get_by_label("Expired debt in the changed code: later").select_option("block")
    page.get_by_label("Why it changes").fill("Agreed in the review.")
    page.get_by_role("button", name="Put in force").click()
    expect(page.get_by_text("Choose both the later level and its day.")).to_be_visible()
    page.get_by_label("Expired debt in the changed code: from").fill("2099-03-01")
    page.get_by_role("button", name="Put in force").click()
    expect(page.get_by_text("Policy 1 is in force.")).to_be_visible()
    expect(page.get_by_role("cell", name="Warn, block from 1 Mar 2099")).to_be_visible()
    assert selectors.policy_in_force(repository_id=None).version == 1
