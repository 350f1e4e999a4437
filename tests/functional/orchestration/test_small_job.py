"""The small job from end to end: a debt comes due, its database is built, used and taken away.

Everything through the API and the commands of an installation of its own, with real workers, real
servers and a real repository.
"""

import json
import shutil
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from common import clock
from tests import lanes
from tests.builders.catalogue import ENGINE, Built
from tests.builders.git_history import History
from tests.builders.installation import Installation, Person, installation
from tests.builders.migrated import begin_with
from tests.functional.api.conftest import IMPACT

pytestmark = pytest.mark.slow

SWEEP = """
from common import clock
from orchestration.services.proposals import proposals_sweep
print(proposals_sweep(now=clock.now()))
"""
EVIDENCE = {"kind": "measurement", "note": "no cart is in memory"}
LEAVINGS = """
from orchestration.models import Environment, Resource
from orchestration.services.jobs import environment_home
print(sum(environment_home(one).exists() for one in Environment.objects.all()))
"""


@pytest.fixture
def shop(migrated: Path) -> Iterator[Installation]:
    if lacking := ENGINE.missing(Built("postgresql", "db").manifest):
        lanes.skip_or_fail("provision", ", ".join(one.what for one in lacking) + " missing")
    # Servers run as an ordinary user, who may not enter the folders of the test runner.
    folder = Path(tempfile.mkdtemp(prefix="displace-shop-"))
    folder.chmod(0o711)
    begin_with(migrated, folder / "data")
    try:
        with installation(folder) as made:
            yield made
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def in_days(days: int) -> str:
    return (clock.today() + timedelta(days=days)).isoformat()


def registered(shop: Installation, person: Person) -> str:
    """The reference of the debt that the repository owes."""

    def found() -> Any:
        rows = person.get("debts")["results"]
        return rows[0]["reference"] if rows else None

    return str(shop.wait("the debt is registered", found))


def planned(shop: Installation, person: Person, debt: str) -> None:
    """Say all that its acceptance needs, and which infrastructure its plan does."""
    tag = person.call("GET", f"debts/{debt}").headers["ETag"]
    body = {
        "impact": IMPACT,
        "estimate": {
            "principal": {"optimistic": 8, "likely": 16, "pessimistic": 40},
            "interest": {"p10": 2, "p50": 4.5, "p90": 9},
        },
        "plan": {
            "summary": "Move the carts",
            "milestones": [{"title": "store chosen", "due_on": in_days(10)}],
            "needs": ["postgresql"],
        },
    }
    answer = person.call("PATCH", f"debts/{debt}", body, If_Match=tag)
    assert answer.status == 200, answer


def carried_out(shop: Installation, run: Any, asker: Person, other: Person) -> Any:
    """A run from the queue to its end; its asker may not approve it."""
    at = f"runs/{run['reference']}"
    digest = shop.run_reached(asker, run["reference"], "awaiting_approval")["plan"]["digest"]
    assert asker.post(f"{at}/approve", {"digest": digest}).status == 403
    arguments = ("run", "approve", run["reference"], "--digest", digest, "--as", other.name)
    assert "apply_queued" in shop.manage(*arguments)
    done = shop.run_reached(asker, run["reference"], "succeeded")
    assert [one["by"] for one in done["decisions"]] == [other.name]
    return done


def connection_to(shop: Installation, environment: str) -> str:
    """How to use the database, from the command line; the password is nowhere else."""
    shown = json.loads(shop.manage("environment", "show", environment, "--json"))
    (resource,) = shown["resources"]
    outputs = {one["name"]: one["value"] for one in resource["outputs"]}
    assert outputs["password"] is None
    reveal = ("environment", "reveal", environment, resource["name"], "password", "--as", "ann")
    outputs["password"] = shop.manage(*reveal).strip()
    # A run's log holds every word that the engine said.
    assert str(outputs["password"]) not in shop.log
    return (
        f"host={outputs['host']} port={outputs['port']} dbname={outputs['database']}"
        f" user={outputs['username']} password={outputs['password']}"
    )


def test_from_the_annotation_to_verified_repayment(shop: Installation, tmp_path: Path) -> None:
    ann, bea, olga = shop.people(ann="contributor", bea="approver", olga="operator")
    mark = f"# DEBT(carts, owner=ann) [{in_days(20)}]: carts live in process memory\n"
    history = History(tmp_path / "shop.git").commit("owe", {"cart.py": f"{mark}carts = {{}}\n"})

    made = olga.post("repositories", {"url": str(history.path), "name": "shop"})
    assert made.status == 201, made
    debt = registered(shop, ann)
    planned(shop, ann, debt)
    bea.did(f"debts/{debt}/activate")

    assert shop.shell(SWEEP) == "1"
    (proposal,) = ann.get(f"proposals?debt={debt}&state=open")["results"]
    assert [one["blueprint"] for one in proposal["resources"]] == ["postgresql"]
    run = ann.did(f"proposals/{proposal['id']}/take", {}, Idempotency_Key="take")
    environment = run["environment"]
    carried_out(shop, run, ann, bea)
    shown = ann.get(f"environments/{environment}")
    assert (shown["state"], shown["debts"][0]["reference"]) == ("ready", debt)

    address = connection_to(shop, environment)
    with psycopg.connect(address) as database:
        database.execute("CREATE TABLE cart (id int)")

    ann.did(f"debts/{debt}/start-repayment")
    history.branch("carts").commit("keep carts", {"cart.py": "carts = database()\n"})
    history.switch("main").merge("carts")
    ann.did("repositories/shop/analyse", {})
    shop.wait("the debt is repaid", lambda: ann.get(f"debts/{debt}")["state"] == "repaid")

    verify = (f"debts/{debt}/verify", {"evidence": EVIDENCE})
    refused = bea.post(*verify)
    assert refused.status == 409, refused
    assert "still stands; destroy it or promote it" in refused.json["detail"]

    done = carried_out(shop, ann.did(f"environments/{environment}/destroy"), ann, bea)
    assert done["action"] == "destroy"
    assert ann.get(f"environments/{environment}")["state"] == "destroyed"
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(address, connect_timeout=5)
    assert shop.shell(LEAVINGS) == "0"
    bea.did(*verify)
    assert ann.get(f"debts/{debt}")["state"] == "verified"
    shop.manage("verify_history")
