"""`displace-hook scan`: what authors are told, about the work tree, the index or a revision."""

import json
from typing import Any

import pytest

from tests.functional.hook_script.conftest import GOOD, Place


def scanned(place: Place, *arguments: str) -> tuple[int, dict[str, Any]]:
    done = place.hook("scan", "--json", *arguments)
    return done.returncode, json.loads(done.stdout)


def kinds(document: dict[str, Any]) -> list[tuple[str, str, int]]:
    return [(one["kind"], one["path"], one["line"]) for one in document["problems"]]


def test_a_clean_tree(work: Place) -> None:
    work.commit("one", shop=GOOD)
    status, document = scanned(work)
    assert status == 0
    assert document["problems"] == []
    assert document["annotations"] == [
        {
            "id": "carts", "owner": "payments", "expires_on": "2099-03-01",
            "text": "carts live in memory", "path": "shop.py", "line": 1, "end_line": 1,
            "severity": "", "cost": None, "ref": "", "impact": "costs 3 days a month",
            "plan": "buy a store", "exit": "",
        }
    ]  # fmt: skip


def test_each_kind_of_problem(work: Place) -> None:
    work.write("a.py", GOOD)
    work.write("b.py", "x = 1\n" + GOOD)
    work.write("c.js", "// DEBT(gone, owner=a) [2027-02-30]: x\n")
    work.write("d.sql", "-- DEBT: one day\n")
    work.write("e.py", "# D\u0415BT(cyrillic, owner=a) [2027-03-01]: x\n")
    work.write("f.py", "# \uff24\uff25\uff22\uff34\uff08wide, owner=a) [2027-03-01]: x\n")
    work.write("g.py", "# debt(lower, owner=a) [2027-03-01]: x\n")
    work.write("h.py", "# DEBT(turned, owner=a) [2027-03-01]: x\u202ey\n")
    work.write("i.py", "# D\u200bEBT(hidden, owner=a) [2027-03-01]: x\n")
    work.write("notes.md", "# DEBT(example\n")
    work.write("vendor/j.py", "# DEBT(theirs\n")
    status, document = scanned(work)
    assert status == 1
    assert kinds(document) == [
        ("duplicate", "a.py", 1), ("duplicate", "b.py", 2), ("malformed", "c.js", 1),
        ("candidate", "d.sql", 1), ("lookalike", "e.py", 1), ("lookalike", "f.py", 1),
        ("lookalike", "g.py", 1), ("malformed", "h.py", 1), ("lookalike", "i.py", 1),
    ]  # fmt: skip
    reasons = [one["reason"] for one in document["problems"]]
    assert "CYRILLIC CAPITAL LETTER IE" in reasons[4]
    assert "U+202E" in reasons[7]
    assert "U+200B" in reasons[8]


def test_prose_about_debt_is_nothing(work: Place) -> None:
    work.write(
        "a.py", "# the debt(s) of the company\n# see debt (below)\n# d\u00e9bt: no\nx = 'DEBT('\n"
    )
    assert scanned(work) == (0, {"schema": 1, "files": 1, "annotations": [], "problems": []})


def test_a_candidate_alone_is_no_error(work: Place) -> None:
    work.write("a.py", "# DEBT: tax rate is in the code\n")
    done = work.hook("scan")
    assert done.returncode == 0
    assert "for example: DEBT(tax-rate-is-in, owner=team" in done.stdout


def test_the_skeleton_is_well_formed(work: Place) -> None:
    work.write("a.py", "# DEBT: " + 'Ünïcode, (brackets) and "quotes" ' * 4 + "\n")
    line = next(one for one in work.hook("scan").stdout.splitlines() if "for example" in one)
    work.write("a.py", "# " + line.partition("for example: ")[2] + "\n")
    status, document = scanned(work)
    assert (status, document["problems"], len(document["annotations"])) == (0, [], 1)


def test_given_files_and_folders(work: Place) -> None:
    work.commit("one", src__a=GOOD, src__b="x = 1\n", other="# DEBT(broken\n")
    status, document = scanned(work, "src")
    assert (status, document["files"]) == (0, 2)
    assert scanned(work, "other.py")[0] == 1
    inside = Place(work.path / "src", work.environment)
    assert scanned(inside, "a.py")[1]["annotations"][0]["path"] == "src/a.py"


def test_the_twin_of_a_given_file_is_found_elsewhere(work: Place) -> None:
    work.commit("one", a=GOOD)
    work.write("b.py", GOOD)  # not even added
    status, document = scanned(work, "a.py")
    assert (status, kinds(document)) == (1, [("duplicate", "a.py", 1)])
    assert "b.py:1" in document["problems"][0]["reason"]


def test_the_index_and_a_revision(work: Place) -> None:
    work.commit("one", a=GOOD, b="x = 1\n")
    work.write("b.py", GOOD)
    work.git("add", "b.py")
    work.write("b.py", "x = 2\n")
    assert scanned(work)[0] == 0
    assert kinds(scanned(work, "--staged")[1]) == [("duplicate", "b.py", 1)]
    assert scanned(work, "--rev", "HEAD")[0] == 0
    work.git("commit", "--quiet", "--message", "two")
    assert kinds(scanned(work, "--rev", "HEAD")[1]) == [
        ("duplicate", "a.py", 1), ("duplicate", "b.py", 1),
    ]  # fmt: skip
    assert kinds(scanned(work, "--rev", "HEAD", "b.py")[1]) == [("duplicate", "b.py", 1)]
    assert scanned(work, "--rev", "HEAD~1")[0] == 0


def test_a_bare_repository_is_scanned_by_revision(work: Place, bare: Place) -> None:
    work.commit("one", a=GOOD)
    work.git("push", "--quiet", str(bare.path), "main")
    assert len(scanned(bare, "--rev", "main")[1]["annotations"]) == 1
    done = bare.hook("scan")
    assert done.returncode == 2
    assert "no work tree" in done.stderr


@pytest.mark.parametrize(
    "arguments", [("nothing.py",), ("--rev", "nothing"), ("../outside.py",), ("--what",)]
)
def test_bad_input_is_one_clear_line(work: Place, arguments: tuple[str, ...]) -> None:
    work.commit("one", a=GOOD)
    done = work.hook("scan", *arguments)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stderr.startswith("displace: ")


def test_a_revision_is_never_an_option(work: Place) -> None:
    work.commit("one", a=GOOD)
    done = work.hook("scan", "--rev=--output=evil")
    assert done.returncode == 2
    assert not (work.path / "evil").exists()


def test_outside_of_git(work: Place, tmp_path_factory: pytest.TempPathFactory) -> None:
    place = Place(tmp_path_factory.mktemp("plain"), work.environment)
    done = place.hook("scan")
    assert done.returncode == 2
    assert "no work tree" in done.stderr


def test_hostile_names_and_texts_reach_the_terminal_harmless(work: Place) -> None:
    name = "a\x1b[31m\nb.py"
    work.write(name, "# DEBT(x\x1b]0;evil\x07, owner=a\n")
    work.write("\u202eyp.py", "# DEBT(x\n")
    (work.path / "link.py").symlink_to(name)
    (work.path.joinpath("b\udcff.py")).write_text("# DEBT(x\n", encoding="utf-8")
    done = work.hook("scan")
    assert done.returncode == 1
    assert "\x1b" not in done.stdout
    assert "\u202e" not in done.stdout
    assert len(scanned(work)[1]["problems"]) == 3


def test_a_comment_of_ten_megabytes(work: Place) -> None:
    work.write("a.py", GOOD + "#   and more of it\n" * 550_000)
    status, document = scanned(work)
    assert (status, kinds(document)) == (1, [("malformed", "a.py", 1)])
    assert "at most 2000" in document["problems"][0]["reason"]


def test_counts_need_no_plural(work: Place) -> None:
    work.write("a.py", GOOD + "# DEBT: bare\n")
    said = work.hook("scan").stderr
    assert "files read: 1, annotations: 1, to look at: 1" in said


def test_a_file_that_changed_its_type(work: Place) -> None:
    work.commit("one", a=GOOD)
    (work.path / "a.py").unlink()
    (work.path / "a.py").symlink_to("b.py")
    work.git("add", "a.py")
    assert scanned(work, "--staged")[0] == 0
    assert scanned(work)[1]["annotations"] == []


@pytest.mark.parametrize("place", ["CODEOWNERS", ".github/CODEOWNERS"])
def test_where_codeowners_names_owners_one_may_be_missing(work: Place, place: str) -> None:
    work.commit("one", a="# DEBT(nobody) [2099-03-01]: x\n")
    assert kinds(scanned(work)[1]) == [("malformed", "a.py", 1)]
    work.write(place, "* @payments\n")
    work.git("add", "--all")
    status, document = scanned(work)
    assert (status, kinds(document)) == (0, [("ownerless", "a.py", 1)])
    assert scanned(work, "--rev", "HEAD")[0] == 1
    work.write("b.py", "# DEBT(nothing) [2099-03-01]: x\n")
    work.git("add", "--all")
    assert kinds(scanned(work, "--staged")[1]) == [("ownerless", "b.py", 1)]
    work.git("commit", "--message", "two")
    assert scanned(work, "--rev", "HEAD")[0] == 0
