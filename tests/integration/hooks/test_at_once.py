"""Several at once: one delivery is stored, one worker looks."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client

from analysis.models import Repository
from common import clock
from hooks import services
from hooks.domain.kinds import Kind
from hooks.models import Delivery, Watch
from tests.builders.webhooks import encoded, pushed, signed

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 6


@pytest.fixture
def shop(transactional_db: None) -> Repository:
    return Repository.objects.create(
        name="shop",
        slug="shop",
        location="/srv/git/shop.git",
        kind="local",
        default_branch="main",
        created_at=clock.now(),
    )


def together(work: Any) -> list[Any]:
    def one(_number: int) -> Any:
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, range(AT_ONCE)))


@pytest.mark.postgres
def test_one_delivery_posted_at_once_is_taken_in_once(shop: Repository) -> None:
    issued = services.endpoint_create(repository_id=shop.pk, kind=Kind.GITHUB)
    body = encoded(pushed(Kind.GITHUB, "refs/heads/main"))
    headers = signed(Kind.GITHUB, issued.secret, body, delivery="same")
    address = f"/webhooks/github/{issued.endpoint.key}"

    def post() -> int:
        answer = Client().post(address, body, content_type="application/json", headers=headers)
        return int(answer.status_code)

    answers = together(post)
    assert sorted(answers) == [200] * (AT_ONCE - 1) + [202]
    assert Delivery.objects.count() == 1
    assert Watch.objects.count() == 1


@pytest.mark.postgres
def test_workers_woken_at_once_look_once(shop: Repository) -> None:
    services.tip_moved(repository_id=shop.pk, source="page")
    outcomes = together(lambda: services.tip_look(repository_id=shop.pk))
    assert [outcome for outcome in outcomes if outcome is not None] == ["unreachable"]
    assert Watch.objects.get().looks == 1
    assert connection.vendor == "postgresql"
