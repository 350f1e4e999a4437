"""A list of many rows takes as many queries as one of a few."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.domain.roles import Role
from analysis.models import Repository
from common import clock
from orchestration.models import (
    Blueprint,
    BlueprintSource,
    BlueprintVersion,
    LoadObservation,
    LoadSource,
    Measurement,
    Proposal,
    Target,
)
from tests.builders.debts import make_debt, make_person
from tests.builders.environments import make_catalogue, make_environment, make_plan, make_run
from tests.functional.api.conftest import Api


@pytest.fixture
def rows(db: None, tmp_path: Path) -> Callable[[int], None]:
    """Adds one of each, each of somebody else."""
    make_catalogue()

    def add(number: int) -> None:
        now, person = clock.now(), make_person(f"person-{number}", Role.CONTRIBUTOR)
        item = make_debt(person, title=f"debt {number}")
        environment = make_environment(f"environment {number}", requested_by=person)
        make_plan(make_run(environment, person))
        resource = environment.resources.get()
        repository = Repository.objects.create(
            name=f"shop {number}",
            slug=f"shop-{number}",
            location=str(tmp_path / str(number)),
            kind="local",
            default_branch="main",
            created_at=now,
        )
        source = BlueprintSource.objects.create(
            name=f"source-{number}", repository=repository, created_at=now, created_by=person
        )
        blueprint = Blueprint.objects.create(
            name=f"source-{number}/db", source=source, capability="postgresql", title="Database",
            created_at=now,
        )  # fmt: skip
        current = BlueprintVersion.objects.get(pk=resource.version_id)
        blueprint.current = BlueprintVersion.objects.create(
            blueprint=blueprint, number=1, digest=f"sha256:{number:064}", manifest=current.manifest,
            files={"main.yml": "[]"}, state="signed_off", created_at=now, decided_by=person,
        )  # fmt: skip
        blueprint.save()
        Target.objects.create(
            name=f"target {number}", engine="awx", key=str(number), created_at=now,
            created_by=person, options={"address": "https://awx.example.com"},
        )  # fmt: skip
        Proposal.objects.create(
            item_id=item.pk, state="dismissed", needs=["redis"], resources=[], created_at=now,
            monthly_cost=Decimal(5), currency="EUR", decided_by=person, environment=environment,
        )  # fmt: skip
        told = {"system": f"system {number}", "metric": "connections"}
        for place in ({"resource": resource}, {}):
            LoadObservation.objects.create(
                **told, **place, value=5, at=now - timedelta(hours=number), window_seconds=60,
                source="api", made_by=person,
            )  # fmt: skip
        LoadSource.objects.create(
            **told, url="https://prometheus.example.com", query="up", created_at=now,
            created_by=person,
        )  # fmt: skip
        Measurement.objects.create(
            item_id=item.pk, environment=environment, name="p95", is_after=False, value=8, at=now,
            made_by=person,
        )  # fmt: skip

    return add


def listed(api: Api, path: str) -> tuple[int, int]:
    """How many rows an answer has, and how many queries it took."""
    with CaptureQueriesContext(connection) as queries:
        answer = api.get(path)
    assert answer.status_code == 200, answer.content
    return len(answer.json()["results"]), len(queries)


@pytest.mark.parametrize(
    "path",
    [
        "environments",
        "runs",
        "blueprints",
        "targets",
        "proposals",
        "loads",
        "load-sources",
        "blueprint-sources",
    ],
)
def test_many_rows_take_no_more_queries(rows: Any, operator: Api, path: str) -> None:
    rows(1)
    listed(operator, path)  # notes when the token was used
    few, before = listed(operator, path)
    for number in range(2, 7):
        rows(number)
    many, after = listed(operator, path)
    assert few < many
    assert after == before


def test_many_figures_of_a_debt_take_no_more_queries(rows: Any, operator: Api) -> None:
    rows(1)
    told = Measurement.objects.get()
    path = f"measurements?debt={told.item.reference}"
    listed(operator, path)
    few, before = listed(operator, path)
    for number in range(5):
        other = make_environment(f"other {number}")
        Measurement.objects.create(
            item_id=told.item_id, environment=other, name="p95", is_after=True, value=4,
            at=told.at, made_by=make_person(f"other-{number}"),
        )  # fmt: skip
    many, after = listed(operator, path)
    assert (many - few, after - before) == (5, 0)


def test_nothing_that_is_large_is_listed(rows: Any, operator: Api) -> None:
    rows(1)
    blueprint = Blueprint.objects.get(name="source-1/db")
    with CaptureQueriesContext(connection) as queries:
        for path in ("blueprints", f"blueprints/{blueprint.pk}/versions", "environments"):
            assert operator.get(path).status_code == 200
    assert not [one["sql"] for one in queries if '"files"' in one["sql"]]
