"""The coach: it marks words, says what to write, offers sentences, and keeps their evidence."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from accounts.domain.roles import Role
from analysis import services as analysis_services
from ledger.models import DebtItem, ImpactStatement
from tests.builders.git_history import History
from tests.functional.web_ledger.conftest import IMPACT, in_days
from tests.functional.web_ledger.forms import new_debt
from tests.functional.web_ledger.test_browser import sign_in

COACH = "ledger:statement_coach"


@pytest.fixture
def measured(tmp_path: Path, db: None) -> Any:
    """An analysed repository whose cart and prices changed together six times."""
    shop = History(tmp_path / "shop.git")
    for number in range(6):
        shop.commit(
            f"both {number}",
            {"shop/cart.py": f"items = [{number}]\n", "shop/prices.py": f"price = {number}\n"},
        )
    repository = analysis_services.repository_register(location=str(shop.path))
    analysis_services.analyse_now(repository=repository)
    return repository


def offers_in(page: str) -> list[tuple[str, str]]:
    """The sentences on offer with their tokens."""
    found = re.findall(r'data-insert="([^"]*)" data-binding="([^"]*)"', page)
    return [(unescape(text), token) for text, token in found]


def test_words_are_marked_and_advice_is_given(contributor: Client) -> None:
    text = "The legacy shop <b> loses 40 carts."
    page = contributor.post(reverse(COACH), {"impact": text}).content.decode()
    assert '<mark title="E1">legacy</mark>' in page
    assert '<mark title="E10">40</mark>' in page
    assert "&lt;b&gt;" in page
    assert "the product by its name" in page
    assert "For L1 mend E1." in page
    assert 'id="coach-status" hx-swap-oob' in page


def test_a_path_that_no_database_takes_is_no_path(contributor: Client, measured: Any) -> None:
    place = {"impact": "", "repository": str(measured.pk), "path": "\0"}
    answer = contributor.post(reverse(COACH), place)
    assert answer.status_code == 200
    assert not answer.context["has_place"]


def test_a_file_that_is_chosen_gives_sentences_before_there_is_a_debt(
    contributor: Client, measured: Any
) -> None:
    place = {"impact": "", "repository": str(measured.pk), "path": "shop/cart.py"}
    for audience, words in (("product", "Features there wait"), ("sales", "Customers wait")):
        page = contributor.post(reverse(COACH), {**place, "audience": audience}).content.decode()
        texts = [text for text, _token in offers_in(page)]
        assert any("6 of the 6 changes" in text for text in texts)
        assert any(words in text for text in texts)
        assert "snapshot" in page
    nowhere = {**place, "path": "shop/none.py"}
    assert offers_in(contributor.post(reverse(COACH), nowhere).content.decode()) == []


def test_an_offered_sentence_is_recorded_with_its_evidence(
    contributor: Client, measured: Any
) -> None:
    form = new_debt(repository=str(measured.pk), path="shop/cart.py", impact="")
    page = contributor.post(reverse(COACH), form).content.decode()
    text, token = next(one for one in offers_in(page) if "6 of the 6" in one[0])
    with_evidence = {**form, "impact": text, "binding": [token]}
    coached = contributor.post(reverse(COACH), with_evidence).content.decode()
    assert "L2: evidenced" in coached
    assert text not in [one for one, _token in offers_in(coached)]
    assert contributor.post(reverse("ledger:record"), with_evidence).status_code == 302
    item = DebtItem.objects.latest("pk")
    statement = ImpactStatement.objects.get(item=item)
    assert (statement.level, statement.bindings[0]["template"]) == (2, "ripple.product.1")
    shown = contributor.get(reverse("ledger:item", args=[item.reference])).content.decode()
    assert "ripple.product.1" in shown
    assert reverse("analysis:file", args=[measured.slug, "shop/cart.py"]) in shown
    without = {**form, "impact": text, "slug": ""}
    assert contributor.post(reverse("ledger:record"), without).status_code == 302
    assert DebtItem.objects.latest("pk").impact_level == 1


def test_a_forged_token_saves_nothing(contributor: Client) -> None:
    form = {**new_debt(impact=IMPACT), "binding": ["forged:token"]}
    answer = contributor.post(reverse("ledger:record"), form)
    assert answer.status_code == 422
    assert "insert the sentence again" in answer.content.decode()
    assert DebtItem.objects.count() == 0
    # While typing it is only no evidence.
    assert contributor.post(reverse(COACH), form).status_code == 200


@pytest.mark.parametrize(
    "fields",
    [
        {"repository": "9" * 30}, {"repository": "-1"}, {"path": "\x00" * 2000}, {"due_on": "soon"},
        {"interest_p10": "NaN", "interest_p50": "Infinity", "interest_p90": "1e999999"},
        {"audience": "everybody"}, {"impact": "9" * 5000},
        {"principal_optimistic": "9", "principal_likely": "1", "principal_pessimistic": "0"},
        {"binding": ["x"] * 500}, {"system": "{0.__class__}"},
    ],
)  # fmt: skip
def test_hostile_fields_are_answered(contributor: Client, fields: dict[str, Any]) -> None:
    assert contributor.post(reverse(COACH), {"impact": "40 orders", **fields}).status_code == 200


def test_the_coach_is_for_those_who_may_record(viewer: Client, proposed: DebtItem) -> None:
    assert viewer.post(reverse(COACH), {"impact": "x"}).status_code == 403
    assert Client().post(reverse(COACH), {"impact": "x"}).status_code in {302, 403}


def test_an_item_that_is_not_there(contributor: Client) -> None:
    answer = contributor.post(reverse(COACH), {"impact": "x", "reference": "D-999999"})
    assert answer.status_code == 404


@pytest.fixture
def page(browser: Browser, live_server: Any) -> Iterator[Page]:
    context = browser.new_context(base_url=live_server.url, viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_sentence_is_inserted_with_one_click(
    page: Page, people: dict[Role, Any], proposed: DebtItem
) -> None:
    sign_in(page, "contributor")
    page.goto(reverse("ledger:describe", args=[proposed.reference]))
    impact = page.get_by_label("Impact on the business")
    impact.fill("The legacy shop loses orders.")
    expect(page.locator("#coach")).to_contain_text("L0")
    expect(page.locator("#coach mark")).to_have_text("legacy")
    expect(page.locator("#coach-status")).to_contain_text("L0: not yet worded")
    impact.fill("Partners wait.")
    expect(page.locator("#coach")).to_contain_text("L1")
    page.get_by_label("Offer sentences for").select_option("leadership")
    option = page.locator("#coach li", has_text="We can pay about").first
    option.get_by_role("button").click()
    expect(page.locator("#coach")).to_contain_text("L3")
    expect(impact).to_be_focused()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("blockquote")).to_contain_text("We can pay about")
    statement = ImpactStatement.objects.filter(item=proposed).latest("sequence")
    assert statement.level == 3
    assert statement.bindings[0]["template"] == "cost-option.leadership.1"
    assert in_days(0) <= proposed.due_on
