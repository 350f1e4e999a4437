"""Who may call, and what everybody else is told."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from rest_framework.throttling import SimpleRateThrottle

from accounts import services
from accounts.domain.roles import Role
from accounts.models import ApiToken, User
from common import clock
from tests.functional.api.conftest import Api, complete

LISTS = ["repositories", "analyses", "snapshots", "debts"]


def assert_problem(response: Any, status: int, code: str) -> dict[str, Any]:
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    members: dict[str, Any] = response.json()
    assert members["type"] == f"urn:displace:problem:{code}"
    assert members["status"] == status
    assert members["title"]
    assert members["detail"]
    assert members["instance"].startswith("/api/")
    return members


@pytest.mark.django_db
@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("token", [None, "", "dsp_unknown", "x" * 5000, "ü\x7f"])
def test_strangers_are_asked_for_a_token(path: str, token: str | None) -> None:
    response = Api(token).get(path)
    assert_problem(response, 401, "not-authenticated")
    assert response["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("path", LISTS)
def test_a_viewer_may_read(viewer: Api, path: str) -> None:
    response = viewer.get(path)
    assert response.status_code == 200
    assert response.json() == {"next": None, "previous": None, "results": []}


def test_a_token_ends_when_it_is_revoked_expires_or_its_person_leaves(viewer: Api) -> None:
    assert viewer.get("debts").status_code == 200
    for ended, alive in (
        ({"revoked_at": clock.now()}, {"revoked_at": None}),
        ({"expires_at": clock.now() - timedelta(seconds=1)}, {"expires_at": None}),
    ):
        ApiToken.objects.update(**ended)
        assert viewer.get("debts").status_code == 401
        ApiToken.objects.update(**alive)
    User.objects.update(is_active=False)
    assert viewer.get("debts").status_code == 401


def test_a_session_reads_and_its_writes_need_the_csrf_token(person: Callable[..., Any]) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(person(Role.CONTRIBUTOR))
    assert client.get("/api/v1/debts/").status_code == 200
    refused = client.post("/api/v1/debts/", complete(), content_type="application/json")
    assert_problem(refused, 403, "denied")
    page = client.get("/api/docs/").content.decode()
    token = page.split('data-token="')[1].split('"')[0]
    accepted = client.post(
        "/api/v1/debts/",
        complete(),
        content_type="application/json",
        headers={"X-CSRFToken": token},
    )
    assert accepted.status_code == 201, accepted.content


def test_roles_are_those_of_the_services(viewer: Api, contributor: Api) -> None:
    assert_problem(viewer.post("debts", complete()), 403, "denied")
    reference = contributor.post("debts", complete()).json()["reference"]
    assert_problem(contributor.post(f"debts/{reference}/activate"), 403, "denied")
    assert_problem(contributor.post("repositories", {"url": "/srv/x.git"}), 403, "denied")
    assert_problem(viewer.post("repositories/none/analyse"), 403, "denied")


@pytest.mark.django_db
def test_an_unknown_address_is_a_problem(viewer: Api) -> None:
    for path in ("/api/", "/api/v2/debts", "nothing", "debts/D-1/nothing", "snapshots/x"):
        assert_problem(viewer.get(path), 404, "not-found")
    assert viewer.get("/nothing").headers["Content-Type"].startswith("text/html")


def test_other_methods_are_refused(viewer: Api) -> None:
    response = viewer.post("snapshots")
    assert_problem(response, 405, "method-not-allowed")
    assert response["Allow"] == "GET, HEAD"


def test_too_many_calls_are_slowed_down(viewer: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", {"anon": "2/min", "user": "2/min"})
    statuses = [viewer.get("debts").status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    response = viewer.get("debts")
    assert_problem(response, 429, "throttled")
    assert 1 <= int(response["Retry-After"]) <= 61
    cache.clear()


def test_addresses_work_with_and_without_the_last_slash(contributor: Api) -> None:
    assert contributor.post("debts/", complete()).status_code == 201
    assert contributor.post("debts", complete()).status_code == 201
    assert contributor.get("debts/D-1/").status_code == contributor.get("debts/D-1").status_code


def test_a_token_notes_its_use(viewer: Api) -> None:
    viewer.get("debts")
    assert ApiToken.objects.get().last_used_at is not None
    assert services.token_use(secret="nothing") is None
