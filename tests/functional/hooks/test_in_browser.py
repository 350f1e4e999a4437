"""The pages of hooks in a real browser: nothing overflows, nothing is complained about."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts import services as accounts_services
from accounts.domain.roles import Role
from analysis.models import Repository
from hooks import services
from hooks.domain.kinds import Kind
from tests.builders.webhooks import merged, pushed
from tests.functional.conftest import DESKTOP, PHONE, Visit
from tests.functional.hooks.conftest import Sender

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HOOKS = "/repositories/shop/hooks/"
LONG = "refs/heads/feature/a-rather-long-branch-name-that-somebody-made-up-for-a-ticket"


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_webhook_is_made_and_its_deliveries_fit(
    visit: Callable[..., Visit],
    repository: Repository,
    sender: Callable[[Kind], Sender],
    size: dict[str, int],
) -> None:
    host = sender(Kind.GITHUB)
    event, document = merged(Kind.GITHUB, "main")
    host.send(document, event)
    services.tip_look(repository_id=repository.pk)
    host.send(pushed(Kind.GITHUB, LONG))
    window = visit(accounts_services.user_create(username="ann", role=Role.OPERATOR), size=size)
    page: Any = window.to(HOOKS)
    assert page.get_by_role("heading", name="Deliveries").is_visible()
    assert window.overflow == 0
    page.get_by_role("link", name="Add a webhook").click()
    page.get_by_label("Where the repository lives").select_option("gitlab")
    page.get_by_role("button", name="Make the webhook").click()
    assert page.get_by_label("Secret", exact=True).first.input_value().startswith("whsec_")
    assert "/webhooks/gitlab/" in page.get_by_label("Address").input_value()
    assert window.overflow == 0
    assert window.complaints == []
