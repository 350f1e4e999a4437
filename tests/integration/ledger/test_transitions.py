"""Every step of a debt's life through its service, with its guards."""

from typing import Any

import pytest

from accounts import services as accounts_services
from common.errors import Denied, NotFound, Refused, Stale
from ledger import selectors, services
from ledger.domain.estimates import EstimateDraft, Interest, Principal
from ledger.domain.evidence import EvidenceDraft
from ledger.domain.plans import MilestoneDraft, PlanDraft
from ledger.domain.terms import EvidenceKind
from tests.integration.ledger.conftest import IMPACT, complete, in_days

COMMIT = EvidenceDraft(EvidenceKind.MERGE_COMMIT, "0a1b2c3d4e5f", "carts are in the database")
MEASURED = EvidenceDraft(EvidenceKind.MEASUREMENT, "", "no cart is left in memory")
INTEREST = Interest.of(3, 6, 12)


def whole_life(item: Any, contributor: Any, approver: Any) -> Any:
    services.debt_activate(actor=approver, item_id=item.pk)
    services.debt_start_repayment(actor=contributor, item_id=item.pk)
    services.debt_repay(actor=contributor, item_id=item.pk, evidence=COMMIT)
    return services.debt_verify(actor=contributor, item_id=item.pk, evidence=MEASURED)


def test_a_debt_lives_from_proposal_to_verification(
    proposed: Any, contributor: Any, approver: Any
) -> None:
    item = whole_life(proposed, contributor, approver)

    assert item.state == "verified"
    assert item.resolution == "paid"
    assert item.repaid_on == in_days(0)
    events = selectors.debt_events(item.pk)
    assert [event.type for event in events] == [
        "recorded",
        "activated",
        "repayment_started",
        "repaid",
        "verified",
    ]
    assert item.version == len(events)
    assert not selectors.history_verify().breaks


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"impact": ""}, "impact"),
        ({"impact": "Customers wait too long for features."}, "impact"),
        ({"plan": None}, "plan"),
        ({"plan": PlanDraft("some day")}, "plan"),
        ({"estimate": None}, "principal"),
        ({"estimate": EstimateDraft(principal=Principal.of(1, 2, 3))}, "interest"),
        ({"due_on": in_days(181)}, "due_on"),
        ({"due_on": in_days(91), "confidence": "low"}, "due_on"),
        ({"due_on": in_days(366), "confidence": "high"}, "due_on"),
    ],
)
def test_activation_names_what_is_missing(
    contributor: Any, approver: Any, changes: dict[str, Any], field: str
) -> None:
    item = services.debt_record(actor=contributor, **complete(**changes))
    with pytest.raises(Refused) as refusal:
        services.debt_activate(actor=approver, item_id=item.pk)
    assert refusal.value.field == field
    assert selectors.debt_get(item.pk).state == "proposed"


@pytest.mark.parametrize(("confidence", "days"), [("high", 365), ("medium", 180), ("low", 90)])
def test_the_longest_term_is_allowed(
    contributor: Any, approver: Any, confidence: str, days: int
) -> None:
    item = services.debt_record(
        actor=contributor, **complete(confidence=confidence, due_on=in_days(days))
    )
    assert services.debt_activate(actor=approver, item_id=item.pk).state == "active"


def test_a_contributor_cannot_accept(proposed: Any, contributor: Any) -> None:
    with pytest.raises(Denied, match="approver"):
        services.debt_activate(actor=contributor, item_id=proposed.pk)


def test_somebody_switched_off_cannot_act(proposed: Any, approver: Any) -> None:
    approver.is_active = False
    with pytest.raises(Denied, match="switched off"):
        services.debt_activate(actor=approver, item_id=proposed.pk)


def test_a_promise_lies_in_the_future(contributor: Any) -> None:
    with pytest.raises(Refused, match="is over"):
        services.debt_record(actor=contributor, **complete(due_on=in_days(-1)))
    item = services.debt_record(actor=contributor, **complete(due_on=in_days(0)))
    assert selectors.timing_of(item) == "due"


def test_an_extension_is_a_new_commitment(active: Any, approver: Any) -> None:
    first = active.due_on
    item = services.debt_extend(
        actor=approver,
        item_id=active.pk,
        due_on=in_days(90),
        reason="the store arrives in May",
        interest=INTEREST,
    )
    assert (item.due_on, item.first_due_on, item.extensions) == (in_days(90), first, 1)
    commitments = selectors.debt_detail(item.pk).commitments
    assert [row.due_on for row in commitments] == [first, in_days(90)]
    assert [row.sequence for row in commitments] == [1, 2]
    assert commitments[1].approver == approver
    assert item.interest_p50 == 6
    assert item.principal == active.principal


def extend(item: Any, actor: Any, days: int, **changes: Any) -> Any:
    arguments = {
        "due_on": in_days(days),
        "reason": "the store is late",
        "interest": INTEREST,
        **changes,
    }
    return services.debt_extend(actor=actor, item_id=item.pk, **arguments)


def test_the_second_extension_needs_an_admin_and_a_third_is_escalated(
    active: Any, approver: Any, admin: Any, contributor: Any
) -> None:
    extend(active, approver, 90)
    with pytest.raises(Denied, match="admin"):
        extend(active, approver, 100)
    extend(active, admin, 100)
    with pytest.raises(Refused, match="escalate"):
        extend(active, admin, 110)
    item = services.debt_escalate(actor=contributor, item_id=active.pk, reason="out of dates")
    assert item.state == "active"
    assert item.first_due_on == active.due_on


@pytest.mark.parametrize("days", [59, 60, 181])
def test_an_extension_is_later_and_within_the_term(active: Any, approver: Any, days: int) -> None:
    with pytest.raises(Refused) as refusal:
        extend(active, approver, days)
    assert refusal.value.field == "due_on"


def test_an_extension_needs_a_reason(active: Any, approver: Any) -> None:
    with pytest.raises(Refused, match="reason"):
        extend(active, approver, 90, reason="  ")


@pytest.mark.parametrize("owns_by", ["name", "team"])
@pytest.mark.parametrize("step", ["extend", "write off"])
def test_the_owner_decides_neither_extension_nor_write_off(
    contributor: Any, approver: Any, owns_by: str, step: str
) -> None:
    owner = approver.username
    if owns_by == "team":
        owner = "core"
        accounts_services.team_create(slug=owner, name="Core", members=[approver])
    item = services.debt_record(actor=contributor, **complete(owner=owner))
    services.debt_activate(actor=approver, item_id=item.pk)
    steps = {
        "extend": lambda: extend(item, approver, 90),
        "write off": lambda: services.debt_write_off(
            actor=approver, item_id=item.pk, reason="given up"
        ),
    }
    with pytest.raises(Denied, match="You own this debt"):
        steps[step]()


def test_the_owner_does_not_hand_accepted_debt_over_to_decide_it(
    contributor: Any, approver: Any, admin: Any
) -> None:
    item = services.debt_record(actor=contributor, **complete(owner=approver.username))
    services.debt_activate(actor=approver, item_id=item.pk)
    with pytest.raises(Denied, match="You own this debt"):
        services.debt_describe(actor=approver, item_id=item.pk, owner="payments")
    handed = services.debt_describe(actor=admin, item_id=item.pk, owner="payments")
    assert handed.owner == "payments"


def test_a_proposal_is_not_extended(proposed: Any, approver: Any) -> None:
    with pytest.raises(Refused, match="proposed"):
        extend(proposed, approver, 90)


@pytest.mark.parametrize(
    "evidence",
    [
        EvidenceDraft(EvidenceKind.MERGE_COMMIT, ""),
        EvidenceDraft(EvidenceKind.MERGE_COMMIT, "see the branch"),
        EvidenceDraft(EvidenceKind.TRAILER, ""),
        EvidenceDraft(EvidenceKind.ANNOTATION_LEFT),
        EvidenceDraft(EvidenceKind.REVIEWER, "", "looks paid"),
        EvidenceDraft(EvidenceKind.MEASUREMENT, "", "looks paid"),
    ],
)
def test_a_repayment_needs_merge_evidence(
    active: Any, contributor: Any, evidence: EvidenceDraft
) -> None:
    services.debt_start_repayment(actor=contributor, item_id=active.pk)
    with pytest.raises(Refused) as refusal:
        services.debt_repay(actor=contributor, item_id=active.pk, evidence=evidence)
    assert refusal.value.field == "evidence"


def test_a_reviewer_is_an_approver_and_is_named(
    active: Any, contributor: Any, approver: Any
) -> None:
    services.debt_start_repayment(actor=contributor, item_id=active.pk)
    services.debt_repay(actor=contributor, item_id=active.pk, evidence=COMMIT)
    seen = EvidenceDraft(EvidenceKind.REVIEWER, "", "looked at the store")
    with pytest.raises(Denied):
        services.debt_verify(actor=contributor, item_id=active.pk, evidence=seen)
    services.debt_verify(actor=approver, item_id=active.pk, evidence=seen)
    assert selectors.debt_detail(active.pk).evidence[-1].reference == approver.username


def test_a_verification_says_what_was_seen(active: Any, contributor: Any) -> None:
    services.debt_start_repayment(actor=contributor, item_id=active.pk)
    services.debt_repay(actor=contributor, item_id=active.pk, evidence=COMMIT)
    with pytest.raises(Refused, match="Say what"):
        services.debt_verify(
            actor=contributor, item_id=active.pk, evidence=EvidenceDraft(EvidenceKind.MEASUREMENT)
        )


def test_a_relapse_reopens(proposed: Any, contributor: Any, approver: Any) -> None:
    whole_life(proposed, contributor, approver)
    item = services.debt_reopen(actor=contributor, item_id=proposed.pk, reason="carts were lost")
    assert (item.state, item.resolution, item.repaid_on) == ("repaying", "", None)


def test_exits(contributor: Any, approver: Any) -> None:
    def fresh() -> Any:
        return services.debt_record(actor=contributor, **complete())

    item = services.debt_reject(actor=approver, item_id=fresh().pk, reason="works as wanted")
    assert item.state == "rejected"
    item = services.debt_roll_back(actor=approver, item_id=fresh().pk, reason="was reverted")
    assert (item.state, item.closed_from) == ("rolled_back", "proposed")
    item = services.debt_activate(actor=approver, item_id=fresh().pk)
    item = services.debt_write_off(actor=approver, item_id=item.pk, reason="the shop closes")
    assert item.state == "written_off"
    assert not selectors.history_verify().breaks


def test_no_exit_leads_back(proposed: Any, contributor: Any, approver: Any) -> None:
    services.debt_reject(actor=approver, item_id=proposed.pk, reason="works as wanted")
    for step in (services.debt_activate, services.debt_start_repayment):
        with pytest.raises(Refused, match="rejected"):
            step(actor=approver, item_id=proposed.pk)
    with pytest.raises(Refused, match="closed"):
        services.debt_describe(actor=contributor, item_id=proposed.pk, title="another")


def test_two_approvers_at_once(proposed: Any, approver: Any) -> None:
    seen = proposed.version
    services.debt_activate(actor=approver, item_id=proposed.pk, expected_version=seen)
    with pytest.raises(Stale):
        services.debt_reject(
            actor=approver, item_id=proposed.pk, reason="no", expected_version=seen
        )
    assert selectors.debt_get(proposed.pk).state == "active"


def test_an_unknown_item(approver: Any) -> None:
    with pytest.raises(NotFound, match="D-000099"):
        services.debt_activate(actor=approver, item_id=99)


def test_describing_leaves_alone_what_is_not_given(proposed: Any, contributor: Any) -> None:
    item = services.debt_describe(actor=contributor, item_id=proposed.pk, severity="high")
    assert item.severity == "high"
    assert item.impact == IMPACT
    assert item.plan_milestones == 1
    assert item.due_on == proposed.due_on
    again = services.debt_describe(actor=contributor, item_id=proposed.pk, severity="high")
    assert again.version == item.version


def test_a_new_estimate_keeps_the_part_that_is_not_given(proposed: Any, contributor: Any) -> None:
    item = services.debt_describe(
        actor=contributor, item_id=proposed.pk, estimate=EstimateDraft(interest=INTEREST)
    )
    assert (item.principal, item.interest_p90) == (proposed.principal, 12)
    assert len(selectors.debt_detail(item.pk).estimates) == 2


def test_a_proposal_gets_a_new_date_and_keeps_the_first(proposed: Any, contributor: Any) -> None:
    item = services.debt_describe(actor=contributor, item_id=proposed.pk, due_on=in_days(30))
    assert (item.due_on, item.first_due_on, item.extensions) == (in_days(30), in_days(60), 0)


def test_acceptance_keeps_what_it_rested_on(active: Any, contributor: Any) -> None:
    for changes in (
        {"due_on": in_days(70)},
        {"confidence": "high"},
        {"impact": ""},
        {"impact": "Customers wait too long for features."},
        {"plan": PlanDraft("none")},
    ):
        with pytest.raises(Refused):
            services.debt_describe(actor=contributor, item_id=active.pk, **changes)
    with pytest.raises(Denied):
        services.debt_describe(actor=contributor, item_id=active.pk, owner="others")
    plan = PlanDraft("in steps", (MilestoneDraft("first", in_days(5)),) * 2)
    assert (
        services.debt_describe(actor=contributor, item_id=active.pk, plan=plan).plan_milestones == 2
    )


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": "nul \x00"}, "title"),
        ({"title": "right to left \u202e"}, "title"),
        ({"owner": ""}, "owner"),
        ({"owner": "@payments"}, "owner"),
        ({"severity": "worst"}, "severity"),
        ({"confidence": ""}, "confidence"),
        ({"slug": "Not An Id"}, "slug"),
        ({"text": "x" * 10_001}, "text"),
        ({"plan": PlanDraft("", (MilestoneDraft(" ", in_days(1)),))}, "plan"),
    ],
)
def test_bad_input_is_refused(contributor: Any, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as refusal:
        services.debt_record(actor=contributor, **complete(**changes))
    assert refusal.value.field == field


def test_actions_say_why_not(proposed: Any, contributor: Any, approver: Any) -> None:
    by_name = {action.name: action for action in selectors.actions_for(approver, proposed)}
    assert by_name["activate"].allowed
    assert by_name["extend"].reasons == (
        "This item is proposed; only active or repaying debt can take this step.",
    )
    by_name = {action.name: action for action in selectors.actions_for(contributor, proposed)}
    assert by_name["activate"].reasons == ("This needs the role approver; yours is contributor.",)
