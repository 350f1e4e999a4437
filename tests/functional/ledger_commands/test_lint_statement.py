"""`lint_statement`: text and JSON, exit status, standard input."""

import io
import json
import sys
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.integration.ledger.conftest import IMPACT


def lint(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    status = 0
    try:
        call_command("lint_statement", *arguments)
    except SystemExit as stop:
        status = int(str(stop.code))
    return status, capsys.readouterr().out


def test_the_status_tells_whether_it_may_be_accepted(capsys: Any) -> None:
    assert lint(capsys, IMPACT)[0] == 0
    status, text = lint(capsys, "The legacy shop loses 40 orders.")
    assert status == 1
    assert "E1" in text
    assert "“legacy”" in text
    assert "L0" in text


def test_json_and_standard_input(capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("Orders are lost.\n"))
    status, text = lint(capsys, "--json")
    found = json.loads(text)
    assert (status, found["level"], found["schema"]) == (1, 1, 1)
    assert {one["code"] for one in found["findings"]} == {"E5", "W6"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "arguments",
    [["x" * 2001], ["x", "--sentences"], ["x", "--debt", "D-9"], ["x", "--audience", "a"]],
)
def test_bad_input_is_one_line(arguments: list[str]) -> None:
    with pytest.raises(CommandError) as raised:
        call_command("lint_statement", *arguments)
    assert raised.value.returncode == 2
    assert "\n" not in str(raised.value)


def test_hostile_text_does_not_steer_the_terminal(capsys: Any) -> None:
    assert "\x1b" not in lint(capsys, "refactor\x1b[31m legacy\x1b]0;x orders 3\x1b days")[1]
