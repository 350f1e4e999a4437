"""A leader's way through the pages in a real browser."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from ledger.models import DebtItem
from tests.functional.web_ledger.conftest import PASSWORD, in_days

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(browser: Browser, live_server: Any) -> Iterator[Page]:
    """A page that fails its test when a script fails or the security policy is broken."""
    context = browser.new_context(base_url=live_server.url, viewport={"width": 1280, "height": 900})
    shown = context.new_page()
    complaints: list[str] = []
    shown.on("pageerror", lambda error: complaints.append(str(error)))
    shown.on(
        "console",
        lambda said: complaints.append(said.text) if "Security Policy" in said.text else None,
    )
    yield shown
    context.close()
    assert not complaints


def sign_in(page: Page, name: str) -> None:
    page.goto("/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Dashboard")).to_be_visible()
    # Keys are heard once the page's scripts have run.
    page.wait_for_load_state("load")


def test_a_leader_finds_the_expired_promise_and_extends_it(
    page: Page, people: Any, expired: DebtItem, record: Any
) -> None:
    record(title="Fonts are heavy")
    sign_in(page, "approver")
    expect(page.locator(".headline").first).to_contain_text("1 debt has expired")

    page.keyboard.press("g")
    page.keyboard.press("l")
    expect(page.get_by_role("heading", name="Debt register")).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(2)
    # Rows are drawn before the page's scripts have run; a person is never that fast.
    page.wait_for_load_state()
    page.get_by_label("Timing").select_option("expired")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"/debts/\?timing=expired$"))

    # What the address says is the list, also after coming back to it.
    page.reload()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=expired.title)).to_be_visible()
    expect(page.locator(".headline").first).to_contain_text("expired 12 days ago")

    page.get_by_role("link", name="Extend").click()
    page.get_by_label("New date").fill(in_days(30).isoformat())
    page.get_by_label("Why the promise").fill("The supplier is late.")
    for name, hours in (("Low", "3"), ("Middle", "6"), ("High", "4")):
        page.get_by_label(name, exact=True).fill(hours)
    page.get_by_role("button", name="Extend").click()
    expect(page.get_by_text("three numbers in rising order")).to_be_visible()
    expect(page.get_by_label("Why the promise")).to_have_value("The supplier is late.")
    page.get_by_label("High", exact=True).fill("12")
    page.get_by_role("button", name="Extend").click()

    expect(page.get_by_text("The promise has a new date.")).to_be_visible()
    expect(page.locator(".headline").first).to_contain_text("due in 30 days")
    page.goto("/")
    expect(page.locator(".headline").first).to_contain_text("No debt has expired.")


def test_searching_keeps_the_typing_and_the_address(page: Page, people: Any, record: Any) -> None:
    record(title="Fonts are heavy")
    record(title="Tax is hard-coded")
    sign_in(page, "viewer")
    page.goto("/debts/")
    page.keyboard.press("/")
    page.keyboard.type("tax")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.get_by_label("Search")).to_be_focused()
    expect(page.get_by_label("Search")).to_have_value("tax")
    expect(page).to_have_url(re.compile("q=tax"))
    page.get_by_label("Search").fill("")
    expect(page.locator("tbody tr")).to_have_count(2)
    page.get_by_role("link", name="Debt", exact=True).click()
    expect(page).to_have_url(re.compile("sort=title"))
    expect(page.locator("tbody tr").first).to_contain_text("Fonts are heavy")
    page.get_by_label("State").select_option("closed")
    expect(page.locator("tbody tr")).to_have_count(0)
    expect(page).to_have_url(re.compile("sort=title"))
    page.go_back()
    expect(page.locator("tbody tr")).to_have_count(2)


def test_the_coach_speaks_while_a_debt_is_recorded(page: Page, people: Any) -> None:
    sign_in(page, "contributor")
    page.goto("/debts/new/")
    coach = page.locator("#coach")
    page.get_by_label("Impact on the business").fill("We must refactor the monolith")
    expect(coach).to_contain_text("L0")
    expect(coach).to_contain_text("engineering term")
    page.get_by_label("Impact on the business").fill(
        "Changes to billing take 9 days to reach customers, against 4 days elsewhere."
    )
    expect(coach).to_contain_text("Say where this number comes from")
    page.get_by_label("Impact on the business").fill(
        "Changes to billing take 9 days to reach customers, against 4 days elsewhere. "
        "Source: the release log."
    )
    expect(coach).to_contain_text("L2: evidenced")
    page.get_by_role("button", name="Another step").click()
    expect(page.get_by_label("Step")).to_have_count(3)
    page.get_by_label("Step").nth(2).fill("Store chosen")
    page.get_by_label("By").nth(2).fill(in_days(10).isoformat())
    page.get_by_label("What was cut short").fill("Carts live in process memory")
    page.get_by_label("Owner").fill("payments")
    page.get_by_label("Promised for").fill(in_days(30).isoformat())
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.get_by_text("is in the register as proposed debt")).to_be_visible()
    expect(page.get_by_text("Store chosen")).to_be_visible()


def test_everything_works_without_scripts(
    browser: Browser, live_server: Any, people: Any, active: DebtItem
) -> None:
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    sign_in(page, "approver")
    page.goto("/debts/")
    page.get_by_label("Search").fill("carts")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name=active.title).click()
    page.get_by_role("link", name="Write off").click()
    page.get_by_label("Reason").fill("The product is retired.")
    page.get_by_role("button", name="Write off").click()
    expect(page.get_by_text("The debt is written off.")).to_be_visible()
    context.close()


def test_an_example_is_copied_or_selected_where_there_is_no_clipboard(
    page: Page, people: Any
) -> None:
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    sign_in(page, "viewer")
    page.goto("/debts/")
    copy = page.locator("[data-copy=example-annotation]")
    copy.click()
    expect(copy).to_have_text(re.compile("Copied|Selected"))
    assert "# DEBT(session-store" in str(page.evaluate("getSelection().toString()"))
