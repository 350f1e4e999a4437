"""Every action of a debt through its form, and every way in which it is refused."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.domain.roles import Role
from ledger import services
from ledger.domain.lifecycle import Action
from ledger.domain.texts import day_words
from ledger.models import Commitment, DebtItem
from ledger.web.actions import PAGES
from tests.functional.web_ledger.conftest import in_days
from tests.functional.web_ledger.forms import act, errors_of, extension

pytestmark = pytest.mark.django_db

REASON = {"reason": "The product is retired in March."}
COMMIT = {"kind": "merge_commit", "reference": "4f2a91c0de", "note": ""}
LOOKED = {"kind": "reviewer", "reference": "", "note": "Two releases without the old path."}


def state_of(item: DebtItem) -> str:
    return DebtItem.objects.get(pk=item.pk).state


def sent(item: DebtItem, **data: Any) -> dict[str, Any]:
    return {"version": DebtItem.objects.get(pk=item.pk).version, **data}


def test_a_whole_life(contributor: Client, approver: Client, proposed: DebtItem) -> None:
    item = proposed
    steps: list[tuple[Client, str, dict[str, Any], str]] = [
        (approver, "activate", {}, "active"),
        (contributor, "start-repayment", {}, "repaying"),
        (contributor, "repay", COMMIT, "repaid"),
        (contributor, "reopen", REASON, "repaying"),
        (contributor, "repay", COMMIT, "repaid"),
        (approver, "verify", LOOKED, "verified"),
    ]
    for client, action, data, state in steps:
        page = client.get(reverse("ledger:act", args=[item.reference, action]))
        assert page.status_code == 200
        response = act(client, item, action, sent(item, **data))
        assert (response.status_code, response["Location"]) == (
            302,
            reverse("ledger:item", args=[item.reference]),
        )
        assert state_of(item) == state


@pytest.mark.parametrize(
    ("action", "state"), [("reject", "rejected"), ("roll-back", "rolled_back")]
)
def test_proposals_end_with_a_reason(
    approver: Client, proposed: DebtItem, action: str, state: str
) -> None:
    refused = act(approver, proposed, action, sent(proposed, reason="  "))
    assert refused.status_code == 422
    assert "reason" in errors_of(refused)
    assert act(approver, proposed, action, sent(proposed, **REASON)).status_code == 302
    assert state_of(proposed) == state


def test_accepted_debt_is_written_off_with_a_reason(approver: Client, active: DebtItem) -> None:
    assert act(approver, active, "write-off", sent(active, **REASON)).status_code == 302
    assert state_of(active) == "written_off"


def test_escalating_changes_no_state(contributor: Client, active: DebtItem) -> None:
    assert act(contributor, active, "escalate", sent(active, **REASON)).status_code == 302
    assert state_of(active) == "active"
    page = contributor.get(reverse("ledger:item", args=[active.reference])).content.decode()
    assert "Escalated" in page
    assert REASON["reason"] in page


def test_extending_keeps_the_first_date_for_ever(approver: Client, active: DebtItem) -> None:
    first = active.due_on
    assert act(approver, active, "extend", extension(active)).status_code == 302
    item = DebtItem.objects.get(pk=active.pk)
    assert (item.due_on, item.first_due_on, item.extensions) == (in_days(90), first, 1)
    page = approver.get(reverse("ledger:item", args=[item.reference])).content.decode()
    assert f"First promised for {first.day} {first:%B %Y}, extended once" in page
    assert "The supplier is late." in page
    assert "approved by approver" in page


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"due_on": ""}, "due_on", "required"),
        ({"due_on": "tomorrow"}, "due_on", "year-month-day"),
        ({"due_on": in_days(60).isoformat()}, "due_on", f"after {day_words(in_days(60))}."),
        ({"due_on": in_days(900).isoformat()}, "due_on", "at the latest"),
        ({"reason": ""}, "reason", "Give the reason"),
        ({"interest_p90": ""}, "interest_p90", "required"),
        ({"interest_p10": "7"}, "interest_p50", "rising order"),
        ({"interest_p10": "-1"}, "interest_p10", "greater than or equal"),
        ({"interest_p10": "NaN"}, "interest_p10", "number"),
        ({"interest_p90": "1e30"}, "interest_p90", ""),
    ],
)
def test_a_bad_extension_is_refused_at_its_field(
    approver: Client, active: DebtItem, changes: dict[str, str], field: str, words: str
) -> None:
    response: Any = act(approver, active, "extend", extension(active, **changes))
    assert response.status_code == 422
    assert words in " ".join(errors_of(response)[field])
    assert Commitment.objects.filter(item=active).count() == 1
    # What was typed is still there.
    if "reason" not in changes:
        assert "The supplier is late." in response.content.decode()


def test_an_owner_does_not_extend_their_own_debt(
    admin: Client, approver: Client, record: Callable[..., DebtItem], activate: Any
) -> None:
    item = record(owner="admin")
    activate(item)
    item.refresh_from_db()
    response = act(admin, item, "extend", extension(item))
    assert response.status_code == 403
    assert "You own this debt" in response.content.decode()
    page = admin.get(reverse("ledger:item", args=[item.reference])).content.decode()
    assert reverse("ledger:act", args=[item.reference, "extend"]) not in page
    assert "another approver has to decide" in page
    assert act(approver, item, "extend", extension(item)).status_code == 302


def test_the_second_extension_needs_an_admin_and_a_third_nobody_grants(
    approver: Client, admin: Client, active: DebtItem
) -> None:
    act(approver, active, "extend", extension(active))
    again = {"due_on": in_days(100).isoformat(), **sent(active)}
    refused = act(approver, active, "extend", extension(active, **again))
    assert refused.status_code == 403
    assert "needs the role admin" in refused.content.decode()
    assert act(admin, active, "extend", extension(active, **again)).status_code == 302
    third = {"due_on": in_days(110).isoformat(), **sent(active)}
    refused = act(admin, active, "extend", extension(active, **third))
    assert refused.status_code == 422
    assert "escalate it" in refused.content.decode()


def test_what_is_missing_for_acceptance_is_said_at_once(
    approver: Client, record: Callable[..., DebtItem]
) -> None:
    item = record(impact="", estimate=None, plan=None)
    page = approver.get(reverse("ledger:item", args=[item.reference])).content.decode()
    response = act(approver, item, "activate", sent(item))
    assert response.status_code == 422
    for words in ("level L2", "one milestone", "effort to repay", "hours per month"):
        assert words in page
        assert words in response.content.decode()
    assert state_of(item) == "proposed"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"kind": "merge_commit", "reference": ""}, "Name the commit"),
        ({"kind": "merge_commit", "reference": "not a commit"}, "Name the commit"),
        ({"kind": "annotation_left"}, "still in the default branch"),
        ({"kind": "reviewer"}, "Select a valid choice"),
        ({}, "required"),
    ],
)
def test_repayment_needs_evidence(
    contributor: Client, active: DebtItem, data: dict[str, str], words: str
) -> None:
    act(contributor, active, "start-repayment", sent(active))
    response = act(contributor, active, "repay", sent(active, **data))
    assert response.status_code == 422
    assert words in str(errors_of(response))
    assert state_of(active) == "repaying"


def test_a_reviewer_is_an_approver(
    contributor: Client, active: DebtItem, people: dict[Role, Any]
) -> None:
    act(contributor, active, "start-repayment", sent(active))
    act(contributor, active, "repay", sent(active, **COMMIT))
    assert act(contributor, active, "verify", sent(active, **LOOKED)).status_code == 403
    empty = act(contributor, active, "verify", sent(active, kind="measurement", note=""))
    assert "note" in errors_of(empty)
    measured = sent(active, kind="measurement", note="Complexity is 9.")
    assert act(contributor, active, "verify", measured).status_code == 302


@pytest.mark.parametrize("action", [action.value for action in Action])
def test_a_viewer_reads_why_and_changes_nothing(
    viewer: Client, active: DebtItem, action: str
) -> None:
    address = reverse("ledger:act", args=[active.reference, action])
    page = viewer.get(address).content.decode()
    assert "This cannot be done now." in page
    assert "<form class=" not in page
    every_field = {**extension(active), **COMMIT, "note": "seen"}
    assert viewer.post(address, every_field).status_code in (403, 422)
    assert DebtItem.objects.get(pk=active.pk).version == active.version


def test_somebody_elses_change_is_shown_and_the_input_kept(
    approver: Client, active: DebtItem, people: dict[Role, Any]
) -> None:
    services.debt_describe(actor=people[Role.ADMIN], item_id=active.pk, owner="checkout")
    response: Any = act(approver, active, "extend", extension(active))
    page = response.content.decode()
    assert response.status_code == 409
    assert "Somebody changed this debt" in page
    assert "owner checkout" in page
    assert "The supplier is late." in page
    # Sent again as it stands, it is accepted.
    again = {name: response.context["form"][name].value() for name in extension(active)}
    assert again["version"] == str(active.version + 1)
    assert act(approver, active, "extend", again).status_code == 302


@pytest.mark.parametrize("version", ["", "x", "0", "-1", "9" * 40])
def test_a_broken_version_is_no_error_of_the_server(
    approver: Client, active: DebtItem, version: str
) -> None:
    response = act(approver, active, "write-off", {"version": version, **REASON})
    assert response.status_code in (409, 422)
    assert state_of(active) == "active"


def test_forms_need_their_token(active: DebtItem, people: dict[Role, Any]) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(people[Role.APPROVER])
    assert act(strict, active, "write-off", sent(active, **REASON)).status_code == 403
    assert state_of(active) == "active"


def test_reading_changes_nothing(approver: Client, active: DebtItem) -> None:
    for action in Action:
        approver.get(reverse("ledger:act", args=[active.reference, action.value]), REASON)
    assert DebtItem.objects.get(pk=active.pk).version == active.version


@pytest.mark.parametrize("path", ["D-000001/burn/", "D-999999/extend/", "D-999999/", "nothing/"])
def test_what_does_not_exist_is_not_found(approver: Client, path: str) -> None:
    assert approver.get(f"{reverse('ledger:register')}{path}").status_code == 404


def test_expired_debt_can_be_extended(
    approver: Client,
    expired: DebtItem,
    set_clock: Callable[[int], AbstractContextManager[None]],
) -> None:
    assert act(approver, expired, "extend", extension(expired)).status_code == 302


def test_no_action_sends_along_what_the_form_showed() -> None:
    """Else a form sent again after a conflict would undo the change in between."""
    item = DebtItem(title="T", owner="payments", due_on=in_days(3), confidence="low", version=4)
    for page in PAGES.values():
        form = page.form(item=item)
        filled = {name for name in form.fields if form[name].value() not in (None, "")}
        assert filled <= {"version", "kind"}
