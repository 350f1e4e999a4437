"""Engines of other systems over real HTTP: what every one of them does when things go wrong.

The systems are imitations that keep state and check what they are asked (`tests/fakes/targets.py`).
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from common.connection_settings import BadSettings
from orchestration.domain.plans import ChangeKind
from orchestration.domain.states import Fidelity, RunAction
from orchestration.engines import github_actions, remote, reporting, target_api
from orchestration.engines.engine import (
    Canceled,
    Engine,
    EngineFailed,
    EngineUnknown,
    Job,
    TimedOut,
)
from orchestration.engines.registry import ENGINES
from tests.builders.engine_jobs import job
from tests.fakes.loopback import Reply, Service, service
from tests.fakes.targets import TOKEN, Awx, Cluster, Faulty, GitHub, NomadServer
from tests.fakes.webhook_receiver import SECRET, Receiver

OUTPUTS: dict[str, dict[str, bool]] = {"host": {}, "port": {}}
CLAIM = """
apiVersion: db.acme.io/v1
kind: PostgreSQLInstance
metadata: {name: "${dpl_id}"}
spec:
  size: ${size}
  writeConnectionSecretToRef: {name: "${dpl_id}-connection"}
"""


@dataclass
class Case:
    """One engine with its system: how it is set up, and which request is the order."""

    engine: Engine
    system: Any
    order: tuple[str, str]
    settings: dict[str, str]
    manifest: dict[str, Any]
    files: dict[str, str] = field(default_factory=dict)
    # What the poll of something under way looks like.
    look: str = ""
    done: Callable[[Any], int] = lambda system: len(system.orders)
    make: Callable[..., Job] = job
    faulty: Faulty | None = None
    server: Service | None = None

    def planned(self, given: Job) -> Job:
        """The job with the plan that its engine makes."""
        return replace(given, artifact=self.engine.plan(given).artifact)

    def fail(self, reply: Reply, **options: bool) -> None:
        self.faulty.fail(*self.order, reply, **options)

    def asked(self, method: str, pattern: str) -> int:
        return sum(one.method == method and pattern in one.target for one in self.server.requests)


def manifest(**options: Any) -> dict[str, Any]:
    return {
        "title": "PostgreSQL", "capability": "postgresql", "outputs": OUTPUTS,
        "declares": ["A database of size {size}"], "engine_options": options,
    }  # fmt: skip


def cases() -> dict[str, Callable[[], Case]]:
    return {
        "github_actions": lambda: Case(
            ENGINES["github_actions"], GitHub(), ("POST", "/dispatches"),
            {"repository": "acme/infra", "ref": "main", "token": TOKEN, "secret": ""},
            manifest(workflow="displace.yml"), look=r"/runs/\d+$",
        ),
        "awx": lambda: Case(
            ENGINES["awx"], Awx(), ("POST", "/launch/"), {"token": TOKEN},
            manifest(job_template="Displace"), look=r"/jobs/\d+/$",
            done=lambda system: len(system.jobs),
        ),
        "kubernetes": lambda: Case(
            ENGINES["kubernetes"], Cluster(), ("PATCH", "force=false$"),
            {"token": TOKEN, "namespace": "displace"},
            manifest(outputs={"host": "endpoint"}), {"claim.yml": CLAIM},
            look="/postgresqlinstances/",
            done=lambda system: sum("postgresqlinstances" in one for one in system.objects),
        ),
        "nomad": lambda: Case(
            ENGINES["nomad"], NomadServer(), ("POST", r"/v1/jobs\?"),
            {"token": TOKEN, "namespace": "default"}, manifest(),
            {"job.hcl": 'variable "size" {}\njob "x" {}'}, look="/deployment",
            done=lambda system: len(system.jobs),
        ),
        "webhook": lambda: Case(
            ENGINES["webhook"], Receiver(), ("POST", ""), {"secret": SECRET}, manifest(),
        ),
    }  # fmt: skip


@pytest.fixture(params=list(cases()))
def case(request: Any, tmp_path: Path, settings: Any, quick: None) -> Iterator[Case]:
    with ExitStack() as stack:
        yield started(cases()[request.param](), tmp_path, settings, stack)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything that waits for a remote system waits for moments."""
    for name, seconds in (
        ("LOOK_SECONDS", 0.02), ("CANCEL_SECONDS", 0.5), ("PATIENCE_SECONDS", 0.3),
    ):  # fmt: skip
        monkeypatch.setattr(remote, name, seconds)
    monkeypatch.setattr(github_actions, "_LISTED", 0.3)
    monkeypatch.setattr(reporting, "_LATE_SECONDS", 0.3)


@pytest.fixture
def start(tmp_path: Path, settings: Any, quick: None) -> Iterator[Callable[[str], Case]]:
    with ExitStack() as stack:
        yield lambda name: started(cases()[name](), tmp_path, settings, stack)


def started(found: Case, folder: Path, settings: Any, stack: ExitStack) -> Case:
    settings.INTERNAL_HOSTS = ("127.0.0.1",)
    found.faulty = Faulty(found.system.answer)
    found.server = stack.enter_context(service(found.faulty.answer))
    found.settings["url"] = found.server.url
    found.system.url = found.server.url
    found.engine.check(found.settings)

    def make(**changes: Any) -> Job:
        values = {
            "settings": found.settings, "manifest": found.manifest, "files": found.files,
            "parameters": {"size": 3}, "run_key": "0d4c9d5e-5d1e-4a53-9a51-0d5c1d9ee0aa",
            "seconds": 5.0, **changes,
        }  # fmt: skip
        return job(folder, **values)

    found.make = make
    return found


def test_what_is_ordered_is_built_and_read(case: Case) -> None:
    planned = case.engine.plan(case.make())
    assert {one.kind for one in planned.changes} == {ChangeKind.CREATE}
    assert case.done(case.system) == 0, "a plan changes nothing"
    applied = case.engine.apply(case.make(artifact=planned.artifact))
    assert case.done(case.system) == 1
    assert set(applied.outputs) == {"host", "port"}
    assert applied.outputs["host"]


def test_the_target_says_that_it_is_there(case: Case) -> None:
    assert "answer" in case.engine.reach(case.settings)


def test_a_wrong_credential_is_said(case: Case) -> None:
    key = "secret" if "token" not in case.settings else "token"
    wrong = SECRET.replace("c2", "d2") if key == "secret" else "wrong-token-of-nobody"
    given = case.make(settings={**case.settings, key: wrong})
    with pytest.raises(EngineFailed, match="credential") as refused:
        case.engine.reach(given.settings)
    assert not isinstance(refused.value, EngineUnknown)
    assert wrong not in str(refused.value.message + refused.value.advice)
    with pytest.raises(EngineFailed):
        case.engine.apply(case.planned(given))


def test_what_is_not_there_is_said(case: Case) -> None:
    given = case.planned(case.make())
    case.fail(Reply(404, {"message": "Not Found"}))
    with pytest.raises(EngineFailed, match="404") as refused:
        case.engine.apply(given)
    assert not isinstance(refused.value, EngineUnknown)
    assert case.done(case.system) == 0


def test_asked_to_slow_down_it_waits_and_asks_again(case: Case) -> None:
    given = case.planned(case.make())
    case.fail(Reply(429, headers={"Retry-After": "0.2"}))
    began = time.monotonic()
    assert case.engine.apply(given).outputs["host"]
    assert time.monotonic() - began >= 0.2
    assert case.done(case.system) == 1


def test_asked_to_wait_for_long_it_gives_up(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(target_api, "_LONGEST_PAUSE", 0.3)
    given = case.planned(case.make())
    for _ in range(5):
        case.fail(Reply(429, headers={"Retry-After": "0.2"}))
    with pytest.raises(EngineFailed, match="429"):
        case.engine.apply(given)
    assert case.done(case.system) == 0


@pytest.mark.parametrize(
    "reply",
    [
        Reply(500, {"message": "boom"}),
        Reply(502, text="<html>bad gateway</html>"),
        Reply(hangs_up=True),
        Reply(200, text="<html>this is no answer"),
        Reply(200, [1, 2]),
        Reply(200, waits=1.5),
    ],
    ids=["500", "502", "hangs up", "garbage", "odd", "silent"],
)
@pytest.mark.parametrize("is_done", [True, False])
def test_nobody_guesses_what_came_of_an_order(
    case: Case, reply: Reply, is_done: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = case.planned(case.make())
    if reply.waits:
        monkeypatch.setattr(target_api, "REQUEST_SECONDS", 1.0)
    case.fail(reply, is_done=is_done)
    with pytest.raises(EngineUnknown):
        case.engine.apply(given)
    assert case.asked(case.order[0], _plain(case.order[1])) <= 1 + _dry(case)
    assert case.done(case.system) == int(is_done), "it is not ordered a second time"


def _plain(pattern: str) -> str:
    return {"force=false$": "force=false", r"/v1/jobs\?": "/v1/jobs?"}.get(pattern, pattern)


def _dry(case: Case) -> int:
    return case.system.dry_runs if isinstance(case.system, Cluster) else 0


@pytest.mark.parametrize("name", ["github_actions", "awx", "webhook"])
def test_an_order_that_got_lost_on_its_way_back_is_found_again(
    start: Callable[[str], Case], name: str
) -> None:
    case = start(name)
    case.fail(Reply(hangs_up=True), is_done=True)
    with pytest.raises(EngineUnknown):
        case.engine.apply(case.make())
    assert case.engine.apply(case.make()).outputs["host"]
    assert case.done(case.system) == 1


def test_a_redirect_is_not_followed(case: Case) -> None:
    given = case.planned(case.make())
    inside: list[Any] = []

    def take(request: Any) -> Reply:
        inside.append(request)
        return Reply(200, {})

    with service(take) as other:
        case.fail(Reply(307, headers={"Location": f"{other.url}/inside"}))
        with pytest.raises(EngineFailed, match="redirects"):
            case.engine.apply(given)
    assert inside == []
    assert case.done(case.system) == 0


@pytest.mark.parametrize(
    "reply", [Reply(503), Reply(hangs_up=True), Reply(200, text="<html>")],
    ids=["503", "hangs up", "garbage"],
)  # fmt: skip
@pytest.mark.parametrize("name", ["github_actions", "awx", "kubernetes", "nomad"])
def test_a_look_that_fails_is_done_again(
    start: Callable[[str], Case], name: str, reply: Reply
) -> None:
    case = start(name)
    given = case.planned(case.make())
    case.faulty.fail("GET", case.look, reply)
    assert case.engine.apply(given).outputs["host"]


@pytest.mark.parametrize("name", ["github_actions", "awx", "kubernetes", "nomad"])
def test_a_target_that_stays_away_while_it_builds_leaves_it_unknown(
    start: Callable[[str], Case], name: str
) -> None:
    case = start(name)
    given = case.planned(case.make())
    case.faulty.faults += [("GET", case.look, Reply(503), False)] * 1000
    with pytest.raises(EngineUnknown, match="what came of"):
        case.engine.apply(given)


def never_ends(case: Case) -> None:
    system = case.system
    if isinstance(system, GitHub):
        system.conclusion = None
    elif isinstance(system, Awx):
        system.ends = None
    elif isinstance(system, Cluster):
        system.is_ready = False
    elif isinstance(system, NomadServer):
        system.deployment = "running"
    else:
        system.reports_later = True


@pytest.mark.parametrize("name", ["github_actions", "awx", "kubernetes", "nomad"])
def test_a_cancel_stops_the_target_too(start: Callable[[str], Case], name: str) -> None:
    case = start(name)
    never_ends(case)
    over = threading.Event()
    given = case.planned(case.make(is_canceled=over.is_set))
    threading.Timer(0.4, over.set).start()
    with pytest.raises(Canceled):
        case.engine.apply(given)
    if isinstance(case.system, GitHub):
        assert case.system.runs[0]["conclusion"] == "cancelled"
    if isinstance(case.system, Awx):
        assert case.system.jobs[0]["status"] == "canceled"


@pytest.mark.parametrize("name", ["github_actions", "awx", "kubernetes", "nomad"])
def test_time_that_is_over_is_said(start: Callable[[str], Case], name: str) -> None:
    case = start(name)
    never_ends(case)
    with pytest.raises(TimedOut):
        case.engine.apply(case.planned(case.make(seconds=0.3)))


def test_a_cancel_that_nobody_confirms_leaves_it_unknown(start: Callable[[str], Case]) -> None:
    case = start("webhook")
    never_ends(case)
    over = threading.Event()
    threading.Timer(0.3, over.set).start()
    with pytest.raises(EngineUnknown, match="did not say that it stopped"):
        case.engine.apply(case.make(is_canceled=over.is_set))
    assert len(case.system.canceled) == 1


def test_no_credential_is_told(case: Case) -> None:
    given = case.planned(case.make())
    case.engine.apply(given)
    told = given.emit.text
    assert TOKEN not in told
    assert SECRET not in told
    for one in case.server.requests:
        assert TOKEN not in one.target


@pytest.mark.parametrize("name", ["github_actions", "awx", "webhook"])
def test_what_is_there_is_asked_and_taken_away(start: Callable[[str], Case], name: str) -> None:
    case = start(name)
    well = {"state": "succeeded"} if name == "webhook" else {}
    case.system.answers["observe"] = {**well, "present": True, "differences": ["size: 3 -> 5"]}
    seen = case.engine.observe(case.make(action=RunAction.DRIFT))
    assert (seen.is_present, seen.differences) == (True, ("size: 3 -> 5",))
    assert case.engine.remains(case.make())
    case.engine.destroy(case.make(action=RunAction.DESTROY))
    case.system.answers["observe"] = {**well, "present": False}
    assert case.engine.remains(case.make()) == ()
    # A look that says nothing is no answer.
    case.system.answers["observe"] = well
    with pytest.raises(EngineFailed, match="whether it is there"):
        case.engine.observe(case.make())


@pytest.mark.parametrize("name", ["github_actions", "awx", "webhook"])
def test_a_repair_names_what_is_wrong(start: Callable[[str], Case], name: str) -> None:
    case = start(name)
    well = {"state": "succeeded"} if name == "webhook" else {}
    given = case.make(action=RunAction.REPAIR, applied={"tier": "small", "parameters": {"size": 3}})
    case.system.answers["observe"] = {**well, "present": True, "differences": []}
    assert [one.kind for one in case.engine.plan(given).changes] == [ChangeKind.NONE]
    case.system.answers["observe"] = {**well, "present": True, "differences": ["it is slow"]}
    (change,) = case.engine.plan(given).changes
    assert (change.kind, change.details) == (ChangeKind.UPDATE, ("it is slow",))


@pytest.mark.parametrize("name", ["github_actions", "awx", "webhook"])
@pytest.mark.parametrize("outputs", [[], "x", {"host": {}}, {"host": "x" * 9000}, 7])
def test_outputs_that_are_none_are_refused(
    start: Callable[[str], Case], name: str, outputs: Any
) -> None:
    case = start(name)
    case.system.answers["provision"] = {"state": "succeeded", "outputs": outputs}
    with pytest.raises(EngineFailed, match="output"):
        case.engine.apply(case.make())


@pytest.mark.parametrize("name", ["github_actions", "awx", "webhook"])
def test_without_declarations_nothing_is_known_beforehand(
    start: Callable[[str], Case], name: str
) -> None:
    case = start(name)
    bare = {key: one for key, one in case.manifest.items() if key != "declares"}
    assert case.engine.plan(case.make()).fidelity is Fidelity.ADVISORY
    assert case.engine.plan(case.make(manifest=bare)).fidelity is Fidelity.NONE


@pytest.mark.parametrize(
    "url", ["", "ftp://x", "https://", "https://a:b@c", "https://x?y", "https://x:99999"]
)
def test_addresses_that_are_none_are_refused(case: Case, url: str) -> None:
    with pytest.raises(BadSettings):
        case.engine.check({**case.settings, "url": url})
