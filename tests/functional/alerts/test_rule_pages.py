"""The pages of rules: made off, previewed, switched on."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.domain.roles import Role
from alerts.models import Delivery, Route
from tests.builders.alert_channels import channel as make_channel
from tests.builders.alerting import Hands, make_route, make_team
from tests.builders.debts import in_days, make_active_debt, make_person

pytestmark = pytest.mark.django_db
RULES = "/alerts/rules/"
SignIn = Callable[..., Client]


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


@pytest.fixture
def hands(monkeypatch: pytest.MonkeyPatch) -> Hands:
    clock = Hands(monkeypatch, None)
    clock.set("2026-11-18 12:00")
    return clock


def terms(channel: Any, **changes: Any) -> dict[str, Any]:
    return {
        "name": "Payments, everything", "channel": channel.pk, "team": "", "system": "",
        "repository": "", "least_severity": "low", "audience": "product", "mentions": "on",
        **changes,
    }  # fmt: skip


def test_a_rule_is_made_off_previewed_switched_on_and_off_and_deleted(
    signed_in: SignIn, hands: Hands
) -> None:
    team = make_team("payments", "ann")
    ann, bo = team.members.get(), make_person("bo", Role.APPROVER)
    hands.set("2026-11-02 08:00")
    make_active_debt(ann, bo, owner="payments", due_on=in_days(10), title="Carts <i>in</i> memory")
    hands.set("2026-11-18 12:00")
    client = signed_in(Role.OPERATOR)
    room = make_channel("Room", kind="mattermost_webhook")
    made = client.post(f"{RULES}new/", terms(room, team=team.pk))
    route = Route.objects.get()
    assert made["Location"] == f"{RULES}{route.pk}/"
    assert not route.is_on
    page = text_of(client.get(f"{RULES}{route.pk}/"))
    assert f'hx-get="{RULES}{route.pk}/preview/"' in page
    preview = text_of(client.get(f"{RULES}{route.pk}/preview/"))
    assert "would have sent <strong>" in preview
    assert "Carts &lt;i&gt;in&lt;/i&gt; memory" in preview
    assert "<script" not in preview
    assert "How it reads" in text_of(client.get(f"{RULES}{route.pk}/?preview=now"))
    client.post(f"{RULES}{route.pk}/switch/")
    assert Route.objects.get().is_on
    client.post(f"{RULES}{route.pk}/edit/", terms(room, name="Less", least_severity="high"))
    route.refresh_from_db()
    assert (route.name, route.least_severity, route.team_id) == ("Less", "high", None)
    client.post(f"{RULES}{route.pk}/switch/")
    assert not Route.objects.get().is_on
    client.post(f"{RULES}{route.pk}/delete/")
    assert client.get(f"{RULES}{route.pk}/").status_code == 404


def test_a_digest_is_asked_for_looked_at_and_sent_once(signed_in: SignIn, hands: Hands) -> None:
    hands.set("2026-11-21 16:00")
    ann, bo = make_person("ann"), make_person("bo", Role.APPROVER)
    make_active_debt(ann, bo, owner="ann", due_on=in_days(120), title="Carts <i>in</i> memory")
    operator = make_person("olga", Role.OPERATOR)
    route = make_route(operator, make_channel("Room", kind="mattermost_webhook"))
    say = f"{RULES}{route.pk}/say/"
    client = signed_in(operator)
    assert "Speaks next <strong>Monday at 09:30</strong>" in text_of(
        client.get(f"{RULES}{route.pk}/")
    )
    asked = text_of(client.get(say))
    assert "Carts &lt;i&gt;in&lt;/i&gt; memory" in asked
    assert "Nobody is called by name." in asked
    assert not Delivery.objects.exists()
    assert signed_in(Role.VIEWER).get(say).status_code == 403
    sent = client.post(say)
    assert sent["Location"] == f"/alerts/deliveries/{Delivery.objects.get().pk}/"
    again = client.post(say)
    assert again.status_code == 422
    assert "has had its digest of today" in text_of(again)
    assert Delivery.objects.count() == 1


def test_a_quiet_rule_says_that_it_says_nothing(signed_in: SignIn) -> None:
    operator = make_person("olga", Role.OPERATOR)
    route = make_route(operator, make_channel("Room", kind="mattermost_webhook"), is_on=False)
    preview = text_of(signed_in(Role.VIEWER).get(f"{RULES}{route.pk}/preview/"))
    assert "<strong>nothing</strong>" in preview
    assert "Silence" in preview


def test_a_lead_makes_rules_for_their_team_into_its_channels_only(signed_in: SignIn) -> None:
    payments, search = make_team("payments", "ann", lead="ann"), make_team("search")
    lead = signed_in(payments.members.get())
    own = make_channel("Own", kind="mattermost_webhook", team_id=payments.pk)
    other = make_channel("Other", kind="mattermost_webhook", team_id=search.pk)
    form = text_of(lead.get(f"{RULES}new/"))
    assert "Own" in form
    assert "Other" not in form
    assert lead.post(f"{RULES}new/", terms(own, team=payments.pk)).status_code == 302
    for bad in (terms(other, team=payments.pk), terms(own, team=search.pk), terms(own)):
        assert lead.post(f"{RULES}new/", bad).status_code == 422
    assert Route.objects.count() == 1
    foreign = make_route(make_person("olga", Role.OPERATOR), other, team_id=search.pk)
    for part in ("edit/", "switch/", "delete/"):
        assert lead.post(f"{RULES}{foreign.pk}/{part}", terms(own)).status_code == 403
    assert signed_in(Role.APPROVER).get(f"{RULES}new/").status_code == 403


def test_a_rule_without_a_channel_leads_to_one(signed_in: SignIn) -> None:
    page = text_of(signed_in(Role.OPERATOR).get(f"{RULES}new/"))
    assert "There is no channel to speak in" in page
    assert "/alerts/channels/new/" in page


def test_many_rules_cost_no_more_queries(
    signed_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    operator = make_person("olga", Role.OPERATOR)
    team = make_team("payments")
    for number in range(60):
        room = make_channel(f"Room {number:02}", kind="mattermost_webhook")
        make_route(operator, room, team_id=team.pk, least_severity="high", is_on=number % 2 > 0)
    client = signed_in(operator)
    with django_assert_max_num_queries(7):
        page = text_of(client.get(RULES))
    assert "of 60 rules" in page
    assert "Debts of Payments, of high severity or worse" in page
    assert "of 2 rules" not in page
    assert "Room 07" in text_of(client.get(f"{RULES}?q=room+07"))
    assert "Nothing matches" in text_of(client.get(f"{RULES}?q=nowhere"))


def test_nobody_yet_has_made_a_rule(signed_in: SignIn) -> None:
    assert "No rule yet" in text_of(signed_in(Role.VIEWER).get(RULES))
