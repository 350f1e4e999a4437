"""`import_debts`, `export_debts` and `verify_history --file`, as somebody types them."""

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from accounts import services as accounts_services
from accounts.domain.roles import Role
from common import clock
from ledger import services
from ledger.adapters import append_only
from ledger.models import SERIES_MODELS, DebtEvent, DebtItem

SARIF = {
    "version": "2.1.0",
    "runs": [
        {
            "tool": {"driver": {"name": "Scanner"}},
            "results": [{"ruleId": f"R{number}", "message": {"text": f"No {number}"}}],
        }
        for number in range(3)
    ],
}


@pytest.fixture
def ann(db: None) -> Any:
    return accounts_services.user_create(username="ann", role=Role.APPROVER)


def run(*arguments: str) -> tuple[int, str, str]:
    """Exit status, standard output, standard error."""
    out, err = StringIO(), StringIO()
    try:
        call_command(*arguments, stdout=out, stderr=err)
    except CommandError as error:
        return error.returncode, out.getvalue(), str(error)
    except SystemExit as end:
        return int(str(end.code)), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


@pytest.fixture
def report(tmp_path: Path) -> str:
    file = tmp_path / "scan.sarif"
    file.write_text(json.dumps(SARIF))
    return str(file)


def test_importing_a_report(ann: Any, report: str) -> None:
    common = ("import_debts", "sarif", report, "--owner", "payments", "--days", "30")
    status, out, err = run(*common, "--dry-run")
    assert (status, DebtItem.objects.count()) == (0, 0)
    assert "would be created  No 0" in out
    assert "3 would be created" in err
    status, out, _err = run(*common, "--json")
    document = json.loads(out)
    assert (status, document["counts"]["created"], document["dry_run"]) == (0, 3, False)
    assert document["created"][0]["reference"].startswith("D-")
    status, _out, err = run(*common)
    assert (status, DebtItem.objects.count()) == (0, 3)
    assert "3 as they were" in err


def test_what_is_refused_shows_in_the_status(ann: Any, report: str) -> None:
    status, out, _err = run("import_debts", "sarif", report)
    assert status == 1
    assert "refused  runs.1.results.1  owner  Nobody owns it" in out


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("sarif", "/nowhere"), "cannot be read"),
        (("csv", "{report}"), "no column"),
        (("sarif", "{report}", "--repository", "none"), "no repository"),
        (("sarif", "{report}", "--days", "9999", "--owner", "a"), "within"),
        (("sarif", "{report}", "--as", "nobody"), "no person"),
    ],
)
def test_bad_input_is_one_line(
    ann: Any, report: str, arguments: tuple[str, ...], part: str
) -> None:
    named = [argument.replace("{report}", report) for argument in arguments]
    status, out, err = run("import_debts", *named)
    assert (status, out) == (2, "")
    assert part in err
    assert "\n" not in err


def test_a_violation_store(ann: Any, tmp_path: Path) -> None:
    (tmp_path / "stored.rules").write_text("#\nno\\ cycles\\: ever=ab-12\n")
    (tmp_path / "ab-12").write_text("Cycle in (A.java:3)\nOther in (B.java:4)\n")
    arguments = ("import_debts", "archunit", str(tmp_path), "--owner", "core", "--days", "9")
    assert run(*arguments)[0] == 0
    assert set(DebtItem.objects.values_list("external_reference", flat=True)) == {"no cycles: ever"}


def export(tmp_path: Path, ann: Any) -> Path:
    for number in range(3):
        item = services.debt_record(
            actor=ann,
            title=f"debt “{number}”\u2028",
            owner="payments",
            due_on=clock.today() + timedelta(days=9),
            impact="Changes take 9 days.",
        )
        services.debt_describe(actor=ann, item_id=item.pk, severity="high")
    file = tmp_path / "ledger.json"
    assert run("export_debts", "json", str(file))[0] == 0
    return file


def test_an_export_is_one_document_and_holds(ann: Any, tmp_path: Path) -> None:
    file = export(tmp_path, ann)
    document = json.loads(file.read_text())
    assert (document["schema"], document["kind"]) == (1, "displace-ledger")
    assert document["totals"] == {"items": 3, "events": 6}
    status, _out, err = run("verify_history", "--file", str(file))
    assert (status, err.strip()) == (0, "6 events of 3 debts are intact.")
    # The same whatever the layout.
    file.write_text(json.dumps(document, indent=1))
    assert run("verify_history", "--file", str(file), "--json")[0] == 0
    assert run("export_debts", "json")[1].splitlines()[1:] == export_lines(document)[1:]


def export_lines(document: dict[str, Any]) -> list[str]:
    def text(value: object) -> str:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    items = [text(item) for item in document["items"]]
    ending = text({"totals": document["totals"], "digest": document["digest"]})
    return ["", *(f"{item}," for item in items[:-1]), items[-1], f"],{ending[1:]}"]


def tampered(document: dict[str, Any], how: str) -> None:
    items = document["items"]
    match how:
        case "payload":
            items[1]["events"][1]["payload"]["set"]["severity"] = "low"
        case "state":
            items[1]["fields"]["owner"] = "nobody"
        case "series":
            items[1]["series"]["statement"][0]["text"] = "fine"
        case "cut":
            items[1]["events"].pop()
        case "item":
            del items[1]
        case "order":
            items.reverse()
        case "type":
            items[1]["events"] = 5
        case "digest":
            document["digest"] = ""


@pytest.mark.parametrize(
    "how", ["payload", "state", "series", "cut", "item", "order", "type", "digest"]
)
def test_a_changed_export_is_found_out(ann: Any, tmp_path: Path, how: str) -> None:
    file = export(tmp_path, ann)
    document = json.loads(file.read_text())
    tampered(document, how)
    file.write_text(json.dumps(document))
    status, out, _err = run("verify_history", "--file", str(file), "--alone")
    assert status == 1
    assert len(out.splitlines()) >= 1


def test_an_export_shows_what_was_taken_out_of_the_database(ann: Any, tmp_path: Path) -> None:
    file = export(tmp_path, ann)
    item = DebtItem.objects.first()
    assert item is not None
    reference = item.reference
    services.debt_describe(actor=ann, item_id=item.pk, severity="low")
    assert run("verify_history", "--file", str(file))[0] == 0
    # Somebody who may change the schema takes the debt out with all its history.
    append_only.lift(connection)
    for model in (*SERIES_MODELS.values(), DebtEvent):
        model._default_manager.filter(item=item).delete()
    item.delete()
    assert run("verify_history")[1] == ""
    status, out, _err = run("verify_history", "--file", str(file))
    assert status == 1
    assert out == f"{reference}, the stored state: is in the file and not in this ledger\n"
    assert run("verify_history", "--file", str(file), "--alone")[0] == 0


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"kind":"displace-ledger","schema":9}', "\x00"])
def test_a_file_that_is_no_export(ann: Any, tmp_path: Path, text: str) -> None:
    file = tmp_path / "x.json"
    file.write_text(text)
    status, _out, err = run("verify_history", "--file", str(file))
    assert status == 2
    assert "\n" not in err


def test_a_table_goes_out_and_in(ann: Any, tmp_path: Path) -> None:
    export(tmp_path, ann)
    file = tmp_path / "debts.csv"
    assert run("export_debts", "csv", str(file))[0] == 0
    status, _out, err = run("import_debts", "csv", str(file))
    assert status == 0
    assert "0 created, 0 changed, 3 as they were" in err
