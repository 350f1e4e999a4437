"""The installer comes beside what is there, twice as well as once, and goes without a trace."""

import sys
from pathlib import Path

import pytest

from tests.functional.hook_script.conftest import Place

BROKEN = "# DEBT(carts, owner=payments) [2027-02-30]: x\n"
THEIRS = '#!/bin/sh\necho "theirs $(basename "$0") $#" >&2\n'


def hooks(place: Place) -> dict[str, str]:
    folder = place.path / ".git" / "hooks"
    return {
        path.name: path.read_text(encoding="utf-8")
        for path in folder.iterdir()
        if not path.name.endswith(".sample")
    }


def say(place: Place, text: str = BROKEN) -> str:
    place.write("a.py", text)
    place.git("add", "a.py")
    return str(place.git("commit", "--allow-empty", "--message", "x").stderr)


def test_in_an_empty_repository(work: Place) -> None:
    work.hook("install", fine=True)
    assert set(hooks(work)) == {"pre-commit", "pre-merge-commit", "commit-msg", "displace_hook.py"}
    assert "does not exist" in say(work)
    work.hook("uninstall", fine=True)
    assert hooks(work) == {}


def test_twice_is_once(work: Place) -> None:
    work.hook("install", fine=True)
    before = hooks(work)
    work.hook("install", fine=True)
    assert hooks(work) == before


def test_beside_a_hook_of_somebody_else(work: Place) -> None:
    path = work.write(".git/hooks/pre-commit", THEIRS)
    path.chmod(0o755)
    for _ in range(2):
        work.hook("install", fine=True)
    said = say(work)
    assert "theirs pre-commit" in said
    assert "does not exist" in said
    work.hook("uninstall", fine=True)
    assert hooks(work) == {"pre-commit": THEIRS}
    assert "theirs pre-commit 0" in say(work, "x = 1\n")


def test_a_hook_of_somebody_else_still_refuses(work: Place) -> None:
    work.write(".git/hooks/pre-commit", "#!/bin/sh\nexit 7\n").chmod(0o755)
    work.hook("install", fine=True)
    work.write("a.py", BROKEN)
    work.git("add", "a.py")
    assert work.git("commit", "--message", "x", fine=False).returncode != 0


def test_a_hook_that_was_switched_off_stays_off(work: Place) -> None:
    work.write(".git/hooks/pre-commit", THEIRS).chmod(0o644)
    work.hook("install", fine=True)
    assert "theirs" not in say(work)


@pytest.mark.parametrize("scope", ["--local", "--global"])
@pytest.mark.parametrize("is_relative", [True, False])
def test_beside_core_hooks_path(work: Place, scope: str, is_relative: bool) -> None:
    folder = work.path / "tools" / "hooks"
    for name in ("pre-commit", "post-commit", "pre-push"):
        work.write(f"tools/hooks/{name}", THEIRS).chmod(0o755)
    named = "tools/hooks" if is_relative else str(folder)
    work.git("config", scope, "core.hooksPath", named)
    before = sorted(path.name for path in folder.iterdir())
    for _ in range(2):
        work.hook("install", fine=True)
    said = say(work)
    assert "theirs pre-commit" in said
    assert "theirs post-commit" in said
    assert "does not exist" in said
    assert sorted(path.name for path in folder.iterdir()) == before
    # A hook that comes later is called as well.
    work.write("tools/hooks/prepare-commit-msg", THEIRS).chmod(0o755)
    assert "theirs prepare-commit-msg" in say(work, "x = 1\n")
    work.hook("uninstall", fine=True)
    assert work.git("config", scope, "core.hooksPath").stdout.strip() == named
    assert not (work.path / ".git" / "displace-hooks").exists()
    local = work.git("config", "--local", "core.hooksPath", fine=False).stdout.strip()
    assert local == (named if scope == "--local" else "")
    said = say(work, "x = 2\n")
    assert "theirs pre-commit" in said


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (".pre-commit-config.yaml", "id: displace-scan"),
        (".husky/pre-commit", ".husky/pre-commit"),
        ("lefthook.yml", "lefthook runs"),
    ],
)
def test_where_a_framework_runs_the_hooks(work: Place, name: str, said: str) -> None:
    work.write(name, "")
    done = work.hook("install")
    assert done.returncode == 1
    assert said in done.stderr
    assert hooks(work) == {}
    work.hook("install", "--anyway", fine=True)
    assert "pre-commit" in hooks(work)


def test_a_hook_that_somebody_wrote_over_ours_is_left(work: Place) -> None:
    work.write(".git/hooks/pre-commit", THEIRS).chmod(0o755)
    work.hook("install", fine=True)
    work.write(".git/hooks/pre-commit", "#!/bin/sh\n# new\n")
    done = work.hook("uninstall", fine=True)
    assert "was changed since" in done.stderr
    assert "# new" in hooks(work)["pre-commit"]
    assert hooks(work)["pre-commit.before-displace"] == THEIRS


def test_in_a_linked_work_tree_and_with_a_space_in_the_path(work: Place, tmp_path: Path) -> None:
    work.commit("one", a="x = 1\n")
    linked = Place(tmp_path / "linked 'tree'", work.environment)
    work.git("worktree", "add", "--quiet", "-b", "other", str(linked.path))
    linked.hook("install", fine=True)
    assert "does not exist" in say(linked)
    assert "does not exist" in say(work)


def test_outside_of_git(tmp_path: Path, environment: dict[str, str]) -> None:
    place = Place(tmp_path / "home", environment)
    for command in (("install",), ("install", "--server"), ("uninstall",), ("status",)):
        done = place.hook(*command)
        assert done.returncode == 2
        assert len(done.stderr.splitlines()) == 1


def test_status_says_what_there_is(work: Place) -> None:
    work.hook("install", fine=True)
    done = work.hook("status", fine=True)
    assert "pre-commit: installed" in done.stdout
    assert "post-receive: not installed" in done.stdout


def test_a_common_folder_of_hooks(tmp_path: Path, environment: dict[str, str]) -> None:
    place = Place(tmp_path / "home", environment)
    (place.path / "common").mkdir()
    done = place.hook(
        "install", "--server", "--hooks-dir", "common", "--url", "https://debt.example.org",
        fine=True,
    )  # fmt: skip
    assert "gitolite setup --hooks-only" in done.stdout
    assert "displace.secretFile" in done.stdout
    url = place.git("config", "--global", "displace.url").stdout.strip()
    assert url == "https://debt.example.org"
    place.hook("uninstall", "--server", "--hooks-dir", "common", fine=True)
    assert list((place.path / "common").iterdir()) == []


def test_the_copy_runs_by_itself(work: Place) -> None:
    work.hook("install", fine=True)
    copy = work.path / ".git" / "hooks" / "displace_hook.py"
    assert work.run(sys.executable, str(copy), "--version").stdout.strip() == "1"
