"""Two people act on one debt in the same moment: one wins, the other is told."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.domain.roles import Role
from analysis.models import Repository
from common import clock
from common.errors import DisplaceError, Refused, Stale
from ledger import selectors, services
from ledger.domain.estimates import Interest
from tests.integration.ledger.conftest import complete, in_days

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

PATIENCE = 20


def told(step: Callable[[], Any], barrier: Barrier | None = None) -> DisplaceError | None:
    """Take a step on a connection of its own; what it was told when it lost."""
    try:
        if barrier:
            barrier.wait(PATIENCE)
        step()
    except DisplaceError as error:
        return error
    finally:
        connection.close()
    return None


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as threads:
        yield threads


def at_once(pool: ThreadPoolExecutor, *steps: Callable[[], Any]) -> list[DisplaceError]:
    """Let both begin in the same moment; what the losers were told."""
    barrier = Barrier(len(steps))
    running: list[Future[DisplaceError | None]] = [
        pool.submit(told, step, barrier) for step in steps
    ]
    results = [future.result(PATIENCE) for future in running]
    return [error for error in results if error is not None]


@pytest.mark.parametrize("round_", range(5))
@pytest.mark.parametrize("has_seen", [True, False])
def test_of_two_approvers_one_wins_and_the_other_is_told(
    proposed: Any, approver: Any, admin: Any, pool: ThreadPoolExecutor, has_seen: bool, round_: int
) -> None:
    seen = {"expected_version": proposed.version} if has_seen else {}
    losers = at_once(
        pool,
        lambda: services.debt_activate(actor=approver, item_id=proposed.pk, **seen),
        lambda: services.debt_reject(actor=admin, item_id=proposed.pk, reason="no", **seen),
    )
    assert [type(error) for error in losers] == [Stale if has_seen else Refused]
    expected = "Somebody else changed this debt" if has_seen else "only proposed debt can take"
    assert expected in losers[0].message
    item = selectors.debt_get(proposed.pk)
    types = [event.type for event in selectors.debt_events(proposed.pk)]
    assert (item.state, types) in [
        ("active", ["recorded", "activated"]),
        ("rejected", ["recorded", "rejected"]),
    ]
    assert not selectors.history_verify().breaks


def test_the_second_waits_for_the_first_and_then_sees_what_it_did(
    active: Any, approver: Any, admin: Any, pool: ThreadPoolExecutor
) -> None:
    def extend(actor: Any, days: int) -> Any:
        return services.debt_extend(
            actor=actor, item_id=active.pk, due_on=in_days(days), reason="late",
            interest=Interest.of(1, 2, 3), expected_version=active.version,
        )  # fmt: skip

    with transaction.atomic():
        extend(approver, 90)
        second = pool.submit(told, lambda: extend(admin, 100))
        with pytest.raises(TimeoutError):
            second.result(0.5)
    error = second.result(PATIENCE)
    assert isinstance(error, Stale)
    item = selectors.debt_get(active.pk)
    assert (item.extensions, item.due_on) == (1, in_days(90))
    assert len(selectors.debt_detail(item.pk).commitments) == 2


def test_of_two_decisions_on_a_waiver_one_wins(
    contributor: Any, approver: Any, admin: Any, pool: ThreadPoolExecutor
) -> None:
    repository = Repository.objects.create(
        name="shop", slug="shop", location="/srv/git/shop.git", kind="local",
        default_branch="main", created_at=clock.now(),
    )  # fmt: skip
    waiver = services.waiver_ask(
        actor=contributor, repository_id=repository.pk, rule="new_cycle", reason="for now",
        expires_on=in_days(9),
    )  # fmt: skip
    losers = at_once(
        pool,
        lambda: services.waiver_approve(actor=approver, waiver_id=waiver.pk),
        lambda: services.waiver_approve(actor=admin, waiver_id=waiver.pk),
    )
    assert len(losers) == 1
    assert isinstance(losers[0], Stale | Refused)


def test_of_two_changes_of_the_policy_one_wins(
    admin: Any, person: Callable[..., Any], pool: ThreadPoolExecutor
) -> None:
    other = person(Role.ADMIN, "other")
    number, document = selectors.policy_document()

    def change(actor: Any, share: float) -> Any:
        return services.policy_change(
            actor=actor, document={**document, "ceiling_share": share}, expected_version=number
        )

    losers = at_once(pool, lambda: change(admin, 0.1), lambda: change(other, 0.2))
    assert [type(error) for error in losers] == [Stale]
    assert selectors.policy_in_force(repository_id=None).version == 1


def test_of_two_debts_with_one_id_one_is_recorded(
    contributor: Any, pool: ThreadPoolExecutor
) -> None:
    repository = Repository.objects.create(
        name="shop", slug="shop", location="/srv/git/shop.git", kind="local",
        default_branch="main", created_at=clock.now(),
    )  # fmt: skip

    def record() -> Any:
        return services.debt_record(
            actor=contributor, **complete(slug="carts", repository_id=repository.pk)
        )

    losers = at_once(pool, record, record)
    assert [error.message for error in losers] == [
        "The id 'carts' is taken in this repository; choose another."
    ]
