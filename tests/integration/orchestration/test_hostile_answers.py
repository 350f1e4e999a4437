"""What engines and the systems behind them answer is a stranger's text, and may hold anything."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from orchestration.domain.plans import Change, ChangeKind
from orchestration.domain.states import EventKind
from orchestration.engines.engine import Applied, EngineFailed, Job, Observed, Planned
from orchestration.models import Environment, Output, Resource, Run, RunEvent
from orchestration.services import environments
from orchestration.services.environments import ResourceDraft
from tests.builders.small_environments import People, ask, built, carry_out, step
from tests.fakes.small_engine import MANIFEST, SmallEngine
from tests.integration.orchestration.run_fixtures import data_dir, hold_alone, people, small

__all__ = ["data_dir", "people", "small"]

pytestmark = pytest.mark.django_db
Answers = Callable[[Job, Applied], Applied]


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread beside the work would not see rows that this test has not committed."""
    hold_alone(monkeypatch)


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Callable[[Answers], None]:
    """Let the small engine's apply answer something else."""
    honest = SmallEngine.apply

    def answer(change: Answers) -> None:
        monkeypatch.setattr(SmallEngine, "apply", lambda self, job: change(job, honest(self, job)))

    return answer


def with_outputs(**changed: str) -> Answers:
    return lambda _job, done: replace(done, outputs={**done.outputs, **changed})


@pytest.mark.parametrize(
    "change",
    [
        with_outputs(host="a\0b"),
        with_outputs(host="\x1b[2Jhost"),
        with_outputs(host="a\ud800"),
        with_outputs(url="u" * 5000),
        with_outputs(token="a\0b"),
        lambda _job, done: replace(done, facts={"key": "a\0b"}),
        lambda _job, done: replace(done, facts={"a\ud800": 1}),
        lambda _job, done: replace(done, facts={"key": "f" * 100_000}),
    ],
)
def test_an_answer_that_no_row_holds_fails_the_run(
    people: People, answers: Callable[[Answers], None], change: Answers
) -> None:
    answers(change)
    run = carry_out(people, ask(people))
    assert (run.state, "cannot be kept" in run.reason) == ("apply_failed", True)
    gone = environments.environment_destroy(actor=people.rita, environment_id=run.environment_id)
    assert carry_out(people, gone).state == "succeeded"


def test_several_lines_are_kept(people: People, answers: Callable[[Answers], None]) -> None:
    """A certificate, say."""
    lines = "-----BEGIN-----\r\nabc=\r\n-----END-----\n"
    answers(with_outputs(url=lines))
    run = carry_out(people, ask(people))
    assert run.state == "succeeded", run.reason
    assert Output.objects.get(name="url").value == lines


def test_a_look_that_says_a_secret_is_kept_without_it(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = built(people)

    def said(_self: SmallEngine, job: Job) -> Observed:
        return Observed(True, (f"\0token is {job.secrets['token']}", "x" * 9000))

    monkeypatch.setattr(SmallEngine, "observe", said)
    run = step(environments.environment_check(actor=people.rita, environment_id=environment.pk))
    assert run.state == "drift_found"
    seen = Resource.objects.get(environment=environment).observed["differences"]
    assert seen[0] == "token is [hidden]"
    assert len(seen[1]) == 1000


def test_a_plan_that_says_a_secret_is_kept_without_it(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    def plan(self: SmallEngine, job: Job) -> Planned:
        word = job.secrets["token"]
        change = Change(job.resource, ChangeKind.CREATE, f"with {word}", (f"\0set: {word}",))
        return Planned((change,), self.fidelity)

    monkeypatch.setattr(SmallEngine, "plan", plan)
    run = step(ask(people))
    assert run.plan.changes[0]["subject"] == "with [hidden]"
    assert run.plan.changes[0]["details"] == ["set: [hidden]"]


@pytest.fixture
def parameters_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """The small blueprint takes an address and a secret of what stands beside it."""
    properties = {
        **MANIFEST["parameters"]["properties"],
        "peer": {"type": "string", "pattern": "^[a-z0-9.]{1,60}$"},
        "word": {"type": "string", "pattern": "^(?!)$"},
    }
    monkeypatch.setitem(MANIFEST["parameters"], "properties", properties)


def pair(**parameters: str) -> list[ResourceDraft]:
    first = ResourceDraft("web", "small", "small")
    return [first, ResourceDraft("beside", "small", "small", parameters)]


def test_an_output_does_not_pass_where_a_person_could_not_write_it(
    parameters_of_others: None, people: People, answers: Callable[[Answers], None]
) -> None:
    seen: list[Any] = []

    def change(job: Job, done: Applied) -> Applied:
        seen.append(job.parameters.get("peer"))
        return replace(done, outputs={**done.outputs, "host": "x'\narchive_command = 'id'"})

    answers(change)
    run = carry_out(people, ask(people, resources=pair(peer="${resources.web.host}")))
    assert (run.state, seen) == ("apply_failed", [None])
    assert "peer: What it refers to" in run.reason
    # Whatever it answered, it can be taken away.
    gone = environments.environment_destroy(actor=people.rita, environment_id=run.environment_id)
    assert carry_out(people, gone).state == "succeeded"


def test_a_secret_that_was_made_just_now_is_hidden_from_then_on(
    parameters_of_others: None, people: People, answers: Callable[[Answers], None]
) -> None:
    made = "made-by-the-target-just-now"

    def change(job: Job, done: Applied) -> Applied:
        if job.resource == "web":
            return replace(done, outputs={**done.outputs, "token": made})
        assert job.hidden == {"token": job.secrets["token"], "word": made}
        assert "word" not in job.clear_parameters
        job.emit(EventKind.OUTPUT, f"beside has {job.parameters['word']}")
        raise EngineFailed(f"It does not take {job.parameters['word']}.")

    answers(change)
    run = carry_out(people, ask(people, resources=pair(word="${resources.web.token}")))
    assert run.state == "apply_failed"
    said = list(RunEvent.objects.values_list("text", flat=True))
    assert "beside has [hidden]" in said
    kept = [
        *said,
        *Run.objects.values_list("reason", flat=True),
        *Environment.objects.values_list("state_reason", flat=True),
        *Output.objects.values_list("value", flat=True),
        json.dumps(list(Resource.objects.values_list("parameters", "applied", "facts"))),
    ]
    assert not [one for one in kept if made in one]


@pytest.mark.parametrize("order", ["\x1b[0m", "\0", "\x9b", "\x1b]0;x\x07", "\x08"])
def test_an_order_to_a_terminal_hides_no_secret(
    people: People, answers: Callable[[Answers], None], order: str
) -> None:
    """It is taken out before secrets are looked for, in the log and in what ended the run."""
    secret: list[str] = []

    def change(job: Job, done: Applied) -> Applied:
        word = job.secrets["token"]
        secret.append(word)
        broken = f"{word[:9]}{order}{word[9:]}"
        job.emit(EventKind.OUTPUT, f"with {broken}")
        raise EngineFailed(f"It does not take {broken}.")

    answers(change)
    run = carry_out(people, ask(people))
    said = [*RunEvent.objects.values_list("text", flat=True), run.reason]
    assert "with [hidden]" in said
    assert not [one for one in said if secret[0] in one or order in one]
