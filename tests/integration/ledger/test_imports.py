"""Imports into a real register: what they make, what they leave alone, and what they report."""

import csv
import io
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import services as accounts_services
from accounts.domain.roles import Role
from analysis import services as analysis_services
from common import clock
from common.errors import Denied, Refused
from ledger import selectors, services
from ledger.domain.exchange.formats import Format
from ledger.domain.exchange.results import ImportOrder
from ledger.models import DebtEvent, DebtItem, ImportSource
from tests.builders.git_history import History

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann() -> Any:
    return accounts_services.user_create(username="ann", role=Role.CONTRIBUTOR)


def in_days(days: int) -> Any:
    return clock.today() + timedelta(days=days)


def issues(*messages: str, path: str = "src/a.py") -> bytes:
    found = [
        {
            "engineId": "checker",
            "ruleId": "deep",
            "primaryLocation": {"message": message, "filePath": path},
        }
        for message in messages
    ]
    return json.dumps({"issues": found}).encode()


def sonar(data: bytes, **options: Any) -> ImportOrder:
    values = {"source": "nightly", "owner": "payments", "due_on": in_days(90), **options}
    return ImportOrder(Format.SONAR, data, **values)


def table(*rows: dict[str, object], **options: Any) -> ImportOrder:
    text = io.StringIO()
    names = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(text, names)
    writer.writeheader()
    writer.writerows(rows)
    return ImportOrder(Format.CSV, text.getvalue().encode(), **options)


def test_findings_become_proposed_debt_once(ann: Any) -> None:
    order = sonar(issues("One thing", "Another thing"))
    dry = services.file_import(actor=ann, order=order, is_dry_run=True)
    assert [one.title for one in dry.created] == ["One thing", "Another thing"]
    assert not DebtItem.objects.exists()
    assert not ImportSource.objects.exists()

    report = services.file_import(actor=ann, order=order, is_dry_run=False)
    first, second = DebtItem.objects.order_by("pk")
    assert [one.reference for one in report.created] == [first.reference, second.reference]
    assert (first.state, first.origin, first.owner) == ("proposed", "import", "payments")
    assert (first.due_on, first.path) == (in_days(90), "src/a.py")
    event = DebtEvent.objects.get(item=first)
    assert (event.actor, event.payload["import"]["source"]) == (ann, "nightly")

    again = services.file_import(actor=ann, order=order, is_dry_run=False)
    assert (again.created, again.changed, again.unchanged) == ([], [], 2)
    assert DebtEvent.objects.count() == 2
    assert selectors.history_verify().breaks == ()


def test_what_vanished_is_reported_and_stays_open(ann: Any) -> None:
    services.file_import(actor=ann, order=sonar(issues("One", "Two")), is_dry_run=False)
    report = services.file_import(actor=ann, order=sonar(issues("Two")), is_dry_run=False)
    (gone,) = report.vanished
    assert gone.title == "One"
    assert DebtItem.objects.get(title="One").state == "proposed"
    back = services.file_import(actor=ann, order=sonar(issues("One", "Two")), is_dry_run=False)
    assert (back.created, back.vanished, back.unchanged) == ([], [], 2)


def test_another_source_says_nothing_of_this_one(ann: Any) -> None:
    services.file_import(actor=ann, order=sonar(issues("One")), is_dry_run=False)
    other = sonar(issues("Two"), source="weekly")
    assert services.file_import(actor=ann, order=other, is_dry_run=False).vanished == []
    assert DebtItem.objects.count() == 2


def test_closed_debt_is_not_reopened(ann: Any) -> None:
    boss = accounts_services.user_create(username="boss", role=Role.APPROVER)
    services.file_import(actor=ann, order=sonar(issues("One")), is_dry_run=False)
    item = DebtItem.objects.get()
    services.debt_reject(actor=boss, item_id=item.pk, reason="no debt at all")
    report = services.file_import(actor=ann, order=sonar(issues("One")), is_dry_run=False)
    assert [one.reference for one in report.closed] == [item.reference]
    assert DebtItem.objects.get().state == "rejected"


def test_what_lacks_an_owner_or_a_date_is_refused(ann: Any) -> None:
    report = services.file_import(actor=ann, order=sonar(issues("One"), owner=""), is_dry_run=False)
    assert [(one.row, one.column) for one in report.refused] == [("issues.1", "owner")]
    report = services.file_import(
        actor=ann, order=sonar(issues("One"), due_on=None), is_dry_run=False
    )
    assert [one.column for one in report.refused] == ["due_on"]
    assert not DebtItem.objects.exists()


@pytest.mark.parametrize("days", [-1, 181])
def test_a_default_date_outside_the_longest_term(ann: Any, days: int) -> None:
    with pytest.raises(Refused) as caught:
        services.file_import(
            actor=ann, order=sonar(issues("One"), due_on=in_days(days)), is_dry_run=True
        )
    assert caught.value.field == "due_on"


def test_waivers_keep_their_own_day_and_follow_it_until_acceptance(ann: Any) -> None:
    def waivers(*entries: tuple[str, int]) -> ImportOrder:
        text = "vulnerabilities:\n" + "".join(
            f"- {{id: {name}, expired_at: {in_days(days)}, statement: Accepted {name}}}\n"
            for name, days in entries
        )
        return ImportOrder(Format.TRIVY, text.encode(), ".trivyignore.yaml", owner="payments")

    report = services.file_import(
        actor=ann, order=waivers(("A", 30), ("B", -3), ("C", 400)), is_dry_run=False
    )
    assert [(one.row, one.column) for one in report.refused] == [("vulnerabilities.2", "due_on")]
    item = DebtItem.objects.get(title="Accepted A")
    assert item.due_on == in_days(30)

    report = services.file_import(actor=ann, order=waivers(("A", 60), ("C", 400)), is_dry_run=False)
    assert [one.reference for one in report.changed] == [item.reference]
    item.refresh_from_db()
    assert (item.due_on, item.first_due_on) == (in_days(60), in_days(30))
    # A person's decision stands against the file.
    services.debt_describe(actor=ann, item_id=item.pk, due_on=in_days(45))
    report = services.file_import(actor=ann, order=waivers(("A", 90), ("C", 400)), is_dry_run=False)
    assert report.changed == []
    assert item.reference in report.notes[0]
    assert selectors.history_verify().breaks == ()


def test_owners_come_from_codeowners_before_the_default(ann: Any, tmp_path: Path) -> None:
    accounts_services.team_create(slug="billing", name="Billing")
    history = History(tmp_path / "shop.git").commit(
        "begin", {"x.py": "", "CODEOWNERS": "/src/ @shop/billing\n/ops/ @stranger\n"}
    )
    repository = analysis_services.repository_register(location=str(history.path))
    analysis_services.analyse_now(repository=repository)
    mapped = sonar(issues("One"), repository_id=repository.pk)
    services.file_import(actor=ann, order=mapped, is_dry_run=False)
    unmapped = sonar(issues("Two", path="ops/x.py"), repository_id=repository.pk, source="b")
    report = services.file_import(actor=ann, order=unmapped, is_dry_run=False)
    assert dict(DebtItem.objects.values_list("title", "owner")) == {
        "One": "billing",
        "Two": "payments",
    }
    assert "@stranger" in report.notes[0]


@pytest.mark.django_db(transaction=True)
def test_git_is_asked_for_owners_while_no_row_is_locked(
    ann: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = History(tmp_path / "shop.git").commit("begin", {"x.py": "", "CODEOWNERS": "* @ann\n"})
    repository = analysis_services.repository_register(location=str(history.path))
    analysis_services.analyse_now(repository=repository)
    is_locked: list[bool] = []
    head_file = analysis_services.head_file

    def watched(**arguments: Any) -> Any:
        is_locked.append(connection.in_atomic_block)
        return head_file(**arguments)

    monkeypatch.setattr(analysis_services, "head_file", watched)
    mapped = sonar(issues("One"), repository_id=repository.pk)
    number, _ = services.upload_store(user=ann, order=mapped)
    services.upload_import(user=ann, upload_id=number)
    rows = table(row(owner="", repository=repository.slug, path="x.py"))
    services.file_import(actor=ann, order=rows, is_dry_run=False)
    assert is_locked == [False, False, False]
    assert set(DebtItem.objects.values_list("owner", flat=True)) == {"ann"}


def test_a_viewer_imports_nothing(db: None) -> None:
    viewer = accounts_services.user_create(username="vic", role=Role.VIEWER)
    with pytest.raises(Denied):
        services.file_import(actor=viewer, order=sonar(issues("One")), is_dry_run=True)


def test_many_findings_take_few_queries(ann: Any) -> None:
    order = sonar(issues(*(f"Message {number}" for number in range(1_000))))
    with CaptureQueriesContext(connection) as queries:
        services.file_import(actor=ann, order=order, is_dry_run=False)
    assert len(queries) < 150
    assert DebtItem.objects.count() == 1_000


# -- tables ------------------------------------------------------------------------------------


def row(**cells: object) -> dict[str, object]:
    return {"title": "Carts live in memory", "owner": "payments", "due_on": in_days(60), **cells}


def test_a_table_records_and_changes(ann: Any) -> None:
    order = table(
        row(external_reference="T-1", interest_p10=1, interest_p50=2, interest_p90=4),
        row(title="'=1+1", external_reference="T-2", severity="high"),
    )
    dry = services.file_import(actor=ann, order=order, is_dry_run=True)
    assert (len(dry.created), DebtItem.objects.count()) == (2, 0)
    services.file_import(actor=ann, order=order, is_dry_run=False)
    first, second = DebtItem.objects.order_by("pk")
    assert (second.title, second.severity, second.origin) == ("=1+1", "high", "import")
    assert first.interest_p50 == 2

    again = services.file_import(actor=ann, order=order, is_dry_run=False)
    assert (again.created, again.changed, again.unchanged) == ([], [], 2)
    changed = table(row(external_reference="T-1", severity="low", due_on=in_days(70)))
    report = services.file_import(actor=ann, order=changed, is_dry_run=False)
    assert [one.note for one in report.changed] == ["changes severity, due on"]
    first.refresh_from_db()
    assert (first.severity, first.due_on) == ("low", in_days(70))
    assert selectors.history_verify().breaks == ()


PRINCIPAL = {
    "principal_optimistic": "10", "principal_likely": "12.25", "principal_pessimistic": "40",
}  # fmt: skip


def test_an_export_imported_again_changes_nothing(ann: Any) -> None:
    services.file_import(
        actor=ann,
        order=table(
            row(title="'=HYPERLINK()", text="@sum\nof '=all", external_reference="T-1"),
            row(title="''-2", impact="-5 % of customers leave in 3 months.", line=""),
            row(
                title="third",
                interest_p10="1,5",
                interest_p50="2",
                interest_p90="4",
                **PRINCIPAL,
                path="a.py",
                line=7,
            ),
        ),
        is_dry_run=False,
    )
    out = io.StringIO()
    csv.writer(out).writerows(selectors.debts_csv(selectors.RegisterFilter()))
    [third] = (one for one in csv.DictReader(io.StringIO(out.getvalue())) if one["line"] == "7")
    assert [float(third[name]) for name in PRINCIPAL] == [10, 12.25, 40]
    order = ImportOrder(Format.CSV, out.getvalue().encode("utf-8-sig"))
    report = services.file_import(actor=ann, order=order, is_dry_run=False)
    assert (report.created, report.changed, report.refused, report.unchanged) == ([], [], [], 3)
    assert report.encoding == "UTF-8 with a byte order mark"
    assert set(DebtItem.objects.values_list("title", flat=True)) == {"=HYPERLINK()", "'-2", "third"}


def test_rows_without_any_id_are_known_again_by_title_and_path(ann: Any) -> None:
    order = table(row(), row(), row(path="a.py"), row(title="Another"))
    for _time in range(2):
        report = services.file_import(actor=ann, order=order, is_dry_run=False)
    assert (report.created, report.unchanged) == ([], 4)
    changed = table(row(severity="high"), row(), row(path="a.py"), row(title="Another"))
    report = services.file_import(actor=ann, order=changed, is_dry_run=False)
    assert [one.note for one in report.changed] == ["changes severity"]
    assert DebtItem.objects.count() == 4


def test_rows_that_are_refused_say_where_and_why(ann: Any) -> None:
    report = services.file_import(
        actor=ann,
        order=table(
            row(reference="D-000099"),
            row(repository="nowhere"),
            row(due_on="2027-02-30"),
            row(severity="huge"),
            row(interest_p50=2),
            row(owner="No Body"),
            row(external_reference="T-1"),
            row(external_reference="T-1"),
            row(title="", external_reference="T-2"),
            row(due_on=in_days(-1)),
            row(title="a\x00b"),
        ),
        is_dry_run=False,
    )
    assert [(one.row, one.column) for one in report.refused] == [
        ("2", "reference"), ("3", "repository"), ("4", "due_on"), ("5", "severity"),
        ("6", "interest_p50"), ("7", "owner"), ("9", "external_reference"), ("10", "title"),
        ("11", "due_on"), ("12", "title"),
    ]  # fmt: skip
    assert DebtItem.objects.count() == 1


def test_the_guards_of_accepted_debt_hold(ann: Any, active: DebtItem) -> None:
    for column, value in (
        ("confidence", "high"), ("owner", "ann"), ("due_on", in_days(100)), ("impact", "slow"),
    ):  # fmt: skip
        order = table({"reference": active.reference, column: value})
        report = services.file_import(actor=ann, order=order, is_dry_run=False)
        assert [one.row for one in report.refused] == ["2"], column
    assert DebtItem.objects.get(pk=active.pk).version == active.version


def test_an_upload_is_imported_once_and_only_by_its_person(ann: Any) -> None:
    bob = accounts_services.user_create(username="bob", role=Role.CONTRIBUTOR)
    number, report = services.upload_store(user=ann, order=sonar(issues("One")))
    assert len(report.created) == 1
    with pytest.raises(Refused):
        services.upload_import(user=bob, upload_id=number)
    services.upload_import(user=ann, upload_id=number)
    with pytest.raises(Refused):
        services.upload_import(user=ann, upload_id=number)
    assert DebtItem.objects.count() == 1


# SQLite in memory, which the suite uses, locks tables between threads and does not wait.
@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_imports_of_one_source_at_once_make_its_debt_once() -> None:
    ann = accounts_services.user_create(username="ann", role=Role.CONTRIBUTOR)
    order = sonar(issues(*(f"Message {number}" for number in range(50))))
    start = Barrier(2)

    def work() -> int:
        try:
            start.wait()
            report = services.file_import(actor=ann, order=order, is_dry_run=False)
            return len(report.created)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        created = sorted(one.result() for one in [pool.submit(work) for _ in range(2)])
    assert created == [0, 50]
    assert DebtItem.objects.count() == 50
