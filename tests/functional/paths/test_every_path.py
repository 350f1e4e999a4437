"""Every step and every refusal, by every way: the same state, promises, events and sentences."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pytest
from rest_framework.throttling import SimpleRateThrottle

from accounts import services as accounts_services
from accounts.domain.roles import Role
from ledger import selectors, services
from ledger.domain.estimates import EstimateDraft, Interest, Principal
from ledger.domain.evidence import EvidenceDraft
from ledger.domain.lifecycle import TRANSITIONS, Action
from ledger.domain.terms import EvidenceKind, State
from ledger.models import DebtItem
from ledger.selectors.item_state import fields_of
from tests.functional.paths.ways import WAYS, Wish
from tests.integration.ledger.conftest import complete, in_days

pytestmark = pytest.mark.django_db

COMMIT = "0a1b2c3d4e5f"
People = dict[Role, Any]


@pytest.fixture(autouse=True)
def _unthrottled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", {"anon": None, "user": None})


@pytest.fixture
def people(db: None) -> People:
    return {role: accounts_services.user_create(username=role.value, role=role) for role in Role}


@dataclass(frozen=True)
class Case:
    """A wish in a state by somebody; `changes` are made to the debt before it is recorded."""

    wish: Wish
    state: State
    role: Role = Role.ADMIN
    changes: dict[str, Any] = field(default_factory=dict)
    policy: dict[str, Any] = field(default_factory=dict)
    extensions: int = 0
    reviewed_by: Role | None = None
    # So many answers of the same kind, by the same person, before.
    answers: int = 0
    # Part of the sentence of the refusal; empty when nothing stands against it.
    refused: str = ""

    @property
    def name(self) -> str:
        said = self.refused or "done"
        return f"{self.wish.action.value}-{self.state.value}-{self.role.value}-{said[:40]}"


WISHES = {
    Action.ACTIVATE: Wish(Action.ACTIVATE),
    Action.EXTEND: Wish(Action.EXTEND, reason="the store is late", due_on=date.min),
    Action.START_REPAYMENT: Wish(Action.START_REPAYMENT),
    Action.REPAY: Wish(Action.REPAY, kind="merge_commit", reference=COMMIT, note="moved"),
    Action.VERIFY: Wish(Action.VERIFY, kind="measurement", note="no cart is left in memory"),
    Action.WRITE_OFF: Wish(Action.WRITE_OFF, reason="the shop closes"),
    Action.REJECT: Wish(Action.REJECT, reason="works as wanted"),
    Action.ROLL_BACK: Wish(Action.ROLL_BACK, reason="was reverted"),
    Action.REOPEN: Wish(Action.REOPEN, reason="carts were lost again"),
    Action.ESCALATE: Wish(Action.ESCALATE, reason="out of dates"),
    Action.REVIEW: Wish(Action.REVIEW, note="read the contract"),
    Action.ACKNOWLEDGE: Wish(Action.ACKNOWLEDGE),
    Action.SNOOZE: Wish(Action.SNOOZE, until=date.min),
}
ONE_WAY = {"reversibility": "one_way"}


def wish(action: Action, **changes: Any) -> Wish:
    return replace(WISHES[action], **changes)


def every_source() -> list[Case]:
    """Every step from every state that it may start in, by the lowest role that may take it."""
    return [
        Case(
            WISHES[action],
            state,
            transition.role,
            changes=ONE_WAY if action is Action.REVIEW else {},
        )
        for action, transition in TRANSITIONS.items()
        for state in transition.sources
        # A review is made before the acceptance of what cannot be undone.
        if action is not Action.REVIEW or state is State.PROPOSED
    ]


def every_wrong_state() -> list[Case]:
    return [
        Case(WISHES[action], state, refused="debt can take this step")
        for action, transition in TRANSITIONS.items()
        for state in State
        if state not in transition.sources
    ]


def every_lower_role() -> list[Case]:
    return [
        Case(
            WISHES[action], transition.sources[0], role, refused=f"needs the role {transition.role}"
        )
        for action, transition in TRANSITIONS.items()
        for role in Role
        if role.rank < transition.role.rank
    ]


def without(part: str) -> dict[str, Any]:
    return {part: "" if part == "impact" else None}


ACTIVATE = WISHES[Action.ACTIVATE]
ONLY_PRINCIPAL = EstimateDraft(principal=Principal.of(1, 2, 3))
GUARDS = [
    Case(ACTIVATE, State.PROPOSED, changes=without("impact"), refused="(level L2)"),
    Case(ACTIVATE, State.PROPOSED, changes=without("plan"), refused="at least one milestone"),
    Case(ACTIVATE, State.PROPOSED, changes=without("estimate"), refused="Estimate the effort"),
    Case(ACTIVATE, State.PROPOSED, changes={"estimate": ONLY_PRINCIPAL}, refused="per month"),
    Case(
        ACTIVATE,
        State.PROPOSED,
        changes={"impact": "", "plan": None, "estimate": None},
        refused="Estimate the interest",
    ),
    Case(ACTIVATE, State.PROPOSED, changes={"due_on": date.max}, refused="promise an earlier date"),
    Case(ACTIVATE, State.PROPOSED, changes=ONE_WAY, refused="a reviewer has to put their name"),
    Case(
        ACTIVATE,
        State.PROPOSED,
        changes=ONE_WAY,
        reviewed_by=Role.ADMIN,
        refused="You reviewed this decision",
    ),
    Case(
        ACTIVATE,
        State.PROPOSED,
        Role.APPROVER,
        changes=ONE_WAY,
        reviewed_by=Role.ADMIN,
        refused="cannot be undone: accepting it needs the role admin",
    ),
    Case(ACTIVATE, State.PROPOSED, changes=ONE_WAY, reviewed_by=Role.APPROVER),
    Case(
        ACTIVATE,
        State.PROPOSED,
        Role.APPROVER,
        policy={"approvers": {"high": "approver", "medium": "admin", "low": "admin"}},
        refused="medium confidence: accepting it needs the role admin",
    ),
    Case(
        ACTIVATE,
        State.PROPOSED,
        Role.APPROVER,
        changes={"system": "shop"},
        policy={"ceiling_share": 0.1, "capacities": {"shop": 10}},
        refused="over its ceiling of 1. Until it is below, this needs the role admin",
    ),
    Case(wish(Action.EXTEND, reason="  "), State.ACTIVE, refused="Give the reason."),
    Case(wish(Action.EXTEND, due_on=59), State.ACTIVE, refused="needs a date after"),
    Case(wish(Action.EXTEND, due_on=181), State.ACTIVE, refused="at the latest"),
    Case(
        WISHES[Action.EXTEND],
        State.ACTIVE,
        Role.APPROVER,
        extensions=1,
        refused="Extension 2 needs the role admin",
    ),
    Case(WISHES[Action.EXTEND], State.ACTIVE, extensions=1),
    Case(WISHES[Action.EXTEND], State.ACTIVE, extensions=2, refused="escalate it"),
    Case(WISHES[Action.EXTEND], State.REPAYING, changes={"owner": "admin"}, refused="You own"),
    Case(WISHES[Action.WRITE_OFF], State.ACTIVE, changes={"owner": "admin"}, refused="You own"),
    Case(
        WISHES[Action.REVIEW],
        State.PROPOSED,
        changes={**ONE_WAY, "owner": "admin"},
        refused="You own",
    ),
    Case(WISHES[Action.REVIEW], State.PROPOSED, refused="Only a decision that cannot be undone"),
    Case(wish(Action.SNOOZE, until=date.max), State.ACTIVE, refused="at the latest"),
    Case(wish(Action.SNOOZE, until=date(2000, 1, 1)), State.ACTIVE, refused="one after today"),
    Case(WISHES[Action.SNOOZE], State.ACTIVE, answers=2, refused="put off 2 times already"),
    Case(WISHES[Action.ACKNOWLEDGE], State.ACTIVE, answers=1, refused="You have said already"),
    Case(wish(Action.REVIEW, note=" "), State.PROPOSED, changes=ONE_WAY, refused="Say what"),
    Case(wish(Action.REPAY, reference="the branch"), State.REPAYING, refused="Name the commit"),
    Case(
        wish(Action.REPAY, kind="annotation_left", reference=""),
        State.REPAYING,
        refused="still in the default branch",
    ),
    Case(wish(Action.REPAY, kind="trailer"), State.REPAYING),
    Case(wish(Action.VERIFY, note=" "), State.REPAID, refused="Say what was measured"),
    Case(
        wish(Action.VERIFY, kind="reviewer"),
        State.REPAID,
        Role.CONTRIBUTOR,
        refused="needs the role approver",
    ),
    Case(wish(Action.VERIFY, kind="reviewer"), State.REPAID, Role.APPROVER),
    *(
        Case(wish(action, reason=" "), TRANSITIONS[action].sources[0], refused="Give the reason.")
        for action in (
            Action.WRITE_OFF, Action.REJECT, Action.ROLL_BACK, Action.REOPEN, Action.ESCALATE,
        )
    ),
]  # fmt: skip
CASES = [*every_source(), *every_wrong_state(), *every_lower_role(), *GUARDS]


def prepared(case: Case, people: People) -> DebtItem:
    """A debt in the state where the wish begins."""
    changes = dict(case.changes)
    if changes.get("due_on") == date.max:
        changes["due_on"] = in_days(181)
    item = services.debt_record(actor=people[Role.CONTRIBUTOR], **complete(**changes))
    if case.reviewed_by:
        services.debt_review(actor=people[case.reviewed_by], item_id=item.pk, note="looked at it")
    move(item, case.state, people)
    for number in range(case.extensions):
        services.debt_extend(
            actor=people[Role.ADMIN], item_id=item.pk, due_on=in_days(61 + number),
            reason="late", interest=Interest.of(1, 2, 3),
        )  # fmt: skip
    for _ in range(case.answers):
        given = {"actor": people[case.role], "item_id": item.pk}
        if case.wish.action is Action.SNOOZE:
            services.debt_snooze(**given, until=in_days(1))
        else:
            services.debt_acknowledge(**given)
    return selectors.debt_get(item.pk)


def move(item: DebtItem, state: State, people: People) -> None:
    """Lead a proposed debt into a state by the steps of its life."""
    # An operator owns none of the debts here and may do what an approver may.
    given = {"actor": people[Role.OPERATOR], "item_id": item.pk}
    merged = EvidenceDraft(EvidenceKind.MERGE_COMMIT, COMMIT)
    measured = EvidenceDraft(EvidenceKind.MEASUREMENT, "", "gone")
    steps: dict[State, list[Callable[[], Any]]] = {
        State.PROPOSED: [],
        State.REJECTED: [lambda: services.debt_reject(**given, reason="no")],
        State.ROLLED_BACK: [lambda: services.debt_roll_back(**given, reason="no")],
        State.ACTIVE: [lambda: services.debt_activate(**given)],
    }
    steps[State.WRITTEN_OFF] = [
        *steps[State.ACTIVE], lambda: services.debt_write_off(**given, reason="no"),
    ]  # fmt: skip
    steps[State.REPAYING] = [
        *steps[State.ACTIVE], lambda: services.debt_start_repayment(**given),
    ]  # fmt: skip
    steps[State.REPAID] = [
        *steps[State.REPAYING], lambda: services.debt_repay(**given, evidence=merged),
    ]  # fmt: skip
    steps[State.VERIFIED] = [
        *steps[State.REPAID], lambda: services.debt_verify(**given, evidence=measured),
    ]  # fmt: skip
    for step in steps[state]:
        step()


def outcome(item: DebtItem) -> dict[str, Any]:
    """What is stored of an item, apart from when and under which number."""
    detail = selectors.debt_detail(item.pk)
    fields = fields_of(detail.item)
    del fields["recorded_at"], fields["seen_at"]
    return {
        "fields": fields,
        "version": detail.item.version,
        "promises": [
            (row.sequence, row.kind, row.due_on, row.reason, row.interest_p50, row.approver_id)
            for row in detail.commitments
        ],
        "estimates": [(row.principal_likely, row.interest_p90) for row in detail.estimates],
        "evidence": [(row.kind, row.reference, row.note) for row in detail.evidence],
        "events": [
            (event.type, event.actor_name, {k: v for k, v in event.payload.items() if k != "set"})
            for event in detail.events
        ],
    }  # fmt: skip


def dated(given: Wish) -> Wish:
    """The wish with its day counted from today."""
    if given.until is not None:
        days = {date.min: 3, date.max: 30}.get(given.until, -3)
        return replace(given, until=in_days(days))
    if given.due_on is None:
        return given
    days = 90 if given.due_on == date.min else given.due_on
    return replace(given, due_on=in_days(days))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_way_leads_to_the_same(case: Case, people: People) -> None:
    if case.policy:
        _number, document = selectors.policy_document()
        document = {**document, **case.policy}
        if "capacities" in case.policy:
            # The debt that uses the ceiling up.
            full = services.debt_record(actor=people[Role.CONTRIBUTOR], **complete(**case.changes))
            services.debt_activate(actor=people[Role.ADMIN], item_id=full.pk)
        services.policy_change(actor=people[Role.ADMIN], document=document)
    said, found = {}, {}
    for name, way in WAYS.items():
        item = prepared(case, people)
        before = outcome(item)
        said[name] = way(dated(case.wish), item, people[case.role])
        found[name] = outcome(item)
        if case.refused:
            assert found[name] == before, name
        else:
            assert found[name] != before, name
    assert set(said.values()) == {said["service"]}, said
    assert all(after == found["service"] for after in found.values())
    if case.refused:
        assert case.refused in said["service"]
    else:
        assert said["service"] == ""


def test_every_action_is_driven_from_every_state() -> None:
    driven = {(case.wish.action, case.state) for case in CASES}
    missing = {(action, state) for action in Action for state in State} - driven
    assert missing == {(Action.REVIEW, State.ACTIVE), (Action.REVIEW, State.REPAYING)}
