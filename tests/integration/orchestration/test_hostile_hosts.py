"""This host as a place to build: what servers of strangers, and files of blueprints, get at."""

import os
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from accounts.domain.roles import Role
from accounts.models import User
from orchestration.engines import local
from orchestration.models import Target
from orchestration.services.targets import target_disable
from tests.builders.catalogue import ENGINE
from tests.builders.debts import make_person
from tests.builders.engine_jobs import job
from tests.builders.small_environments import People, ask, step
from tests.fakes.small_engine import SmallEngine
from tests.integration.orchestration.run_fixtures import data_dir, people, small

__all__ = ["data_dir", "people", "small"]
is_root = pytest.mark.skipif(os.geteuid() != 0, reason="servers run as another user only for root")


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


@pytest.fixture
def way() -> Iterator[Path]:
    """A folder that every user may pass; those of the test runner are closed."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


@is_root
def test_a_server_does_not_read_the_database(settings: Any, way: Path) -> None:
    """The data directory is opened for it on its way; what else lies there is not."""
    ours = way / "ours"
    ours.mkdir(mode=0o700)
    settings.DATA_DIR, settings.STATIC_ROOT = ours, ours / "static"
    for name in ("db.sqlite3", "db.sqlite3-wal", "mirrors/acme.git/config", "static/app.css"):
        path = ours / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("secret")
    for path in (ours, *ours.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    ours.chmod(0o700)
    group = ours / "group"
    group.write_text("secret")
    who = local.account()
    os.chown(group, 0, who.gid)
    group.chmod(0o640)
    link = ours / "link"
    link.symlink_to("/etc/hostname")
    before = Path("/etc/hostname").stat().st_mode

    home = ours / "environments" / "3f0c1c9e-5d1e-4a53-9a51-0d5c1d9ee001" / "db"
    local.make_home(home, who)

    def reads(path: Path) -> bool:
        ended = subprocess.run(
            [*who.prefix, "cat", str(path)], capture_output=True, check=False, cwd="/"
        )
        return ended.returncode == 0

    for name in ("db.sqlite3", "db.sqlite3-wal", "mirrors/acme.git/config", "group"):
        assert not reads(ours / name), name
    assert mode_of(ours / "static") == 0o755
    assert Path("/etc/hostname").stat().st_mode == before
    # And yet it gets to where it works.
    (home / "data" / "own").write_text("x")
    (home / "data" / "own").chmod(0o644)
    assert reads(home / "data" / "own")


def test_a_file_of_a_blueprint_is_no_module(tmp_path: Path, settings: Any) -> None:
    """It would run before any playbook does, and nobody who signs off looks for it."""
    settings.DATA_DIR = tmp_path
    trace = tmp_path / "trace"
    files = {
        name: f"open({str(trace)!r}, 'a').write({name!r})\nraise SystemExit(7)\n"
        for name in ("ansible_runner.py", "json.py", "yaml.py", "ansible/__init__.py")
    }
    play = (
        "- {hosts: localhost, gather_facts: false, tasks: [{displace_answer: {present: true}}]}\n"
    )
    home = tmp_path / "environments" / "e" / "db"
    home.mkdir(parents=True)
    given = job(tmp_path, files={**files, "observe.yml": play}, home=home)
    assert ENGINE.observe(given).is_present
    assert not trace.exists()


def test_nothing_is_run_of_what_was_retired_meanwhile(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plan runs code of the blueprint, on this host, with the target's credential."""
    ran: list[str] = []
    monkeypatch.setattr(SmallEngine, "plan", lambda _self, one: ran.append(one.resource))
    run = ask(people)
    version = run.environment.resources.get().version
    type(version).objects.filter(pk=version.pk).update(state="retired")
    assert (step(run).state, ran) == ("plan_failed", [])
    assert "signed off" in run.reason


def test_nothing_is_run_on_a_target_that_was_switched_off(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[str] = []
    monkeypatch.setattr(SmallEngine, "plan", lambda _self, one: ran.append(one.resource))
    run = ask(people)
    target = Target.objects.get(pk=run.environment.resources.get().target_id)
    target_disable(actor=make_person("olga", Role.OPERATOR), target_id=target.pk)
    assert (step(run).state, ran) == ("plan_failed", [])


@pytest.mark.parametrize("change", [{"is_active": False}, {"role": "viewer"}])
def test_nothing_is_run_for_who_lost_the_right_to_ask(
    people: People, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any]
) -> None:
    ran: list[str] = []
    monkeypatch.setattr(SmallEngine, "plan", lambda _self, one: ran.append(one.resource))
    run = ask(people)
    User.objects.filter(pk=people.rita.pk).update(**change)
    assert (step(run).state, ran) == ("plan_failed", [])
    assert "may not do so any more" in run.reason
