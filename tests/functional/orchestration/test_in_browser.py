"""The way to a database in a real browser, and every page in every size without complaint."""

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from playwright.sync_api import expect

from accounts.domain.roles import Role
from common import clock
from common.encryption import seal
from orchestration.domain.plans import Change, ChangeKind
from orchestration.models import Blueprint, DebtLink, Environment, Measurement, Output, Run
from orchestration.services import environments
from orchestration.services.approving import run_approve
from orchestration.services.blueprints import catalogue_sync
from tests import lanes
from tests.builders.catalogue import ENGINE
from tests.builders.debts import make_debt, make_person
from tests.builders.environments import (
    make_environment,
    make_log,
    make_outputs,
    make_plan,
    make_run,
)
from tests.builders.small_environments import step
from tests.functional.conftest import DESKTOP, PHONE, Visit
from tests.integration.orchestration.run_fixtures import hold_alone

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Open = Callable[..., Visit]
SIZES = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
# A machine that builds a database beside it is slow.
PATIENCE_MS = 60_000
LONG = "Partner integrations, marketplace onboarding and everything-that-has-no-other-name"


@pytest.fixture(autouse=True)
def _one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """A database in memory is shared with the live server alone."""
    hold_alone(monkeypatch)


@pytest.fixture
def taken_away() -> Iterator[None]:
    """Nothing that was built here is left."""
    yield
    adam, eve = make_person("adam", Role.APPROVER), make_person("eve")
    for environment in Environment.objects.exclude(state__in=("destroyed", "requested")):
        run = step(environments.environment_destroy(actor=eve, environment_id=environment.pk))
        run_approve(actor=adam, run_id=run.pk, digest=run.plan.digest)
        run.refresh_from_db()
        step(run)
        assert run.state == "succeeded", run.reason


def seen(locator: Any) -> None:
    expect(locator).to_be_visible(timeout=PATIENCE_MS)


@pytest.mark.slow
def test_from_a_need_to_a_database_that_is_ready(visit: Open, taken_away: None) -> None:
    catalogue_sync()
    manifest = Blueprint.objects.get(name="postgresql").current.manifest
    if lacking := ENGINE.missing(manifest):
        lanes.skip_or_fail("provision", f"{', '.join(one.what for one in lacking)} missing")
    window = visit(make_person("rita"))
    window.page.set_default_timeout(PATIENCE_MS)
    page: Any = window.to("/environments/")
    page.get_by_role("link", name="Ask for an environment").click()
    page.get_by_label("PostgreSQL database").check()
    page.get_by_role("button", name="Choose sizes").click()
    # It is worked out again while the name is missing, and while one answer is on its way.
    page.locator("#tier_db-medium").check()
    seen(page.get_by_text("a size above the smallest needs a reason"))
    page.get_by_label("Name", exact=True).fill("Checkout split")
    page.locator("#tier_db-small").check()
    seen(page.locator("#sum").get_by_text("PostgreSQL database, small"))
    page.get_by_role("button", name="Ask for it").click()
    seen(page.get_by_text("It is asked for."))
    run = Run.objects.get()
    step(run)
    assert run.state == "awaiting_approval", run.reason
    # The page that is open hears of it by itself.
    seen(page.get_by_text("Somebody else decides"))
    expect(page.get_by_role("button", name="Approve this plan")).to_have_count(0)

    other = visit(make_person("bo", Role.APPROVER))
    other.page.set_default_timeout(PATIENCE_MS)
    theirs: Any = other.to("/environments/")
    theirs.get_by_role("link", name="Read the plan").click()
    seen(theirs.get_by_text("Predicted: derived from"))
    seen(theirs.get_by_text("Database app, owned by app"))
    theirs.get_by_role("button", name="Approve this plan").click()
    seen(theirs.get_by_text("Approved. It is carried out now."))
    run.refresh_from_db()
    step(run)
    assert run.state == "succeeded", run.reason
    seen(page.locator("#standing").get_by_text("Done", exact=True))
    assert page.locator(".step-done").count() == 5
    expect(page.locator("[data-log-more]")).to_have_count(0, timeout=PATIENCE_MS)
    page.get_by_role("link", name="Go to Checkout split").click()
    seen(page.get_by_text("was seen to work from outside"))
    assert page.locator(".snippet pre").first.inner_text().startswith("psql -h 127.0.0.1 -p ")
    page.get_by_role("button", name="Show password of db").click()
    password = page.locator(".is-revealed").first.inner_text()
    out = {one.name: one.value for one in Output.objects.filter(sealed="")}
    with psycopg.connect(
        host=out["host"], port=out["port"], dbname="app", user="app", password=password
    ) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert run.log.filter(text="rita looked at db.password.").exists()
    # An answer that a newer choice made needless is given up, which htmx reports.
    # A database in memory may be locked while a worker writes; the log asks again.
    known = ("htmx:afterRequest", "htmx:sendAbort", "htmx:responseError", "Response Status", "500")
    assert [one for one in window.complaints if not any(word in one for word in known)] == []
    assert other.complaints == []


def much() -> list[str]:
    """One of everything, with long names; the pages that show it."""
    catalogue_sync()
    ann = make_person("ann")
    parts = {"db": ("postgresql", "large"), "cache": ("redis", "medium")}
    environment = make_environment(
        LONG, parts, state="degraded", state_reason=f"db: {LONG}", purpose=LONG * 4, owner=LONG,
        justification=LONG * 5, requested_by=ann, is_production=True,
    )  # fmt: skip
    make_outputs(environment, "db", host=LONG.replace(" ", "-"), port="1", database="x" * 63)
    db = environment.resources.get(name="db")
    Output.objects.create(resource=db, name="password", sealed=seal("a secret"))
    item = make_debt(ann, title=LONG)
    DebtLink.objects.create(
        item_id=item.pk, environment=environment, role="provision", created_at=clock.now()
    )
    Measurement.objects.create(
        item_id=item.pk, name=LONG, unit="ms", is_after=False, value=8400.0, at=clock.now()
    )
    run = make_run(environment, ann, reason=LONG * 4)
    change = Change("db", ChangeKind.REPLACE, LONG * 2, ("x" * 200,), is_destructive=True)
    verdict = {"rule": "size", "text": LONG * 3, "is_refusal": False, "asks": True}
    make_plan(run, change, verdicts=[verdict])
    make_log(run, 700, "y" * 300)
    asked = f"new/?need=read-replica&need=redis&need=monitoring&debt={item.reference}"
    return [
        "", "runs/", f"runs/{run.reference}/", f"{environment.reference}/",
        f"{environment.reference}/resize/", f"{environment.reference}/destroy/", "new/", asked,
        "proposals/", "blueprints/", "blueprints/postgresql/", "targets/", "targets/new/",
        "targets/new/webhook/",
    ]  # fmt: skip


@SIZES
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_fits(visit: Open, size: dict[str, int], scheme: str) -> None:
    paths = much()
    window = visit(make_person("olga", Role.OPERATOR), size=size, scheme=scheme)
    for path in paths:
        page = window.to(f"/environments/{path}")
        assert page.locator("h1").count() == 1, path
        assert window.overflow == 0, path
    assert window.complaints == []


def test_a_log_follows_until_somebody_reads(visit: Open) -> None:
    catalogue_sync()
    run = make_run(make_environment(), make_person("ann"), action="verify", state="verifying")
    make_log(run, 100)
    window = visit(make_person("vi", Role.VIEWER))
    page: Any = window.to(f"/environments/runs/{run.reference}/")
    log = page.locator("#log")
    assert log.evaluate("one => one.scrollTop") > 0
    make_log(run, 50, "later")
    expect(page.locator("#l150")).to_be_in_viewport()
    log.evaluate("one => { one.scrollTop = 0 }")
    expect(page.get_by_label("Follow")).not_to_be_checked()
    make_log(run, 50, "later")
    expect(page.locator("#l200")).to_have_count(1)
    assert log.evaluate("one => one.scrollTop") == 0
    page.get_by_label("Follow").check()
    expect(page.locator("#l200")).to_be_in_viewport()
    assert [page.locator("#log li[id]").nth(one).get_attribute("id") for one in (0, 199)] == [
        "l1", "l200",
    ]  # fmt: skip
    assert window.complaints == []


def test_a_slow_click_is_not_lost(visit: Open) -> None:
    """Leaving a field works the sum out anew, while the button is still held down."""
    catalogue_sync()
    environment = make_environment()
    window = visit(make_person("rita"))
    page: Any = window.to(f"/environments/{environment.reference}/resize/")
    page.locator("#tier_db-medium").check()
    seen(page.get_by_text("a size above the smallest needs a reason"))
    page.get_by_label("Reason for its size").fill("A sale on Monday.")
    button = page.get_by_role("button", name="Plan the change").bounding_box()
    page.mouse.move(button["x"] + 20, button["y"] + 10)
    with page.expect_response(lambda answer: "justification=A" in answer.url):
        page.mouse.down()
    page.wait_for_timeout(300)
    page.mouse.up()
    seen(page.get_by_text("The change is planned"))


def test_what_was_set_stays_while_sizes_are_worked_out(visit: Open) -> None:
    """A setting that is opened, unticked and typed into outlives the answer to the next choice."""
    catalogue_sync()
    window = visit(make_person("rita"))
    page: Any = window.to("/environments/new/?need=redis&need=postgresql")
    settings = page.locator("details.settings").nth(1)
    settings.locator("summary").click()
    box = page.get_by_label("Write every change to disk")
    with page.expect_response(lambda answer: "set_cache_persistent=" in answer.url):
        box.uncheck()
    page.locator("#tier_cache-medium").check()
    seen(page.locator("#sum").get_by_text("Redis cache, medium"))
    expect(settings).to_have_attribute("open", "")
    expect(box).not_to_be_checked()
    expect(page.locator("#tier_cache-medium")).to_be_focused()
    assert window.complaints == []
