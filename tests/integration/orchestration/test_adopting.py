"""Taking over what nobody looks after, and what becomes of it."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from accounts.domain.roles import Role
from accounts.services import team_create
from common import clock
from common.errors import Denied, Refused
from orchestration.models import Environment, Run
from orchestration.services import environments
from tests.builders.debts import make_person
from tests.builders.small_environments import People, approve, ask, built, carry_out, log_of, step
from tests.integration.orchestration.run_fixtures import data_dir, people, small

__all__ = ["data_dir", "people", "small"]


def given_up(people: People, **changes: Any) -> Environment:
    environment = built(people, **changes)
    environments.environment_orphan(
        actor=make_person("olga", Role.OPERATOR),
        environment_id=environment.pk,
        reason="It moved to another team.",
    )
    environment.refresh_from_db()
    return environment


def adopt(people: People, environment: Environment, **changes: Any) -> Environment:
    values = {"owner": "payments", "days": 20, "reason": "We need it.", **changes}
    values.setdefault("actor", people.adam)
    found = environments.environment_adopt(environment_id=environment.pk, **values)
    assert isinstance(found, Environment)
    return found


@pytest.fixture(autouse=True)
def payments(db: None) -> None:
    team_create(slug="payments", name="Payments")


def test_what_was_given_up_has_an_owner_and_an_end_again(people: People, data_dir: Path) -> None:
    environment = given_up(people)
    adopt(people, environment)
    environment.refresh_from_db()
    assert (environment.state, environment.owner, environment.ended_at) == (
        "degraded", "payments", None,
    )  # fmt: skip
    assert environment.team is not None
    assert environment.team.slug == "payments"
    assert environment.expires_at is not None
    assert environment.expires_at > clock.now() + timedelta(days=19)
    look = step(Run.objects.get(environment=environment, action="drift"))
    assert look.state == "no_changes"
    assert "adam adopted it for payments: We need it." in log_of(look)
    environment.refresh_from_db()
    assert environment.state == "ready"
    gone = environments.environment_destroy(actor=people.rita, environment_id=environment.pk)
    assert carry_out(people, gone).state == "succeeded"
    assert not (data_dir / "environments" / str(environment.key)).exists()


def test_what_is_gone_meanwhile_is_found_out(people: People, data_dir: Path) -> None:
    environment = given_up(people)
    (data_dir / "environments" / str(environment.key) / "web" / "size").write_text("7")
    adopt(people, environment)
    look = step(Run.objects.get(environment=environment, action="drift"))
    assert look.state == "drift_found"
    environment.refresh_from_db()
    assert environment.state == "drifted"


def test_its_new_end_is_approved_by_somebody(
    people: People, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = given_up(people)
    adopt(people, environment, days=1)
    step(Run.objects.get(environment=environment, action="drift"))
    later: datetime = clock.now() + timedelta(days=2)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert environments.ttl_sweep(now=later) == 1
    run = step(Run.objects.get(environment=environment, action="destroy"))
    assert run.state == "awaiting_approval", "a single approver cannot have data taken away"
    approve(people, run)
    assert step(run).state == "succeeded"


def test_who_may_adopt_what(people: People) -> None:
    environment, asked = built(people), ask(people, "only asked for").environment
    with pytest.raises(Denied, match="approver"):
        adopt(people, environment, actor=people.rita)
    with pytest.raises(Refused, match="rita owns it and is there"):
        adopt(people, environment)
    people.rita.is_active = False
    people.rita.save()
    with pytest.raises(Refused, match="Name a person or a team"):
        adopt(people, environment, owner="rita")
    with pytest.raises(Refused, match="Say why"):
        adopt(people, environment, reason=" ")
    adopt(people, environment)
    environment.refresh_from_db()
    assert (environment.state, environment.owner) == ("ready", "payments")
    with pytest.raises(Refused, match="payments owns it"):
        adopt(people, environment)
    with pytest.raises(Refused, match="Nothing is built"):
        adopt(people, asked)


def test_what_stays_goes_on_staying(people: People) -> None:
    environment = built(people)
    environments.environment_promote(
        actor=people.adam, environment_id=environment.pk, owner="rita", reason="It serves people."
    )
    people.rita.is_active = False
    people.rita.save()
    adopt(people, environment)
    environment.refresh_from_db()
    assert (environment.owner, environment.expires_at) == ("payments", None)


def test_what_is_gone_or_in_somebodys_hands_is_left_alone(people: People) -> None:
    environment = given_up(people)
    Environment.objects.filter(pk=environment.pk).update(state="destroyed")
    with pytest.raises(Refused, match="Nothing of it stands"):
        adopt(people, environment)


def test_a_name_that_was_given_away(people: People) -> None:
    environment = given_up(people)
    built(people)
    with pytest.raises(Refused, match="another environment") as refusal:
        adopt(people, environment)
    assert refusal.value.field == "name"
    environment.refresh_from_db()
    assert environment.state == "orphaned"
    adopt(people, environment, name="old shop cache")
    environment.refresh_from_db()
    assert (environment.name, environment.state) == ("old shop cache", "degraded")


def test_what_was_planned_before_is_stale(people: People) -> None:
    environment = built(people)
    resize = environments.environment_resize(
        actor=people.rita, environment_id=environment.pk, tiers={"web": "medium"},
        justification="More users.",
    )  # fmt: skip
    approve(people, step(resize))
    Environment.objects.filter(pk=environment.pk).update(owner="somebody-who-left")
    adopt(people, environment)
    assert step(resize).state == "stale"
