"""The way to a first message in a real browser, and every page in every size without complaint."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from accounts.domain.roles import Role
from alerts.models import Channel, Delivery, Route
from tests.builders.alert_channels import channel as make_channel
from tests.builders.alert_channels import queued
from tests.builders.alerting import make_route, make_team
from tests.builders.debts import in_days, make_active_debt, make_person
from tests.fakes.loopback import Reply
from tests.functional.alerts.conftest import TOKEN, Chat
from tests.functional.conftest import DESKTOP, PHONE, Visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Open = Callable[..., Visit]
SIZES = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
LONG = "Partner integrations, marketplace onboarding and everything-that-has-no-other-name"


@SIZES
def test_from_nothing_to_a_rule_that_is_on(visit: Open, chat: Chat, size: dict[str, int]) -> None:
    team = make_team("payments", "ann")
    ann, bo = team.members.get(), make_person("bo", Role.APPROVER)
    make_active_debt(ann, bo, owner="payments", due_on=in_days(6))
    window = visit(make_person("olga", Role.OPERATOR), size=size)
    page: Any = window.to("/alerts/")
    page.get_by_role("link", name="Add a channel").click()
    page.get_by_role("link", name="Mattermost (incoming webhook)").click()
    page.get_by_label("Name").fill("Payments")
    page.get_by_label("Webhook URL").fill(chat.webhook)
    page.get_by_role("button", name="Make the channel").click()
    page.get_by_role("button", name="Send a test message").click()
    expect(page.get_by_text("The service took the message.")).to_be_visible()
    assert len(chat.messages) == 1
    page.get_by_role("link", name="Make a rule").click()
    page.get_by_label("Name", exact=True).fill("Payments, everything")
    page.get_by_label("Debts of").select_option(label="Payments")
    page.get_by_role("button", name="Make it and see the preview").click()
    expect(page.get_by_text("this rule would have sent")).to_be_visible()
    assert not Route.objects.get().is_on
    assert window.overflow == 0
    page.get_by_role("button", name="Switch on").click()
    expect(page.get_by_text("The rule is on.")).to_be_visible()
    assert Route.objects.get().is_on
    page.get_by_role("link", name="Overview").click()
    expect(page.get_by_role("cell", name="Payments").first).to_be_visible()
    assert window.overflow == 0
    assert TOKEN not in page.content()
    assert window.complaints == []


def test_the_same_way_by_keyboard_alone(visit: Open, chat: Chat) -> None:
    make_team("payments", "ann")
    window = visit(make_person("olga", Role.OPERATOR))
    page: Any = window.to("/alerts/channels/new/mattermost_webhook/")
    typed(page, "Name", "Payments")
    typed(page, "Webhook URL", chat.webhook)
    pressed(page, "Make the channel")
    page.wait_for_url("**/alerts/channels/*/")
    pressed(page, "Send a test message")
    expect(page.get_by_text("The service took the message.")).to_be_visible()
    pressed(page, "Make a rule")
    page.wait_for_url("**/rules/new/**")
    typed(page, "Name", "Payments, everything")
    reached(page, page.get_by_label("Debts of"))
    page.keyboard.type("Pay")
    pressed(page, "Make it and see the preview")
    expect(page.get_by_text("this rule would have sent")).to_be_visible()
    pressed(page, "Switch on")
    expect(page.get_by_text("The rule is on.")).to_be_visible()
    made = Route.objects.get()
    assert made.is_on
    assert made.team is not None
    assert window.complaints == []


def reached(page: Any, wanted: Any) -> None:
    """Press Tab until the element has the focus, and see that the focus shows."""
    wanted.wait_for()
    for _ in range(60):
        if wanted.evaluate("element => element === document.activeElement"):
            drawn = wanted.evaluate(
                "e => { const s = getComputedStyle(e);"
                " return s.outlineStyle !== 'none' || s.boxShadow !== 'none' }"
            )
            assert drawn, "the focus cannot be seen"
            return
        page.keyboard.press("Tab")
    raise AssertionError("the keyboard does not lead there")


def typed(page: Any, label: str, text: str) -> None:
    reached(page, page.get_by_label(label, exact=True))
    page.keyboard.type(text)


def pressed(page: Any, name: str) -> None:
    """Whatever carries this name, a button or a link."""
    button = page.get_by_role("button", name=name, exact=True)
    reached(page, button.or_(page.get_by_role("link", name=name, exact=True)))
    page.keyboard.press("Enter")


def test_a_refusal_of_the_service_is_shown_without_leaving_the_page(
    visit: Open, chat: Chat
) -> None:
    operator = make_person("olga", Role.OPERATOR)
    window = visit(operator)
    page: Any = window.to("/alerts/channels/new/mattermost_webhook/")
    page.get_by_label("Name").fill("Payments")
    page.get_by_label("Webhook URL").fill(chat.webhook)
    page.get_by_role("button", name="Make the channel").click()
    chat.reply = Reply(status=403, text="<img src=x> this hook is gone")
    page.get_by_role("button", name="Send a test message").click()
    expect(page.get_by_text("The message did not go out.")).to_be_visible()
    assert page.get_by_text("<img src=x> this hook is gone").first.is_visible()
    assert page.url.endswith(f"/alerts/channels/{Channel.objects.get().pk}/")
    assert window.complaints == []


def test_the_next_days_follow_the_choice(visit: Open) -> None:
    make_team("payments")
    window = visit(make_person("olga", Role.OPERATOR))
    page: Any = window.to("/alerts/working-days/teams/payments/")
    page.get_by_label("Public holidays of").select_option("DE")
    expect(page.get_by_label("Part of the country").locator("option")).not_to_have_count(1)
    page.get_by_label("Part of the country").select_option("BY")
    for day in ("Tuesday", "Wednesday", "Thursday", "Friday"):
        page.get_by_role("checkbox", name=day).uncheck()
    expect(page.locator(".next-days li span:first-child")).to_have_text(["Monday"] * 5)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The working days are changed.")).to_be_visible()
    assert page.get_by_label("Part of the country").input_value() == "BY"
    assert window.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@SIZES
def test_every_page_fits_with_much_and_with_long_names(
    visit: Open, size: dict[str, int], scheme: str
) -> None:
    admin = make_person("ada", Role.ADMIN)
    make_team("payments", "ann", lead="ann")
    room = make_channel(LONG, kind="mattermost_webhook")
    broken = make_channel("x" * 90, kind="mattermost_webhook", failures=9, last_error="y" * 300)
    route = make_route(admin, room, name="n" * 100)
    queued(room, 3)
    queued(broken)
    Delivery.objects.filter(channel=broken).update(state="dead", error="z" * 400)
    dead = Delivery.objects.get(state="dead")
    window = visit(admin, size=size, scheme=scheme)
    paths = (
        "", "channels/", "channels/new/", "channels/new/slack/", f"channels/{room.pk}/",
        f"channels/{broken.pk}/", f"channels/{room.pk}/edit/", "rules/", "rules/new/",
        f"rules/{route.pk}/", f"rules/{route.pk}/edit/", "working-days/",
        "working-days/everybody/", "working-days/teams/payments/", "deliveries/",
        f"deliveries/{dead.pk}/", "me/",
    )  # fmt: skip
    for path in paths:
        page: Any = window.to(f"/alerts/{path}")
        assert page.locator("h1").is_visible(), path
        assert window.overflow == 0, path
    assert window.complaints == []


def test_the_keyboard_leads_to_alerts(visit: Open) -> None:
    window = visit(make_person("vic", Role.VIEWER))
    page: Any = window.to("/alerts/me/")
    page.get_by_role("heading", name="For me", exact=True).wait_for()
    page.wait_for_load_state("networkidle")
    page.keyboard.press("g")
    page.keyboard.press("a")
    page.wait_for_url("**/alerts/")
    assert window.complaints == []
