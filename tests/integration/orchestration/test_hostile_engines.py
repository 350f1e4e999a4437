"""A secret of one resource, taken as a parameter by another, goes nowhere that others can read."""

import json
from collections.abc import Callable

import pytest

from common.connection_settings import BadSettings
from orchestration.domain.states import RunAction
from orchestration.engines.engine import EngineFailed
from orchestration.engines.registry import ENGINES
from tests.fakes.loopback import Reply
from tests.fakes.webhook_receiver import SECRET as WHSEC
from tests.integration.orchestration.test_remote_engines import Case, quick, start

__all__ = ["quick", "start"]
Start = Callable[[str], Case]
SECRET = "of-another-resource"
GIVEN = {"parameters": {"size": 3, "word": SECRET}, "secret_parameters": frozenset({"word"})}


def test_it_is_no_input_of_a_workflow(start: Start) -> None:
    case = start("github_actions")
    for secret in ("", WHSEC):
        with pytest.raises(EngineFailed, match="reads the repository"):
            case.engine.apply(case.make(settings={**case.settings, "secret": secret}, **GIVEN))
    assert case.system.orders == []


def test_it_is_no_variable_of_a_job_that_shows_its_variables(start: Start) -> None:
    case = start("awx")
    with pytest.raises(EngineFailed, match="everybody who may see the job"):
        case.engine.apply(case.make(**GIVEN))
    assert case.system.jobs == []


def test_it_is_a_variable_of_nomad_and_not_in_the_specification(start: Start) -> None:
    case = start("nomad")
    files = {"job.hcl": 'variable "size" {}\nvariable "word" {}\njob "x" {}'}
    given = case.planned(case.make(files=files, **GIVEN))
    assert SECRET.encode() not in (given.artifact or b"")
    case.engine.apply(given)
    assert list(case.system.variables.values()) == [{"word": SECRET}]
    assert SECRET not in json.dumps(case.system.jobs)
    # Taken away when what it refers to is gone already.
    unknown = {"size": 3, "word": "${resources.db.password}"}
    case.engine.destroy(
        case.make(files=files, action=RunAction.DESTROY, **{**GIVEN, "parameters": unknown})
    )
    assert case.system.variables == {}


@pytest.mark.parametrize("name", ["kubernetes", "nomad", "webhook"])
def test_a_refusal_that_repeats_it_is_told_without_it(start: Start, name: str) -> None:
    case = start(name)
    given = case.planned(case.make(**GIVEN))
    case.fail(Reply(400, {"message": f"bad word {SECRET}"}))
    with pytest.raises(EngineFailed) as failed:
        case.engine.apply(given)
    assert SECRET not in f"{failed.value.message} {failed.value.advice}"


@pytest.mark.parametrize("engine", ["displace_cli", "terraform"])
@pytest.mark.parametrize("name", ["LD_PRELOAD", "DYLD_INSERT_LIBRARIES", "PATH", "HOME"])
def test_no_target_decides_what_a_program_loads(engine: str, name: str) -> None:
    for line in (f"{name}=x", f"A=b\n  {name} =x"):
        with pytest.raises(BadSettings, match=name):
            ENGINES[engine].check({"environment": line})
