"""The page behind a link, in a real browser."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings

from accounts.domain.roles import Role
from alerts.domain.messages import Answer
from alerts.models import GivenAnswer
from alerts.services.channels import channel_create
from ledger.models import DebtItem, ExtensionRequest
from tests.builders.answering import admin, offers, slack_channel
from tests.builders.debts import in_days, make_active_debt, make_person
from tests.functional.conftest import DESKTOP, PHONE, Visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LONG = "The tax rate of Germany is hard-coded in " + "checkout_and_invoice_service" * 5


@pytest.fixture
def ann(transactional_db: None) -> Any:
    return make_person("ann")


@pytest.fixture
def debt(ann: Any) -> DebtItem:
    return make_active_debt(ann, make_person("boss", Role.APPROVER), title=LONG)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_asking_for_more_time(
    visit: Callable[..., Visit], ann: Any, debt: DebtItem, size: dict[str, int], scheme: str
) -> None:
    window = visit(ann, size=size, scheme=scheme)
    page = window.to(urlsplit(offers(slack_channel(), debt)[Answer.EXTEND].url).path)
    assert window.overflow == 0
    page.get_by_label("New date").fill(str(in_days(40)))
    page.get_by_label("Why").fill("The vendor is late.")
    page.get_by_role("button", name="Ask for more time").click()
    page.get_by_role("heading", name="Your answer is noted").wait_for()
    assert window.overflow == 0
    assert window.complaints == []
    assert ExtensionRequest.objects.get().due_on == in_days(40)


def test_without_a_sign_in_from_ones_own_letter(
    browser: Any, live_server: Any, ann: Any, debt: DebtItem
) -> None:
    values = {
        "token": "xoxb-1234567890-abcdef", "channel": "D0123456789",
        "api": "https://slack.invalid/api",
    }  # fmt: skip
    own = channel_create(actor=admin(), kind="slack", name="own", values=values, person_id=ann.pk)
    # Scripts are off, as in a mail program's own window.
    context = browser.new_context(viewport=PHONE, java_script_enabled=False)
    page = context.new_page()
    page.goto(live_server.url + urlsplit(offers(own, debt)[Answer.ACKNOWLEDGE].url).path)
    assert not GivenAnswer.objects.exists()
    page.get_by_role("button", name="I have seen it").click()
    page.get_by_role("heading", name="Your answer is noted").wait_for()
    assert settings.SESSION_COOKIE_NAME not in {one["name"] for one in context.cookies()}
    context.close()
    assert GivenAnswer.objects.get().user == ann
