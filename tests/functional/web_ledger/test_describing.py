"""Recording and describing a debt through its forms, and the coach of its wording."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.domain.roles import Role
from ledger import services
from ledger.models import DebtEvent, DebtItem, Plan
from ledger.web.forms.describing import steps_merged
from ledger.web.forms.plan import Step
from tests.functional.web_ledger.conftest import IMPACT, in_days
from tests.functional.web_ledger.forms import errors_of, new_debt

pytestmark = pytest.mark.django_db


def record_by_form(client: Client, **changes: Any) -> Any:
    return client.post(reverse("ledger:record"), new_debt(**changes))


def test_a_recorded_debt_can_be_accepted(
    contributor: Client, repository: Any, people: dict[Role, Any]
) -> None:
    steps = {
        "milestones-0-title": "Store chosen",
        "milestones-0-due_on": in_days(20).isoformat(),
        "milestones-1-title": "Old path gone",
        "milestones-1-due_on": in_days(50).isoformat(),
    }
    response = record_by_form(
        contributor, repository=repository.pk, path="shop/cart.py", line=3, **steps
    )
    item = DebtItem.objects.get()
    assert (response.status_code, response["Location"]) == (302, f"/debts/{item.reference}/")
    assert (item.state, item.path, item.line, item.plan_milestones) == (
        "proposed", "shop/cart.py", 3, 2,
    )  # fmt: skip
    assert (item.interest_p90, item.impact) == (9.5, IMPACT)
    services.debt_activate(actor=people[Role.APPROVER], item_id=item.pk)


def test_the_least_is_enough(contributor: Client) -> None:
    empty = dict.fromkeys(
        (
            "impact", "principal_optimistic", "principal_likely", "principal_pessimistic",
            "interest_p10", "interest_p50", "interest_p90",
        ),
        "",
    )  # fmt: skip
    assert record_by_form(contributor, **empty).status_code == 302
    item = DebtItem.objects.get()
    assert (item.principal, item.interest_p50, item.plan_milestones) == (None, None, 0)
    form = contributor.get(reverse("ledger:describe", args=[item.reference])).context["form"]
    assert form["basis"].value() == "expert", "nobody has measured it"


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"title": " "}, "title", "required"),
        ({"title": "x" * 201}, "title", "at most 200"),
        ({"owner": "Pay ments"}, "owner", "is no owner"),
        ({"due_on": in_days(-1).isoformat()}, "due_on", "is over"),
        ({"due_on": "2026-02-30"}, "due_on", "year-month-day"),
        ({"severity": "dire"}, "severity", "valid choice"),
        ({"repository": "77"}, "repository", "valid choice"),
        ({"line": "-3"}, "line", "greater than or equal"),
        ({"principal_likely": "80"}, "principal_likely", "rising order"),
        ({"principal_likely": ""}, "principal_likely", "all three"),
        ({"interest_p10": "few"}, "interest_p10", "number"),
        ({"impact": "x" * 2001}, "impact", "at most 2000"),
    ],
)
def test_what_is_refused_stands_at_its_field(
    contributor: Client, changes: dict[str, str], field: str, words: str
) -> None:
    response = record_by_form(contributor, **changes)
    assert response.status_code == 422
    assert words in " ".join(errors_of(response)[field])
    assert not DebtItem.objects.exists()
    if field != "owner":
        assert 'value="payments"' in response.content.decode()


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ({"milestones-0-title": "Store chosen"}, "Give this step a date"),
        ({"milestones-0-due_on": "2027-01-01"}, "Say what is done"),
        ({"milestones-TOTAL_FORMS": "x"}, "ManagementForm data is missing"),
        ({"milestones-TOTAL_FORMS": "5000"}, "at most 100"),
    ],
)
def test_a_bad_step_of_the_plan_is_said(
    contributor: Client, steps: dict[str, str], words: str
) -> None:
    response = record_by_form(contributor, **steps)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not DebtItem.objects.exists()


@pytest.mark.parametrize("name", ["ledger:record", "ledger:describe"])
def test_a_viewer_is_told_that_it_needs_a_role(
    viewer: Client, proposed: DebtItem, name: str
) -> None:
    address = reverse(name, args=[proposed.reference] if name == "ledger:describe" else [])
    for response in (viewer.get(address), viewer.post(address, new_debt())):
        assert response.status_code == 403
        assert "Contributor" in response.content.decode()
    assert DebtItem.objects.count() == 1


@pytest.mark.parametrize(
    ("text", "level", "words"),
    [
        ("", "Not worded yet", "For example"),
        ("The spaghetti code needs work", "L0", "engineering term"),
        ("This system takes too long to add features, slowing our time-to-market", "L1", "number"),
        (IMPACT + " That was so in the last 90 days.", "L2", ""),
        ("<script>alert(1)</script> & refactor", "L0", "engineering term"),
    ],
)
def test_the_coach_answers_while_typing(
    contributor: Client, text: str, level: str, words: str
) -> None:
    response = contributor.post(reverse("ledger:statement_coach"), {"impact": text})
    page = response.content.decode()
    assert response.status_code == 200
    assert level in page
    assert words in page
    assert "<script>" not in page


def opened(client: Client, item: DebtItem) -> dict[str, Any]:
    """The fields of the edit form as it stands now."""
    page = client.get(reverse("ledger:describe", args=[item.reference]))
    return fields_in(page)


def fields_in(page: Any) -> dict[str, Any]:
    """What a browser would send of the form on a page."""
    form, rows = page.context["form"], page.context["rows"]
    data = {name: form[name].value() for name in form.fields}
    data["milestones-TOTAL_FORMS"] = rows.total_form_count()
    data["milestones-INITIAL_FORMS"] = rows.initial_form_count()
    for row in rows:
        data |= {row.add_prefix(name): row[name].value() for name in row.fields}
    return {name: "" if one is None else one for name, one in data.items()}


def send(client: Client, item: DebtItem, data: dict[str, Any]) -> Any:
    return client.post(reverse("ledger:describe", args=[item.reference]), data)


def edit(client: Client, item: DebtItem, **changes: Any) -> Any:
    """Send the edit form as it stands, with some fields changed."""
    return send(client, item, opened(client, item) | changes)


def test_only_what_was_changed_is_recorded(contributor: Client, proposed: DebtItem) -> None:
    assert edit(contributor, proposed, severity="critical").status_code == 302
    event = DebtEvent.objects.filter(item=proposed).latest("sequence")
    assert event.payload == {"set": {"severity": "critical"}}


def test_saving_without_a_change_records_nothing(contributor: Client, proposed: DebtItem) -> None:
    assert edit(contributor, proposed).status_code == 302
    assert DebtItem.objects.get(pk=proposed.pk).version == proposed.version


def test_all_parts_can_be_described(contributor: Client, proposed: DebtItem) -> None:
    response = edit(
        contributor,
        proposed,
        impact="Support answers 40 calls a month about lost carts. Source: helpdesk.",
        due_on=in_days(50).isoformat(),
        interest_p90="30",
        **{"milestones-1-title": "Carts moved", "milestones-1-due_on": in_days(40).isoformat()},
    )
    assert response.status_code == 302
    item = DebtItem.objects.get(pk=proposed.pk)
    assert (item.interest_p90, item.plan_milestones, item.due_on) == (30, 2, in_days(50))
    page = contributor.get(reverse("ledger:item", args=[item.reference])).content.decode()
    assert "Support answers 40 calls" in page
    assert "changed before it was accepted" in page


def test_a_cleared_step_leaves_the_plan(contributor: Client, proposed: DebtItem) -> None:
    steps = {"milestones-0-title": "", "milestones-0-due_on": ""}
    assert edit(contributor, proposed, **steps).status_code == 302
    assert DebtItem.objects.get(pk=proposed.pk).plan_milestones == 0


def test_accepted_debt_has_no_date_to_edit(contributor: Client, active: DebtItem) -> None:
    page = contributor.get(reverse("ledger:describe", args=[active.reference]))
    assert "due_on" not in page.context["form"].fields
    edit(contributor, active, due_on=in_days(170).isoformat())
    assert DebtItem.objects.get(pk=active.pk).due_on == active.due_on


def test_what_the_ledger_refuses_stands_at_its_field(contributor: Client, active: DebtItem) -> None:
    response = edit(contributor, active, confidence="high", text="Kept while refused")
    assert response.status_code == 422
    assert "fixed" in errors_of(response)["confidence"][0]
    assert "Kept while refused" in response.content.decode()


def test_a_conflict_shows_the_change_and_keeps_the_input(
    contributor: Client, proposed: DebtItem, people: dict[Role, Any]
) -> None:
    services.debt_describe(actor=people[Role.ADMIN], item_id=proposed.pk, owner="checkout")
    response = edit(contributor, proposed, version=proposed.version, text="My own words")
    page = response.content.decode()
    assert response.status_code == 409
    assert "Described anew by admin" in page
    assert "owner checkout" in page
    assert "My own words" in page
    assert response.context["form"]["version"].value() == str(proposed.version + 1)
    assert DebtItem.objects.get(pk=proposed.pk).text == ""


def test_closed_debt_is_not_edited(
    contributor: Client, proposed: DebtItem, people: dict[Role, Any]
) -> None:
    services.debt_reject(actor=people[Role.ADMIN], item_id=proposed.pk, reason="Too costly.")
    response = edit(contributor, proposed, text="Later")
    assert response.status_code == 422
    assert "closed" in response.content.decode()


def test_choosing_a_taken_place_twice_is_allowed(
    contributor: Client, record: Callable[..., DebtItem]
) -> None:
    record(path="shop/cart.py")
    assert record_by_form(contributor, path="shop/cart.py").status_code == 302


BARE = {"impact": "", "estimate": None, "plan": None}


def test_sending_again_keeps_what_a_colleague_filled_in(
    contributor: Client, approver: Client, record: Callable[..., DebtItem]
) -> None:
    item = record(**BARE, text="One\nTwo")
    mine, theirs = opened(contributor, item), opened(approver, item)
    theirs |= {
        "impact": IMPACT, "text": "One\r\nTwo\r\nThree", "basis": "measured",
        "principal_optimistic": "8", "principal_likely": "16", "principal_pessimistic": "40",
        "interest_p10": "2", "interest_p50": "4", "interest_p90": "9", "plan_summary": "Move them",
        "milestones-0-title": "Store chosen", "milestones-0-due_on": in_days(20).isoformat(),
    }  # fmt: skip
    assert send(approver, item, theirs).status_code == 302
    # A browser sends the line ends of a text as CRLF.
    conflict = send(contributor, item, mine | {"title": "My title", "text": "One\r\nTwo"})
    assert conflict.status_code == 409
    assert DebtItem.objects.get(pk=item.pk).title == item.title
    again = fields_in(conflict)
    assert (again["title"], again["impact"], again["plan_summary"]) == (
        "My title", IMPACT, "Move them",
    )  # fmt: skip
    assert "text" in conflict.context["form"].notes
    assert "title" not in conflict.context["form"].notes
    assert conflict.content.decode().count('class="field-note"') >= 10
    assert send(contributor, item, again).status_code == 302
    event = DebtEvent.objects.filter(item=item).latest("sequence")
    assert event.payload == {"set": {"title": "My title"}}


def test_what_both_changed_is_marked_with_the_other_value(
    contributor: Client, approver: Client, proposed: DebtItem
) -> None:
    mine, theirs = opened(contributor, proposed), opened(approver, proposed)
    step = {"milestones-1-title": "Theirs", "milestones-1-due_on": in_days(30).isoformat()}
    send(approver, proposed, theirs | {"severity": "low", "interest_p90": "11"} | step)
    step = {"milestones-1-title": "Mine", "milestones-1-due_on": in_days(40).isoformat()}
    conflict = send(
        contributor, proposed, mine | {"severity": "critical", "principal_likely": "20"} | step
    )
    again = fields_in(conflict)
    assert (again["severity"], again["interest_p90"]) == ("critical", "11.00")
    assert "“Low”" in conflict.context["form"].notes["severity"]
    assert "“Low”" in conflict.content.decode()
    assert send(contributor, proposed, again).status_code == 302
    item = DebtItem.objects.get(pk=proposed.pk)
    plan = Plan.objects.filter(item=item).latest("sequence")
    titles = [step.title for step in plan.milestones.order_by("position")]
    assert titles == ["Store chosen", "Theirs", "Mine"]
    assert (item.severity, item.interest_p90) == ("critical", 11)


def test_a_stale_form_with_a_mistake_stays_stale(
    contributor: Client, approver: Client, record: Callable[..., DebtItem]
) -> None:
    item = record(**BARE)
    mine = opened(contributor, item)
    send(approver, item, opened(approver, item) | {"impact": IMPACT})
    refused = send(contributor, item, mine | {"title": ""})
    assert refused.status_code == 422
    conflict = send(contributor, item, fields_in(refused) | {"title": "Mine"})
    assert conflict.status_code == 409
    assert fields_in(conflict)["impact"] == IMPACT


A, B, C, D = ((name, in_days(number)) for number, name in enumerate("ABCD", start=1))


@pytest.mark.parametrize(
    ("shown", "sent", "present", "merged"),
    [
        ([A, B], [A, B], [C], [C]),
        ([A, B], [A, C], [A, B, D], [A, C, D]),
        ([A, B], [None, B], [A, B, C], [B, C]),
        ([A, B], [A, C], [A, D], [A, D, C]),
        ([A], [A, B, None], [A, B], [A, B]),
        ([A], [None], [B], [B]),
    ],
)
def test_steps_of_two_people_are_put_together(
    shown: list[Step], sent: list[Step | None], present: list[Step], merged: list[Step]
) -> None:
    assert steps_merged(shown, sent, present) == merged
