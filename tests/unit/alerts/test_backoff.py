"""When a message is tried again, and when a channel is left in peace."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.domain import backoff, breaker, bucket
from alerts.domain.bucket import Bucket

NOON = datetime(2026, 9, 30, 12, tzinfo=UTC)
DRAWS = st.floats(0, 1, exclude_max=True)


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


@given(st.integers(0, 1_000_000), DRAWS)
def test_a_pause_lies_between_a_second_and_half_an_hour(attempts: int, draw: float) -> None:
    assert backoff.LEAST <= backoff.pause(attempts, draw) <= backoff.MOST


def test_the_longest_pause_doubles() -> None:
    limits = [backoff.limit(attempts) for attempts in range(1, 10)]
    assert limits[:4] == [seconds(10), seconds(20), seconds(40), seconds(80)]
    assert limits[-1] == backoff.MOST
    assert backoff.pause(3, 0.5) == seconds(20)


@pytest.mark.parametrize(
    ("asked", "honoured"),
    [
        (7, seconds(7)),
        (0, seconds(1)),
        (-5, seconds(1)),
        (86_400, timedelta(hours=1)),
        (float("inf"), timedelta(hours=1)),
        (float("nan"), seconds(1)),
    ],
)
def test_a_wish_is_honoured_within_reason(asked: float, honoured: timedelta) -> None:
    assert backoff.wished(asked) == honoured


def test_the_breaker_opens_after_five_failures_and_for_longer_each_time() -> None:
    assert [breaker.rest(failures, 0) for failures in range(5)] == [None] * 5
    assert breaker.rest(5, 0) == seconds(30)
    assert breaker.rest(6, 0) == seconds(60)
    assert breaker.rest(6, 0.8) == seconds(48)
    assert breaker.rest(10_000, 0) == breaker.MOST


def test_a_bucket_gives_its_burst_and_then_its_rate() -> None:
    left: Bucket | None = Bucket(3, NOON)
    for _ in range(3):
        left = bucket.taken(left, now=NOON, per_second=2, burst=3)
        assert left is not None
    assert bucket.taken(left, now=NOON, per_second=2, burst=3) is None
    assert bucket.wait(left, now=NOON, per_second=2, burst=3) == seconds(0.5)
    later = NOON + seconds(0.5)
    assert bucket.taken(left, now=later, per_second=2, burst=3) == Bucket(0, later)


def test_a_bucket_never_holds_more_than_its_burst() -> None:
    full = bucket.filled(Bucket(0, NOON), now=NOON + timedelta(days=9), per_second=1, burst=4)
    assert full.tokens == 4


def test_a_clock_that_was_set_back_fills_nothing() -> None:
    left = Bucket(0.5, NOON)
    early = NOON - timedelta(hours=1)
    begun = bucket.filled(left, now=early, per_second=1, burst=4)
    assert begun == Bucket(0.5, early)
    # It fills from then on, not in an hour.
    assert bucket.taken(begun, now=early + seconds(0.5), per_second=1, burst=4) is not None


def test_clocks_that_differ_a_little_fill_no_second_twice() -> None:
    left, taken = Bucket(4, NOON), 0
    for step in range(200):  # two machines in turn, one of them two seconds behind
        now = NOON + seconds(step * 0.1 - 2 * (step % 2))
        after = bucket.taken(left, now=now, per_second=1, burst=4)
        if after is not None:
            left, taken = after, taken + 1
    assert 20 <= taken <= 4 + 20
    behind = Bucket(0, NOON)
    assert bucket.wait(behind, now=NOON - seconds(2), per_second=1, burst=4) == seconds(3)


@given(
    st.lists(st.floats(0, 3), max_size=60),
    st.sampled_from([(0.2, 10), (0.5, 5), (1.0, 1), (4.0, 4)]),
)
def test_no_stretch_of_time_sees_more_than_its_share(
    gaps: list[float], rate: tuple[float, int]
) -> None:
    per_second, burst = rate
    now, left = NOON, Bucket(burst, NOON)
    taken: list[datetime] = []
    for gap in gaps:
        now += seconds(gap)
        after = bucket.taken(left, now=now, per_second=per_second, burst=burst)
        if after is not None:
            left = after
            taken.append(now)
    for index, first in enumerate(taken):
        for count, last in enumerate(taken[index:], start=1):
            allowed = burst + (last - first).total_seconds() * per_second
            assert count <= allowed + 1e-3
