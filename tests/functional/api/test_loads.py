"""Loads, their sources, and figures of repayments over HTTP."""

from http import HTTPMethod
from typing import Any

import pytest

from ledger.models import DebtItem
from orchestration.models import LoadObservation, Measurement
from orchestration.selectors.measurements import figures_of
from tests.builders.debts import make_debt, make_person
from tests.builders.environments import make_catalogue, make_environment
from tests.functional.api.conftest import Api
from tests.functional.api.test_access import assert_problem

pytestmark = pytest.mark.django_db

LOAD = {"system": "checkout", "metric": "connections", "value": 31}


def test_a_load_is_told_and_listed(contributor: Api, viewer: Api) -> None:
    made = contributor.post("loads", {**LOAD, "at": "2026-11-20T12:00:00Z"})
    assert made.status_code == 201, made.content
    assert (made.json()["value"], made.json()["window_seconds"]) == (31.0, 3600)
    assert contributor.post("loads", LOAD).status_code == 201
    listed = viewer.get("loads?system=checkout&metric=connections&page_size=1").json()
    assert (len(listed["results"]), bool(listed["next"])) == (1, True)
    assert viewer.get("loads?system=other").json()["results"] == []


def test_a_load_of_a_resource_names_its_environment(contributor: Api) -> None:
    make_catalogue()
    environment = make_environment(system="checkout")
    (shown,) = contributor.get(f"environments/{environment.reference}").json()["resources"]
    resource = shown["id"]
    assert resource == environment.resources.get().pk
    made = contributor.post("loads", {"resource": resource, "metric": "connections", "value": 3.5})
    assert made.json()["environment"] == environment.reference
    assert len(contributor.get(f"loads?resource={resource}").json()["results"]) == 1
    assert contributor.post("loads", {**LOAD, "resource": 10**9}).status_code == 404


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"value": "31"}, "value"),
        ({"value": True}, "value"),
        ({"value": -1}, "value"),
        ({"metric": "joy"}, "metric"),
        ({"at": "2099-01-01T00:00:00Z"}, "at"),
        ({"at": 1700000000}, "at"),
        ({"at": "yesterday"}, "at"),
        ({"system": ""}, "system"),
        ({"valeu": 1}, "valeu"),
    ],
)
def test_a_bad_load_is_refused_with_its_field(
    contributor: Api, changes: dict[str, Any], field: str
) -> None:
    answer = contributor.post("loads", {**LOAD, **changes})
    assert answer.status_code in (400, 422), answer.content
    assert field in answer.json()["errors"]
    assert not LoadObservation.objects.exists()


def test_who_only_reads_tells_nothing(viewer: Api) -> None:
    assert_problem(viewer.post("loads", LOAD), 403, "denied")


def test_operators_have_a_prometheus_asked(operator: Api, contributor: Api) -> None:
    body = {
        "system": "checkout",
        "metric": "connections",
        "url": "https://prometheus.example.org",
        "query": "max(pg_stat_activity_count)",
    }
    assert_problem(contributor.post("load-sources", body), 403, "denied")
    made = operator.post("load-sources", body)
    assert made.status_code == 201, made.content
    (shown,) = contributor.get("load-sources").json()["results"]
    assert (shown["url"], shown["asked_at"], shown["last_error"]) == (body["url"], None, "")
    bad = operator.post("load-sources", {**body, "url": "https://ann:secret@x"})
    assert "url" in bad.json()["errors"]
    assert operator.send(HTTPMethod.DELETE, f"load-sources/{shown['id']}").status_code == 204
    assert operator.send(HTTPMethod.DELETE, f"load-sources/{shown['id']}").status_code == 404


def test_figures_before_and_after_make_the_outcome(contributor: Api, viewer: Api) -> None:
    item: DebtItem = make_debt(make_person("lee"))
    figure = {"debt": item.reference, "name": "p95 of the checkout", "unit": "ms"}

    def note(side: str, value: float, **changes: Any) -> Any:
        return contributor.post("measurements", {**figure, "side": side, "value": value, **changes})

    assert note("before", 900, at="2026-11-01T00:00:00Z").status_code == 201
    assert note("before", 840, at="2026-11-10T00:00:00Z").status_code == 201
    assert note("after", 310).status_code == 201
    assert [one.says for one in figures_of(item.pk)] == [
        "p95 of the checkout: 840 ms before, 310 ms after: 63 % less."
    ]
    assert "unit" in note("after", 0.3, unit="s").json()["errors"]
    assert "debt" in note("after", 1, debt="D-999999").json()["errors"]
    make_catalogue()
    other = make_environment()
    assert "environment" in note("after", 1, environment=other.reference).json()["errors"]
    rows = viewer.get(f"measurements?debt={item.reference}").json()["results"]
    assert [(one["side"], one["value"]) for one in rows] == [
        ("after", 310.0), ("before", 840.0), ("before", 900.0),
    ]  # fmt: skip
    assert Measurement.objects.count() == 3
