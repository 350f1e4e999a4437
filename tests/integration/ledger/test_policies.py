"""The policy in the database: versions, waivers, and what they change for the guards."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import services as accounts_services
from accounts.domain.roles import Role
from analysis import services as analysis_services
from common.errors import Denied, NotFound, Refused, Stale
from ledger import selectors, services
from ledger.domain.estimates import EstimateDraft, Interest, Principal
from ledger.domain.policy import Enforcement, Rule
from ledger.models import DebtItem, PolicyVersion, Waiver
from tests.integration.ledger.conftest import complete, in_days

Change = Callable[..., PolicyVersion]


@pytest.fixture
def change(admin: Any) -> Change:
    """Put a policy in force that differs from the present one in some parts."""

    def make(**parts: Any) -> PolicyVersion:
        _number, document = selectors.policy_document()
        return services.policy_change(actor=admin, document={**document, **parts}, note="so be it")

    return make


def rules(**levels: str) -> dict[str, Any]:
    _number, document = selectors.policy_document()
    settings = {rule: {"enforcement": level, "announced": None} for rule, level in levels.items()}
    return {**document["rules"], **settings}


def in_force(repository_id: int | None = None) -> Any:
    return selectors.policy_in_force(repository_id=repository_id)


def test_a_change_is_a_version_that_stays(change: Change, admin: Any) -> None:
    assert in_force().version == 0
    first = change(longest_terms={"high": 400, "medium": 200, "low": 90})
    second = change(one_way_role="approver")
    assert (first.number, second.number, in_force().version) == (1, 2, 2)
    told = selectors.policy_changes()
    assert [one.version.number for one in told] == [2, 1]
    assert told[0].changes == ("Approver of decisions that cannot be undone: admin to approver.",)
    assert "365 to 400 days" in told[1].changes[0]
    assert told[1].version.made_by == admin
    first.refresh_from_db()
    assert first.document["one_way_role"] == "admin"


def test_only_an_admin_changes_it(approver: Any) -> None:
    _number, document = selectors.policy_document()
    with pytest.raises(Denied, match="admin"):
        services.policy_change(actor=approver, document={**document, "one_way_role": "approver"})
    assert in_force().version == 0


def test_a_change_of_nothing_or_over_another_is_refused(change: Change, admin: Any) -> None:
    number, document = selectors.policy_document()
    with pytest.raises(Refused, match="nothing was changed"):
        services.policy_change(actor=admin, document=document)
    change(one_way_role="approver")
    with pytest.raises(Stale):
        services.policy_change(
            actor=admin, document={**document, "ceiling_share": 0.2}, expected_version=number
        )


def test_the_rules_of_an_unknown_repository_are_refused(change: Change) -> None:
    with pytest.raises(Refused, match="no repository 999"):
        change(repositories={"999": {"new_cycle": {"enforcement": "block"}}})


def test_a_repository_has_rules_of_its_own(change: Change, repository: Any) -> None:
    own = {str(repository.pk): {"new_cycle": {"enforcement": "block"}}}
    change(repositories=own)
    policy = in_force(repository.pk)
    assert policy.enforcement(Rule.NEW_CYCLE, in_days(0)) is Enforcement.BLOCK
    assert in_force().enforcement(Rule.NEW_CYCLE, in_days(0)) is Enforcement.ADVISE


def test_the_rules_of_a_removed_repository_stand_in_nobodys_way(
    change: Change, repository: Any
) -> None:
    change(repositories={str(repository.pk): {"new_cycle": {"enforcement": "block"}}})
    analysis_services.repository_remove(repository=repository)
    made = change(one_way_role="approver")
    assert made.document["repositories"] == {}


def test_terms_of_the_policy_bind_acceptance_and_extension(
    change: Change, proposed: Any, approver: Any
) -> None:
    change(longest_terms={"high": 365, "medium": 50, "low": 50})
    with pytest.raises(Refused) as refusal:
        services.debt_activate(actor=approver, item_id=proposed.pk)
    assert refusal.value.field == "due_on"
    change(longest_terms={"high": 365, "medium": 70, "low": 50})
    item = services.debt_activate(actor=approver, item_id=proposed.pk)
    with pytest.raises(Refused, match="at the latest"):
        services.debt_extend(
            actor=approver, item_id=item.pk, due_on=in_days(71), reason="late",
            interest=Interest.of(1, 2, 3),
        )  # fmt: skip


def test_the_history_names_the_policy(change: Change, proposed: Any, approver: Any) -> None:
    change(one_way_role="approver")
    services.debt_activate(actor=approver, item_id=proposed.pk)
    assert selectors.debt_events(proposed.pk)[-1].payload["policy"] == 1
    assert not selectors.history_verify().breaks


def test_a_class_of_confidence_has_its_approver(
    change: Change, contributor: Any, approver: Any, admin: Any
) -> None:
    change(approvers={"high": "approver", "medium": "approver", "low": "admin"})
    low = services.debt_record(actor=contributor, **complete(confidence="low"))
    with pytest.raises(Denied, match="low confidence: accepting it needs the role admin"):
        services.debt_activate(actor=approver, item_id=low.pk)
    assert services.debt_activate(actor=admin, item_id=low.pk).state == "active"


def test_extensions_by_count(change: Change, active: Any, approver: Any, admin: Any) -> None:
    change(extension_roles=["admin"])

    def extend(actor: Any, days: int) -> Any:
        return services.debt_extend(
            actor=actor, item_id=active.pk, due_on=in_days(days), reason="late",
            interest=Interest.of(1, 2, 3),
        )  # fmt: skip

    with pytest.raises(Denied, match="Extension 1 needs the role admin"):
        extend(approver, 90)
    extend(admin, 90)
    with pytest.raises(Refused, match="escalate"):
        extend(admin, 100)


def one_way(contributor: Any, **changes: Any) -> DebtItem:
    return services.debt_record(actor=contributor, **complete(reversibility="one_way", **changes))


def test_a_decision_that_cannot_be_undone_takes_a_reviewer_and_the_higher_approver(
    contributor: Any, approver: Any, admin: Any
) -> None:
    item = one_way(contributor)
    assert selectors.unreviewed_doors() == [item]
    with pytest.raises(Refused) as refusal:
        services.debt_activate(actor=admin, item_id=item.pk)
    assert refusal.value.field == "review"
    seen = services.debt_review(actor=approver, item_id=item.pk, note="read the contract")
    assert (seen.reviewer, seen.review_note) == (approver.username, "read the contract")
    assert selectors.unreviewed_doors() == []
    with pytest.raises(Denied, match="needs the role admin"):
        services.debt_activate(actor=approver, item_id=item.pk)
    assert services.debt_activate(actor=admin, item_id=item.pk).state == "active"
    types = [event.type for event in selectors.debt_events(item.pk)]
    assert types == ["recorded", "door_reviewed", "activated"]
    assert not selectors.history_verify().breaks


def test_the_reviewer_is_neither_the_owner_nor_the_one_who_accepts(
    contributor: Any, approver: Any, admin: Any
) -> None:
    item = one_way(contributor, owner=approver.username)
    with pytest.raises(Denied, match="You own this debt"):
        services.debt_review(actor=approver, item_id=item.pk, note="fine")
    services.debt_review(actor=admin, item_id=item.pk, note="fine")
    with pytest.raises(Denied, match="You reviewed this decision"):
        services.debt_activate(actor=admin, item_id=item.pk)


def test_a_review_says_something_and_of_a_one_way_door(
    proposed: Any, contributor: Any, approver: Any
) -> None:
    with pytest.raises(Refused, match="Only a decision that cannot be undone"):
        services.debt_review(actor=approver, item_id=proposed.pk, note="fine")
    with pytest.raises(Refused, match="Say what"):
        services.debt_review(actor=approver, item_id=one_way(contributor).pk, note=" ")


def test_a_rule_that_only_advises_demands_no_higher_approver(
    change: Change, contributor: Any, approver: Any
) -> None:
    change(rules=rules(one_way_door="advise"))
    item = services.debt_activate(actor=approver, item_id=one_way(contributor).pk)
    assert item.state == "active"
    # It is not hidden by being accepted.
    assert selectors.unreviewed_doors() == [item]


def test_accepted_debt_becomes_undoable_on_the_word_of_an_approver_only(
    change: Change, contributor: Any, approver: Any, admin: Any
) -> None:
    change(rules=rules(one_way_door="off"))
    item = services.debt_activate(
        actor=admin, item_id=one_way(contributor, owner=approver.username).pk
    )
    with pytest.raises(Denied, match="needs the role approver"):
        services.debt_describe(actor=contributor, item_id=item.pk, reversibility="two_way")
    with pytest.raises(Denied, match="You own this debt"):
        services.debt_describe(actor=approver, item_id=item.pk, reversibility="two_way")
    assert selectors.unreviewed_doors() == [item]
    services.debt_describe(actor=admin, item_id=item.pk, reversibility="two_way")
    assert selectors.unreviewed_doors() == []


def priced(contributor: Any, hours: int, **changes: Any) -> DebtItem:
    estimate = EstimateDraft(Principal.of(1, 2, 3), Interest.of(hours, hours, hours))
    return services.debt_record(actor=contributor, **complete(estimate=estimate, **changes))


def test_over_the_ceiling_the_next_tier_decides(
    change: Change, contributor: Any, approver: Any, admin: Any
) -> None:
    accounts_services.team_create(slug="payments", name="Payments", members=[contributor])
    change(ceiling_share=0.1)  # of 80 hours
    first = priced(contributor, 9, system="shop")
    services.debt_activate(actor=approver, item_id=first.pk)
    [load] = selectors.system_loads()
    assert (load.system, load.people, load.is_over) == ("shop", 1, True)
    second = priced(contributor, 1, system="shop")
    with pytest.raises(
        Denied, match=r"over its ceiling of 8\. Until it is below, this needs the r"
    ):
        services.debt_activate(actor=approver, item_id=second.pk)
    with pytest.raises(Denied, match="ceiling"):
        services.debt_extend(
            actor=approver, item_id=first.pk, due_on=in_days(90), reason="late",
            interest=Interest.of(9, 9, 9),
        )  # fmt: skip
    elsewhere = priced(contributor, 1, system="billing")
    services.debt_activate(actor=approver, item_id=elsewhere.pk)
    assert services.debt_activate(actor=admin, item_id=second.pk).state == "active"


def test_a_given_capacity_counts_and_a_repository_is_a_system(
    change: Change, contributor: Any, approver: Any, repository: Any
) -> None:
    change(ceiling_share=0.5, capacities={"shop": 10})
    item = priced(contributor, 6, repository_id=repository.pk)
    services.debt_activate(actor=approver, item_id=item.pk)
    [load] = selectors.system_loads()
    assert (load.system, load.capacity, load.is_capacity_given, load.is_over) == (
        "shop", 10, True, True,
    )  # fmt: skip


def test_a_repository_and_a_system_of_its_name_are_one_and_share_their_places(
    change: Change, contributor: Any, approver: Any, repository: Any
) -> None:
    change(ceiling_share=0.5)
    at = {"repository_id": repository.pk, "path": "shop/cart.py"}
    for hours, where in ((6, at), (4, {**at, "system": "shop"}), (1, {"system": "shop"}), (9, {})):
        item = priced(contributor, hours, **where)
        services.debt_activate(actor=approver, item_id=item.pk)
    [load] = selectors.system_loads()
    assert (load.system, load.interest, load.debts) == ("shop", 7, 3)


def test_the_loads_are_added_up_by_the_database(
    change: Change, contributor: Any, approver: Any
) -> None:
    change(ceiling_share=0.5)
    for number in range(5):
        item = priced(contributor, 1, system="shop", path=f"shop/{number}.py")
        services.debt_activate(actor=approver, item_id=item.pk)
    with CaptureQueriesContext(connection) as queries:
        [load] = selectors.system_loads()
    assert load.interest == 5
    [sums] = [one["sql"] for one in queries if "known_p50" in one["sql"]]
    with connection.cursor() as cursor:
        cursor.execute(sums)
        assert len(cursor.fetchall()) == 1


def test_the_loads_take_a_constant_number_of_queries(
    change: Change, contributor: Any, approver: Any, django_assert_num_queries: Any
) -> None:
    change(ceiling_share=0.5)
    for number in range(5):
        item = priced(contributor, 1, system=f"system {number}")
        services.debt_activate(actor=approver, item_id=item.pk)
    policy = in_force()
    with django_assert_num_queries(4):
        assert len(selectors.system_loads(policy)) == 5


@pytest.fixture
def ask(contributor: Any, repository: Any) -> Callable[..., Waiver]:
    def make(**changes: Any) -> Waiver:
        given = {
            "actor": contributor, "repository_id": repository.pk, "rule": "missing_owner",
            "reason": "the import is under way", "expires_on": in_days(30), **changes,
        }  # fmt: skip
        return services.waiver_ask(**given)

    return make


def test_a_waiver_holds_once_another_approves(
    ask: Callable[..., Waiver], approver: Any, repository: Any
) -> None:
    waiver = ask(path="legacy/*")
    today = in_days(0)
    assert in_force(repository.pk).waivers == ()
    services.waiver_approve(actor=approver, waiver_id=waiver.pk)
    policy = in_force(repository.pk)
    assert policy.enforcement(Rule.MISSING_OWNER, today, "legacy/a.py") is Enforcement.ADVISE
    assert policy.enforcement(Rule.MISSING_OWNER, today, "new/a.py") is Enforcement.WARN
    assert in_force(None).waivers == ()
    services.waiver_end(actor=approver, waiver_id=waiver.pk)
    assert in_force(repository.pk).waivers == ()
    assert [line.standing for line in selectors.waiver_lines()] == ["withdrawn"]


def test_nobody_approves_what_they_asked_for(
    ask: Callable[..., Waiver], approver: Any, contributor: Any, admin: Any
) -> None:
    waiver = ask(actor=approver)
    with pytest.raises(Denied, match="You asked for this waiver"):
        services.waiver_approve(actor=approver, waiver_id=waiver.pk)
    with pytest.raises(Denied, match="approver"):
        services.waiver_approve(actor=contributor, waiver_id=waiver.pk)
    services.waiver_approve(actor=admin, waiver_id=waiver.pk)
    with pytest.raises(Refused, match="live already"):
        services.waiver_approve(actor=admin, waiver_id=waiver.pk)


def test_an_expired_waiver_stays_visible(
    ask: Callable[..., Waiver], approver: Any, repository: Any
) -> None:
    waiver = ask()
    services.waiver_approve(actor=approver, waiver_id=waiver.pk)
    Waiver.objects.filter(pk=waiver.pk).update(expires_on=in_days(-1))
    assert in_force(repository.pk).waivers == ()
    assert [line.standing for line in selectors.waiver_lines()] == ["expired"]
    with pytest.raises(Refused, match="expired already"):
        services.waiver_end(actor=approver, waiver_id=waiver.pk)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"rule": "made_up"}, "rule"),
        ({"reason": " "}, "reason"),
        ({"expires_on": in_days(-1)}, "expires_on"),
        ({"expires_on": in_days(366)}, "expires_on"),
        ({"repository_id": 999}, "repository"),
        ({"path": "a" * 201}, "path"),
    ],
)
def test_what_is_no_waiver_is_refused(
    ask: Callable[..., Waiver], changes: dict[str, Any], field: str
) -> None:
    if field == "expires_on" and in_days(-1) != changes["expires_on"]:
        changes = {"expires_on": in_days(366)}
    with pytest.raises(Refused) as refusal:
        ask(**changes)
    assert refusal.value.field == field


def test_a_viewer_asks_for_nothing(ask: Callable[..., Waiver], person: Any) -> None:
    with pytest.raises(Denied):
        ask(actor=person(Role.VIEWER))
    with pytest.raises(NotFound):
        services.waiver_end(actor=person(Role.ADMIN, "boss"), waiver_id=99)
