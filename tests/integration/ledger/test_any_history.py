"""Whatever people do in whatever order, the history adds up to the state."""

import contextlib
import itertools
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import services as accounts_services
from accounts.domain.roles import Role
from common.errors import DisplaceError
from ledger import selectors, services
from ledger.domain.estimates import EstimateDraft, Interest, Principal
from ledger.domain.evidence import EvidenceDraft
from ledger.domain.history import SERIES
from ledger.domain.lifecycle import TRANSITIONS, Action
from ledger.domain.terms import EvidenceKind
from ledger.models import SERIES_MODELS, DebtItem
from tests.integration.ledger.conftest import complete, in_days

COMMIT = EvidenceDraft(EvidenceKind.MERGE_COMMIT, "0a1b2c3d4e5f")
SEEN = EvidenceDraft(EvidenceKind.MEASUREMENT, "", "gone")

STEPS: dict[str, Any] = {
    "activate": lambda who, item, n: services.debt_activate(actor=who, item_id=item),
    "extend": lambda who, item, n: services.debt_extend(
        actor=who,
        item_id=item,
        due_on=in_days(n),
        reason="later",
        interest=Interest.of(n, n + 1, n + 2),
    ),
    "start-repayment": lambda who, item, n: services.debt_start_repayment(actor=who, item_id=item),
    "repay": lambda who, item, n: services.debt_repay(actor=who, item_id=item, evidence=COMMIT),
    "verify": lambda who, item, n: services.debt_verify(actor=who, item_id=item, evidence=SEEN),
    "write-off": lambda who, item, n: services.debt_write_off(
        actor=who, item_id=item, reason="never"
    ),
    "reject": lambda who, item, n: services.debt_reject(actor=who, item_id=item, reason="no"),
    "roll-back": lambda who, item, n: services.debt_roll_back(
        actor=who, item_id=item, reason="reverted"
    ),
    "reopen": lambda who, item, n: services.debt_reopen(actor=who, item_id=item, reason="back"),
    "escalate": lambda who, item, n: services.debt_escalate(
        actor=who, item_id=item, reason="decide"
    ),
    "review": lambda who, item, n: services.debt_review(
        actor=who, item_id=item, note=f"seen {n} times"
    ),
    "acknowledge": lambda who, item, n: services.debt_acknowledge(
        actor=who, item_id=item, via="matrix"
    ),
    "snooze": lambda who, item, n: services.debt_snooze(
        actor=who, item_id=item, until=in_days(1 + n % 8)
    ),
    "one-way": lambda who, item, n: services.debt_describe(
        actor=who, item_id=item, reversibility=("one_way", "two_way")[n % 2]
    ),
    "date": lambda who, item, n: services.debt_describe(actor=who, item_id=item, due_on=in_days(n)),
    "price": lambda who, item, n: services.debt_describe(
        actor=who, item_id=item, estimate=EstimateDraft(principal=Principal.of(n, n, n * 2))
    ),
    "severity": lambda who, item, n: services.debt_describe(
        actor=who, item_id=item, severity=("low", "high")[n % 2]
    ),
}
# The likely order of a life, so that most runs get far, with anything in between.
LIFE = ["activate", "start-repayment", "repay", "verify", "reopen"]
step = st.tuples(
    st.sampled_from(["contributor", "approver", "admin"]),
    st.one_of(st.sampled_from(LIFE), st.sampled_from(sorted(STEPS))),
    st.integers(1, 200),
)
MOVES = {
    (source, row.target) for row in TRANSITIONS.values() for source in row.sources if row.target
}


@pytest.fixture
def people(db: None) -> dict[str, Any]:
    return {
        role.value: accounts_services.user_create(username=role.value, role=role)
        for role in (Role.CONTRIBUTOR, Role.APPROVER, Role.ADMIN)
    }


def test_every_action_is_tried() -> None:
    assert {action.value for action in Action} <= STEPS.keys()


def test_every_series_has_its_table() -> None:
    assert tuple(SERIES_MODELS) == SERIES


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=st.lists(step, min_size=1, max_size=15))
def test_the_history_adds_up(people: dict[str, Any], steps: list[tuple[str, str, int]]) -> None:
    item = services.debt_record(actor=people["contributor"], **complete())
    first = item.first_due_on
    for who, name, number in steps:
        before = DebtItem.objects.get(pk=item.pk)
        with contextlib.suppress(DisplaceError):
            STEPS[name](people[who], item.pk, number)
        after = DebtItem.objects.get(pk=item.pk)
        _check_step(before, after, first)
    _check_history(item.pk)


def _check_step(before: DebtItem, after: DebtItem, first: Any) -> None:
    assert after.first_due_on == first
    assert after.version in (before.version, before.version + 1)
    if after.state != before.state:
        assert (before.state, after.state) in MOVES
    if after.extensions != before.extensions:
        assert after.extensions == before.extensions + 1 <= 2
        assert after.due_on > before.due_on
    elif after.due_on != before.due_on:
        assert before.state == "proposed"
    if after.state in ("active", "repaying"):
        assert after.impact_level >= 2
        assert after.plan_milestones >= 1
        assert after.due_on <= in_days(180)
    assert (after.repaid_on is not None) == (after.state in ("repaid", "verified"))


def _check_history(item_id: int) -> None:
    detail = selectors.debt_detail(item_id)
    result = selectors.history_verify(most_breaks=100)
    assert [str(found) for found in result.breaks] == []
    assert detail.item.version == len(detail.events)
    assert detail.commitments[0].due_on == detail.item.first_due_on
    assert detail.commitments[-1].due_on == detail.item.due_on
    times = [event.at for event in detail.events]
    assert all(later - earlier >= timedelta(0) for earlier, later in itertools.pairwise(times))
