"""The command `digest`."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from alerts.models import Delivery, Digest, Route
from common import clock
from tests.builders.alerting import Hands, make_channel, make_operator, make_route, make_team
from tests.builders.debts import in_days, make_debt

pytestmark = pytest.mark.django_db


@pytest.fixture
def hands(monkeypatch: pytest.MonkeyPatch) -> Hands:
    hands = Hands(monkeypatch, clock.now())
    # A Saturday.
    hands.set("2026-11-21 12:00")
    return hands


@pytest.fixture
def due(db: None, hands: Hands) -> Any:
    operator = make_operator()
    team = make_team("payments", "ann", lead="ann")
    make_route(operator, make_channel("room"), team_id=team.pk)
    return make_debt(operator, owner="payments", due_on=in_days(3))


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("digest", *arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


def test_a_dry_run_says_what_the_next_working_day_brings_and_writes_nothing(due: Any) -> None:
    assert run("--dry-run") == ("2026-11-23  room  Payments: 1 debt needs you by 24 November\n")
    found = json.loads(run("--dry-run", "--json", "--day", "2026-12-01"))
    assert found["digests"] == [
        {
            "day": "2026-12-01",
            "channel": "room",
            "team": "payments",
            "is_personal": False,
            "is_summary": False,
            "debts": 1,
            "mentions": 1,
            "escalations": 1,
            "title": "Payments: 1 debt has expired",
        }
    ]
    assert run("--dry-run", "--day", "2026-11-22") == "Nothing would be said.\n"
    assert not Digest.objects.exists()


def test_it_makes_what_is_due_and_no_more(due: Any, hands: Hands) -> None:
    assert run() == "0 digests made.\n"
    hands.set("2026-11-23 09:30")
    assert json.loads(run("--json")) == {"schema": 1, "dry_run": False, "made": 1}
    assert run() == "0 digests made.\n"
    assert Delivery.objects.get().message["title"] == "Payments: 1 debt needs you by 24 November"


@pytest.mark.parametrize("arguments", [["--day", "2026-12-01"], ["--dry-run", "--day", "soon"]])
def test_bad_input_is_one_line(db: None, arguments: list[str]) -> None:
    with pytest.raises(CommandError) as caught:
        run(*arguments)
    assert caught.value.returncode == 2
    assert "\n" not in str(caught.value)


def test_a_digest_is_asked_for_by_the_rules_name(due: Any) -> None:
    assert run("--now", "into room", "--as", "olga", "--dry-run") == (
        "room  Payments: 1 debt needs you by 24 November\n"
    )
    assert not Digest.objects.exists()
    assert json.loads(run("--now", "into room", "--as", "olga", "--json")) == {
        "schema": 1,
        "dry_run": False,
        "title": "Payments: 1 debt needs you by 24 November",
        "delivery": Delivery.objects.get().pk,
    }
    with pytest.raises(CommandError, match="has had its digest of today"):
        run("--now", str(Route.objects.get().pk), "--as", "olga")
    with pytest.raises(CommandError, match="no rule “nowhere”"):
        run("--now", "nowhere", "--as", "olga")
