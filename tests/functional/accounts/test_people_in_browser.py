"""The People pages as a browser draws them."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from accounts import services
from accounts.domain.roles import Role
from accounts.models import User
from tests.functional.conftest import DESKTOP, PHONE, Visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def root() -> User:
    """An admin among people with long and hostile names."""
    jane = services.user_create(
        username="jane", display_name="<script>alert(1)</script>" * 5, email="jane@example.org"
    )
    services.team_create(slug="x" * 64, name="y" * 150, members=[jane])
    return services.user_create(username="root", role=Role.ADMIN)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_draws_without_a_complaint(
    root: User, visit: Callable[..., Visit], scheme: str
) -> None:
    for size in (DESKTOP, PHONE):
        window = visit(root, size=size, scheme=scheme)
        for path in ("", "user/jane/", f"team/{'x' * 64}/"):
            window.to(f"/people/{path}")
            assert window.overflow == 0, path
        assert window.complaints == []


def test_somebody_is_added_and_found(root: User, visit: Callable[..., Visit]) -> None:
    window = visit(root)
    page = window.to("/")
    page.keyboard.press("g")
    page.keyboard.press("p")
    page.get_by_label("User name").fill("joe")
    page.get_by_role("button", name="Add the person").click()
    link = page.get_by_label("Sign-in link of joe")
    expect(link).to_have_value(re.compile("/accounts/sign-in/"))
    page.get_by_label("Search people").fill("jo")
    expect(page.locator("#results tbody tr")).to_have_count(1)
    page.locator("#results a.row-link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("joe")
    assert window.complaints == []
