"""Listing, filtering and sorting the register, in a constant number of queries."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common.errors import NotFound, Refused
from ledger import selectors, services
from ledger.domain.estimates import EstimateDraft, Interest, Principal
from ledger.domain.evidence import EvidenceDraft
from ledger.domain.terms import EvidenceKind, Origin, Severity, State, Timing
from ledger.models import DebtItem
from tests.integration.ledger.conftest import complete, in_days


@pytest.fixture
def register(contributor: Any, approver: Any, repository: Any) -> dict[str, Any]:
    """Five debts that differ in everything that can be filtered and sorted by."""

    def record(title: str, days: int, **changes: Any) -> Any:
        return services.debt_record(
            actor=contributor, **complete(title=title, due_on=in_days(days), **changes)
        )

    def priced(principal: int, interest: int) -> EstimateDraft:
        return EstimateDraft(
            Principal.of(principal, principal, principal),
            Interest.of(interest, interest, interest),
        )

    items = {
        "today": record("alpha", 0, severity="low", estimate=priced(10, 1), owner="core"),
        "soon": record("Beta", 14, severity="critical", estimate=priced(20, 30), system="shop"),
        "later": record("gamma", 15, severity="high", estimate=None, slug="later-one"),
        "in-code": record(
            "delta", 50, estimate=priced(5, 5), repository_id=repository.pk, slug="in-code"
        ),
        "done": record("epsilon", 30, estimate=priced(1, 1)),
    }
    services.debt_activate(actor=approver, item_id=items["soon"].pk)
    services.debt_reject(actor=approver, item_id=items["done"].pk, reason="no")
    return items


def expire(item: Any, days: int = 3) -> None:
    """Let time pass for one item."""
    DebtItem.objects.filter(pk=item.pk).update(due_on=in_days(-days), first_due_on=in_days(-days))


def titles(**filters: Any) -> list[str]:
    sort = filters.pop("sort", "due")
    page = selectors.debts_page(filter=selectors.RegisterFilter(**filters), sort=sort)
    return [row.item.title for row in page.rows]


def test_filters(register: dict[str, Any], repository: Any) -> None:
    assert titles() == ["alpha", "Beta", "gamma", "epsilon", "delta"]
    assert titles(only_open=True) == ["alpha", "Beta", "gamma", "delta"]
    assert titles(states=[State.ACTIVE, State.REJECTED]) == ["Beta", "epsilon"]
    assert titles(severities=[Severity.HIGH]) == ["gamma"]
    assert titles(owner="core") == ["alpha"]
    assert titles(system="shop") == ["Beta"]
    assert titles(repository_id=repository.pk) == ["delta"]
    assert titles(origins=[Origin.ANNOTATION]) == []


def test_timings(register: dict[str, Any]) -> None:
    expire(register["later"])
    assert titles(timings=[Timing.EXPIRED]) == ["gamma"]
    assert titles(timings=[Timing.DUE]) == ["alpha"]
    assert titles(timings=[Timing.DUE_SOON]) == ["Beta"]
    assert titles(timings=[Timing.CURRENT]) == ["delta"]
    assert titles(timings=[Timing.EXPIRED, Timing.CURRENT]) == ["gamma", "delta"]


def test_expired_debt_stays_expired_when_it_is_accepted(
    register: dict[str, Any], approver: Any
) -> None:
    expire(register["in-code"])
    services.debt_activate(actor=approver, item_id=register["in-code"].pk)
    assert titles(timings=[Timing.EXPIRED]) == ["delta"]
    assert selectors.dashboard().expired == 1


def test_search(register: dict[str, Any]) -> None:
    assert titles(search="beta") == ["Beta"]
    assert titles(search="BET SHO") == ["Beta"]
    assert titles(search="later-one") == ["gamma"]
    assert titles(search=register["today"].reference.lower()) == ["alpha"]
    assert titles(search="100%") == []
    assert titles(search="_") == []


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("-due", ["delta", "epsilon", "gamma", "Beta", "alpha"]),
        ("interest", ["Beta", "delta", "epsilon", "alpha", "gamma"]),
        ("-interest", ["alpha", "epsilon", "delta", "Beta", "gamma"]),
        ("principal", ["Beta", "alpha", "delta", "epsilon", "gamma"]),
        ("severity", ["Beta", "gamma", "epsilon", "delta", "alpha"]),
        ("age", ["alpha", "Beta", "gamma", "delta", "epsilon"]),
        ("title", ["alpha", "Beta", "delta", "epsilon", "gamma"]),
        ("owner", ["alpha", "Beta", "gamma", "delta", "epsilon"]),
    ],
)
def test_sorts(register: dict[str, Any], sort: str, expected: list[str]) -> None:
    assert titles(sort=sort) == expected


def test_cd3(register: dict[str, Any]) -> None:
    assert titles(sort="cd3")[:1] == ["Beta"]
    assert titles(sort="cd3")[-1] == "gamma"
    item = selectors.debt_get(register["soon"].pk)
    assert item.cd3 == pytest.approx(30 * 12 / 52 / 20)


def test_pages(register: dict[str, Any]) -> None:
    nothing = selectors.RegisterFilter()
    pages = [selectors.debts_page(filter=nothing, page=page, size=2) for page in (1, 2, 3)]
    assert [len(page.rows) for page in pages] == [2, 2, 1]
    assert len({row.item.pk for page in pages for row in page.rows}) == 5
    beyond = selectors.debts_page(filter=nothing, page=99, size=2)
    assert (beyond.page, beyond.pages, beyond.total) == (3, 3, 5)
    empty = selectors.debts_page(filter=selectors.RegisterFilter(search="nowhere"))
    assert (empty.rows, empty.total, empty.page, empty.pages) == ([], 0, 1, 1)


def test_rows(register: dict[str, Any], repository: Any) -> None:
    row = selectors.debts_page(filter=selectors.RegisterFilter(search="delta")).rows[0]
    assert (row.repository_slug, row.timing, row.days_left) == ("shop", Timing.CURRENT, 50)
    row = selectors.debts_page(filter=selectors.RegisterFilter(search="epsilon")).rows[0]
    assert (row.timing, row.days_left) == (None, None)


def queries(call: Any) -> int:
    with CaptureQueriesContext(connection) as captured:
        call()
    return len(captured)


def test_the_number_of_queries_is_constant(register: dict[str, Any], contributor: Any) -> None:
    def page() -> Any:
        return selectors.debts_page(filter=selectors.RegisterFilter(only_open=True))

    def detail() -> Any:
        return selectors.debt_detail(register["soon"].pk)

    few = [queries(page), queries(selectors.dashboard), queries(detail)]
    for number in range(20):
        services.debt_record(actor=contributor, **complete(title=f"more {number}"))
        services.debt_describe(
            actor=contributor, item_id=register["soon"].pk, text=f"text {number}"
        )
    assert [queries(page), queries(selectors.dashboard), queries(detail)] == few
    assert few[0] == 3
    assert few[1] == 7


def test_dashboard(register: dict[str, Any], contributor: Any, approver: Any) -> None:
    expire(register["later"])
    board = selectors.dashboard()
    assert (board.open, board.accepted, board.proposed, board.unpriced) == (4, 1, 3, 1)
    assert (board.expired, board.due_14, board.due_30) == (1, 2, 2)
    assert board.principal_hours == 35
    assert board.interest.p50 == 36
    assert [row.item.title for row in board.expired_rows] == ["gamma"]
    assert [row.item.title for row in board.due_rows] == ["alpha", "Beta"]


def test_promises(contributor: Any, approver: Any, admin: Any) -> None:
    def paid(*, extended: bool = False, promised: int = 0) -> None:
        item = services.debt_record(actor=contributor, **complete())
        services.debt_activate(actor=approver, item_id=item.pk)
        if extended:
            services.debt_extend(
                actor=approver,
                item_id=item.pk,
                due_on=in_days(90),
                reason="late",
                interest=Interest.of(1, 1, 1),
            )
        services.debt_start_repayment(actor=contributor, item_id=item.pk)
        commit = EvidenceDraft(EvidenceKind.MERGE_COMMIT, "0a1b2c3d")
        services.debt_repay(actor=contributor, item_id=item.pk, evidence=commit)
        DebtItem.objects.filter(pk=item.pk).update(repaid_on=in_days(promised))

    paid(promised=60)
    paid(extended=True, promised=60)
    paid(extended=True, promised=61)
    paid(promised=61)
    paid(extended=True, promised=91)
    overdue = services.debt_record(actor=contributor, **complete())
    services.debt_activate(actor=approver, item_id=overdue.pk)
    expire(overdue)
    promises = selectors.dashboard().promises
    assert (promises.kept, promises.kept_extended, promises.missed) == (2, 1, 3)


@pytest.mark.parametrize("days_late", [0, 3])
def test_giving_up_does_not_mend_a_broken_promise(
    contributor: Any, approver: Any, days_late: int
) -> None:
    for give_up in (services.debt_write_off, services.debt_roll_back):
        item = services.debt_record(actor=contributor, **complete())
        services.debt_activate(actor=approver, item_id=item.pk)
        expire(item, days_late)
        give_up(actor=approver, item_id=item.pk, reason="the shop closes")
    proposal = services.debt_record(actor=contributor, **complete())
    expire(proposal, days_late)
    services.debt_roll_back(actor=approver, item_id=proposal.pk, reason="was reverted")
    assert selectors.dashboard().promises.missed == (2 if days_late else 0)


@pytest.mark.parametrize(("closed_from", "missed"), [("proposed", 0), ("active", 1)])
def test_removal_does_not_mend_a_broken_promise(
    proposed: Any, closed_from: str, missed: int
) -> None:
    expire(proposed)
    DebtItem.objects.filter(pk=proposed.pk).update(
        state=State.REPAID, resolution="removed", closed_from=closed_from, repaid_on=in_days(0)
    )
    assert selectors.dashboard().promises.missed == missed


def test_csv_is_neutralised(contributor: Any) -> None:
    for title in ("=1+1", "+1", "-1", "@cmd", "fine"):
        services.debt_record(actor=contributor, **complete(title=title, text=f" {title}"))
    header, *rows = selectors.debts_csv(selectors.RegisterFilter(), "title")
    column = header.index("title")
    assert sorted(row[column] for row in rows) == ["'+1", "'-1", "'=1+1", "'@cmd", "fine"]
    assert {row[header.index("text")][0] for row in rows} == {"'", "f"}
    assert all(len(row) == len(header) for row in rows)


def test_references(register: dict[str, Any], contributor: Any, repository: Any) -> None:
    item = register["in-code"]
    for reference in (item.reference, str(item.pk), f"d-{item.pk}", "in-code", "shop/in-code"):
        assert selectors.debt_by_reference(reference).pk == item.pk
    for reference in ("D-999999", "nowhere", "other/in-code", "", "/", "D-99999999999999999999"):
        with pytest.raises(NotFound):
            selectors.debt_by_reference(reference)
    services.debt_record(actor=contributor, **complete(slug="in-code"))
    with pytest.raises(Refused, match="Several"):
        selectors.debt_by_reference("in-code")


def test_detail(register: dict[str, Any]) -> None:
    detail = selectors.debt_detail(register["soon"].pk)
    assert (detail.timing, detail.days_left, detail.owner_known) == (Timing.DUE_SOON, 14, False)
    assert float(detail.payback_months or 0) == 0.7
    assert detail.plan is not None
    assert [step.title for step in detail.plan.milestones.all()] == ["store chosen"]
    assert [event.sequence for event in detail.events] == [1, 2]
    assert detail.item.recorded_at - detail.events[0].at == timedelta(0)
