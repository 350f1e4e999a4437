"""Ends that are announced, put off, given up and brought about."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from accounts.domain.roles import Role
from common import clock, notices
from common.errors import Denied, Refused, Stale
from ledger.models import DebtItem
from orchestration.engines.engine import EngineFailed
from orchestration.models import Environment, Run
from orchestration.services import adopting, endings, environments, jobs
from orchestration.services.approving import run_reject
from orchestration.services.canceling import run_cancel
from orchestration.services.environments import drift_sweep, ttl_sweep
from orchestration.services.executing import run_execute
from tests.builders.debts import make_person
from tests.builders.small_environments import People, approve, built, carry_out, step
from tests.fakes.small_engine import SmallEngine
from tests.integration.orchestration.run_fixtures import data_dir, people, small

__all__ = ["data_dir", "people", "small"]

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[notices.Notice]:
    found: list[notices.Notice] = []
    monkeypatch.setattr(notices, "_listeners", [found.append])
    return found


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The time, in a list of one that a test may change."""
    hands = [clock.now()]
    monkeypatch.setattr(timezone, "now", lambda: hands[0])
    return hands


def end_of(environment: Environment) -> datetime:
    assert environment.expires_at is not None
    return environment.expires_at


def state_of(environment: Environment) -> str:
    environment.refresh_from_db()
    return environment.state


def test_an_end_is_announced_three_times(
    people: People, said: list[Any], now: list[datetime]
) -> None:
    environment = built(people, days=10)
    end = end_of(environment)
    for before in (3 * DAY, 2 * DAY, DAY, 2 * HOUR, HOUR, 30 * MINUTE, MINUTE):
        now[0] = end - before
        ttl_sweep(now=now[0])
        ttl_sweep(now=now[0])
    assert [one.title for one in said] == [
        "shop cache ends in two days",
        "shop cache ends in two hours",
        "shop cache ends in half an hour",
    ]
    assert len({one.key for one in said}) == 3
    assert said[0].handles == ("rita",)
    assert state_of(environment) == "expiring"


def test_what_is_said_to_be_left_is_left(
    people: People, said: list[Any], now: list[datetime], settings: Any
) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    environment = built(people, days=1)
    ttl_sweep(now=now[0])
    assert said[-1].title == "shop cache ends in a day"
    end = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    # Never warned, as after a pause of the sweep.
    for left, words in (
        (2 * DAY - HOUR, "47 hours"), (5 * HOUR, "5 hours"), (25 * MINUTE, "25 minutes"),
    ):  # fmt: skip
        Environment.objects.update(expires_at=end, warned_minutes=None)
        now[0] = end - left
        ttl_sweep(now=now[0])
        assert said[-1].title == f"shop cache ends in {words}"
        assert "29 March 2026, 03:30 CEST. Its data is lost then." in said[-1].text
    Environment.objects.update(warned_minutes=None, deletion_policy="orphan")
    ttl_sweep(now=now[0])
    assert "29 March 2026, 03:30 CEST. It is left standing then" in said[-1].text
    assert state_of(environment) == "expiring"


def test_a_fault_in_one_is_none_of_the_others(
    people: People, now: list[datetime], monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    first, second = built(people, days=1), built(people, "shop queue", days=2)

    def listener(notice: notices.Notice) -> None:
        if str(first.key) in notice.key:
            raise RuntimeError("a fault of ours")

    monkeypatch.setattr(notices, "_listeners", [listener])
    now[0] = end_of(second) + MINUTE
    assert ttl_sweep(now=now[0]) == 1
    assert not Run.objects.filter(environment=first, action="destroy").exists()
    assert Run.objects.filter(environment=second, action="destroy").exists()
    assert f"Environment {first.pk} was left out" in caplog.text
    assert "a fault of ours" in caplog.text
    monkeypatch.setattr(notices, "_listeners", [])
    assert ttl_sweep(now=now[0]) == 1
    assert Run.objects.filter(environment=first, action="destroy").exists()


def test_the_end_comes_without_another_approval(
    people: People, said: list[Any], now: list[datetime], data_dir: Path
) -> None:
    environment = built(people, days=1)
    now[0] = end_of(environment) + MINUTE
    assert ttl_sweep(now=now[0]) == 1
    assert ttl_sweep(now=now[0]) == 0
    run = Run.objects.get(environment=environment, action="destroy")
    assert run.requested_by is None
    step(run)
    assert run.state == "apply_queued"
    assert not run.approvals.exists()
    step(run)
    assert (run.state, state_of(environment)) == ("succeeded", "destroyed")
    assert not (data_dir / "environments" / str(environment.key)).exists()
    assert said[-1].title == "shop cache has come to its end"


def test_more_time_at_the_last_moment_saves_it(people: People, now: list[datetime]) -> None:
    environment = built(people, days=1)
    now[0] = end_of(environment) + MINUTE
    ttl_sweep(now=now[0])
    run = step(Run.objects.get(environment=environment, action="destroy"))
    assert run.state == "apply_queued"
    environments.environment_extend(
        actor=people.rita, environment_id=environment.pk, days=3, reason="The sale goes on."
    )
    step(run)
    assert (run.state, state_of(environment)) == ("stale", "ready")
    assert "more time" in run.reason


def extended(people: People, environment: Environment) -> None:
    environments.environment_extend(
        actor=people.rita, environment_id=environment.pk, days=3, reason="The sale goes on."
    )


def promoted(people: People, environment: Environment) -> None:
    environments.environment_promote(
        actor=people.adam, environment_id=environment.pk, owner="rita", reason="It serves people."
    )


def adopted(people: People, environment: Environment) -> None:
    Environment.objects.filter(pk=environment.pk).update(owner="somebody-who-left")
    environments.environment_adopt(
        actor=people.adam, environment_id=environment.pk, owner="adam", days=3, reason="We need it."
    )


def at_its_end(people: People, now: list[datetime], **changes: Any) -> Run:
    """The destroy of an environment whose time is over, as far as it comes without a person."""
    environment = built(people, days=1)
    Environment.objects.filter(pk=environment.pk).update(**changes)
    now[0] = end_of(environment) + MINUTE
    ttl_sweep(now=now[0])
    return step(Run.objects.get(environment=environment, action="destroy"))


@pytest.mark.parametrize("change", [extended, promoted])
@pytest.mark.parametrize("state", ["queued", "awaiting_approval", "apply_queued"])
def test_nobody_is_asked_about_an_end_that_was_put_off(
    people: People, now: list[datetime], said: list[Any], change: Any, state: str
) -> None:
    environment = built(people, days=1)
    Environment.objects.filter(pk=environment.pk).update(adopted_at=now[0])
    now[0] = end_of(environment) + MINUTE
    ttl_sweep(now=now[0])
    run = Run.objects.get(environment=environment, action="destroy")
    if state != "queued":
        step(run)
    if state == "apply_queued":
        approve(people, run)
    assert run.state == state
    change(people, environment)
    step(run)
    assert (run.state, state_of(environment)) == ("stale", "ready")
    assert "more time" in run.reason
    assert "could not" not in said[-1].title


def test_nobody_is_asked_about_an_end_that_is_put_off_while_it_is_planned(
    people: People, now: list[datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = built(people, days=1)
    Environment.objects.filter(pk=environment.pk).update(adopted_at=now[0])
    now[0] = end_of(environment) + MINUTE
    ttl_sweep(now=now[0])
    look = jobs.basis_of

    def changed_meanwhile(run: Run) -> Any:
        Environment.objects.update(expires_at=now[0] + 3 * DAY)
        return look(run)

    monkeypatch.setattr(jobs, "basis_of", changed_meanwhile)
    run = step(Run.objects.get(environment=environment, action="destroy"))
    assert (run.state, "more time" in run.reason) == ("stale", True)


@pytest.mark.parametrize("is_approved", [False, True])
@pytest.mark.parametrize(
    "change", [{"expires_at": clock.now() + 300 * DAY}, {"promoted_at": clock.now()}]
)
def test_an_end_that_is_none_any_more_is_not_brought_about(
    people: People, now: list[datetime], change: dict[str, Any], is_approved: bool
) -> None:
    run = at_its_end(people, now, adopted_at=now[0])
    assert run.state == "awaiting_approval"
    if is_approved:
        approve(people, run)
    Environment.objects.update(**change)
    if is_approved:
        step(run)
    else:
        with pytest.raises(Stale, match="more time"):
            approve(people, run)
        run.refresh_from_db()
    assert (run.state, state_of(run.environment)) == ("stale", "ready")
    assert "more time" in run.reason


@pytest.mark.parametrize("change", [extended, promoted, adopted])
def test_more_time_while_a_worker_looks_whether_it_may_begin(
    people: People, now: list[datetime], monkeypatch: pytest.MonkeyPatch, change: Any
) -> None:
    run = at_its_end(people, now)
    assert run.state == "apply_queued"
    look, changes = jobs.basis_of, [change]

    def changed_meanwhile(looked_at: Run) -> Any:
        found = look(looked_at)
        for one in changes[:1]:
            changes.clear()
            one(people, run.environment)
        return found

    monkeypatch.setattr(jobs, "basis_of", changed_meanwhile)
    # It could not be put off either: its worker has it by then.
    for module in (endings, adopting):
        monkeypatch.setattr(module, "end_put_off", lambda _environment: None)
    step(run)
    assert (run.state, changes) == ("apply_queued", [])
    assert (step(run).state, state_of(run.environment)) == ("stale", "ready")


@pytest.mark.parametrize("change", [extended, promoted])
def test_what_is_being_taken_away_has_no_more_time(
    people: People, now: list[datetime], change: Any
) -> None:
    run = at_its_end(people, now)
    Environment.objects.update(state="destroying")
    with pytest.raises(Refused, match="being taken away already"):
        change(people, run.environment)
    run.refresh_from_db()
    assert run.state == "apply_queued"


@pytest.mark.parametrize("policy", ["delete", "orphan"])
def test_more_time_while_its_end_is_brought_about(
    people: People, now: list[datetime], said: list[Any], policy: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    environment = built(people, days=1, deletion_policy=policy)
    now[0] = end_of(environment) + MINUTE
    swept = endings.swept

    def late(rows: Any, act: Any) -> int:
        found = list(rows)
        extended(people, environment)
        return swept(found, act)

    monkeypatch.setattr(endings, "swept", late)
    assert ttl_sweep(now=now[0]) == 0
    assert (state_of(environment), said) == ("ready", [])
    assert not Run.objects.filter(action="destroy").exists()
    # And while it is warned.
    now[0] = end_of(environment) - HOUR
    assert ttl_sweep(now=now[0]) == 0
    assert (state_of(environment), said) == ("ready", [])


def test_a_person_who_destroys_still_needs_an_approval(people: People, now: list[datetime]) -> None:
    environment = built(people, days=1)
    now[0] = end_of(environment) + MINUTE
    run = environments.environment_destroy(actor=people.rita, environment_id=environment.pk)
    assert step(run).state == "awaiting_approval"
    # The end does not wait behind it.
    ttl_sweep(now=now[0])
    own = Run.objects.get(environment=environment, requested_by=None)
    for _ in range(2):
        run_execute(run_id=own.pk, worker="test")
    assert state_of(environment) == "destroyed"
    with pytest.raises(Exception, match="changed"):
        approve(people, run)


def test_an_end_that_fails_is_tried_again_later(
    people: People, said: list[Any], now: list[datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stuck(*_arguments: Any) -> None:
        raise EngineFailed("The disk is busy.")

    monkeypatch.setattr(SmallEngine, "destroy", stuck)
    run = step(at_its_end(people, now))
    assert run.state == "apply_failed"
    now[0] += 30 * MINUTE
    ttl_sweep(now=now[0])
    assert Run.objects.filter(action="destroy").count() == 1
    now[0] += 31 * MINUTE
    ttl_sweep(now=now[0])
    again = Run.objects.get(action="destroy", state="queued")
    assert step(step(again)).state == "apply_failed"
    first, failed, *others = said
    assert first.title == "shop cache has come to its end"
    assert (failed.title, failed.severity) == ("shop cache could not be taken away", "error")
    assert "The disk is busy." in failed.text
    # A key is told once, however often it is said.
    assert {one.key for one in others} == {first.key, failed.key}
    extended(people, run.environment)
    now[0] = end_of(Environment.objects.get()) + MINUTE
    ttl_sweep(now=now[0])
    assert said[-1].key not in {first.key, failed.key}, "another end"


def test_an_end_that_nobody_wants_is_said_to_have_failed(
    people: People, said: list[Any], now: list[datetime]
) -> None:
    run = at_its_end(people, now, adopted_at=now[0])
    digest = run.plan.digest
    run_reject(actor=people.adam, run_id=run.pk, digest=digest, reason="There is data in it.")
    assert "There is data in it." in said[-1].text
    count = len(said)
    # What a person asks for, that person follows.
    asked = environments.environment_destroy(actor=people.rita, environment_id=run.environment_id)
    digest = step(asked).plan.digest
    run_reject(actor=people.adam, run_id=asked.pk, digest=digest, reason="Not yet.")
    assert len(said) == count
    now[0] += 2 * HOUR
    ttl_sweep(now=now[0])
    extended(people, run.environment)
    run_cancel(actor=people.adam, run_id=Run.objects.get(state="queued").pk)
    assert said[-1].title == "shop cache has come to its end", "its end is another one by now"


def test_what_is_to_go_goes_where_nothing_is_left_to_do(
    people: People, now: list[datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SmallEngine, "plans_destroy", True)
    run = at_its_end(people, now)
    assert [one["kind"] for one in run.plan.changes] == ["none"]
    assert step(run).state == "succeeded"
    assert state_of(run.environment) == "destroyed"


def test_what_is_to_be_left_is_left(
    people: People, said: list[Any], now: list[datetime], data_dir: Path
) -> None:
    environment = built(people, days=1, deletion_policy="orphan")
    now[0] = end_of(environment) + MINUTE
    ttl_sweep(now=now[0])
    assert state_of(environment) == "orphaned"
    assert (data_dir / "environments" / str(environment.key) / "web" / "port").exists()
    assert "left standing" in said[-1].title
    with pytest.raises(Refused, match="gone"):
        environments.environment_destroy(actor=people.rita, environment_id=environment.pk)


def test_more_time_is_given_to_owners_with_a_reason(people: People, now: list[datetime]) -> None:
    environment = built(people, days=10)
    asked = {"environment_id": environment.pk, "days": 12, "reason": "Not done yet."}
    with pytest.raises(Denied, match="owner"):
        environments.environment_extend(actor=make_person("otto"), **asked)
    with pytest.raises(Refused, match="Say why"):
        environments.environment_extend(actor=people.rita, **{**asked, "reason": " "})
    with pytest.raises(Refused, match="as much time"):
        environments.environment_extend(actor=people.rita, **{**asked, "days": 5})
    environments.environment_extend(actor=people.rita, **asked)
    environment.refresh_from_db()
    assert environment.expires_at == now[0] + 12 * DAY
    now[0] += MINUTE
    with pytest.raises(Refused, match="as much time"):
        environments.environment_extend(actor=people.rita, **asked)
    environment.refresh_from_db()
    assert environment.ttl_extensions == 1, "who clicks twice extends once"


def test_the_third_extension_is_a_debt(people: People) -> None:
    environment = built(people, days=10)
    for days in (11, 12, 13, 14):
        environments.environment_extend(
            actor=people.rita, environment_id=environment.pk, days=days, reason="Not done yet."
        )
        found = DebtItem.objects.filter(title__contains="shop cache")
        assert found.count() == (days >= 13)
    item = DebtItem.objects.get()
    assert item.owner == "rita"
    assert environment.links.get().item_id == item.pk


def test_what_is_promoted_stays(people: People, now: list[datetime]) -> None:
    environment = built(people, days=1)
    asked = {"environment_id": environment.pk, "owner": "adam", "reason": "It serves customers."}
    with pytest.raises(Denied):
        environments.environment_promote(actor=people.rita, **asked)
    with pytest.raises(Refused, match="Name a person"):
        environments.environment_promote(actor=people.adam, **{**asked, "owner": "nobody"})
    environments.environment_promote(actor=people.adam, **asked)
    environment.refresh_from_db()
    assert (environment.owner, environment.expires_at) == ("adam", None)
    assert ttl_sweep(now=now[0] + 400 * DAY) == 0
    with pytest.raises(Refused, match="no end"):
        environments.environment_extend(
            actor=people.adam, environment_id=environment.pk, days=9, reason="?"
        )


def test_an_operator_may_give_it_up(people: People) -> None:
    environment = built(people)
    asked = {"environment_id": environment.pk, "reason": "It moved to another team."}
    with pytest.raises(Denied):
        environments.environment_orphan(actor=people.adam, **asked)
    resize = environments.environment_resize(
        actor=people.rita, environment_id=environment.pk, tiers={"web": "medium"},
        justification="More users.",
    )  # fmt: skip
    approve(people, step(resize))
    environments.environment_orphan(actor=make_person("olga", Role.OPERATOR), **asked)
    assert state_of(environment) == "orphaned"
    assert step(resize).state == "stale", "what was planned for it is not carried out"


def test_what_stands_is_looked_at_again_and_again(people: People, now: list[datetime]) -> None:
    environment = built(people, days=30)
    assert drift_sweep(now=now[0] + HOUR) == 0
    now[0] += 7 * HOUR
    assert drift_sweep(now=now[0]) == 1
    assert drift_sweep(now=now[0]) == 0
    run = step(Run.objects.get(action="drift"))
    assert run.state == "no_changes"
    environment.refresh_from_db()
    assert environment.checked_at == now[0]
    assert (
        carry_out(
            people,
            environments.environment_destroy(actor=people.rita, environment_id=environment.pk),
        ).state
        == "succeeded"
    )
    assert drift_sweep(now=now[0] + 30 * DAY) == 0


def test_looks_keep_no_person_waiting(people: People, now: list[datetime]) -> None:
    for number in range(6):
        built(people, f"cache {number}", days=30)
    now[0] += 7 * HOUR
    assert drift_sweep(now=now[0]) == 4
    assert drift_sweep(now=now[0]) == 0, "what waits is enough for now"
    for run in Run.objects.filter(action="drift", state="queued"):
        step(run)
    assert drift_sweep(now=now[0]) == 2
    assert Run.objects.filter(action="drift").values("environment").distinct().count() == 6
