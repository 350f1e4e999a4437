"""The ledger from the command line, as a process of its own would see it."""

import io
import json
import re
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from accounts import services as accounts_services
from accounts.domain.roles import Role
from ledger.adapters import append_only
from ledger.management.commands.debt import Command
from ledger.models import DebtEvent, DebtItem
from tests.integration.ledger.conftest import IMPACT, in_days

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def people() -> None:
    for role in (Role.CONTRIBUTOR, Role.APPROVER, Role.ADMIN):
        accounts_services.user_create(username=role.value, role=role)


def debt(*arguments: str, who: str = "") -> Any:
    """Run `debt ... --json` and read what it prints."""
    out = io.StringIO()
    call_command("debt", *arguments, *(["--as", who] if who else []), "--json", stdout=out)
    return json.loads(out.getvalue())


def refusal(*arguments: str, who: str = "") -> str:
    with pytest.raises(CommandError) as error:
        debt(*arguments, who=who)
    assert error.value.returncode == 2
    assert "\n" not in str(error.value)
    return str(error.value)


def add(*arguments: str) -> str:
    due = in_days(60).isoformat()
    reference: str = debt(
        *("add", "--title", "carts live in memory", "--owner", "payments", "--due", due),
        *("--impact", IMPACT, "--principal", "8", "16", "40", "--interest", "2", "4", "9"),
        *("--plan", "a store", "--milestone", in_days(20).isoformat(), "store chosen"),
        *arguments,
        who="contributor",
    )["reference"]
    return reference


def test_a_whole_life() -> None:
    reference = add("--severity", "high")
    assert debt("activate", reference, who="approver")["state"] == "active"
    extended = debt(
        *("extend", reference, "--due", in_days(90).isoformat(), "--reason", "late"),
        *("--interest", "3", "6", "12"),
        who="approver",
    )
    assert (extended["due_on"], extended["extensions"]) == (in_days(90).isoformat(), 1)
    assert [row["due_on"] for row in extended["commitments"]] == [
        in_days(60).isoformat(),
        in_days(90).isoformat(),
    ]
    assert debt("start-repayment", reference, who="contributor")["state"] == "repaying"
    paid = debt("repay", reference, "--commit", "0a1b2c3d", who="contributor")
    assert (paid["state"], paid["evidence"][0]["reference"]) == ("repaid", "0a1b2c3d")
    assert debt("verify", reference, "--measured", "gone", who="contributor")["state"] == "verified"
    assert debt("reopen", reference, "--reason", "back", who="contributor")["state"] == "repaying"
    written = debt("write-off", reference, "--reason", "closes", who="approver")
    assert written["state"] == "written_off"
    assert len(written["history"]) == 8


def test_other_ends() -> None:
    assert debt("reject", add(), "--reason", "no", who="approver")["state"] == "rejected"
    assert debt("roll-back", add(), "--reason", "out", who="approver")["state"] == "rolled_back"
    escalated = debt("escalate", add(), "--reason", "decide", who="contributor")
    assert escalated["history"][-1]["payload"]["reason"] == "decide"
    described = debt("describe", add(), "--severity", "low", who="contributor")
    assert (described["severity"], described["plan_milestones"]) == ("low", 1)


def test_list() -> None:
    add("--severity", "high")
    add("--severity", "low", "--owner", "core")
    listed = debt("list", "--severity", "high")
    assert (listed["schema"], listed["total"]) == (1, 1)
    assert listed["debts"][0]["timing"] == "current"
    assert debt("list", "--owner", "core", "--open")["total"] == 1
    assert debt("list", "--search", "carts", "--size", "1")["pages"] == 2
    assert debt("list", "--timing", "expired")["total"] == 0


def test_words_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    reference = add()
    call_command("debt", "list")
    printed = capsys.readouterr()
    assert re.search(rf"^{reference}  proposed +current +\d{{4}}-", printed.out, re.MULTILINE)
    assert "1 debts, page 1 of 1" in printed.err
    call_command("debt", "show", reference)
    shown = capsys.readouterr().out
    for part in (IMPACT, "to repay: 18.67 h", "store chosen", "recorded by contributor"):
        assert part in shown


def test_a_title_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    reference = add()
    DebtItem.objects.update(title="red \x1b[31m alert")
    call_command("debt", "show", reference)
    assert "\x1b" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "who", "message"),
    [
        (("show", "D-999"), "", "There is no debt D-000999."),
        (("activate", "nowhere"), "approver", "There is no debt 'nowhere'."),
        (("activate", "REF"), "contributor", "needs the role approver"),
        (("activate", "REF"), "", "--as USERNAME"),
        (("activate", "REF"), "nobody", "There is no person 'nobody'."),
        (("start-repayment", "REF"), "contributor", "This item is proposed"),
        (("activate", "REF", "--expect-version", "7"), "approver", "Somebody else changed"),
        (("list", "--repository", "nowhere"), "", "no repository"),
        (("list", "--state", "expired"), "", "invalid choice"),
        (("describe", "REF", "--due", "2027-02-30"), "contributor", "is no date"),
        (("describe", "REF", "--milestone", "soon", "x"), "contributor", "is no date"),
        (("describe", "REF", "--interest", "9", "4", "2"), "contributor", "rising order"),
        (("repay", "REF"), "contributor", "required"),
        (("list", "--page", "0"), "", "no number from 1"),
    ],
)
def test_bad_input_is_one_line(arguments: tuple[str, ...], who: str, message: str) -> None:
    reference = add()
    words = [reference if word == "REF" else word for word in arguments]
    assert message in refusal(*words, who=who)


def test_a_wrong_argument_of_the_shell(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["list", "--page", "0"], ["lst"], []):
        with pytest.raises(SystemExit) as end:
            Command().run_from_argv(["manage.py", "debt", *arguments])
        assert end.value.code == 2
        assert len(capsys.readouterr().err.splitlines()) == 1


def test_needs_of_a_plan() -> None:
    reference = add("--needs", "redis, postgresql")
    shown = debt("show", reference)
    assert (shown["needs"], shown["plan"]["needs"]) == (["postgresql", "redis"],) * 2
    # The rest of the plan stays where only the needs are given.
    changed = debt("describe", reference, "--needs", "queue", who="contributor")
    assert (changed["needs"], changed["plan"]["summary"]) == (["queue"], "a store")
    assert [step["title"] for step in changed["plan"]["milestones"]] == ["store chosen"]
    replaced = debt("describe", reference, "--plan", "another store", who="contributor")
    assert (replaced["needs"], replaced["plan"]["milestones"]) == (["queue"], [])
    assert debt("describe", reference, "--needs", "", who="contributor")["needs"] == []
    assert "nothing to need" in refusal("describe", reference, "--needs", "x", who="contributor")
    out = io.StringIO()
    call_command("debt", "show", add("--needs", "redis"), stdout=out)
    assert "    needs: redis\n" in out.getvalue()


def verify(*arguments: str) -> tuple[int, str]:
    out, code = io.StringIO(), 0
    try:
        call_command("verify_history", *arguments, stdout=out, stderr=io.StringIO())
    except SystemExit as end:
        code = int(str(end.code))
    return code, out.getvalue()


def test_verify_history() -> None:
    reference = add()
    assert verify() == (0, "")
    report = json.loads(verify("--json")[1])
    assert (report["items"], report["events"], report["broken"]) == (1, 1, [])
    append_only.lift(connection)
    assert verify()[0] == 1
    DebtEvent.objects.update(actor_name="nobody")
    append_only.install(connection)
    code, text = verify()
    assert (code, text) == (1, f"{reference}, event 1: was changed after it was written\n")
    code, text = verify("--json", "--all")
    assert json.loads(text)["broken"] == [
        {"debt": reference, "event": 1, "problem": "was changed after it was written"}
    ]
