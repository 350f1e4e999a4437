"""The first page of a leader."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from accounts.domain.roles import Role
from alerts.models import Channel
from analysis.models import AnalysisRun
from common import clock
from ledger import services
from ledger.domain.estimates import EstimateDraft, Interest, Principal
from ledger.domain.evidence import EvidenceDraft
from ledger.domain.terms import EvidenceKind
from ledger.models import DebtItem, RejectedAnnotation
from tests.functional.web_ledger.conftest import add_snapshot, in_days, make_repository

pytestmark = pytest.mark.django_db

Days = Callable[[int], AbstractContextManager[None]]


def text_of(client: Client) -> str:
    """The page's content as running text."""
    page = client.get(reverse("review:dashboard")).content.decode()
    content = page[page.index("<main") : page.index("</main>")]
    text = re.sub(r"\s+", " ", strip_tags(content.replace("<", " <")))
    return re.sub(r" ([.,;:])", r"\1", text)


def test_a_new_installation_says_what_to_do_next(admin: Client) -> None:
    text = text_of(admin)
    assert "Nothing is known yet." in text
    assert "Register a repository" in text
    assert "# DEBT(session-store, owner=payments, sev=high) [20" in text


def test_who_may_not_register_is_told_who_may(viewer: Client) -> None:
    text = text_of(viewer)
    assert "An operator or admin of this installation can do this." in text
    assert "record it by hand" not in text


def test_a_repository_without_debt_shows_how_to_mark_the_first(
    viewer: Client, repository: Any
) -> None:
    assert "No debt in the register yet" in text_of(viewer)


def test_the_first_lines_say_what_is_expired_due_and_costs(
    viewer: Client, expired: DebtItem, record: Callable[..., DebtItem], repository: Any
) -> None:
    record(title="Tax is hard-coded", due_on=in_days(5))
    record(title="Fonts", due_on=in_days(25), estimate=None)
    add_snapshot(repository, {"shop/cart.py": 0.91, "shop/tax.py": 0.4})
    text = text_of(viewer)
    assert "1 debt has expired, the oldest 12 days ago. 1 comes due within 14 days and 2" in text
    assert "Waiting costs between 4 and 18 hours a month, about 800 EUR, hours that" in text
    assert "takes about 37 hours" in text
    assert "1 debt has no full estimate" in text
    assert "changed most: shop/cart.py, shop/tax.py." in text


def test_waiting_that_costs_nothing_is_not_called_unknown(
    viewer: Client, record: Callable[..., DebtItem]
) -> None:
    record(estimate=EstimateDraft(Principal.of(8, 16, 40), Interest.of(0, 0, 0)))
    text = text_of(viewer)
    assert "waiting costs nothing; paying it all back takes about 19 hours." in text
    assert "Interest a month 0 h by what is known so far" in text
    assert "Nobody has estimated" not in text
    record(estimate=None)
    assert "1 debt has no full estimate and is not fully counted." in text_of(viewer)


def test_debt_that_nobody_estimated_costs_what_nobody_knows(
    viewer: Client, record: Callable[..., DebtItem]
) -> None:
    record(estimate=None)
    assert "Nobody has estimated what waiting costs: 1 debt has no estimate." in text_of(viewer)


def test_expired_debt_is_listed_whoever_owns_it(viewer: Client, expired: DebtItem) -> None:
    text = text_of(viewer)
    assert "Expired 12 days ago" in text
    assert expired.title in text


def test_proposed_debt_that_expired_is_not_hidden(
    viewer: Client, record: Callable[..., DebtItem], set_clock: Days
) -> None:
    due_on = in_days(-3)
    with set_clock(-30):
        record(due_on=due_on)
    assert "1 debt has expired, the oldest 3 days ago" in text_of(viewer)


def test_nothing_expired_is_said_too(viewer: Client, active: DebtItem) -> None:
    assert "No debt has expired." in text_of(viewer)
    assert "Nothing comes due within 30 days." in text_of(viewer)


def test_promises_are_counted(
    viewer: Client, active: DebtItem, expired: DebtItem, people: dict[Role, Any]
) -> None:
    actor = people[Role.CONTRIBUTOR]
    services.debt_start_repayment(actor=actor, item_id=active.pk)
    paid = EvidenceDraft(EvidenceKind.MERGE_COMMIT, "4f2a91c0de")
    services.debt_repay(actor=actor, item_id=active.pk, evidence=paid)
    text = text_of(viewer)
    assert "Kept by the first date 1" in text
    assert "Missed 1" in text


def test_analyses_under_way_and_failed_are_told(viewer: Client, repository: Any) -> None:
    other = make_repository("search")
    common = {"requested_at": clock.now()}
    AnalysisRun.objects.create(
        repository=repository, state="running", stage="files", done=40, total=120, **common
    )
    AnalysisRun.objects.create(repository=other, state="failed", error="No such host.", **common)
    text = text_of(viewer)
    assert "Shop is being analysed: measuring files, 40 of 120." in text
    assert "The last analysis of Search failed: No such host." in text


def test_marks_that_are_no_debt_are_shown(viewer: Client, repository: Any) -> None:
    RejectedAnnotation.objects.create(
        repository=repository,
        kind="malformed",
        path="app/tax.py",
        line=7,
        text="DEBT(x)",
        reason="The day 2027-13-01 does not exist.",
        found_at=clock.now(),
    )
    text = text_of(viewer)
    assert "app/tax.py:7" in text
    assert "The day 2027-13-01 does not exist." in text


def test_hotspots_of_all_repositories_stand_together(viewer: Client, repository: Any) -> None:
    add_snapshot(repository, {"a.py": 0.3, "b.py": 0.9})
    add_snapshot(make_repository("search"), {"c d/é#?.py": 0.7})
    page = viewer.get(reverse("review:dashboard")).content.decode()
    table = page[page.index('id="hotspots"') :]
    places = [table.index(name) for name in ("b.py", "c d/é#?.py", "a.py")]
    assert places == sorted(places)
    assert reverse("analysis:file", args=["search", "c d/é#?.py"]) in page


def test_who_asks_for_more_time_stands_on_the_dashboard(
    viewer: Client, record: Callable[..., DebtItem], people: dict[Role, Any], activate: Any
) -> None:
    assert "Asked for more time" not in viewer.get(reverse("review:dashboard")).content.decode()
    item = activate(record())
    services.extension_ask(
        actor=people[Role.CONTRIBUTOR], item_id=item.pk, due_on=in_days(90), reason="late"
    )
    page = viewer.get(reverse("review:dashboard")).content.decode()
    assert "Asked for more time" in page


def test_only_who_can_see_to_it_is_told_of_channels_that_are_off(
    viewer: Client, people: dict[Role, Any]
) -> None:
    now = clock.now()
    Channel.objects.create(
        kind="email", name="ops", key="k", created_at=now, updated_at=now, tokens_at=now,
        disabled_at=now,
    )  # fmt: skip
    assert "hears what comes due" not in viewer.get(reverse("review:dashboard")).content.decode()
    viewer.force_login(people[Role.OPERATOR])
    assert "1 channel is off" in viewer.get(reverse("review:dashboard")).content.decode()


def test_the_number_of_queries_does_not_grow(
    viewer: Client,
    record: Callable[..., DebtItem],
    repository: Any,
    django_assert_num_queries: Any,
    set_clock: Days,
) -> None:
    add_snapshot(repository, {"a.py": 0.3})
    record(repository_id=repository.pk)
    viewer.get(reverse("review:dashboard"))
    with django_assert_num_queries(QUERIES):
        viewer.get(reverse("review:dashboard"))
    for number in range(8):
        other = make_repository(f"more-{number}")
        add_snapshot(other, {f"{one}.py": one / 20 for one in range(20)})
        record(repository_id=other.pk, due_on=in_days(number))
        due_on = in_days(-2)
        with set_clock(-20):
            record(repository_id=other.pk, due_on=due_on)
    with django_assert_num_queries(QUERIES):
        viewer.get(reverse("review:dashboard"))


# Session, person; five of the ledger's figures and rows; debts by repository; proposals counted,
# found and read; marks; hotspots bounded and read; repositories and their runs; requests for more
# time; channels that are off and messages that were given up.
QUERIES = 23
