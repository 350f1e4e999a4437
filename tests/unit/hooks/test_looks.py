"""When a tip is looked at again, and which delivery is which."""

from datetime import UTC, datetime, timedelta

import pytest

from hooks.domain.identity import delivery_id
from hooks.domain.kinds import Kind
from hooks.domain.looks import LONGEST_PAUSE, first_pause, next_pause

INTERVAL = timedelta(minutes=15)
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def pause(failures: int, interval: timedelta = INTERVAL, pk: int = 1, looks: int = 1) -> timedelta:
    return next_pause(interval=interval, failures=failures, repository_id=pk, looks=looks)


def test_a_failing_remote_is_asked_less_and_less_often() -> None:
    pauses = [pause(failures) / INTERVAL for failures in (0, 1, 2, 3, 4)]
    for wanted, found in zip((1, 1, 2, 4, 8), pauses, strict=True):
        assert 0.9 * wanted <= found <= 1.1 * wanted
    assert pause(1_000_000) <= 1.1 * LONGEST_PAUSE
    assert pause(9, timedelta(hours=24)) >= timedelta(hours=21)


def test_many_repositories_do_not_stay_in_step() -> None:
    assert len({pause(0, pk=pk) for pk in range(50)}) > 40
    assert len({pause(0, looks=looks) for looks in range(50)}) > 40
    starts = [first_pause(interval=INTERVAL, repository_id=pk) for pk in range(200)]
    assert all(timedelta() <= start < INTERVAL for start in starts)
    assert 60 < sum(start < INTERVAL / 2 for start in starts) < 140


@pytest.mark.parametrize("kind", list(Kind))
def test_without_a_name_the_body_and_the_time_tell_deliveries_apart(kind: Kind) -> None:
    name = delivery_id(kind, {}, b"body", NOW)
    assert name == delivery_id(kind, {}, b"body", NOW + timedelta(minutes=1))
    assert name != delivery_id(kind, {}, b"another", NOW)
    assert name != delivery_id(kind, {}, b"body", NOW + timedelta(minutes=30))
    assert len(name) <= 100


def test_an_odd_name_is_a_name() -> None:
    odd = {"x-github-delivery": "é" * 500}
    name = delivery_id(Kind.GITHUB, odd, b"", NOW)
    assert name.startswith("id-")
    assert len(name) <= 100
    assert name == delivery_id(Kind.GITHUB, odd, b"other body", NOW + timedelta(days=1))


def test_gitlab_keeps_the_name_over_tries() -> None:
    headers = {"idempotency-key": "k", "x-gitlab-event-uuid": "u"}
    assert delivery_id(Kind.GITLAB, headers, b"", NOW) == "k"
    assert delivery_id(Kind.GITLAB, {"webhook-id": "w", **headers}, b"", NOW) == "w"
