"""The tables of states: complete, without dead ends, and without ways around a person."""

import pytest

from orchestration.domain.states import (
    FINAL_RUN_STATES,
    NEXT_ENVIRONMENT_STATES,
    NEXT_RUN_STATES,
    WAITING_FOR_WORKER,
    WORKING_STATES,
    EnvironmentState,
    RunState,
    environment_may_become,
    may_follow,
)


def reached_from(state: RunState, *, without: frozenset[RunState] = frozenset()) -> set[RunState]:
    found, new = {state}, [state]
    while new:
        following = NEXT_RUN_STATES.get(new.pop(), frozenset()) - found - without
        found |= following
        new += following
    return found


def test_every_state_can_be_reached() -> None:
    assert reached_from(RunState.QUEUED) == set(RunState)


@pytest.mark.parametrize("state", list(RunState))
def test_every_state_leads_to_an_end(state: RunState) -> None:
    assert reached_from(state) & FINAL_RUN_STATES


def test_nothing_is_applied_without_being_approved() -> None:
    without = frozenset({RunState.APPROVED})
    assert RunState.APPLYING not in reached_from(RunState.QUEUED, without=without)


def test_what_is_not_known_is_only_looked_at() -> None:
    assert NEXT_RUN_STATES[RunState.INDETERMINATE] == {RunState.RECONCILING}
    assert RunState.APPLYING not in reached_from(RunState.INDETERMINATE)
    assert RunState.APPLY_QUEUED not in reached_from(RunState.INDETERMINATE)


def test_final_states_are_final() -> None:
    for state in FINAL_RUN_STATES:
        assert not any(may_follow(state, following) for following in RunState)


def test_no_state_is_two_things() -> None:
    assert not WORKING_STATES & WAITING_FOR_WORKER
    assert not (WORKING_STATES | WAITING_FOR_WORKER) & FINAL_RUN_STATES


@pytest.mark.parametrize("state", sorted(WORKING_STATES))
def test_a_lost_worker_has_a_way_out(state: RunState) -> None:
    assert NEXT_RUN_STATES[state] & {RunState.QUEUED, RunState.INDETERMINATE, RunState.CANCELING}


def test_what_is_gone_stays_gone() -> None:
    gone = EnvironmentState.DESTROYED
    assert gone not in NEXT_ENVIRONMENT_STATES
    assert not any(environment_may_become(gone, one) for one in EnvironmentState)


def test_what_was_given_up_is_not_believed_to_work() -> None:
    assert NEXT_ENVIRONMENT_STATES[EnvironmentState.ORPHANED] == {EnvironmentState.DEGRADED}
