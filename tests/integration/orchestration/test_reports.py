"""Reports of remote systems: signed, fresh, taken once, and only while the run goes on."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from common import clock
from common.encryption import seal
from common.standard_webhooks import signature
from orchestration.domain.states import RunState
from orchestration.engines.engine import Canceled, EngineFailed
from orchestration.engines.registry import ENGINES
from orchestration.models import Run, RunReport, Target
from orchestration.services import reports
from orchestration.services.run_tokens import callback_url_of
from tests.builders.engine_jobs import Rows, job, rows
from tests.fakes.webhook_receiver import SECRET

pytestmark = pytest.mark.django_db

OTHER = "whsec_" + "b3RoZXItc2VjcmV0LW9mLTMyLWJ5dGVzLWF0LWxlYXN0"


@pytest.fixture
def made() -> Rows:
    found = rows("webhook")
    Target.objects.filter(pk=found.resource.target_id).update(
        secret=seal(json.dumps({"secret": SECRET}))
    )
    found.resource.target.refresh_from_db()
    return found


def order_of(made: Rows) -> str:
    return f"{made.run.key}.db.provision"


def send(made: Rows, **changes: Any) -> Any:
    given = {
        "secret": SECRET, "id": "msg-1", "at": clock.now(), "url": "", "body": None,
        "data": {"order": order_of(made), "state": "succeeded", "outputs": {"host": "h"}},
        **changes,
    }  # fmt: skip
    body = given["body"]
    if body is None:
        body = json.dumps({"type": "run.reported", "data": given["data"]}).encode()
    stamp = int(given["at"].timestamp())
    url = given["url"] or callback_url_of(made.run, made.resource)
    return Client().generic(
        changes.get("method", "POST"),
        "/" + url.split("/", 3)[3],
        body,
        content_type="application/json",
        headers={
            "webhook-id": given["id"],
            "webhook-timestamp": str(stamp),
            "webhook-signature": f"v1,bm90 {signature(given['secret'], given['id'], stamp, body)}",
        },
    )


def test_a_signed_report_is_kept_sealed_and_read_by_the_engine(made: Rows) -> None:
    outputs = {"host": "h", "port": 1, "password": "pa55-in-a-report"}
    data = {"order": order_of(made), "state": "succeeded", "outputs": outputs}
    assert send(made, data=data).status_code == 204
    kept = RunReport.objects.get()
    assert "pa55-in-a-report" not in kept.sealed
    assert reports.reports_of(made.run, made.resource)(order_of(made)) == [data]
    assert reports.reports_of(made.run, made.resource)("another") == []


def test_the_same_message_is_taken_once(made: Rows) -> None:
    assert send(made).status_code == 204
    other = {"order": order_of(made), "state": "failed"}
    assert send(made, data=other).status_code == 204, "a repetition is no fault"
    assert RunReport.objects.count() == 1
    assert send(made, id="msg-2").status_code == 204
    assert RunReport.objects.count() == 2


@pytest.mark.parametrize("minutes", [-6, 6, 600_000])
def test_old_and_early_reports_are_refused(made: Rows, minutes: int) -> None:
    assert send(made, at=clock.now() + timedelta(minutes=minutes)).status_code == 401
    assert not RunReport.objects.exists()


def test_a_wrong_signature_is_refused(made: Rows) -> None:
    assert send(made, secret=OTHER).status_code == 401
    Target.objects.filter(pk=made.resource.target_id).update(secret="")
    assert send(made).status_code == 401


def test_a_wrong_address_is_refused(made: Rows) -> None:
    url = callback_url_of(made.run, made.resource)
    head, _, _ = url.rpartition("/")
    assert send(made, url=f"{head}/{'0' * 64}").status_code == 401
    key = made.resource.target.key
    assert send(made, url=url.replace(key, "another")).status_code == 401
    assert send(made, url=url.replace(str(made.run.key), "0" * 36)).status_code == 401
    other = rows("webhook")
    assert send(made, url=url.replace(str(made.run.key), str(other.run.key))).status_code == 401


def test_a_report_after_the_end_is_refused(made: Rows) -> None:
    Run.objects.filter(pk=made.run.pk).update(state=RunState.APPLY_FAILED)
    assert send(made).status_code == 401


@pytest.mark.parametrize(
    "body",
    [b"", b"x", b"[]", b"{}", b'{"data": 1}', b'{"data": {"order": 1}}', b"[" * 100_000],
)  # fmt: skip
def test_what_is_no_report_is_refused(made: Rows, body: bytes) -> None:
    assert send(made, body=body).status_code == 400


def test_reports_about_other_orders_and_in_other_states_are_refused(made: Rows) -> None:
    assert send(made, data={"order": "another", "state": "failed"}).status_code == 400
    assert send(made, data={"order": order_of(made), "state": "odd"}).status_code == 400
    assert send(made, id="x" * 201).status_code == 400


def test_too_much_is_refused(made: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "MOST_REPORTS", 1)
    assert send(made).status_code == 204
    assert send(made, id="msg-2").status_code == 400
    monkeypatch.setattr(reports, "MOST_BYTES", 10)
    assert send(made, id="msg-3").status_code == 413


def test_only_posts_are_taken(made: Rows) -> None:
    assert send(made, method="GET").status_code == 405


@pytest.mark.parametrize(
    ("data", "expected"),
    [({"state": "failed", "message": "no room"}, EngineFailed), ({"state": "canceled"}, Canceled)],
)
def test_the_engine_ends_as_the_report_says(
    made: Rows, data: dict[str, str], expected: type[EngineFailed], tmp_path: Any
) -> None:
    assert send(made, data={"order": order_of(made), **data}).status_code == 204
    given = job(
        tmp_path, **made.given(), settings={"url": "https://x", "secret": SECRET},
        reports=reports.reports_of(made.run, made.resource),
    )  # fmt: skip
    with pytest.raises(expected):
        ENGINES["webhook"].apply(given)


@pytest.mark.django_db(transaction=True)
def test_while_the_database_is_away_nothing_is_found_yet(
    made: Rows, caplog: pytest.LogCaptureFixture
) -> None:
    send(made)
    found = reports.reports_of(made.run, made.resource)
    assert len(found(order_of(made))) == 1
    for _ in range(2):
        with away():
            assert found(order_of(made)) == []
            assert found(order_of(made)) == []
        assert len(found(order_of(made))) == 1, "the next look finds it"
    assert caplog.text.count("cannot be read for the moment") == 2, "each time once"


@contextmanager
def away() -> Iterator[None]:
    """The database answers nobody: what it says is real on each of them."""
    connection.ensure_connection()
    if connection.vendor == "sqlite":
        # In memory it has no file that could be taken away.
        connection.connection.set_progress_handler(lambda: 1, 1)
        yield
        connection.connection.set_progress_handler(None, 0)
        return
    known = connection.settings_dict["PORT"]
    connection.connection.close()
    connection.settings_dict["PORT"] = 1
    yield
    connection.settings_dict["PORT"] = known
