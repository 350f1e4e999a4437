"""The policy pages: reading, changing with a form, waivers, and what an item's page says of it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts import services as accounts_services
from accounts.domain.roles import Role
from analysis.models import Repository
from ledger import selectors, services
from ledger.domain.policy import Enforcement, Rule
from ledger.domain.policy_documents import DEFAULT_DOCUMENT
from ledger.domain.terms import Confidence
from ledger.models import DebtItem, Waiver
from ledger.web.forms.policy import policy_values
from tests.functional.web_ledger.conftest import in_days
from tests.functional.web_ledger.forms import errors_of

POLICY = "/policy/"
People = dict[Role, Any]


def form(**changes: Any) -> dict[str, Any]:
    """What a browser sends of the unchanged form, with some fields changed."""
    values = {"version": 0, "note": "", **policy_values(DEFAULT_DOCUMENT), **changes}
    return {name: "" if value is None else value for name, value in values.items()}


def put(people: People, **parts: Any) -> None:
    _number, document = selectors.policy_document()
    services.policy_change(actor=people[Role.ADMIN], document={**document, **parts})


def test_everybody_reads_it_and_an_admin_changes_it(viewer: Client, admin: Client) -> None:
    page = viewer.get(POLICY).content.decode()
    assert "This is the default" in page
    assert "up to 365 days, accepted by approver" in page
    assert "Change the policy" not in page
    assert viewer.get(f"{POLICY}edit/").status_code == 403
    shown = admin.get(f"{POLICY}edit/")
    assert shown.status_code == 200

    sent = form(
        ceiling="20",
        capacities="shop = 320\n",
        costs_admin_above="250",
        term_low="60",
        expired_debt_next="block",
        expired_debt_from=in_days(20).isoformat(),
        note="agreed in the review",
    )
    assert admin.post(f"{POLICY}edit/", sent).status_code == 302
    policy = selectors.policy_in_force(repository_id=None)
    assert (policy.version, policy.longest_terms[Confidence.LOW]) == (1, 60)
    assert policy.enforcement(Rule.EXPIRED_DEBT, in_days(19)) is Enforcement.WARN
    assert policy.enforcement(Rule.EXPIRED_DEBT, in_days(20)) is Enforcement.BLOCK

    page = viewer.get(POLICY).content.decode()
    assert "Version 1 is in force" in page
    assert "Warn, block from" in page
    assert "Longest term with low confidence: 90 to 60 days." in page
    assert "environments above: no limit to 250.00 a month." in page
    assert 'value="250.00"' in admin.get(f"{POLICY}edit/").content.decode()
    assert "agreed in the review" in page
    version = viewer.get(f"{POLICY}versions/1/")
    assert version.status_code == 200
    assert viewer.get(f"{POLICY}versions/2/").status_code == 404


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"term_high": "90"}, None),
        ({"ceiling": "101"}, "ceiling"),
        ({"extension_roles": "admin, approver"}, "extension_roles"),
        ({"capacities": "shop 320"}, "capacities"),
        ({"capacities": "shop = many"}, "capacities"),
        ({"new_cycle": "harder"}, "new_cycle"),
        ({"new_cycle_next": "block"}, "new_cycle_from"),
        ({"new_cycle_next": "block", "new_cycle_from": "soon"}, "new_cycle_from"),
        ({}, None),
    ],
)
def test_a_bad_form_is_shown_again(
    admin: Client, changes: dict[str, Any], field: str | None
) -> None:
    response = admin.post(f"{POLICY}edit/", form(**changes))
    assert response.status_code == 422
    assert (field or "__all__") in errors_of(response)
    assert selectors.policy_in_force(repository_id=None).version == 0


def test_a_change_over_somebody_elses_is_told(admin: Client, people: People) -> None:
    put(people, one_way_role="approver")
    response = admin.post(f"{POLICY}edit/", form(term_low="60"))
    assert response.status_code == 409
    assert "Somebody else changed the policy" in response.content.decode()


def test_a_repository_gets_rules_of_its_own(admin: Client, repository: Repository) -> None:
    address = f"{POLICY}repositories/shop/"
    assert admin.get(address).status_code == 200
    sent = {"version": 0, "note": "", **{rule.value: "" for rule in Rule}, "new_cycle": "block"}
    assert admin.post(address, sent).status_code == 302
    policy = selectors.policy_in_force(repository_id=repository.pk)
    assert policy.enforcement(Rule.NEW_CYCLE, in_days(0)) is Enforcement.BLOCK
    assert "as everywhere to block" in admin.get(POLICY).content.decode()
    assert admin.get(f"{POLICY}repositories/nowhere/").status_code == 404


def waiver(client: Client, repository: Repository, **changes: Any) -> Any:
    sent = {
        "repository": str(repository.pk), "rule": "expired_debt", "path": "legacy/*",
        "expires_on": in_days(30).isoformat(), "reason": "<b>switched off</b> in March", **changes,
    }  # fmt: skip
    return client.post(POLICY, sent)


def test_a_waiver_is_asked_for_and_approved_by_another(
    contributor: Client, approver: Client, repository: Repository
) -> None:
    assert waiver(contributor, repository).status_code == 302
    [asked] = Waiver.objects.all()
    page = approver.get(POLICY).content.decode()
    assert "&lt;b&gt;switched off&lt;/b&gt;" in page
    assert "Approve" in page
    assert "Approve" not in contributor.get(POLICY).content.decode()
    contributor.post(f"{POLICY}waivers/{asked.pk}/approve/")
    assert selectors.waiver_lines()[0].standing == "asked"
    approver.post(f"{POLICY}waivers/{asked.pk}/approve/")
    assert selectors.waiver_lines()[0].standing == "live"
    approver.post(f"{POLICY}waivers/{asked.pk}/end/")
    assert "Withdrawn" in approver.get(POLICY).content.decode()
    assert approver.post(f"{POLICY}waivers/999/end/").status_code == 404


def test_a_bad_waiver_is_shown_again(
    contributor: Client, viewer: Client, repository: Repository
) -> None:
    response = waiver(contributor, repository, expires_on=in_days(-1).isoformat())
    assert response.status_code == 422
    assert "is over" in response.content.decode()
    assert waiver(viewer, repository).status_code == 422
    assert not Waiver.objects.exists()


def test_an_item_says_plainly_that_its_system_is_over_the_ceiling(
    viewer: Client, people: People, record: Callable[..., DebtItem], active: DebtItem
) -> None:
    accounts_services.team_create(slug="payments", name="Payments", members=[people[Role.VIEWER]])
    services.debt_describe(actor=people[Role.CONTRIBUTOR], item_id=active.pk, system="shop")
    put(people, ceiling_share=0.04)
    proposed = record(system="shop")
    page = viewer.get(reverse("ledger:item", args=[proposed.reference])).content.decode()
    assert "shop is over its debt ceiling." in page
    assert "needs the role admin" in page
    page = viewer.get(POLICY).content.decode()
    assert "Over the ceiling" in page
    assert "1 person" in page


def test_a_decision_that_cannot_be_undone_is_listed_until_it_is_reviewed(
    approver: Client, viewer: Client, record: Callable[..., DebtItem]
) -> None:
    item = record(reversibility="one_way")
    address = reverse("ledger:item", args=[item.reference])
    assert "This cannot be undone." in viewer.get(address).content.decode()
    assert item.title in viewer.get(POLICY).content.decode()
    response = approver.post(f"{address}review/", {"version": item.version, "note": "read it all"})
    assert response.status_code == 302
    page = viewer.get(address).content.decode()
    assert "Reviewed by approver" in page
    assert "read it all" in page
    assert item.title not in viewer.get(POLICY).content.decode()


def test_the_owner_who_left_is_told_from_one_who_never_was(
    viewer: Client, people: People, record: Callable[..., DebtItem]
) -> None:
    left, never = record(owner="operator"), record(owner="nobody-knows")
    accounts_services.user_deactivate(user=people[Role.OPERATOR])
    page = viewer.get(reverse("ledger:item", args=[left.reference])).content.decode()
    assert "deactivated; hand this debt over" in page
    page = viewer.get(reverse("ledger:item", args=[never.reference])).content.decode()
    assert "nobody here has this name" in page


def test_the_dashboard_tells_of_ceilings_and_unreviewed_decisions(
    viewer: Client, people: People, record: Callable[..., DebtItem], active: DebtItem
) -> None:
    item = record(reversibility="one_way", title="The contract with the carrier is signed")
    page = viewer.get("/").content.decode()
    assert "Decisions that cannot be undone, not reviewed" in page
    assert item.title in page
    assert "Over the debt ceiling" not in page
    services.debt_describe(actor=people[Role.CONTRIBUTOR], item_id=active.pk, system="shop")
    put(people, ceiling_share=0.1, capacities={"shop": 10})
    page = viewer.get("/").content.decode()
    assert "Over the debt ceiling" in page
    assert "4 hours a month" in page
