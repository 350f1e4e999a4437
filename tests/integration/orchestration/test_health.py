"""What monitoring and the doctor see of runs and environments."""

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from common import clock
from common.doctor import Health
from orchestration import doctor, metrics
from orchestration.models import Run, Target
from orchestration.services import environments
from orchestration.services.environments import ResourceDraft
from tests.builders.small_environments import People, ask, built, step
from tests.integration.orchestration.run_fixtures import data_dir, people, small

__all__ = ["data_dir", "people", "small"]


def samples() -> dict[tuple[str, str], float]:
    return {
        (sample.name, next(iter(sample.labels.values()), "")): sample.value
        for family in metrics.orchestration()
        for sample in family.samples
    }


def test_figures(people: People) -> None:
    found = samples()
    assert found["displace_orchestration_oldest_waiting_run_seconds", ""] == 0
    assert found["displace_orchestration_runs", "applying"] == 0
    built(people)
    with CaptureQueriesContext(connection) as before:
        samples()
    built(people, "another", resources=[ResourceDraft("web", "small", "medium")], justification="x")
    with CaptureQueriesContext(connection) as queries:
        samples()
    assert len(queries) == len(before), "as many queries however much stands"
    assert not [one["sql"] for one in queries if '"files"' in one["sql"]]
    step(ask(people, "third"))
    Run.objects.filter(pk=ask(people, "fourth").pk).update(
        state_at=clock.now() - timedelta(hours=1)
    )
    found = samples()
    assert found["displace_orchestration_runs", "succeeded"] == 2
    assert found["displace_orchestration_environments", "ready"] == 2
    assert found["displace_orchestration_monthly_cost", "EUR"] == 60
    assert found["displace_orchestration_oldest_waiting_run_seconds", ""] > 3590
    assert 0 < found["displace_orchestration_oldest_awaiting_approval_seconds", ""] < 600


def test_the_doctor_finds_nothing_to_say(people: People) -> None:
    built(people)
    found = [*doctor.runs(), *doctor.environments()]
    assert {one.health for one in found} == {Health.OK}


def test_the_doctor_names_what_is_stuck(people: People) -> None:
    environment = built(people)
    environment.state, environment.state_reason = "degraded", "It does not answer."
    environment.save()
    Target.objects.update(disabled_at=clock.now())
    hour_ago = clock.now() - timedelta(hours=1)
    queued = environments.environment_check(actor=people.rita, environment_id=environment.pk)
    Run.objects.filter(pk=queued.pk).update(state_at=hour_ago)
    (found,) = doctor.runs()
    assert found.subject == f"Run {queued.reference}"
    assert "Queued for 60 minutes" in found.message
    assert "queue `runs`" in found.advice
    Run.objects.filter(pk=queued.pk).update(
        state="planning", lease_until=hour_ago, worker="host:4711"
    )
    (found,) = doctor.runs()
    assert "host:4711" in found.advice
    said = " ".join(one.message for one in doctor.environments())
    assert "It does not answer." in said
    assert "Switched off" in said
