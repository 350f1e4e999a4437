"""What a probe is told is a stranger's word: it is looked at first, and leads nowhere by itself."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from orchestration.adapters.probes import ProbeFailed, probe
from orchestration.domain.capabilities import Capability
from orchestration.models import Environment, Target
from orchestration.services import verifying
from orchestration.services.holding import Holder
from tests.builders.environments import make_catalogue, make_environment, make_outputs, make_run
from tests.fakes.loopback import Reply, Request, Service, service

OUTPUTS = {
    "host": "127.0.0.1", "port": "1", "database": "app", "username": "app", "password": "x",
    "vhost": "/", "token": "t", "primary_host": "127.0.0.1", "primary_port": "1",
    "metrics_port": "1",
}  # fmt: skip
HERE = ("127.0.0.1", "localhost", "0.0.0.0")  # noqa: S104 - nothing listens there
OVER_HTTP = (Capability.MONITORING, Capability.LOAD_TEST, Capability.FEATURE_FLAGS)
OTHERS = tuple(one for one in Capability if one not in OVER_HTTP)


def looked(capability: str, *, is_local: bool = True, **outputs: str) -> Any:
    return probe(capability, {**OUTPUTS, **outputs}, {}, seconds=1, is_local=is_local)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", ""), ("port", "tcp://1:6379"), ("port", "-1"), ("port", "0"), ("port", "65536"),
        ("port", "9" * 5000), ("port", "\u0663"), ("port", "1\n"),
        ("host", ""), ("host", "a" * 64), ("host", "a..b"), ("host", f"{'a.' * 127}a"),
        ("host", "/run/postgresql"), ("host", "a,b"), ("host", "a b"), ("host", "u@h"),
        ("host", "127.0.0.1/x?"), ("host", "a\n"), ("metrics_port", "x"), ("primary_host", "/run"),
        ("primary_port", "x"),
    ],
)  # fmt: skip
def test_an_output_that_leads_nowhere_is_named(name: str, value: str) -> None:
    for capability in Capability:
        with pytest.raises(ProbeFailed, match=f"^The output {name} is no"):
            looked(capability, **{name: value})


@pytest.mark.parametrize("capability", Capability)
@pytest.mark.parametrize("host", ["\u00ff" * 63, "::1::"])
def test_a_host_that_no_resolver_takes_is_no_crash(capability: str, host: str) -> None:
    try:
        assert not looked(capability, host=host, primary_host=host).is_well
    except ProbeFailed:
        return


@pytest.fixture
def deep() -> Iterator[Service]:
    """Answers with JSON that is deeper than Python reads."""
    with service(lambda _: Reply(text="[" * 200_000)) as found:
        yield found


@pytest.mark.parametrize("capability", OVER_HTTP)
def test_an_answer_that_nobody_can_read_is_no_crash(deep: Service, capability: str) -> None:
    with pytest.raises(ProbeFailed, match="answers, are not as they have to be"):
        looked(capability, port=str(deep.port))


@pytest.mark.parametrize("capability", OVER_HTTP)
def test_another_system_is_asked_where_the_operator_allows_it(
    deep: Service, capability: str, settings: Any
) -> None:
    settings.INTERNAL_HOSTS = ()
    for host in HERE[:3]:
        with pytest.raises(ProbeFailed, match=f"adds {host} to DISPLACE_INTERNAL_HOSTS"):
            looked(capability, is_local=False, host=host, port=str(deep.port))
    for host in ("10.255.255.1", "192.168.0.1", "100.64.0.1"):
        seen = looked(capability, is_local=False, host=host, primary_host=host)
        assert "DISPLACE_INTERNAL_HOSTS" in seen.sentences[0]
    assert deep.requests == []
    settings.INTERNAL_HOSTS = ("localhost",)
    named = {"host": "localhost", "primary_host": "localhost", "port": str(deep.port)}
    with pytest.raises(ProbeFailed):
        looked(capability, is_local=False, **named)
    assert deep.requests


@pytest.mark.parametrize("capability", OTHERS)
@pytest.mark.parametrize("host", [*HERE, "::1", "::ffff:127.0.0.1", "169.254.169.254"])
def test_another_system_does_not_lead_to_this_host(
    capability: str, host: str, settings: Any
) -> None:
    settings.INTERNAL_HOSTS = ()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.05)
        port = str(listening.getsockname()[1])
        with pytest.raises(ProbeFailed, match="leads to the host of Displace itself"):
            looked(capability, is_local=False, host=host, port=port)
        with pytest.raises(TimeoutError):
            listening.accept()


def flags(request: Request) -> Reply:
    known = request.headers.get("authorization") in (None, "t")
    return Reply(200 if known else 401, {"features": []})


@pytest.mark.django_db
@pytest.mark.parametrize(("engine", "is_asked"), [("ansible", True), ("webhook", False)])
def test_where_it_was_built_says_whom_it_may_name(
    engine: str, is_asked: bool, settings: Any
) -> None:
    settings.INTERNAL_HOSTS = ()
    make_catalogue()
    with service(flags) as found:
        environment = _with_flags(str(found.port), engine)
        wrong = verifying.faults(*_held(environment))
        assert bool(found.requests) is is_asked
    assert (wrong == []) is is_asked
    assert is_asked or "DISPLACE_INTERNAL_HOSTS" in wrong[0]


def _with_flags(port: str, engine: str) -> Environment:
    references = {
        f"db_{one}": f"${{resources.db.{one}}}"
        for one in ("host", "port", "database", "username", "password")
    }
    environment = make_environment(parts={"flags": ("feature-flags", "small")})
    environment.resources.update(parameters=references)
    Target.objects.update(engine=engine)
    make_outputs(environment, "flags", host="127.0.0.1", port=port, token="t")
    return environment


def _held(environment: Environment) -> tuple[Any, Holder]:
    run = make_run(environment, action="verify", state="verifying")
    return run, Holder(run)
