"""The page of loads: what was measured, what carries it, telling of one, and who is asked."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.domain.roles import Role
from common import clock
from orchestration.models import LoadObservation, LoadSource
from tests.builders.environments import make_environment

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue")]
LOADS = "/environments/loads/"
SignIn = Callable[..., Client]


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def observe(system: str, value: float, *, days: float = 0.1, **changes: Any) -> None:
    values = {"metric": "connections", "source": "api", "window_seconds": 3600, **changes}
    LoadObservation.objects.create(
        system=system, value=value, at=clock.now() - timedelta(days=days), **values
    )


def test_nothing_was_measured_yet(signed_in: SignIn) -> None:
    page = text_of(signed_in(Role.VIEWER).get(LOADS))
    assert "Nothing was measured within 30 days" in page
    assert "Tell a load" not in page
    assert LOADS in text_of(signed_in(Role.CONTRIBUTOR).get("/environments/"))


def test_the_newest_value_the_peak_and_the_verdict(signed_in: SignIn) -> None:
    make_environment("Checkout", {"db": ("postgresql", "medium")}, system="shop")
    observe("shop", 31, days=5)
    observe("shop", 24, source="prometheus:3")
    observe("antique", 5, days=40)
    page = text_of(signed_in(Role.VIEWER).get(LOADS))
    for said in ("24.0", "31.0", "Prometheus", "2 values", "190 in", "Checkout", "Right size"):
        assert said in page, said
    assert '<th scope="row" class="path">antique' not in page
    observe("shop", 500)
    assert "Too small" in text_of(signed_in(Role.CONTRIBUTOR).get(LOADS))


def test_what_a_resource_carries_itself_counts_for_it(signed_in: SignIn) -> None:
    environment = make_environment("Checkout", {"db": ("postgresql", "medium")}, system="shop")
    observe("shop", 500)
    own = environment.resources.get()
    observe(environment.reference, 20, resource=own, source="probe")
    page = text_of(signed_in(Role.VIEWER).get(LOADS))
    assert "Too small" not in page
    assert "nothing that stands here" in page
    assert f"{environment.reference}, on loan" in page
    assert "our own look" in page
    assert "190 in" in page
    assert "Right size" in page


def test_as_many_queries_for_many_as_for_one(
    signed_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    for number in range(20):
        make_environment(f"E{number}", {"db": ("postgresql", "small")}, system=f"s{number}")
        observe(f"s{number}", 5)
    client = signed_in(Role.VIEWER)
    with django_assert_max_num_queries(10):
        assert "s19" in text_of(client.get(LOADS))
    page = text_of(client.get(f"{LOADS}?q=s19"))
    assert "E19" in page
    assert "E18" not in page
    assert "Nothing matches" in text_of(client.get(f"{LOADS}?q=nothing"))


def test_a_load_is_told_by_hand(signed_in: SignIn) -> None:
    terms = {"system": "shop", "metric": "connections", "value": "31", "hours": "24", "at": ""}
    assert signed_in(Role.VIEWER).post(LOADS, terms).status_code == 403
    client = signed_in(Role.CONTRIBUTOR)
    assert "Tell a load" in text_of(client.get(LOADS))
    refused = client.post(LOADS, {**terms, "at": "2199-01-01T00:00"})
    assert (refused.status_code, "still to come" in text_of(refused)) == (422, True)
    assert client.post(LOADS, {**terms, "value": "inf"}).status_code == 422
    assert client.post(LOADS, terms).status_code == 302
    made = LoadObservation.objects.get()
    assert (made.system, made.value, made.window_seconds, made.source) == (
        "shop", 31, 86400, "page",
    )  # fmt: skip
    assert "entered by hand" in text_of(client.get(LOADS))


def test_an_operator_has_a_prometheus_asked(signed_in: SignIn) -> None:
    terms = {"system": "shop", "metric": "connections", "url": "https://prom.example.org",
             "query": "max(up)"}  # fmt: skip
    assert signed_in(Role.CONTRIBUTOR).post(f"{LOADS}sources/", terms).status_code == 403
    client = signed_in(Role.OPERATOR)
    refused = client.post(f"{LOADS}sources/", {**terms, "url": "ftp://x"})
    assert (refused.status_code, "Give the address" in text_of(refused)) == (422, True)
    assert client.post(f"{LOADS}sources/", terms).status_code == 302
    source = LoadSource.objects.get()
    LoadSource.objects.update(last_error="It does not answer.", asked_at=clock.now())
    assert "It does not answer." in text_of(client.get(LOADS))
    at = f"{LOADS}sources/{source.pk}/remove/"
    assert signed_in(Role.APPROVER).post(at).status_code == 403
    assert client.post(at).status_code == 302
    assert not LoadSource.objects.exists()
