"""What Git tells the hooks of a client, as docs/hooks.md says: why the server is the authority."""

import pytest

from tests.functional.hook_script.conftest import Place

NAMES = ("pre-commit", "pre-merge-commit", "commit-msg", "post-merge")


@pytest.fixture
def watched(work: Place) -> Place:
    """Two branches, and hooks that write down that they were called."""
    work.commit("one", a="x = 1\n", b="y = 1\n")
    work.git("switch", "--quiet", "--create", "topic")
    work.commit("two", a="x = 2\n")
    work.git("switch", "--quiet", "main")
    work.commit("three", b="y = 3\n")
    for name in NAMES:
        text = f'#!/bin/sh\necho {name} >> "$(git rev-parse --git-common-dir)/called"\n'
        work.write(f".git/hooks/{name}", text).chmod(0o755)
    return work


def called(work: Place, *command: str, fine: bool = True) -> list[str]:
    path = work.path / ".git" / "called"
    path.unlink(missing_ok=True)
    work.git(*command, fine=fine)
    return path.read_text(encoding="utf-8").split() if path.exists() else []


def test_a_merge_that_makes_a_commit(watched: Place) -> None:
    command = ("merge", "--no-edit", "topic")
    assert called(watched, *command) == ["pre-merge-commit", "commit-msg", "post-merge"]


def test_a_merge_with_conflicts(watched: Place) -> None:
    watched.commit("four", a="x = 4\n")
    assert called(watched, "merge", "--no-edit", "topic", fine=False) == []
    watched.write("a.py", "x = 5\n")
    watched.git("add", "a.py")
    assert called(watched, "commit", "--no-edit") == ["pre-commit", "commit-msg"]


def test_a_squash_merge(watched: Place) -> None:
    assert called(watched, "merge", "--squash", "topic") == ["post-merge"]
    assert called(watched, "commit", "--no-edit") == ["pre-commit", "commit-msg"]


def test_a_fast_forward(watched: Place) -> None:
    watched.git("switch", "--quiet", "--create", "behind", "main~1")
    assert called(watched, "merge", "--ff-only", "main") == ["post-merge"]


@pytest.mark.parametrize(
    "command",
    [
        ("rebase", "topic"),
        ("pull", "--rebase", ".", "topic"),
        ("cherry-pick", "topic"),
        ("revert", "--no-edit", "HEAD"),
        ("commit", "--no-verify", "--allow-empty", "--message", "x"),
    ],
)
def test_what_no_hook_of_ours_sees(watched: Place, command: tuple[str, ...]) -> None:
    assert called(watched, *command) == []
