"""How a promise stands is derived from its date, never stored."""

from datetime import date, timedelta

import pytest

from ledger.domain.lifecycle import TRANSITIONS, Action
from ledger.domain.promises import last_day, timing
from ledger.domain.terms import CLOSED_STATES, OPEN_STATES, Confidence, State, Timing

TODAY = date(2026, 12, 31)


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (-1, Timing.EXPIRED),
        (0, Timing.DUE),
        (1, Timing.DUE_SOON),
        (14, Timing.DUE_SOON),
        (15, Timing.CURRENT),
    ],
)
@pytest.mark.parametrize("state", OPEN_STATES)
def test_timing(state: State, days: int, expected: Timing) -> None:
    assert timing(state, TODAY + timedelta(days=days), TODAY) is expected


def test_an_unlikely_promise_is_due_soon() -> None:
    far = TODAY + timedelta(days=100)
    assert timing(State.ACTIVE, far, TODAY, chance_on_time=0.49) is Timing.DUE_SOON
    assert timing(State.ACTIVE, far, TODAY, chance_on_time=0.5) is Timing.CURRENT


@pytest.mark.parametrize("state", CLOSED_STATES)
def test_what_is_no_longer_owed_has_no_timing(state: State) -> None:
    assert timing(state, TODAY - timedelta(days=9), TODAY) is None


def test_longest_terms() -> None:
    days = {confidence: (last_day(TODAY, confidence) - TODAY).days for confidence in Confidence}
    assert days == {Confidence.HIGH: 365, Confidence.MEDIUM: 180, Confidence.LOW: 90}


def test_the_table_of_transitions() -> None:
    table = {action: (set(row.sources), row.target) for action, row in TRANSITIONS.items()}
    assert table[Action.ACTIVATE] == ({State.PROPOSED}, State.ACTIVE)
    assert table[Action.START_REPAYMENT] == ({State.ACTIVE}, State.REPAYING)
    assert table[Action.REPAY] == ({State.REPAYING}, State.REPAID)
    assert table[Action.VERIFY] == ({State.REPAID}, State.VERIFIED)
    assert table[Action.REOPEN] == ({State.REPAID, State.VERIFIED}, State.REPAYING)
    assert table.keys() == set(Action)
    ends = {State.REJECTED, State.WRITTEN_OFF, State.ROLLED_BACK}
    assert not any(sources & ends for sources, _target in table.values())
