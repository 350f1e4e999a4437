"""The schema is valid, and the API behaves as it says, whatever is sent."""

from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import positive_data_acceptance

from accounts import services as accounts_services
from accounts.domain.roles import Role
from alerts.models import Channel, Delivery, Route
from analysis import services as analysis_services
from analysis.models import AnalysisRun, Repository, Snapshot
from common import clock
from ledger.models import DebtItem
from orchestration.models import Blueprint, BlueprintVersion, Environment, Proposal, Run, Target
from orchestration.services.blueprints import catalogue_sync
from orchestration.services.proposals import proposals_sweep
from tests.functional.api.conftest import Api, complete, in_days

EXAMPLES = 10
# What the last part of an address names, by the part before.
NUMBERED: dict[str, Any] = {
    "blueprint-versions": BlueprintVersion,
    "blueprints": Blueprint,
    "channels": Channel,
    "deliveries": Delivery,
    "proposals": Proposal,
    "routes": Route,
    "targets": Target,
}
REFERENCED: dict[str, Any] = {"environments": Environment, "runs": Run}
STEPS = [
    "activate", "extend", "start-repayment", "repay", "verify", "write-off", "reject",
    "roll-back", "reopen", "escalate", "review", "acknowledge", "snooze",
]  # fmt: skip

GENERATOR: Any = SchemaGenerator
SCHEMA = schemathesis.openapi.from_dict(GENERATOR().get_schema(request=None, public=True))
SCHEMA.app = get_wsgi_application()
FOUND = [found.ok() for found in SCHEMA.get_all_operations() if isinstance(found, Ok)]
OPERATIONS = {operation.label: operation for operation in FOUND}


@pytest.fixture
def token(person: Callable[..., Any], analysed: Repository, monkeypatch: pytest.MonkeyPatch) -> str:
    """An admin's token, over a repository and debts in two states."""
    admin = person(Role.ADMIN)
    accounts_services.team_create(slug="core", name="Core", members=[admin])
    secret = accounts_services.token_issue(user=admin, name="test").secret
    api = Api(secret)
    plan = {**complete()["plan"], "needs": ["redis"]}
    for number in range(2):
        body = complete(slug=f"debt-{number}", plan=plan, due_on=in_days(25))
        assert api.post("debts", body).status_code == 201
    last = DebtItem.objects.latest("pk")
    assert api.post(f"debts/{last.pk}/activate").status_code == 200
    analysis_services.analysis_request(repository=analysed)
    values = {"url": "https://127.0.0.1/", "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}
    made = api.post("channels", {"kind": "webhook", "name": "ops", "values": values}).json()
    assert api.post(f"channels/{made['id']}/test").json()["is_sent"] is False
    assert api.post("routes", {"name": "all", "channel": made["id"]}).status_code == 201
    catalogue_sync()
    resources = [{"name": "cache", "blueprint": "redis", "tier": "small"}]
    asked = {"name": "carts", "owner": "core", "resources": resources}
    assert api.post("environments", asked).status_code == 201
    assert proposals_sweep(now=clock.now()) > 0
    # The end of a request would close the connection that holds the test's transaction.
    monkeypatch.setattr(connection, "close_if_unusable_or_obsolete", lambda: None)
    return secret


def existing(name: str) -> dict[str, Any]:
    """Path parameters that name something: random ones hardly ever do."""
    run, snapshot = AnalysisRun.objects.latest("pk"), Snapshot.objects.latest("pk")
    number = run.pk if "analyses" in name else snapshot.pk
    reference = f"D-{DebtItem.objects.latest('pk').pk}"
    for word, model in NUMBERED.items():
        if f"/{word}/{{" in name:
            number = model.objects.latest("pk").pk
    for word, named in REFERENCED.items():
        if f"/{word}/{{" in name:
            reference = named.objects.latest("pk").reference
    return {
        "key": "shop",
        "id": number,
        "reference": reference,
        "username": Role.ADMIN.value,
        "slug": "core",
        "team": "core",
    }


def sent(label: str, mode: GenerationMode, token: str) -> None:
    """Send generated requests of one operation and check the answers against the schema."""
    named = existing(label)

    @given(case=OPERATIONS[label].as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],
    )
    def holds(case: Any) -> None:
        if mode is GenerationMode.POSITIVE:
            case.path_parameters = {name: named[name] for name in case.path_parameters or {}}
        case.call_and_validate(
            headers={"Authorization": f"Bearer {token}"},
            # Rules of the business (dates, states, owners) cannot be said in a schema.
            excluded_checks=[positive_data_acceptance],
        )

    holds()


@pytest.mark.slow
@pytest.mark.parametrize("label", OPERATIONS)
def test_the_api_behaves_as_its_schema_says(label: str, token: str) -> None:
    """No failure of the server, no undocumented status, type or body, no bad input accepted."""
    sent(label, GenerationMode.NEGATIVE, token)
    sent(label, GenerationMode.POSITIVE, token)


def test_the_schema_is_valid_and_complete(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("spectacular", validate=True, fail_on_warn=True)
    assert "openapi: 3.1.0" in capsys.readouterr().out
    assert len(OPERATIONS) == sum(len(methods) for methods in SCHEMA.raw_schema["paths"].values())
    paths = SCHEMA.raw_schema["paths"]
    for path in (
        "repositories/", "repositories/{key}/", "repositories/{key}/analyse/", "analyses/{id}/",
        "snapshots/", "snapshots/{id}/", "snapshots/{id}/document/", "debts/",
        "debts/{reference}/", "debts/{reference}/history/", "imports/", "export/", "users/",
        "teams/",
    ):  # fmt: skip
        assert f"/api/v1/{path}" in paths
    for step in STEPS:
        assert "post" in paths[f"/api/v1/debts/{{reference}}/{step}/"]


@pytest.mark.django_db
def test_the_schema_is_served_to_anybody() -> None:
    response = Client().get("/api/schema/", headers={"Accept": "application/json"})
    assert response.status_code == 200
    assert response.json()["openapi"] == "3.1.0"


@pytest.mark.django_db
def test_the_documentation_needs_nothing_from_elsewhere(person: Callable[..., Any]) -> None:
    client = Client()
    assert client.get("/api/docs/").status_code == 302
    client.force_login(person(Role.VIEWER))
    response = client.get("/api/docs/")
    text = response.content.decode()
    assert response.status_code == 200
    assert "http://" not in text
    assert "https://" not in text
    sources = [part.split('"')[0] for part in text.split('src="')[1:]]
    assert len(sources) == 2
    for source in sources:
        assert finders.find(source.removeprefix("/static/")), source
