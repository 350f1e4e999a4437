"""People who try what is not theirs, on every page and in every call; texts that want to run."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.urls import URLPattern, reverse
from django.urls.converters import IntConverter

from accounts import services as accounts_services
from accounts.domain.roles import Role
from common import clock
from common.encryption import seal
from orchestration.api import urls as api_urls
from orchestration.domain.plans import Change, ChangeKind
from orchestration.models import Approval, Blueprint, Output, Proposal, Run, Target
from orchestration.services.targets import local_target
from orchestration.web import urls as page_urls
from tests.builders.debts import make_debt, make_person
from tests.builders.environments import (
    DIGEST,
    make_environment,
    make_log,
    make_outputs,
    make_plan,
    make_run,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue")]
SECRET = "the-secret-of-the-database"
HTML = "<script>alert(1)</script>{{ 7*7 }}"


def _fits(kind: Any, word: Any) -> bool:
    return isinstance(word, int) or not isinstance(kind, IntConverter)


class World:
    """One row of everything, and who asked for it."""

    def __init__(self) -> None:
        self.rita = make_person("rita", Role.APPROVER)
        self.environment = make_environment("Checkout", requested_by=self.rita)
        self.run = make_run(self.environment, self.rita)
        make_plan(self.run, Change("db", ChangeKind.CREATE, HTML, (HTML,)))
        make_log(self.run, 3, HTML)
        make_outputs(self.environment, "db", host=HTML)
        resource = self.environment.resources.get()
        Output.objects.create(resource=resource, name="password", sealed=seal(SECRET))
        self.target = Target.objects.create(
            name=HTML, engine="webhook",
            options={"url": "https://x.example"}, secret=seal(json.dumps({"secret": SECRET})),
            key="key", created_at=clock.now(),
        )  # fmt: skip
        self.proposal = Proposal.objects.create(
            item=make_debt(self.rita), state="open", needs=["postgresql"], resources=[],
            monthly_cost=1, currency="EUR", created_at=clock.now(),
        )  # fmt: skip
        local_target()

    def words(self) -> dict[str, Any]:
        version = Blueprint.objects.get(name="redis").current
        return {
            "reference": self.environment.reference, "name": "password", "resource": "db",
            "engine": "webhook", "pk": self.target.pk, "version": version and version.pk,
            "proposal": self.proposal.pk, "debt": self.proposal.item.reference,
        }  # fmt: skip

    def pages(self) -> Iterator[str]:
        """The address of every page."""
        words = self.words()
        for one in page_urls.urlpatterns:
            assert isinstance(one, URLPattern)
            given = {
                name: words[name] if _fits(kind, words[name]) else self.target.pk
                for name, kind in one.pattern.converters.items()
            }
            if one.name.startswith("run"):
                given = dict.fromkeys(given, self.run.reference)
            if one.name == "blueprint":
                given = {"name": "redis"}
            for kind in ("version", "proposal"):
                if one.name.startswith(kind) and given:
                    given = {"pk": words[kind]}
            yield reverse(f"environments:{one.name}", kwargs=given)

    def calls(self) -> Iterator[tuple[str, str]]:
        """Every call of the API that changes something."""
        version = self.words()["version"]
        values = {
            "environments": self.environment.reference, "runs": self.run.reference,
            "targets": self.target.pk, "proposals": self.proposal.pk,
            "blueprint_versions": version, "blueprints": 1, "load_sources": 1,
            "blueprint_sources": 1, "state_locks": self.environment.resources.get().pk,
        }  # fmt: skip
        for one in api_urls.urlpatterns:
            base = one.name.split("-")[0]
            names = one.pattern.converters or one.pattern.regex.groupindex
            path = reverse(f"api:{one.name}", args=[values[base]] if names else [])
            for method in ("post", "patch", "delete"):
                if method in getattr(one.callback, "actions", {}):
                    yield method, path


BODY = {
    "digest": DIGEST, "decision": "sign_off", "reason": "x", "note": "x", "days": "30",
    "owner": "rita", "name": "Checkout", "tier_db": "medium", "tiers": {"db": "medium"},
    "need": "redis", "confirm": "Checkout", "url": "https://evil.example", "values": {},
    "engine": "webhook",
}  # fmt: skip


def picture() -> dict[str, str]:
    """Every row of environments, by model: a digest of what it holds."""
    return {
        model.__name__: hashlib.sha256(
            repr(list(model.objects.order_by("pk").values())).encode()
        ).hexdigest()
        for model in apps.get_app_config("orchestration").get_models()
    }


@pytest.fixture
def world() -> World:
    return World()


def client_of(who: Any, **options: Any) -> Client:
    client = Client(**options)
    client.force_login(make_person(who.value, who) if isinstance(who, Role) else who)
    return client


def test_a_viewer_changes_nothing_on_any_page(world: World) -> None:
    client, before = client_of(Role.VIEWER), picture()
    for path in world.pages():
        answer = client.post(path, BODY)
        assert answer.status_code in (302, 403, 404, 405, 422), path
        assert SECRET not in answer.content.decode(), path
    assert picture() == before


def test_a_stranger_sees_and_changes_nothing(world: World) -> None:
    before = picture()
    for path in world.pages():
        for answer in (Client().get(path), Client().post(path, BODY)):
            assert (answer.status_code, answer["Location"].split("?")[0]) == (
                302,
                "/accounts/sign-in/",
            ), path
    assert picture() == before


def test_no_page_changes_anything_by_being_read_or_from_another_site(world: World) -> None:
    client = client_of(Role.ADMIN, enforce_csrf_checks=True)
    before = picture()
    for path in world.pages():
        assert client.get(path).status_code in (200, 405), path
        assert client.post(path, BODY).status_code in (403, 405), path
    assert picture() == before


def test_nothing_that_was_typed_or_said_runs_on_a_page(world: World) -> None:
    client = client_of(Role.ADMIN)
    for path in world.pages():
        page = client.get(path).content.decode()
        assert "<script>alert" not in page, path
        assert SECRET not in page, path


def test_a_viewer_changes_nothing_by_the_api(world: World) -> None:
    viewer = make_person("vera", Role.VIEWER)
    token = accounts_services.token_issue(user=viewer, name="x").secret
    before, asked = picture(), 0
    for method, path in world.calls():
        answer = getattr(Client(), method)(
            path, json.dumps(BODY), content_type="application/json",
            headers={"Authorization": f"Bearer {token}", "If-Match": '"1"'},
        )  # fmt: skip
        assert answer.status_code in (400, 403, 404, 412, 422, 428), (path, answer.content)
        asked += 1
    assert asked > 15
    assert picture() == before


def test_whoever_asked_does_not_approve_on_any_way(world: World) -> None:
    """Neither on the page, nor by the API, nor with a second token, nor by the session there."""
    page = client_of(world.rita)
    page.post(f"/environments/runs/{world.run.reference}/decision/", {"digest": DIGEST})
    for name in ("first", "second"):
        token = accounts_services.token_issue(user=world.rita, name=name).secret
        answer = Client().post(
            f"/api/v1/runs/{world.run.reference}/approve/", json.dumps({"digest": DIGEST}),
            content_type="application/json", headers={"Authorization": f"Bearer {token}"},
        )  # fmt: skip
        assert answer.status_code == 403, answer.content
    answer = client_of(world.rita, enforce_csrf_checks=True).post(
        f"/api/v1/runs/{world.run.reference}/approve/", json.dumps({"digest": DIGEST}),
        content_type="application/json",
    )  # fmt: skip
    assert answer.status_code in (401, 403)
    page.post(f"/environments/{world.environment.reference}/promote/", BODY)
    assert not Approval.objects.exists()
    assert Run.objects.get(pk=world.run.pk).state == "awaiting_approval"
    world.environment.refresh_from_db()
    assert world.environment.promoted_at is None


@pytest.mark.parametrize("change", [{"is_active": False}, {"role": "viewer"}])
def test_a_right_that_was_lost_is_lost_in_open_sessions_and_tokens(
    world: World, change: dict[str, Any]
) -> None:
    adam = make_person("adam", Role.APPROVER)
    page = client_of(adam)
    token = accounts_services.token_issue(user=adam, name="x").secret
    type(adam).objects.filter(pk=adam.pk).update(**change)
    path = f"/environments/runs/{world.run.reference}/decision/"
    assert page.post(path, {"digest": DIGEST}).status_code in (302, 403)
    answer = Client().post(
        f"/api/v1/runs/{world.run.reference}/approve/", json.dumps({"digest": DIGEST}),
        content_type="application/json", headers={"Authorization": f"Bearer {token}"},
    )  # fmt: skip
    assert answer.status_code in (401, 403)
    assert not Approval.objects.exists()


def test_an_output_of_another_environment_is_not_shown_through_ones_own(world: World) -> None:
    own = make_environment("Own", requested_by=world.rita, parts={"web": ("redis", "small")})
    client = client_of(world.rita)
    for resource in ("db", "web"):
        path = f"/environments/{own.reference}/outputs/{resource}/password/"
        assert SECRET not in client.post(path, follow=True).content.decode()
