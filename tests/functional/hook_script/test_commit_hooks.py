"""The hooks of a commit help, and stop nobody who did not ask for it."""

from pathlib import Path

import pytest

from tests.functional.hook_script.conftest import GOOD, Place

BROKEN = "# DEBT(carts, owner=payments) [2027-02-30]: x\n"


@pytest.fixture
def hooked(work: Place) -> Place:
    work.hook("install", fine=True)
    return work


def attempt(place: Place, text: str, message: str = "change") -> tuple[int, str]:
    place.write("a.py", text)
    place.git("add", "--all")
    done = place.git("commit", "--message", message, fine=False)
    return done.returncode, done.stderr


def test_a_clean_commit_says_nothing(hooked: Place) -> None:
    status, said = attempt(hooked, GOOD)
    assert (status, said) == (0, "")


def test_a_problem_is_told_and_the_commit_goes_on(hooked: Place) -> None:
    status, said = attempt(hooked, BROKEN)
    assert status == 0
    assert "displace: a.py:1: malformed: The day 2027-02-30 does not exist." in said


def test_a_problem_stops_the_commit_where_that_was_asked_for(hooked: Place) -> None:
    hooked.git("config", "displace.enforce", "true")
    status, said = attempt(hooked, BROKEN)
    assert status == 1
    assert "refused, since displace.enforce is set" in said
    assert attempt(hooked, "# DEBT: one day\n")[0] == 0


def test_what_was_there_before_is_left_alone(hooked: Place) -> None:
    attempt(hooked, BROKEN)
    hooked.write("b.py", "x = 1\n")
    hooked.git("add", "b.py")
    assert hooked.git("commit", "--message", "other").stderr == ""


def test_what_is_committed_counts_not_what_lies_there(hooked: Place) -> None:
    hooked.write("a.py", BROKEN)
    hooked.git("add", "a.py")
    hooked.write("a.py", GOOD)
    assert "does not exist" in hooked.git("commit", "--message", "x").stderr


def test_the_twin_elsewhere_in_the_tree_is_told(hooked: Place) -> None:
    attempt(hooked, GOOD)
    hooked.write("b.py", GOOD)
    hooked.git("add", "b.py")
    assert "also stands at a.py:1" in hooked.git("commit", "--message", "x").stderr


def test_a_commit_of_some_paths_is_read_from_its_own_index(hooked: Place) -> None:
    attempt(hooked, GOOD)
    hooked.write("a.py", BROKEN)
    assert "does not exist" in hooked.git("commit", "--message", "x", "a.py").stderr


def test_merges_are_checked(hooked: Place) -> None:
    attempt(hooked, "x = 1\n")
    hooked.git("switch", "--quiet", "--create", "topic")
    hooked.write("b.py", BROKEN)
    hooked.git("add", "b.py")
    hooked.git("commit", "--quiet", "--no-verify", "--message", "topic")
    hooked.git("switch", "--quiet", "main")
    done = hooked.git("merge", "--no-ff", "--no-edit", "topic")
    assert "does not exist" in done.stderr


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("x\n\nDebt: carts, owner=payments [2027-03-01]: carts in memory", ""),
        ("x\n\nDebt-Paid: carts", ""),
        ("x\n\nDebt-Paid: carts: bought a store", ""),
        ("x\n\nDebt-Extend: carts [2027-03-01]: the shop is late", ""),
        ("Debt is bad\n\nTechnical Debt: none\nDebts: 2", ""),
        ("x\n\nDebt: carts [2027-03-01]: x", "write: Debt: id, owner=team [YYYY-MM-DD]"),
        ("x\n\nDebt: carts, owner=@pay [2027-03-01]: x", "without the @"),
        ("x\n\nDebt: carts, owner=pay [2027-02-30]: x", "2027-02-30 does not exist"),
        ("x\n\nDebt-Paid: Carts!", "write: Debt-Paid: id"),
        ("x\n\nDebt-Paid:", "Debt-Paid: id"),
        ("x\n\nDebt-Extend: carts: later", "write: Debt-Extend: id [YYYY-MM-DD]"),
        ("x\n\ndebt-paid: carts", "begin a line with: Debt-Paid:"),
        ("x\n\n  Debt-Paid: carts", "begin a line with: Debt-Paid:"),
        ("x\n\nDebt Extend: carts [2027-03-01]: y", "begin a line with: Debt-Extend:"),
    ],
)
def test_trailers(hooked: Place, message: str, said: str) -> None:
    status, told = attempt(hooked, "x = 1\n", message)
    assert status == 0
    assert said in told if said else told == ""


def test_a_bad_trailer_stops_where_that_was_asked_for(hooked: Place) -> None:
    hooked.git("config", "displace.enforce", "true")
    assert attempt(hooked, "x = 1\n", "x\n\nDebt-Paid:")[0] == 1


def test_the_diff_below_the_scissors_is_no_message(hooked: Place) -> None:
    path = hooked.write("message", "x\n\n# ---- >8 ----\nDebt-Paid:\n")
    assert "Debt-Paid" in hooked.hook("commit-msg", str(path)).stderr
    line = "# ------------------------ >8 ------------------------"
    path = hooked.write("message", f"x\n\n{line}\nDebt-Paid:\n")
    assert hooked.hook("commit-msg", str(path)).stderr == ""


@pytest.mark.parametrize("harm", ["no python", "broken script", "old python", "no script"])
def test_nothing_of_ours_stops_a_commit_by_failing(hooked: Place, harm: str) -> None:
    hooked.git("config", "displace.enforce", "true")
    script = hooked.path / ".git" / "hooks" / "displace_hook.py"
    if harm == "broken script":
        script.write_text("raise SystemExit(1)", encoding="utf-8")
    elif harm == "old python":
        script.write_text("def broken(: pass", encoding="utf-8")
    elif harm == "no script":
        script.unlink()
    else:
        python = Path(hooked.environment["HOME"]) / "bin" / "python3"
        python.unlink()
        python.write_text("#!/bin/sh\nexit 127\n", encoding="utf-8")
        python.chmod(0o755)
    assert attempt(hooked, "x = 1\n")[0] == 0


def test_a_tree_that_git_cannot_read_stops_no_hook(hooked: Place) -> None:
    attempt(hooked, GOOD)
    (hooked.path / ".git" / "index").write_bytes(b"no index")
    done = hooked.hook("pre-commit")
    assert done.returncode == 0
    assert "not checked" in done.stderr
