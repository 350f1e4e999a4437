"""Environments that the small engine builds, as plain calls."""

from typing import Any

from accounts.domain.roles import Role
from common import clock
from orchestration.domain.manifests import digest_of
from orchestration.models import Blueprint, BlueprintVersion, Environment, Run
from orchestration.services import environments
from orchestration.services.approving import run_approve
from orchestration.services.executing import run_execute
from tests.builders.debts import make_person
from tests.fakes.small_engine import MANIFEST

WORKER = "test"


def make_small_blueprint() -> Blueprint:
    """Signed off, and built by the small engine."""
    now = clock.now()
    blueprint = Blueprint.objects.create(
        name="small", capability=MANIFEST["capability"], title=MANIFEST["title"], created_at=now
    )
    blueprint.current = BlueprintVersion.objects.create(
        blueprint=blueprint, number=1, digest=digest_of(MANIFEST, {}), manifest=MANIFEST,
        files={}, state="signed_off", created_at=now,
    )  # fmt: skip
    blueprint.save()
    return blueprint


class People:
    """Who asks, and who approves."""

    def __init__(self) -> None:
        self.rita = make_person("rita")
        self.adam = make_person("adam", Role.APPROVER)


def ask(people: People, name: str = "shop cache", **changes: Any) -> Run:
    """A queued run for a new environment with one small server "web"."""
    parameters = changes.pop("parameters", {})
    resources = changes.pop(
        "resources", [environments.ResourceDraft("web", "small", "small", parameters)]
    )
    values = {"name": name, "owner": "rita", "resources": resources, **changes}
    return environments.environment_request(actor=people.rita, **values)


def step(run: Run) -> Run:
    """What a worker does with it now."""
    run_execute(run_id=run.pk, worker=WORKER)
    run.refresh_from_db()
    return run


def approve(people: People, run: Run) -> Run:
    run_approve(actor=people.adam, run_id=run.pk, digest=run.plan.digest)
    run.refresh_from_db()
    return run


def carry_out(people: People, run: Run) -> Run:
    """Plan, approve, apply."""
    step(run)
    assert run.state == "awaiting_approval", (run.state, run.reason)
    approve(people, run)
    return step(run)


def built(people: People, name: str = "shop cache", **changes: Any) -> Environment:
    """One that stands."""
    run = carry_out(people, ask(people, name, **changes))
    assert run.state == "succeeded", run.reason
    run.environment.refresh_from_db()
    return run.environment


def log_of(run: Run) -> list[str]:
    return list(run.log.order_by("sequence").values_list("text", flat=True))
