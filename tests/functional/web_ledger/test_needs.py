"""What a plan needs, through the forms; and sections that other parts bring to a debt's page."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.domain.roles import Role
from ledger import services
from ledger.domain.plans import MilestoneDraft, PlanDraft
from ledger.domain.terms import Need
from ledger.models import DebtEvent, DebtItem
from ledger.web import panels
from tests.functional.web_ledger.conftest import in_days
from tests.functional.web_ledger.forms import errors_of, new_debt
from tests.functional.web_ledger.test_describing import edit, fields_in, opened, send

pytestmark = pytest.mark.django_db

STEPS = (MilestoneDraft("Store chosen", in_days(20)),)


def page_of(client: Client, item: DebtItem) -> str:
    page: str = client.get(reverse("ledger:item", args=[item.reference])).content.decode()
    return page


def test_needs_are_ticked_and_shown(contributor: Client) -> None:
    response = contributor.post(reverse("ledger:record"), new_debt(needs=["redis", "queue"]))
    item = DebtItem.objects.get()
    assert (response.status_code, item.needs) == (302, ["redis", "queue"])
    page = page_of(contributor, item)
    assert '<span class="tag">Redis cache</span>' in page
    assert '<span class="tag">Message queue</span>' in page

    assert edit(contributor, item, needs=["redis"]).status_code == 302
    event = DebtEvent.objects.filter(item=item).latest("sequence")
    assert event.payload["plan"]["needs"] == ["redis"]
    assert edit(contributor, item, severity="low").status_code == 302
    assert "plan" not in DebtEvent.objects.filter(item=item).latest("sequence").payload
    assert edit(contributor, item, needs=[]).status_code == 302
    assert DebtItem.objects.get().needs == []


def test_what_nobody_can_build_is_refused(contributor: Client) -> None:
    response = contributor.post(reverse("ledger:record"), new_debt(needs=["mainframe"]))
    assert response.status_code == 422
    assert list(errors_of(response)) == ["needs"]


def test_needs_that_two_people_change_are_shown_to_the_second(
    contributor: Client, proposed: DebtItem, people: Any
) -> None:
    mine = opened(contributor, proposed) | {"needs": ["redis"]}
    services.debt_describe(
        actor=people[Role.ADMIN],
        item_id=proposed.pk,
        plan=PlanDraft("Move the carts", STEPS, (Need.QUEUE, Need.MONITORING)),
    )
    conflict = send(contributor, proposed, mine)
    assert conflict.status_code == 409
    again = fields_in(conflict)
    assert again["needs"] == ["redis"]
    assert "“Message queue, Monitoring”" in conflict.content.decode()
    assert send(contributor, proposed, again).status_code == 302
    assert DebtItem.objects.get().needs == ["redis"]


def test_another_part_brings_a_section(
    contributor: Client, proposed: DebtItem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(panels, "_makers", [])

    @panels.panel
    def note(item: DebtItem, user: Any) -> panels.Panel | None:
        is_mine = item.title.startswith("Carts")
        told = {"title": f"Told to {user.username}", "text": "<b>bold</b>", "tone": "info"}
        return panels.Panel("components/empty_state.html", told) if is_mine else None

    assert "Told to contributor" in page_of(contributor, proposed)
    services.debt_describe(actor=_actor(contributor), item_id=proposed.pk, title="Other")
    assert "Told to contributor" not in page_of(contributor, proposed)


def _actor(client: Client) -> Any:
    return client.get("/").wsgi_request.user
