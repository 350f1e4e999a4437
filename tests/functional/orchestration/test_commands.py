"""Environments, runs and targets from the command line."""

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from accounts import services as accounts_services
from accounts.domain.roles import Role
from orchestration.domain.states import EnvironmentState, EventKind, RunState
from orchestration.models import Environment, Run, RunEvent, Target
from orchestration.services.executing import run_execute
from orchestration.services.recording import event_add
from tests.builders.environments import make_catalogue, make_outputs

pytestmark = pytest.mark.django_db

ASKED = (
    *("request", "checkout", "--owner", "ann", "--resource", "db=postgresql:small"),
    *("--resource", "cache=redis:small", "--set", "db.database=shop", "--as", "ann"),
)


@pytest.fixture(autouse=True)
def _people(db: None) -> None:
    make_catalogue()
    accounts_services.user_create(username="ann", role=Role.CONTRIBUTOR)
    accounts_services.user_create(username="bea", role=Role.APPROVER)
    accounts_services.user_create(username="olga", role=Role.OPERATOR)


def text(command: str, *arguments: str) -> str:
    out = io.StringIO()
    call_command(command, *arguments, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def document(command: str, *arguments: str) -> Any:
    return json.loads(text(command, *arguments, "--json"))


def refusal(command: str, *arguments: str) -> str:
    with pytest.raises(CommandError) as error:
        text(command, *arguments)
    assert error.value.returncode == 2
    assert "\n" not in str(error.value)
    return str(error.value)


def standing() -> Environment:
    Run.objects.update(state=RunState.SUCCEEDED)
    Environment.objects.update(state=EnvironmentState.READY)
    return Environment.objects.get()


def test_asked_for_planned_and_approved_by_another() -> None:
    run = document("environment", *ASKED)
    assert (run["action"], run["state"]) == ("provision", "queued")
    shown = document("environment", "show", run["environment"])
    assert shown["resources"][0]["parameters"] == {"database": "shop"}
    assert [one["name"] for one in document("environment", "list")["environments"]] == ["checkout"]
    assert document("environment", "list", "--capability", "queue")["environments"] == []
    run_execute(run_id=run["id"], worker="test")
    planned = document("run", "show", run["reference"])
    digest = planned["plan"]["digest"]
    assert digest in text("run", "show", run["reference"])
    log = document("run", "log", run["reference"], "--follow")
    assert log["run"]["state"] == "awaiting_approval"
    assert len(log["events"]) == RunEvent.objects.count()
    assert "Planning" in text("run", "log", run["reference"])
    own = refusal("run", "approve", run["reference"], "--digest", digest, "--as", "ann")
    assert "approver" in own
    assert "19 characters" in refusal(
        "run", "approve", run["reference"], "--digest", digest[:12], "--as", "bea"
    )
    assert "another one" in refusal(
        "run", "approve", run["reference"], "--digest", "sha256:" + "0" * 64, "--as", "bea"
    )
    done = document("run", "approve", run["reference"], "--digest", digest[:19], "--as", "bea")
    assert (done["state"], done["decisions"][0]["by"]) == ("apply_queued", "bea")


def test_a_run_that_ended_badly_ends_its_log_with_1() -> None:
    run = document("environment", *ASKED)
    assert "canceled" in text("run", "cancel", run["reference"], "--reason", "no", "--as", "ann")
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("run", "log", run["reference"], "--follow", stdout=out)
    assert ended.value.code == 1
    assert "ann canceled it" in out.getvalue()
    assert document("run", "list", "--open")["runs"] == []
    assert document("run", "list", "--state", "canceled")["runs"][0]["id"] == run["id"]


def test_what_is_asked_of_an_environment_is_a_run() -> None:
    document("environment", *ASKED)
    at = standing().reference
    for step in ("check", "verify", "repair", "destroy"):
        assert document("environment", step, at, "--as", "ann")["state"] == "queued"
        Run.objects.update(state=RunState.SUCCEEDED)
    resized = document("environment", "resize", at, "--tier", "db=medium", "--as", "ann")
    assert resized["wanted"] == {"resources": {"db": {"tier": "medium"}}}
    assert "no tier" in refusal("environment", "resize", at, "--tier", "db=vast", "--as", "ann")


def test_people_read_the_time_of_the_installation(settings: Any) -> None:
    settings.TIME_ZONE = "Asia/Tokyo"
    run = document("environment", *ASKED)
    end = datetime(2026, 3, 1, 20, 30, tzinfo=UTC)
    Environment.objects.update(expires_at=end)
    at = run["environment"]
    assert "until 2026-03-02 05:30" in text("environment", "show", at)
    assert "until 2026-03-02 05:30" in text("environment", "list")
    assert datetime.fromisoformat(document("environment", "show", at)["expires_at"]) == end
    event_add(Run.objects.get(), EventKind.STEP, "Begin", at=end)
    assert "05:30:00 step    Begin" in text("run", "log", run["reference"])
    (event,) = document("run", "log", run["reference"])["events"]
    assert datetime.fromisoformat(event["at"]) == end


def test_an_end_is_moved_and_taken_away() -> None:
    document("environment", *ASKED)
    at = standing().reference
    longer = ("extend", at, "--days", "30", "--reason", "later", "--as", "bea")
    assert document("environment", *longer)["ttl_extensions"] == 1
    kept = ("promote", at, "--owner", "ann", "--reason", "stays", "--as", "bea")
    assert document("environment", *kept)["expires_at"] is None
    left = ("orphan", at, "--reason", "moved", "--as")
    assert "operator" in refusal("environment", *left, "bea")
    assert document("environment", *left, "olga")["state"] == "orphaned"
    back = ("adopt", at, "--owner", "ann", "--reason", "needed", "--as")
    assert "approver" in refusal("environment", *back, "ann")
    adopted = document("environment", *back, "bea")
    assert (adopted["state"], adopted["owner"]) == ("degraded", "ann")


def test_an_output_is_revealed_on_record() -> None:
    document("environment", *ASKED)
    environment = standing()
    make_outputs(environment, "db", host="127.0.0.1")
    arguments = ("reveal", environment.reference, "db", "host", "--as", "ann")
    assert text("environment", *arguments) == "127.0.0.1\n"
    assert "ann" in RunEvent.objects.latest("pk").text
    assert "127.0.0.1" in text("environment", "show", environment.reference)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("--resource", "db"), "holds no value"),
        (("--resource", "db=postgresql"), "names no size"),
        (("--set", "queue.port=1"), "no --resource does"),
        (("--set", "db=1"), "names no parameter"),
        (("--team", "nobody"), "no team"),
        (("--debt", "D-99"), "no debt"),
    ],
)
def test_a_bad_request_is_one_line(change: tuple[str, str], said: str) -> None:
    assert said in refusal("environment", *ASKED, *change)
    assert not Environment.objects.exists()


def test_what_is_not_there_is_said() -> None:
    assert "no such environment" in refusal("environment", "show", "E-9")
    assert "no such run" in refusal("run", "show", "x")
    assert "no target" in refusal("target", "show", "x")


def test_a_target_from_set_up_to_switched_off(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("whsec_" + "QUJD" * 12 + "\n", encoding="utf-8")
    new = ("add", "webhook", "builder", "--set", "url=https://build.example.org/hook", "--as")
    assert "operator" in refusal("target", *new, "ann", "--secret", f"secret={secret}").lower()
    assert "list of processes" in refusal("target", *new, "olga", "--set", "secret=abc")
    made = text("target", *new, "olga", "--secret", f"secret={secret}")
    assert "builder · webhook · on" in made
    assert "QUJD" not in made + text("target", "show", "builder")
    assert [one["name"] for one in document("target", "list")["targets"]] == ["builder"]
    changed = ("set", "builder", "--rename", "builders", "--as", "olga")
    assert document("target", *changed)["name"] == "builders"
    assert document("target", "disable", "builders", "--as", "olga")["is_enabled"] is False
    assert document("target", "enable", "builders", "--as", "olga")["is_enabled"] is True
    assert "--secret secret=…" in text("target", "engines", "webhook")
    assert Target.objects.get().name == "builders"
