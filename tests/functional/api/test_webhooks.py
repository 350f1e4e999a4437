"""Webhooks over the API: secrets said once, roles, deliveries, watched tips."""

from typing import Any

import pytest

from accounts.models import RequestRecord
from analysis.models import Repository
from common.encryption import unseal
from hooks import services
from hooks.models import Delivery, Endpoint
from tests.functional.api.conftest import Api

BODY = {"repository": "shop", "kind": "github"}


@pytest.fixture
def webhook(operator: Api, analysed: Repository) -> Any:
    made = operator.post("webhooks", BODY)
    assert made.status_code == 201
    return made.json()


def test_the_secret_is_said_once(operator: Api, webhook: Any) -> None:
    endpoint = Endpoint.objects.get()
    assert webhook["secret"] == unseal(endpoint.secret)
    assert webhook["address"].endswith(f"/webhooks/github/{endpoint.key}")
    shown = operator.get(f"webhooks/{webhook['id']}").json()
    assert "secret" not in shown
    assert {name: webhook[name] for name in shown} == shown
    listed = operator.get("webhooks?repository=shop").json()["results"]
    assert [one["id"] for one in listed] == [webhook["id"]]


def test_a_repeated_create_makes_one_webhook_and_keeps_no_secret(
    operator: Api, analysed: Repository
) -> None:
    first = operator.post("webhooks", BODY, Idempotency_Key="k")
    again = operator.post("webhooks", BODY, Idempotency_Key="k")
    assert (first.status_code, again.status_code) == (201, 201)
    secret = first.json()["secret"]
    assert secret
    assert again.json() == {**first.json(), "secret": None}
    assert first["Location"] == again["Location"]
    assert Endpoint.objects.count() == 1
    assert secret not in RequestRecord.objects.get().body


def test_a_secret_of_ones_own_is_checked(operator: Api, analysed: Repository) -> None:
    weak = operator.post("webhooks", {**BODY, "secret": "letmein"})
    assert weak.status_code == 422
    assert "secret" in weak.json()["errors"]
    assert "letmein" not in weak.content.decode()
    own = operator.post("webhooks", {**BODY, "secret": "x" * 20})
    assert own.json()["secret"] == "x" * 20


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "github"},
        {"repository": "none", "kind": "github"},
        {"repository": "shop", "kind": "sourceforge"},
        {"repository": "shop", "kind": "github", "secrets": "x"},
    ],
)
def test_what_cannot_be_made_is_refused(operator: Api, analysed: Repository, body: Any) -> None:
    assert operator.post("webhooks", body).status_code == 400


def test_a_webhook_is_rotated_switched_and_deleted(operator: Api, webhook: Any) -> None:
    at = f"webhooks/{webhook['id']}"
    rotated = operator.post(f"{at}/rotate", {"overlap_hours": 2}).json()
    assert rotated["secret"] != webhook["secret"]
    assert rotated["previous_until"] is not None
    assert operator.post(f"{at}/rotate", {"overlap_hours": 9999}).status_code == 400
    assert operator.post(f"{at}/disable").json()["is_enabled"] is False
    assert operator.post(f"{at}/enable").json()["is_enabled"] is True
    assert operator.send("DELETE", at).status_code == 204
    assert operator.get(at).status_code == 404
    assert operator.send("DELETE", at).status_code == 404


def test_deliveries_are_listed_the_newest_first(operator: Api, webhook: Any) -> None:
    endpoint = Endpoint.objects.get()
    Delivery.objects.bulk_create(
        Delivery(
            endpoint=endpoint, delivery_id=str(number), event="push", state="ignored",
            reason="Only tags are concerned.", received_at=endpoint.created_at,
        )
        for number in range(3)
    )  # fmt: skip
    page = operator.get(f"webhooks/{webhook['id']}/deliveries?page_size=2").json()
    assert [one["delivery_id"] for one in page["results"]] == ["2", "1"]
    rest = operator.get(page["next"]).json()
    assert [one["delivery_id"] for one in rest["results"]] == ["0"]


def test_only_operators_see_and_change_webhooks(
    operator: Api, contributor: Api, viewer: Api, webhook: Any
) -> None:
    at = f"webhooks/{webhook['id']}"
    for path in ("webhooks", at, f"{at}/deliveries"):
        assert viewer.get(path).status_code == 403
    for path in ("webhooks", f"{at}/rotate", f"{at}/disable", f"{at}/enable"):
        assert contributor.post(path, BODY if path == "webhooks" else {}).status_code == 403
    assert contributor.send("DELETE", at).status_code == 403
    assert viewer.post("repositories/shop/look").status_code == 403


def test_a_tip_is_watched_and_looked_at(contributor: Api, analysed: Repository) -> None:
    assert contributor.get("repositories/shop/tip").json()["outcome"] == "never"
    wanted = contributor.post("repositories/shop/look")
    assert wanted.status_code == 202
    assert wanted.json()["is_wanted"] is True
    services.tip_look(repository_id=analysed.pk)
    seen = contributor.get("repositories/shop/tip").json()
    assert (seen["outcome"], seen["branch"], seen["is_wanted"]) == ("unchanged", "main", False)
    assert len(seen["sha"]) == 40
