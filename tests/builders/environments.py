"""Environments, runs, plans and logs as rows, without any engine."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from common import clock
from orchestration.domain.plans import Change, ChangeKind
from orchestration.domain.states import EventKind
from orchestration.models import (
    Environment,
    Output,
    Plan,
    Resource,
    Run,
    RunEvent,
)
from orchestration.selectors.blueprints import blueprint_get
from orchestration.services.blueprints import catalogue_sync
from orchestration.services.targets import local_target

DIGEST = "sha256:" + "ab" * 32


def make_environment(name: str = "Checkout", parts: Any = None, **changes: Any) -> Environment:
    """An environment with these parts: name of the resource -> (blueprint, tier)."""
    now = clock.now()
    values = {
        "owner": "payments",
        "state": "ready",
        "expires_at": now + timedelta(days=10),
        "created_at": now,
        "updated_at": now,
        **changes,
    }
    environment = Environment.objects.create(name=name, **values)
    for position, (part, (blueprint, tier)) in enumerate(
        (parts or {"db": ("postgresql", "small")}).items()
    ):
        found = blueprint_get(blueprint)
        Resource.objects.create(
            environment=environment,
            name=part,
            position=position,
            capability=found.capability,
            target=local_target(),
            version=found.current,
            tier=tier,
        )
    return environment


def make_catalogue() -> None:
    catalogue_sync()


def make_outputs(environment: Environment, resource: str, **values: str) -> None:
    """Outputs in the clear, such as `host`."""
    found = environment.resources.get(name=resource)
    for name, value in values.items():
        Output.objects.create(resource=found, name=name, value=value)


def make_run(environment: Environment, person: Any = None, **changes: Any) -> Run:
    now = clock.now()
    values = {"action": "provision", "state": "awaiting_approval", **changes}
    return Run.objects.create(
        environment=environment,
        requested_by=person,
        requested_at=now,
        state_at=now,
        **values,
    )


def make_plan(run: Run, *changes: Change, **terms: Any) -> Plan:
    now = clock.now()
    rows = changes or (Change("db", ChangeKind.CREATE, "Database app, owned by app"),)
    values = {
        "digest": DIGEST,
        "fidelity": "advisory",
        "basis": {},
        "monthly_cost": Decimal("25.00"),
        "cost_until_end": Decimal("8.22"),
        "currency": "EUR",
        "generation": 0,
        **terms,
    }
    return Plan.objects.create(
        run=run,
        changes=[one.document() for one in rows],
        made_at=now,
        expires_at=now + timedelta(hours=24),
        **values,
    )


def make_log(run: Run, count: int, text: str = "TASK [Make the database]") -> None:
    """So many lines more."""
    now = clock.now()
    RunEvent.objects.bulk_create(
        RunEvent(
            run=run,
            sequence=run.events + number,
            at=now,
            kind=EventKind.OUTPUT.value,
            text=f"{text} {number}",
        )
        for number in range(1, count + 1)
    )
    run.events += count
    run.save(update_fields=["events"])
