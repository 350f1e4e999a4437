"""Programs of a run that call us: with numbers, texts and at times that they should not."""

import json
from typing import Any

import pytest
from django.test import Client

from accounts.domain.roles import Role
from orchestration.domain.states import OPEN_RUN_STATES, WORKING_STATES, RunState
from orchestration.models import Run, RunReport, StateFile
from tests.builders.debts import make_person
from tests.builders.engine_jobs import Rows, rows
from tests.integration.orchestration.test_reports import made as reporting
from tests.integration.orchestration.test_reports import order_of, send
from tests.integration.orchestration.test_state_backend import ask, state

pytestmark = pytest.mark.django_db
__all__ = ["reporting"]


@pytest.fixture
def made() -> Rows:
    return rows("terraform")


@pytest.mark.parametrize("end", ["\0", "\ud800", "\n", "ü", "\u202e"])
def test_an_order_that_no_row_holds_is_refused(reporting: Rows, end: str) -> None:
    data = {"order": f"{order_of(reporting)}{end}", "state": "succeeded"}
    assert send(reporting, data=data).status_code == 400
    assert not RunReport.objects.exists()


@pytest.mark.parametrize("serial", [10**30, 2**31, True, -1, 1e300])
def test_a_serial_that_no_row_holds_is_refused(made: Rows, serial: Any) -> None:
    lock = {"ID": "a", "Who": "x\0y\ud800", "Info": "\0"}
    assert ask(made, "LOCK", json.dumps(lock)).status_code == 200
    body = json.dumps({**json.loads(state()), "serial": serial})
    expected = 200 if serial is True else 409
    assert ask(made, "POST", body, "?ID=a").status_code == expected
    assert "\0" not in json.dumps(StateFile.objects.get().lock, ensure_ascii=False)


@pytest.mark.parametrize("now", sorted(OPEN_RUN_STATES))
def test_a_state_is_read_only_while_the_run_is_at_work(made: Rows, now: RunState) -> None:
    """A token that got out is worth nothing for a day while a plan waits for its approval."""
    Run.objects.filter(pk=made.run.pk).update(state=now.value)
    is_at_work = now in WORKING_STATES or now is RunState.INDETERMINATE
    assert ask(made, "GET").status_code == (204 if is_at_work else 401)


@pytest.mark.parametrize("path", ["state", "reports"])
def test_nobody_signed_in_gets_further_than_a_stranger(made: Rows, path: str) -> None:
    """Sessions, and tokens of the API, are worth nothing here."""

    client = Client()
    client.force_login(make_person("ada", Role.ADMIN))
    key, run = made.run.environment.key, made.run.key
    address = {
        "state": f"/engines/state/{key}/db",
        "reports": f"/engines/reports/{made.resource.target.key}/{run}/db/{'0' * 64}",
    }[path]
    assert client.post(address, "{}", content_type="application/json").status_code == 401
