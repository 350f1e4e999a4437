"""A real browser for functional tests: `browser` draws pages, `visit` opens one as somebody."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
PATIENCE_MS = 10_000


@dataclass
class Visit:
    """An open page and what the browser complained about."""

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)

    def to(self, path: str) -> Page:
        """Go to a path of the installation and wait until it has calmed down."""
        self.page.goto(self.address + path)
        self.page.wait_for_load_state("load")
        return self.page

    @property
    def overflow(self) -> int:
        """By how many pixels the page is wider than its window."""
        return int(
            self.page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
        )


@pytest.fixture(scope="session")
def browser(chromium_path: str) -> Iterator[Browser]:
    """One Chromium for the session."""
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright's loop runs in this thread, where Django would refuse to use the database.
        patch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        chromium = playwright.chromium.launch(
            executable_path=chromium_path, args=["--no-sandbox", "--disable-gpu"]
        )
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser: Browser, live_server: Any) -> Iterator[Callable[..., Visit]]:
    """Open a browser window in which `user` is signed in: `visit(user, size=PHONE)`."""
    opened: list[BrowserContext] = []

    def start(user: Any, *, size: dict[str, int] = DESKTOP, scheme: str = "light") -> Visit:
        context = browser.new_context(
            viewport=size, color_scheme=scheme, has_touch=size is PHONE, reduced_motion="reduce"
        )
        context.set_default_timeout(PATIENCE_MS)
        opened.append(context)
        client = Client()
        client.force_login(user)
        name = settings.SESSION_COOKIE_NAME
        context.add_cookies(
            [{"name": name, "value": client.cookies[name].value, "url": live_server.url}]
        )
        visit = Visit(context.new_page(), live_server.url)
        visit.page.on("console", lambda message: _note(visit, message.type, message.text))
        visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
        return visit

    yield start
    for context in opened:
        context.close()


def _note(visit: Visit, kind: str, text: str) -> None:
    if kind in {"error", "warning"}:
        visit.complaints.append(text)
