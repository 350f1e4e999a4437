"""Our HTTP backend for states: who may read and write, who has the lock, who may break it."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.domain.roles import Role
from common import clock
from common.errors import Denied, NotFound, Refused
from orchestration.domain.states import FINAL_RUN_STATES, RunAction, RunState
from orchestration.models import Run, RunEvent, StateFile
from orchestration.selectors.targets import lock_of, locks_held
from orchestration.services import state_files
from orchestration.services.run_tokens import state_backend_of
from tests.builders.debts import make_person
from tests.builders.engine_jobs import Rows, rows, run_for

pytestmark = pytest.mark.django_db

SECRET = "a-secret-of-the-state"
HELD = {"ID": "lock-1", "Operation": "OperationTypeApply", "Who": "a@b", "Created": "now"}


def state(serial: int = 1) -> str:
    return json.dumps({"version": 4, "serial": serial, "lineage": "l", "x": SECRET})


@pytest.fixture
def made() -> Rows:
    return rows()


def ask(made: Rows, method: str, body: Any = "", query: str = "", **changes: str) -> Any:
    given = {**state_backend_of(made.run, made.resource), **changes}
    pair = f"{given['username']}:{given['password']}".encode()
    path = given["address"].split("/", 3)[3]
    return Client().generic(
        method,
        f"/{path}{query}",
        body if isinstance(body, str) else json.dumps(body),
        content_type="application/json",
        headers={"Authorization": "Basic " + base64.b64encode(pair).decode()},
    )


def test_a_state_is_stored_under_lock_and_read_again(made: Rows) -> None:
    assert ask(made, "GET").status_code == 204
    assert ask(made, "LOCK", HELD).status_code == 200
    assert ask(made, "LOCK", HELD).status_code == 200, "the same once more"
    assert ask(made, "POST", state(), "?ID=lock-1").status_code == 200
    read = ask(made, "GET")
    assert (read.status_code, read.content.decode()) == (200, state())
    assert ask(made, "UNLOCK", HELD).status_code == 200
    assert ask(made, "UNLOCK", HELD).status_code == 200
    file = StateFile.objects.get()
    assert (file.serial, file.lock, file.locked_at) == (1, {}, None)
    assert SECRET not in file.sealed


def test_a_second_one_is_told_who_has_the_lock(made: Rows) -> None:
    other = Rows(run_for(made.resource, RunState.APPLYING), made.resource)
    ask(made, "LOCK", HELD)
    refused = ask(other, "LOCK", {**HELD, "ID": "lock-2"})
    assert (refused.status_code, refused.json()["ID"]) == (423, "lock-1")
    assert refused.json()["Who"] == f"{made.run.reference}, a@b"
    # Not even with the other's lock in hand.
    assert ask(other, "LOCK", HELD).status_code == 423
    assert ask(other, "UNLOCK", HELD).status_code == 423
    assert ask(other, "POST", state(), "?ID=lock-1").status_code == 423
    assert [file.locked_by_run for file in locks_held()] == [made.run]


@pytest.mark.parametrize("query", ["", "?ID=", "?ID=lock-2"])
def test_nothing_is_stored_without_the_lock(made: Rows, query: str) -> None:
    assert ask(made, "POST", state(), query).status_code == 423
    ask(made, "LOCK", HELD)
    assert ask(made, "POST", state(), query).status_code == 423
    assert ask(made, "GET").status_code == 204


def test_nothing_is_stored_while_planning_or_looking(made: Rows) -> None:
    planning = Rows(run_for(made.resource, RunState.PLANNING), made.resource)
    ask(planning, "LOCK", HELD)
    assert ask(planning, "POST", state(), "?ID=lock-1").status_code == 409
    drift = Rows(run_for(made.resource, RunState.PLANNING, RunAction.DRIFT), made.resource)
    assert ask(drift, "LOCK", HELD).status_code == 409
    assert ask(drift, "GET").status_code == 204


def test_an_older_state_does_not_replace_a_newer_one(made: Rows) -> None:
    ask(made, "LOCK", HELD)
    assert ask(made, "POST", state(5), "?ID=lock-1").status_code == 200
    assert ask(made, "POST", state(4), "?ID=lock-1").status_code == 409
    assert json.loads(ask(made, "GET").content)["serial"] == 5


@pytest.mark.parametrize("body", ["", "no json", "[]", "{}", '{"serial": "1"}', '{"serial": -1}'])
def test_what_is_no_state_is_refused(made: Rows, body: str) -> None:
    ask(made, "LOCK", HELD)
    assert ask(made, "POST", body, "?ID=lock-1").status_code == 409


def test_a_state_that_is_too_large_is_refused(made: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(made, "LOCK", HELD)
    monkeypatch.setattr(state_files, "MOST_BYTES", 100)
    assert ask(made, "POST", state() + " " * 100, "?ID=lock-1").status_code == 413


@pytest.mark.parametrize(
    "changes",
    [
        {"password": "0" * 64},
        {"password": ""},
        {"username": "nobody"},
        {"username": "00000000-0000-0000-0000-000000000000"},
    ],
)
def test_a_wrong_token_opens_nothing(made: Rows, changes: dict[str, str]) -> None:
    refused = ask(made, "GET", **changes)
    assert refused.status_code == 401
    assert refused["WWW-Authenticate"].startswith("Basic")


def test_a_token_is_good_for_its_own_resource_only(made: Rows) -> None:
    other = rows()
    address = state_backend_of(other.run, other.resource)["address"]
    assert ask(made, "GET", address=address).status_code == 401


def test_a_token_ends_with_its_run(made: Rows) -> None:
    Run.objects.filter(pk=made.run.pk).update(state=RunState.SUCCEEDED)
    assert ask(made, "GET").status_code == 401


@pytest.mark.parametrize("header", ["", "Basic", "Basic %%%", "Bearer abc", "Basic YWJj"])
def test_without_credentials_nothing_is_said(made: Rows, header: str) -> None:
    path = "/" + state_backend_of(made.run, made.resource)["address"].split("/", 3)[3]
    assert Client().get(path, headers={"Authorization": header}).status_code == 401


def test_other_methods_are_refused(made: Rows) -> None:
    assert ask(made, "DELETE").status_code == 405


def break_it(made: Rows, actor: Any, reason: str = "its worker died") -> None:
    state_files.lock_break(actor=actor, resource_id=made.resource.pk, reason=reason)


def test_an_operator_breaks_the_lock_of_a_dead_run(made: Rows) -> None:
    ask(made, "LOCK", HELD)
    olga = make_person("olga", Role.OPERATOR)
    with pytest.raises(Refused, match="still at work"):
        break_it(made, olga)
    Run.objects.filter(pk=made.run.pk).update(state=RunState.APPLY_FAILED)
    with pytest.raises(Denied):
        break_it(made, make_person("carl", Role.APPROVER))
    with pytest.raises(Refused, match="why"):
        break_it(made, olga, " ")
    assert lock_of(made.resource.pk) is not None
    break_it(made, olga)
    assert lock_of(made.resource.pk) is None
    note = RunEvent.objects.get(run=made.run)
    assert note.kind == "person"
    assert "broke lock lock-1" in note.text
    assert "its worker died" in note.text
    with pytest.raises(NotFound):
        break_it(made, olga)


def test_who_comes_back_after_the_break_stores_nothing(made: Rows) -> None:
    ask(made, "LOCK", HELD)
    Run.objects.filter(pk=made.run.pk).update(state=RunState.INDETERMINATE)
    break_it(made, make_person("olga", Role.OPERATOR))
    assert ask(made, "POST", state(), "?ID=lock-1").status_code == 423


def since(made: Rows, state: RunState, *, minutes: float, **fields: Any) -> None:
    """The run came into this state some minutes ago."""
    at = clock.now() - timedelta(minutes=minutes)
    ended = at if state in FINAL_RUN_STATES else None
    Run.objects.filter(pk=made.run.pk).update(
        state=state, state_at=at, ended_at=ended, lease_until=None, **fields
    )


def other_of(made: Rows) -> Rows:
    return Rows(run_for(made.resource, RunState.PLANNING), made.resource)


def test_the_lock_of_a_plan_is_left_once_its_worker_is(made: Rows) -> None:
    planning = other_of(made)
    ask(planning, "LOCK", HELD)
    second = other_of(made)
    assert ask(second, "LOCK", {**HELD, "ID": "lock-2"}).status_code == 423, "it is at work"
    since(planning, RunState.CANCELED, minutes=0)
    assert ask(second, "LOCK", {**HELD, "ID": "lock-2"}).status_code == 200
    (line,) = RunEvent.objects.filter(run=second.run)
    assert line.kind == "warning"
    assert f"lock-1 of db was left behind by {planning.run.reference}, a@b" in line.text
    assert lock_of(made.resource.pk).locked_by_run == second.run


def test_a_plan_that_begins_again_takes_its_own_lock_over(made: Rows) -> None:
    planning = other_of(made)
    ask(planning, "LOCK", HELD)
    again = {"fence": 2, "lease_until": clock.now() + timedelta(minutes=1)}
    Run.objects.filter(pk=planning.run.pk).update(**again)
    assert ask(planning, "LOCK", {**HELD, "ID": "lock-2"}).status_code == 200
    # Whoever had it before comes late: it neither gets the lock again, nor gives it away.
    assert ask(planning, "LOCK", HELD).status_code == 423
    assert ask(planning, "UNLOCK", HELD).status_code == 423
    assert lock_of(made.resource.pk).lock["ID"] == "lock-2"


def test_the_lock_of_a_plan_whose_worker_died_is_left(made: Rows) -> None:
    planning = other_of(made)
    ask(planning, "LOCK", HELD)
    Run.objects.filter(pk=planning.run.pk).update(lease_until=clock.now() - timedelta(seconds=1))
    assert ask(other_of(made), "LOCK", {**HELD, "ID": "lock-2"}).status_code == 200


@pytest.mark.parametrize(
    ("state", "minutes", "status"),
    [
        (RunState.APPLYING, 60, 423),
        (RunState.CANCELING, 60, 423),
        (RunState.INDETERMINATE, 60, 423),
        (RunState.RECONCILING, 60, 423),
        (RunState.APPLY_FAILED, 1, 423),
        (RunState.APPLY_FAILED, 3, 200),
        (RunState.CANCELED, 3, 200),
    ],
)
def test_who_may_still_build_keeps_its_lock(
    made: Rows, state: RunState, minutes: float, status: int
) -> None:
    ask(made, "LOCK", HELD)
    since(made, state, minutes=minutes, fence=1)
    assert ask(other_of(made), "LOCK", {**HELD, "ID": "lock-2"}).status_code == status


@pytest.mark.parametrize(("fence", "status"), [(0, 423), (1, 200)])
def test_a_run_that_is_taken_up_again_takes_its_lock_over(
    made: Rows, fence: int, status: int
) -> None:
    ask(made, "LOCK", HELD)
    since(made, RunState.RECONCILING, minutes=0, fence=fence)
    # Until then what the last one built is stored.
    assert ask(made, "POST", state(1), "?ID=lock-1").status_code == 200
    assert ask(made, "LOCK", {**HELD, "ID": "lock-2"}).status_code == status
    stored = ask(made, "POST", state(2), "?ID=lock-1").status_code
    assert stored == (200 if status == 423 else 423), "one lock at a time stores"


def test_a_lock_of_an_older_release_is_left_after_its_run(made: Rows) -> None:
    ask(made, "LOCK", HELD)
    StateFile.objects.update(lock=HELD)
    since(made, RunState.RECONCILING, minutes=60, fence=1)
    assert ask(made, "LOCK", {**HELD, "ID": "lock-2"}).status_code == 423
    since(made, RunState.APPLY_FAILED, minutes=60)
    assert ask(other_of(made), "LOCK", {**HELD, "ID": "lock-2"}).status_code == 200


def test_locks_are_seen_and_broken_from_the_command_line(made: Rows, capsys: Any) -> None:
    ask(made, "LOCK", HELD)
    call_command("state_lock")
    assert f"{made.run.reference}, a@b" in capsys.readouterr().out
    Run.objects.filter(pk=made.run.pk).update(state=RunState.APPLY_FAILED)
    make_person("olga", Role.OPERATOR)
    words = [made.run.environment.reference, "db", "--reason", "dead", "--as", "olga"]
    call_command("state_lock", *words)
    assert lock_of(made.resource.pk) is None
    with pytest.raises(CommandError):
        call_command("state_lock", *words)
