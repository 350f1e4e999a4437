"""PostgreSQL and Redis from the request to the proof, through the services that people call."""

import os
import signal
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis
from django.conf import settings

from orchestration.engines import local
from orchestration.models import BlueprintVersion, Environment, Output, Run, RunEvent
from orchestration.services import environments
from orchestration.services.blueprints import catalogue_sync
from orchestration.services.environments import ResourceDraft
from tests import lanes
from tests.builders.catalogue import ENGINE
from tests.builders.small_environments import People, carry_out, step
from tests.integration.orchestration.conftest import arguments_seen
from tests.integration.orchestration.run_fixtures import hold_alone

pytestmark = [pytest.mark.django_db, pytest.mark.once, pytest.mark.slow]


@pytest.fixture(autouse=True)
def _one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test's transaction is not seen by the thread beside the work."""
    hold_alone(monkeypatch)


def outputs_of(environment: Environment, resource: str) -> dict[str, str]:
    rows = Output.objects.filter(resource__environment=environment, resource__name=resource)
    people_see = {one.name: one.value for one in rows if not one.sealed}
    secret = {
        one.name: environments.output_reveal(
            actor=environment.requested_by, environment_id=environment.pk,
            resource=resource, name=one.name,
        )
        for one in rows
        if one.sealed
    }  # fmt: skip
    return people_see | secret


def database(environment: Environment) -> "psycopg.Connection[Any]":
    out = outputs_of(environment, "db")
    return psycopg.connect(
        host=out["host"], port=out["port"], dbname=out["database"], user=out["username"],
        password=out["password"], autocommit=True,
    )  # fmt: skip


def cache(environment: Environment) -> "redis.Redis":
    out = outputs_of(environment, "cache")
    return redis.Redis(
        out["host"], int(out["port"]), username=out["username"], password=out["password"]
    )


def require_programs() -> None:
    rows = BlueprintVersion.objects.select_related("blueprint")
    found = {one.blueprint.name: one for one in rows}
    lacking = [
        missing.what
        for name in ("postgresql", "redis")
        for missing in ENGINE.missing(found[name].manifest)
    ]
    if lacking:
        lanes.skip_or_fail("provision", f"{', '.join(lacking)} missing")


def homes(environment: Environment) -> list[Path]:
    folder = Path(settings.DATA_DIR) / "environments" / str(environment.key)
    return [folder / "db", folder / "cache"]


def destroyed(people: People, environment: Environment) -> Run:
    run = environments.environment_destroy(actor=people.rita, environment_id=environment.pk)
    return carry_out(people, run)


def test_a_database_and_a_cache(db: None) -> None:
    catalogue_sync()
    require_programs()
    people = People()
    with arguments_seen() as arguments:
        run = environments.environment_request(
            actor=people.rita, name="shop", owner="rita",
            resources=[
                ResourceDraft("db", "postgresql", "small"),
                ResourceDraft("cache", "redis", "small"),
            ],
        )  # fmt: skip
        carry_out(people, run)
        environment = Environment.objects.get(pk=run.environment_id)
        try:
            secrets = _walk(people, run, environment)
        finally:
            gone = destroyed(people, environment)
    assert gone.state == "succeeded", gone.reason
    for home in homes(environment):
        assert not local.processes_of(home)
        assert not home.exists()
    assert not Path(settings.DATA_DIR, "environments", str(environment.key)).exists()
    assert not list(Path(settings.DATA_DIR, "runs").iterdir())
    said = "\n".join([*arguments, *RunEvent.objects.values_list("text", flat=True)])
    assert len(secrets) == 2
    assert not [secret for secret in secrets if secret in said]


def _walk(people: People, run: Run, environment: Environment) -> set[str]:
    """Use it, resize it, break it, find that, repair it; returns its secrets."""
    assert run.state == "succeeded", run.reason
    assert environment.state == "ready"
    with database(environment) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    cache(environment).set("kept", "42")

    resized = environments.environment_resize(
        actor=people.rita, environment_id=environment.pk,
        tiers={"db": "medium", "cache": "medium"}, justification="The sale begins on Monday.",
    )  # fmt: skip
    carry_out(people, resized)
    assert resized.state == "succeeded", resized.reason
    with database(environment) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
        assert connection.execute("SHOW max_connections").fetchone() == ("200",)
    assert cache(environment).get("kept") == b"42"

    for pid in local.processes_of(homes(environment)[1]):
        os.kill(pid, signal.SIGKILL)
    (homes(environment)[0] / "etc" / "postgresql.conf").write_text("max_connections = 7\n")
    looked = step(environments.environment_check(actor=people.rita, environment_id=environment.pk))
    assert looked.state == "drift_found", looked.reason
    assert "db: " in looked.reason
    assert "cache: " in looked.reason
    environment.refresh_from_db()
    assert environment.state == "drifted"

    repaired = environments.environment_repair(actor=people.rita, environment_id=environment.pk)
    carry_out(people, repaired)
    assert repaired.state == "succeeded", repaired.reason
    clean = step(environments.environment_check(actor=people.rita, environment_id=environment.pk))
    assert clean.state == "no_changes", clean.reason
    with database(environment) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
    environment.refresh_from_db()
    assert environment.state == "ready"
    return {outputs_of(environment, one)["password"] for one in ("db", "cache")}
