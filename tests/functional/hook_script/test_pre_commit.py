"""The hooks for the pre-commit framework, run by the framework itself."""

import shutil
import sys
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT
from tests.functional.hook_script.conftest import GOOD, Place

BROKEN = "# DEBT(carts, owner=payments) [2027-02-30]: x\n"
CONFIGURATION = """\
default_install_hook_types: [pre-commit, commit-msg]
repos:
  - repo: {repository}
    rev: {revision}
    hooks:
      - id: displace-scan
      - id: displace-commit-msg
"""


@pytest.fixture
def framed(tmp_path: Path, work: Place, environment: dict[str, str]) -> Place:
    """A work tree where the framework runs our hooks, taken from a repository like this one."""
    ours = Place(tmp_path / "displace", environment)
    (ours.path / "hooks" / "client").mkdir(parents=True)
    for name in (".pre-commit-hooks.yaml", "hooks/client/displace-hook"):
        shutil.copy2(ROOT / name, ours.path / name)
    ours.git("init", "--quiet", "--initial-branch=main")
    ours.commit("hooks")
    work.environment["PRE_COMMIT_HOME"] = str(tmp_path / "cache")
    text = CONFIGURATION.format(repository=ours.path, revision=ours.head)
    work.write(".pre-commit-config.yaml", text)
    work.run(sys.executable, "-m", "pre_commit", "install")
    return work


def attempt(place: Place, text: str, message: str = "change") -> tuple[int, str]:
    place.write("a.py", text)
    place.git("add", "--all")
    done = place.git("commit", "--message", message, fine=False)
    return done.returncode, done.stdout + done.stderr


def test_a_good_commit_passes(framed: Place) -> None:
    assert attempt(framed, GOOD)[0] == 0


def test_a_broken_annotation_is_refused(framed: Place) -> None:
    status, said = attempt(framed, BROKEN)
    assert status == 1
    assert "a.py:1: malformed: The day 2027-02-30 does not exist." in said


def test_a_candidate_passes(framed: Place) -> None:
    assert attempt(framed, "# DEBT: one day\n")[0] == 0


def test_a_twin_in_a_file_that_did_not_change_is_found(framed: Place) -> None:
    attempt(framed, GOOD)
    framed.write("b.py", GOOD)
    framed.git("add", "b.py")
    done = framed.git("commit", "--message", "x", fine=False)
    assert done.returncode == 1
    assert "also stands at a.py:1" in done.stdout + done.stderr


def test_a_bad_trailer_is_explained(framed: Place) -> None:
    status, said = attempt(framed, "x = 1\n", "x\n\nDebt-Paid:")
    assert status == 0
    assert "Debt-Paid: id: how it was repaid" in said


def test_the_plain_installer_can_come_after_it_and_go_again(framed: Place) -> None:
    framed.hook("install", "--anyway", fine=True)
    assert attempt(framed, BROKEN)[0] == 1  # the framework's word, kept
    framed.hook("uninstall", fine=True)
    assert attempt(framed, BROKEN)[0] == 1
    assert attempt(framed, GOOD)[0] == 0


def test_the_framework_can_come_after_the_plain_installer(framed: Place) -> None:
    framed.run(sys.executable, "-m", "pre_commit", "uninstall")
    framed.hook("install", "--anyway", fine=True)
    framed.run(sys.executable, "-m", "pre_commit", "install")
    assert attempt(framed, GOOD)[0] == 0
    framed.hook("uninstall", fine=True)
    hooks = framed.path / ".git" / "hooks"
    assert not (hooks / "pre-commit.legacy").exists()
    assert attempt(framed, GOOD + "x = 1\n")[0] == 0
