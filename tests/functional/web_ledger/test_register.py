"""The register over HTTP: filters, sorting, pages, CSV and odd addresses."""

import csv
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.domain.roles import Role
from ledger import services
from ledger.models import DebtItem
from tests.functional.web_ledger.conftest import in_days, make_repository

pytestmark = pytest.mark.django_db


def listed(client: Client, query: str = "") -> list[str]:
    """The titles in the order of the page."""
    response = client.get(f"{reverse('ledger:register')}?{query}")
    assert response.status_code == 200, response.content.decode()
    return [line.row.item.title for line in response.context.get("lines", [])]


@pytest.fixture
def three(
    record: Callable[..., DebtItem],
    activate: Callable[[DebtItem], DebtItem],
    expired: DebtItem,
    repository: Any,
) -> None:
    """Beside the expired one: an accepted one due soon in code, and a bare proposal."""
    activate(
        record(
            title="Tax is hard-coded",
            owner="checkout",
            severity="high",
            due_on=in_days(7),
            repository_id=repository.pk,
            path="shop/tax.py",
        )
    )
    record(title="Fonts are heavy", owner="search", estimate=None, impact="", plan=None)


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("", ["Refunds are booked by hand", "Tax is hard-coded", "Fonts are heavy"]),
        ("timing=expired", ["Refunds are booked by hand"]),
        ("timing=due,due_soon", ["Tax is hard-coded"]),
        ("timing=expired&timing=due_soon", ["Refunds are booked by hand", "Tax is hard-coded"]),
        ("state=proposed", ["Fonts are heavy"]),
        ("state=active,repaying", ["Refunds are booked by hand", "Tax is hard-coded"]),
        ("state=closed", []),
        ("owner=search", ["Fonts are heavy"]),
        ("severity=high,critical", ["Tax is hard-coded"]),
        ("repository=shop", ["Tax is hard-coded"]),
        ("origin=annotation", []),
        ("q=hard-coded+tax", ["Tax is hard-coded"]),
        ("q=tax.py", ["Tax is hard-coded"]),
        ("sort=title", ["Fonts are heavy", "Refunds are booked by hand", "Tax is hard-coded"]),
        ("sort=-title", ["Tax is hard-coded", "Refunds are booked by hand", "Fonts are heavy"]),
        ("sort=severity", ["Tax is hard-coded", "Refunds are booked by hand", "Fonts are heavy"]),
    ],
)
def test_filters_and_orders(viewer: Client, three: None, query: str, titles: list[str]) -> None:
    found = listed(viewer, query)
    if query.startswith("sort=severity"):
        assert found[0] == titles[0]
    else:
        assert found == titles


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("state=foo", "“foo” is no state; choose from open, closed, all, proposed"),
        ("state=open,active", "“open” is no state"),
        ("timing=soon", "“soon” is no timing"),
        ("severity=9", "“9” is no severity"),
        ("origin=%3Cscript%3E", "“&lt;script&gt;” is no origin"),
        ("repository=nowhere", "There is no repository “nowhere”"),
        ("sort=password", "The register cannot be sorted by “password”"),
        ("page=0", "“0” is no page number"),
        ("page=-1", "“-1” is no page number"),
        ("page=%D9%A3", "is no page number"),
        ("page=99999999999999999999", "is no page number"),
        ("repository=%00", ""),
    ],
)
@pytest.mark.parametrize("name", ["ledger:register", "ledger:register_csv"])
def test_an_odd_address_gets_a_sentence(
    viewer: Client, name: str, query: str, sentence: str
) -> None:
    response = viewer.get(f"{reverse(name)}?{query}")
    expected = sentence if name == "ledger:register" else sentence.replace("&lt;", "<")
    expected = expected if name == "ledger:register" else expected.replace("&gt;", ">")
    if sentence:
        assert response.status_code == 400
        assert expected in response.content.decode()
    else:
        assert response.status_code == 200


@pytest.mark.parametrize("query", ["q=%00%00", "q=" + "a" * 5000, "owner=%00", "q=%25_%27%22"])
def test_odd_texts_are_searched_for_as_they_are(viewer: Client, three: None, query: str) -> None:
    if query.endswith("%00"):
        assert len(listed(viewer, query)) == 3
    else:
        assert listed(viewer, query) == []


def test_a_page_beyond_the_last_shows_the_last(viewer: Client, three: None) -> None:
    assert len(listed(viewer, "page=7")) == 3


def test_an_empty_register_shows_how_to_begin(viewer: Client) -> None:
    page = viewer.get(reverse("ledger:register")).content.decode()
    assert "No debt in the register yet" in page
    assert "[20" in page


def test_nothing_found_offers_the_way_back(viewer: Client, three: None) -> None:
    page = viewer.get(f"{reverse('ledger:register')}?q=zzz").content.decode()
    assert "Nothing matches" in page
    assert "Clear the filters" in page


def test_a_register_in_which_all_is_paid_says_so(
    admin: Client, people: dict[Role, Any], proposed: DebtItem
) -> None:
    services.debt_reject(actor=people[Role.ADMIN], item_id=proposed.pk, reason="Too costly.")
    page = admin.get(reverse("ledger:register")).content.decode()
    assert "Nothing is owed" in page
    assert "?state=all" in page


def test_a_combination_from_a_link_stays_chosen(viewer: Client, three: None) -> None:
    page = viewer.get(f"{reverse('ledger:register')}?state=active,repaying").content.decode()
    assert '<option value="active,repaying" selected>Active or Repaying</option>' in page


def test_only_those_who_may_are_asked_to_record(
    viewer: Client, contributor: Client, three: None
) -> None:
    address = reverse("ledger:record")
    assert address not in viewer.get(reverse("ledger:register")).content.decode()
    assert address in contributor.get(reverse("ledger:register")).content.decode()


def test_csv_is_the_filtered_list(viewer: Client, three: None) -> None:
    response = viewer.get(f"{reverse('ledger:register_csv')}?severity=high")
    assert response["Content-Type"].startswith("text/csv")
    assert response["Content-Disposition"].startswith('attachment; filename="debts-')
    rows = list(csv.DictReader(b"".join(response.streaming_content).decode().splitlines()))
    assert [row["title"] for row in rows] == ["Tax is hard-coded"]


def test_csv_holds_no_formula(viewer: Client, record: Callable[..., DebtItem]) -> None:
    record(title="=HYPERLINK(1)")
    response = viewer.get(reverse("ledger:register_csv"))
    assert "'=HYPERLINK(1)" in b"".join(response.streaming_content).decode()


def test_what_strangers_wrote_is_text(viewer: Client, record: Callable[..., DebtItem]) -> None:
    record(title="<script>alert(1)</script>", path="<img src=x>.py")
    page = viewer.get(reverse("ledger:register")).content.decode()
    assert "<script>alert" not in page
    assert "<img" not in page


def test_a_file_page_gets_its_open_debt(viewer: Client, repository: Any, three: None) -> None:
    address = reverse("ledger:file_items")
    DebtItem.objects.filter(path="shop/tax.py").update(present=True)
    found = viewer.get(address, {"repository": "shop", "path": "shop/tax.py"}).content.decode()
    assert "Tax is hard-coded" in found
    assert "due in 7 days" in found
    other = viewer.get(address, {"repository": "shop", "path": "other.py"}).content.decode()
    assert other.strip() == ""
    assert viewer.get(address, {"repository": "nowhere"}).status_code == 404


def test_a_repository_page_gets_its_open_debt_in_short(
    viewer: Client, repository: Any, three: None, expired: DebtItem
) -> None:
    DebtItem.objects.filter(pk=expired.pk).update(repository=repository)
    address = reverse("ledger:repository_items")
    found = viewer.get(address, {"repository": "shop"}).content.decode()
    counts = " ".join(re.sub("<[^>]*>", " ", found).split())
    assert re.search(r"\d+ open 1 expired 1 due soon", counts), counts
    assert found.index(expired.title) < found.index("Tax is hard-coded")
    assert "?repository=shop&amp;timing=expired" in found
    assert "/debts/candidates/?repository=shop" in found
    assert "No comment in the code waits" in found
    make_repository("quiet")
    quiet = viewer.get(address, {"repository": "quiet"}).content.decode()
    assert "No open debt is registered" in quiet
    assert viewer.get(address, {"repository": "nowhere"}).status_code == 404


def test_the_number_of_queries_does_not_grow(
    viewer: Client,
    three: None,
    record: Callable[..., DebtItem],
    repository: Any,
    django_assert_num_queries: Any,
) -> None:
    # Session, person; repositories, owners; items counted, found and read.
    with django_assert_num_queries(7):
        viewer.get(reverse("ledger:register"))
    for number in range(40):
        record(title=f"Debt {number}", repository_id=repository.pk)
    with django_assert_num_queries(7):
        viewer.get(reverse("ledger:register"))
