"""The page of one debt, and the list of marks to correct."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.domain.roles import Role
from analysis import services as analysis_services
from common import clock
from ledger import services
from ledger.adapters import append_only
from ledger.domain.estimates import Interest
from ledger.models import DebtEvent, DebtItem, RejectedAnnotation
from tests.builders.git_history import History
from tests.functional.web_ledger.conftest import add_snapshot, in_days

pytestmark = pytest.mark.django_db

DUE = in_days(100).isoformat()
CART = f"""items = []


def add(item):
    # DEBT(carts, owner=payments, sev=high) [{DUE}]: <b>carts</b> live in process memory
    #   and are lost on restart
    items.append(item)


# DEBT(Bad Id) [soon]: no date
"""


def page_of(client: Client, item: DebtItem) -> str:
    response = client.get(reverse("ledger:item", args=[item.reference]))
    assert response.status_code == 200
    page: str = response.content.decode()
    return page


@pytest.fixture
def carts(tmp_path: Path, db: None, django_capture_on_commit_callbacks: Any) -> DebtItem:
    """A debt that the authors of a real repository have marked in its code."""
    shop = History(tmp_path / "shop.git").commit("open the shop", {"shop/cart.py": CART})
    repository = analysis_services.repository_register(location=str(shop.path))
    with django_capture_on_commit_callbacks(execute=True):
        analysis_services.analyse_now(repository=repository)
    return DebtItem.objects.get(slug="carts")


def test_marked_code_is_shown_with_its_figures(viewer: Client, carts: DebtItem) -> None:
    page = page_of(viewer, carts)
    marked = [part.split("</li>")[0] for part in page.split('<li class="is-marked">')[1:]]
    assert [part.split("</span>")[0].strip("<span>") for part in marked] == ["5", "6"]
    assert "&lt;b&gt;carts&lt;/b&gt; live in process memory" in marked[0]
    assert "<b>carts" not in page
    assert "items.append(item)" in page
    assert "Complexity" in page
    assert reverse("analysis:file", args=[carts.repository.slug, "shop/cart.py"]) in page
    assert "from a mark in the code" in page


def test_a_debt_is_found_by_the_id_in_the_code(viewer: Client, carts: DebtItem) -> None:
    here = reverse("ledger:item", args=[carts.reference])
    for name in ("carts", str(carts.pk), carts.reference.lower(), f"{carts.repository.slug}/carts"):
        response = viewer.get(f"{reverse('ledger:register')}{name}/")
        assert (response.status_code, response["Location"]) == (302, here)


def test_a_mirror_that_is_gone_is_said_and_the_rest_shown(
    viewer: Client, repository: Any, record: Callable[..., DebtItem]
) -> None:
    add_snapshot(repository, {"shop/cart.py": 0.8})
    item = record(repository_id=repository.pk, path="shop/cart.py", line=3)
    page = page_of(viewer, item)
    assert "Hotspot score" in page
    assert '<div class="source"' not in page


def test_a_file_that_is_gone_is_said(
    viewer: Client, repository: Any, record: Callable[..., DebtItem]
) -> None:
    item = record(repository_id=repository.pk, path="shop/gone.py", line=3)
    assert "The file is not in the newest snapshot" in page_of(viewer, item)


@pytest.mark.parametrize("path", ["a\nb.py", "../../etc/passwd", "/etc/passwd", "ä b%2F?#.py"])
def test_an_odd_path_is_only_a_text(
    viewer: Client, repository: Any, record: Callable[..., DebtItem], path: str
) -> None:
    add_snapshot(repository, {path: 0.8})
    item = record(repository_id=repository.pk, path="x")
    DebtItem.objects.filter(pk=item.pk).update(path=path, line=1)
    page_of(viewer, item)
    viewer.get(reverse("review:dashboard"))


@pytest.mark.parametrize(
    ("days", "words"), [(0, "due today"), (1, "due tomorrow"), (30, "due in 30 days")]
)
def test_the_headline_says_when_it_is_due(
    viewer: Client, record: Callable[..., DebtItem], days: int, words: str
) -> None:
    assert words in page_of(viewer, record(due_on=in_days(days)))


def test_expired_debt_says_for_how_long(viewer: Client, expired: DebtItem) -> None:
    page = page_of(viewer, expired)
    assert "expired 12 days ago" in page
    assert "Waiting costs <strong>2 to 9 hours a month</strong>" in page


def test_the_estimate_names_range_basis_and_assumption(viewer: Client, active: DebtItem) -> None:
    page = page_of(viewer, active)
    assert "between 2 and 9 in 8 of 10 cases" in page
    assert "8 at best, 16 likely, 40 at worst" in page
    assert "Judgement of somebody who knows the code" in page
    assert "Assumes that the effort to repay does not grow" in page


def test_each_action_that_is_not_possible_says_why(viewer: Client, active: DebtItem) -> None:
    page = page_of(viewer, active)
    assert "You can read everything. To act on debt you need the role contributor" in page
    assert 'id="why-extend">This needs the role approver; yours is viewer.' in page
    assert reverse("ledger:act", args=[active.reference, "extend"]) not in page


def test_a_sound_history_is_said_to_hold(viewer: Client, active: DebtItem) -> None:
    assert "The seals hold." in page_of(viewer, active)


def test_a_changed_history_is_called_out(viewer: Client, active: DebtItem) -> None:
    append_only.lift(connection)
    DebtEvent.objects.filter(item=active, sequence=1).update(actor_name="nobody")
    append_only.install(connection)
    page = page_of(viewer, active)
    assert "The history does not hold: event 1 was changed after it was written." in page
    assert "The seals hold." not in page


def test_what_was_typed_is_text(viewer: Client, record: Callable[..., DebtItem]) -> None:
    evil = "<script>alert(1)</script>"
    item = record(title=evil, text=evil, impact=evil, exit_condition=evil, system=evil)
    assert evil not in page_of(viewer, item)


def test_the_number_of_queries_does_not_grow(
    viewer: Client,
    active: DebtItem,
    people: dict[Role, Any],
    django_assert_num_queries: Any,
) -> None:
    with django_assert_num_queries(QUERIES):
        page_of(viewer, active)
    for number in range(20):
        services.debt_describe(
            actor=people[Role.ADMIN],
            item_id=active.pk,
            impact=f"{number} calls from customers a week. Source: helpdesk.",
        )
    with django_assert_num_queries(QUERIES):
        page_of(viewer, active)


# Session, person; the item twice (by reference, whole); its seven series; the owner
# as team and as person; the asker's own handles; the price in force; the price
# (two) for the sentences; the requests for an extension; what stands on loan for it, environments,
# proposal and measurements of its repayment.
QUERIES = 24


def test_marks_are_listed_with_place_reason_and_remedy(viewer: Client, carts: DebtItem) -> None:
    page = viewer.get(reverse("ledger:annotations")).content.decode()
    assert "shop/cart.py:10" in page
    assert "is no id" in page
    assert "correct its line after this example" in page


def test_without_marks_the_list_says_so(viewer: Client) -> None:
    assert "Nothing to correct" in viewer.get(reverse("ledger:annotations")).content.decode()


@pytest.mark.parametrize(
    "name", ["review:dashboard", "ledger:register", "ledger:record", "ledger:annotations"]
)
def test_strangers_are_asked_to_sign_in(client: Client, db: None, name: str) -> None:
    assert client.get(reverse(name))["Location"].startswith(reverse("accounts:sign_in"))


def test_people_go_by_their_names(
    viewer: Client, approver: Client, active: DebtItem, people: dict[Role, Any]
) -> None:
    people[Role.APPROVER].display_name = "Ada Approver"
    people[Role.APPROVER].save()
    services.debt_extend(
        actor=people[Role.APPROVER],
        item_id=active.pk,
        due_on=in_days(90),
        reason="The supplier is late.",
        interest=Interest.of(3, 6, 12),
    )
    page = page_of(viewer, active)
    assert "approved by Ada Approver" in page
    assert "by Ada Approver," in page
    assert "by approver" not in page


def test_marks_say_once_how_and_each_where(viewer: Client, repository: Any) -> None:
    for line in (3, 4):
        RejectedAnnotation.objects.create(
            repository=repository, kind="malformed", path="shop/cart.py", line=line,
            text="DEBT(x)", reason="It has no date.", found_at=clock.now(),
        )  # fmt: skip
    page = viewer.get(reverse("ledger:annotations")).content.decode()
    assert page.count("after this example") == 1
    assert "Correct the line after" not in page
    assert page.count("in Shop</span>") == 2
