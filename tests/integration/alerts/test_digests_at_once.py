"""Two workers, one day: every digest is made once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from django.db import connections

from alerts.models import Delivery, Digest, Notice
from alerts.selectors.due import Ground, Target
from alerts.services import digests
from common import clock
from tests.builders.alerting import Hands, make_channel, make_operator, make_route, make_team
from tests.builders.debts import make_debt

pytestmark = pytest.mark.django_db(transaction=True)
WORKERS = 4
TEAMS = 12


@pytest.fixture
def teams(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Any:
    hands = Hands(monkeypatch, clock.now())
    hands.set("2026-09-07 08:00")
    operator = make_operator()
    for n in range(TEAMS):
        team = make_team(f"team-{n}")
        make_route(operator, make_channel(f"room {n}"), team_id=team.pk)
        for _ in range(3):
            make_debt(operator, owner=team.slug, due_on=date(2026, 9, 14))
    hands.at(9, 30)


def together(work: Any) -> list[Any]:
    def one(_number: int) -> Any:
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(one, range(WORKERS)))


@pytest.mark.postgres
def test_workers_at_once_make_each_digest_once(
    teams: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of them have planned the same before the first one writes."""
    barrier = threading.Barrier(WORKERS)
    plan = digests._ready

    def planned_together(targets: list[Target], ground: Ground) -> Any:
        ready = plan(targets, ground)
        barrier.wait(timeout=30)
        return ready

    monkeypatch.setattr(digests, "_ready", planned_together)
    made = together(digests.digests_make)
    assert sum(made) == TEAMS
    assert Digest.objects.count() == Delivery.objects.count() == TEAMS
    assert Notice.objects.count() == 3 * TEAMS
    assert digests.digests_make() == 0


def test_a_worker_that_dies_half_way_leaves_nothing_half_done(
    teams: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue, count = digests.deliveries_queue, []

    def dying(drafts: Any) -> int:
        count.append(drafts)
        if len(count) == 2:
            queue(drafts[:2])
            raise KeyboardInterrupt
        return queue(drafts)

    monkeypatch.setattr(digests, "AT_ONCE", 4)
    monkeypatch.setattr(digests, "deliveries_queue", dying)
    with pytest.raises(KeyboardInterrupt):
        digests.digests_make()
    assert Digest.objects.count() == Delivery.objects.count() == 4
    assert Notice.objects.count() == 12
    monkeypatch.setattr(digests, "deliveries_queue", queue)
    assert digests.digests_make() == TEAMS - 4
    assert Digest.objects.count() == Delivery.objects.count() == TEAMS


def test_what_cannot_be_worded_for_one_team_silences_no_other(
    teams: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = digests.messages_of
    first: list[int] = []

    def failing(plans: Any) -> Any:
        first.extend(plan.channel_id for plan in plans[:1] if not first)
        if any(plan.channel_id == first[0] for plan in plans):
            raise ValueError("no words")
        return words(plans)

    monkeypatch.setattr(digests, "messages_of", failing)
    assert digests.digests_make() == TEAMS - 1
    monkeypatch.setattr(digests, "messages_of", words)
    # Its turn was not taken, so the next sweep tries again.
    assert digests.digests_make() == 1
