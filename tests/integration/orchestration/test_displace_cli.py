"""The Displace CLI as a stub on the PATH that keeps state in the project's folder."""

import json
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from common.connection_settings import BadSettings
from orchestration.domain.states import RunAction
from orchestration.engines import displace_cli
from orchestration.engines.displace_cli import DisplaceCli
from orchestration.engines.engine import EngineFailed, EngineUnknown, Job
from tests.builders.engine_jobs import job

ENGINE = DisplaceCli()
SECRETS = {"password": "pa55-of-the-database"}
STUB = """#!/usr/bin/python3
import json, os, sys, time
words = sys.argv[1:]
assert words[0] == "project" and words[-2:] == ["--output", "json"], words
given = json.load(sys.stdin)
print(words[1], "says", given["secrets"].get("password"), file=sys.stderr)
if os.environ.get("STUB") == "slow" and words[1] == "deploy":
    time.sleep(30)
if os.environ.get("STUB") == "fail":
    sys.exit("no room for " + given["secrets"]["password"])
if os.environ.get("STUB") == "odd":
    print("[1]"); sys.exit()
with open("said", "a") as file:
    file.write(" ".join(words[1:-2]) + "\\n")
if words[1] == "init":
    assert os.path.exists("displace.yml")
    open("state", "w").close()
if words[1] == "deploy":
    open("state", "w").write("up")
    print(json.dumps({"outputs": {"host": "127.0.0.1", "port": 5432, "password": "x"}}))
if words[1] == "info":
    print(json.dumps({"status": "running" if open("state").read() else "absent",
                      "differences": [sorted(os.environ)[0]]}))
if words[1] == "destroy":
    assert "--yes" in words
    open("state", "w").close()
"""
Make = Callable[..., Job]


@pytest.fixture(autouse=True)
def _stub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "displace"
    path.write_text(STUB)
    path.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr(displace_cli, "_GRACE_SECONDS", 0.0)


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def build(**changes: Any) -> Job:
        return job(tmp_path, **{"files": {"displace.yml": "name: db\n"}, "secrets": SECRETS,
                                **changes})  # fmt: skip

    return build


def stub(way: str) -> dict[str, str]:
    return {"environment": f"STUB={way}\nCLUSTER_TOKEN=cluster-t0ken"}


def test_a_project_is_made_looked_at_and_taken_away(make: Make, tmp_path: Path) -> None:
    first = make()
    applied = ENGINE.apply(first)
    assert applied.outputs == {"host": "127.0.0.1", "port": "5432", "password": "x"}
    ENGINE.apply(make())
    said = (tmp_path / "home/project/said").read_text().splitlines()
    assert said == [
        "init dpl-3f0c1c9e-db", "deploy dpl-3f0c1c9e-db", "deploy dpl-3f0c1c9e-db",
    ]  # fmt: skip
    assert "deploy says [hidden]" in first.emit.text
    assert SECRETS["password"] not in first.emit.text
    assert ENGINE.observe(make(action=RunAction.DRIFT)).is_present
    assert ENGINE.remains(make())
    ENGINE.destroy(make(action=RunAction.DESTROY))
    assert ENGINE.remains(make()) == ()
    assert not (tmp_path / "home/project").exists()
    ENGINE.destroy(make(action=RunAction.DESTROY))


def test_a_folder_that_is_lost_is_no_proof(make: Make, tmp_path: Path) -> None:
    assert ENGINE.remains(make()) == (), "nothing was built yet"
    ENGINE.destroy(make(action=RunAction.DESTROY))
    ENGINE.apply(make())
    stands = {"applied": {"tier": "small", "parameters": {}}}
    kept = (tmp_path / "home").rename(tmp_path / "kept")
    for ask in (ENGINE.destroy, ENGINE.observe, ENGINE.remains):
        with pytest.raises(EngineFailed, match="nobody can tell whether it still stands") as lost:
            ask(make(action=RunAction.DESTROY, **stands))
        assert "take dpl-3f0c1c9e-db away by hand" in lost.value.advice
    kept.rename(tmp_path / "home")
    for _ in range(2):
        ENGINE.destroy(make(action=RunAction.DESTROY, **stands))
        assert ENGINE.remains(make(action=RunAction.DESTROY, **stands)) == ()
    # Built again and lost again, it counts as little.
    ENGINE.apply(make(**stands))
    shutil.rmtree(tmp_path / "home/project")
    with pytest.raises(EngineFailed, match="nobody can tell"):
        ENGINE.remains(make(action=RunAction.DESTROY, **stands))


def test_a_failure_is_told_without_its_secrets(make: Make) -> None:
    with pytest.raises(EngineFailed, match="no room") as failed:
        ENGINE.apply(make(settings=stub("fail")))
    assert SECRETS["password"] not in failed.value.message


def test_an_odd_answer_is_refused(make: Make) -> None:
    with pytest.raises(EngineFailed, match="JSON object"):
        ENGINE.apply(make(settings=stub("odd")))


def test_what_was_ordered_may_go_on_after_a_cancel(make: Make) -> None:
    over = threading.Event()
    threading.Timer(1.0, over.set).start()
    began = time.monotonic()
    with pytest.raises(EngineUnknown, match="may go on"):
        ENGINE.apply(make(settings=stub("slow"), is_canceled=over.is_set))
    assert time.monotonic() - began < 15


def test_a_missing_command_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ENGINE.missing({}) == ()
    monkeypatch.setattr(displace_cli.local, "program", lambda _name: None)
    assert ENGINE.missing({})[0].what == "displace"


@pytest.mark.parametrize("line", ["PATH=/x", "LD_PRELOAD=x", "lower=1", "NO"])
def test_its_environment_is_looked_at(line: str) -> None:
    with pytest.raises(BadSettings):
        ENGINE.check({"environment": line})


def test_the_environment_is_only_what_is_given(make: Make, tmp_path: Path) -> None:
    script = (tmp_path / "displace").read_text()
    printing = script.replace("sorted(os.environ)[0]", "json.dumps(sorted(os.environ))")
    (tmp_path / "displace").write_text(printing)
    ENGINE.apply(make())
    seen = ENGINE.observe(make(action=RunAction.DRIFT, settings=stub("")))
    names = set(json.loads(seen.differences[0]))
    assert names - {"LC_CTYPE", "PWD"} == {
        "CLUSTER_TOKEN",
        "HOME",
        "LANG",
        "PATH",
        "STUB",
        "TMPDIR",
    }
