"""A create that is sent again is done once."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections

from accounts import services
from accounts.models import RequestRecord, User
from common import clock
from ledger.models import DebtEvent, DebtItem
from tests.functional.api.conftest import Api, complete
from tests.functional.api.test_access import assert_problem


def test_the_same_call_is_answered_again(contributor: Api) -> None:
    first = contributor.post("debts", complete(), Idempotency_Key="k-1")
    again = contributor.post("debts/", complete(), Idempotency_Key="k-1")
    reordered = dict(reversed(complete().items()))
    third = contributor.post("debts/", reordered, Idempotency_Key="k-1")
    for response in (again, third):
        assert response.status_code == first.status_code == 201
        assert response.content == first.content
        for header in ("ETag", "Location", "Content-Type"):
            assert response[header] == first[header]
        assert response["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first
    assert DebtItem.objects.count() == 1
    assert DebtEvent.objects.count() == 1


def test_a_key_belongs_to_one_person_and_one_call(contributor: Api, approver: Api) -> None:
    assert contributor.post("debts", complete(), Idempotency_Key="k").status_code == 201
    assert approver.post("debts", complete(), Idempotency_Key="k").status_code == 201
    other = contributor.post("debts", complete(title="other"), Idempotency_Key="k")
    assert_problem(other, 422, "idempotency-key-reused")
    assert DebtItem.objects.count() == 2


def test_a_call_that_failed_frees_its_key(contributor: Api) -> None:
    wrong = complete(due_on="2020-01-01")
    assert contributor.post("debts", wrong, Idempotency_Key="k").status_code == 422
    assert contributor.post("debts", {}, Idempotency_Key="k").status_code == 400
    assert contributor.post("debts", complete(), Idempotency_Key="k").status_code == 201
    assert DebtItem.objects.count() == 1


def test_a_call_under_way_is_not_doubled(contributor: Api) -> None:
    assert contributor.post("debts", complete(), Idempotency_Key="k").status_code == 201
    RequestRecord.objects.update(status=None)
    busy = contributor.post("debts", complete(), Idempotency_Key="k")
    assert_problem(busy, 409, "idempotency-key-in-use")
    assert DebtItem.objects.count() == 1


def test_a_call_left_behind_by_a_dead_process_is_taken_over(contributor: Api) -> None:
    contributor.post("debts", complete(), Idempotency_Key="k")
    before = clock.now() - services.REQUEST_LEASE - timedelta(seconds=1)
    RequestRecord.objects.update(status=None, claimed_at=before)
    assert contributor.post("debts", complete(), Idempotency_Key="k").status_code == 201
    assert RequestRecord.objects.get().status == 201


def test_an_answer_is_kept_for_a_day(contributor: Api) -> None:
    contributor.post("debts", complete(), Idempotency_Key="k")
    RequestRecord.objects.update(created_at=clock.now() - timedelta(hours=25))
    again = contributor.post("debts", complete(), Idempotency_Key="k")
    assert "Idempotency-Replayed" not in again
    assert DebtItem.objects.count() == 2
    assert RequestRecord.objects.count() == 1


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 256, "ü"])
def test_a_key_that_is_none_is_refused(contributor: Api, key: str) -> None:
    response = contributor.post("debts", complete(), Idempotency_Key=key)
    assert_problem(response, 400, "invalid")
    assert not DebtItem.objects.exists()


def test_registering_a_repository_takes_a_key(operator: Api, shop: Any) -> None:
    body = {"url": str(shop.path)}
    first = operator.post("repositories", body, Idempotency_Key="k")
    assert first.status_code == 201
    assert operator.post("repositories", body, Idempotency_Key="k").content == first.content


@pytest.mark.django_db
def test_work_that_lost_its_claim_is_undone() -> None:
    user = services.user_create(username="ann")

    def work() -> services.Answer:
        RequestRecord.objects.update(claimed_at=clock.now() + timedelta(minutes=3))
        User.objects.filter(pk=user.pk).update(display_name="changed")
        return services.Answer(201, "{}", {})

    with pytest.raises(services.RequestUnderWay):
        services.request_once(user=user, key="k", fingerprint="f", is_atomic=True, work=work)
    user.refresh_from_db()
    assert user.display_name == ""


# SQLite in memory, which the suite uses, locks tables between threads and does not wait.
@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_calls_at_once_one_is_done(contributor: Api) -> None:
    statuses: list[int] = []
    barrier = threading.Barrier(4)

    def call() -> None:
        barrier.wait()
        try:
            response = contributor.post("debts", complete(), Idempotency_Key="k")
            statuses.append(response.status_code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=call) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(statuses) == 4
    assert set(statuses) <= {201, 409}
    assert 201 in statuses
    assert DebtItem.objects.count() == 1
