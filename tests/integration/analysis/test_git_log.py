"""Reading history: held against git's own answers."""

import gc
import os
import random
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from analysis.adapters.git import Mirror, UnknownRevision, read_history
from analysis.domain.history import CommitRecord, FileChange, HistoryFold
from tests.builders.git_history import ANN, BOB, History

LINES = "".join(f"line {i}\n" for i in range(20))


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path / "shop.git")


def records(history: History, since: str | None = None, processes: int = 2) -> list[CommitRecord]:
    return list(read_history(history.path, history.head, since, processes=processes))


def changes(record: CommitRecord) -> list[tuple[str, str | None, str, int | None, int | None]]:
    return [(c.path, c.old_path, c.status, c.added, c.deleted) for c in record.changes]


def test_each_kind_of_change(history: History) -> None:
    history.commit("add", {"a": LINES, "b": b"\0one", "c": "x\n"}, links={"l": "a"})
    history.commit("modify", {"a": LINES + "more\n", "b": b"\0two"})
    history.rename("a", "sub/a", content=LINES + "other\n")
    history.delete("c")
    history.commit("type", links={"sub/a": "l"})
    history.commit("nothing")
    added, modified, renamed, deleted, retyped, nothing = records(history)
    assert changes(added) == [
        ("a", None, "A", 20, 0),
        ("b", None, "A", None, None),
        ("c", None, "A", 1, 0),
        ("l", None, "A", 1, 0),
    ]
    assert changes(modified) == [("a", None, "M", 1, 0), ("b", None, "M", None, None)]
    assert changes(renamed) == [("sub/a", "a", "R", 1, 1)]
    assert changes(deleted) == [("c", None, "D", 0, 1)]
    assert [(c.path, c.status) for c in retyped.changes] == [("sub/a", "T")]
    assert nothing.changes == ()
    assert modified.changes[0].oid == history.git("rev-parse", "main~4:a")
    assert deleted.changes[0].oid is None


def test_the_commits_own_data(history: History) -> None:
    history.commit("Take a loan\nquickly\n\nbody", at="2026-05-06T07:08:09+02:00", author=BOB)
    history.commit("next")
    first, second = records(history)
    assert first == CommitRecord(
        history.sha("main~1"),
        (),
        "Bob",
        "bob@example.org",
        datetime(2026, 5, 6, 5, 8, 9, tzinfo=UTC),
        "Take a loan quickly",
        (),
    )
    assert second.parents == (first.sha,)


def test_only_what_is_new(history: History) -> None:
    history.commit("one").commit("two").commit("three")
    assert [r.subject for r in records(history, since=history.sha("main~2"))] == ["two", "three"]
    assert records(history, since=history.head) == []


def test_a_start_that_is_gone_is_told(history: History) -> None:
    history.commit("one")
    with pytest.raises(UnknownRevision, match="no commit"):
        records(history, since="1" * 40)


def test_merges_have_no_changes_and_parents_come_first(history: History) -> None:
    history.commit("base", {"a": LINES})
    for name in ("x", "y"):
        history.branch(name).commit(name, {name: name}).switch("main")
    history.commit("on main", {"m": "m"}).merge("x", "y").commit("after", {"a": "new\n"})
    found = records(history)
    [merge] = [record for record in found if record.is_merge]
    assert (len(merge.parents), merge.changes) == (3, ())
    seen: set[str] = set()
    for record in found:
        assert seen.issuperset(record.parents)
        seen.add(record.sha)
    assert len(found) == 6


def test_two_roots(history: History) -> None:
    history.commit("one", {"a": "a"}).orphan("other").commit("two", {"b": "b"})
    tree = history.sha("other")
    sha = history.git(
        "-c", "user.name=A", "-c", "user.email=a@b", "commit-tree", "-m", "join",
        "-p", history.sha("main"), "-p", tree, f"{tree}^{{tree}}",
    )  # fmt: skip
    history.move("main", sha).switch("main")
    assert Counter(r.subject for r in records(history)) == {"one": 1, "two": 1, "join": 1}


def test_odd_paths(history: History) -> None:
    odd = [b"a\nb", b'q"', b"t\tb", b"3\t4\tx", b"caf\xe9", b"-x", b":100644", ("1" * 40).encode()]
    history.commit("odd", dict.fromkeys(odd, LINES))
    history.commit("rename", renames={"a\nb": "c\td", "1" * 40: "2" * 40})
    first, second = records(history)
    expected = {"a\nb", 'q"', "t\tb", "3\t4\tx", "caf\\xe9", "-x", ":100644", "1" * 40}
    assert {c.path for c in first.changes} == expected
    assert {c.added for c in first.changes} == {20}
    # All contents are equal, so which old name goes with which new one is git's choice.
    assert {c.path for c in second.changes} == {"c\td", "2" * 40}
    assert {c.status for c in second.changes} == {"R"}


def test_names_that_are_not_utf8(history: History) -> None:
    history.commit(b"caf\xe9", {"a": "a"}, author=b"J\xf6rg <j\xf6rg@example.org>")
    history.commit("no name", {"a": "b"}, author=" <>")
    first, second = records(history)
    assert (first.author_name, first.author_email) == ("J\ufffdrg", "j\ufffdrg@example.org")
    assert first.subject == "caf\ufffd"
    assert (second.author_name, second.author_email) == ("", "")


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (0, datetime(1970, 1, 1, tzinfo=UTC)),
        (4_102_444_799, datetime(2099, 12, 31, 23, 59, 59, tzinfo=UTC)),
        (4_102_444_800, datetime(2099, 12, 31, 23, 59, 59, tzinfo=UTC)),
        (2**62, datetime(2099, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_absurd_dates_are_clamped(history: History, at: int, expected: datetime) -> None:
    history.commit("when", {"a": "a"}, at=at)
    assert records(history)[0].committed_at == expected


def test_the_mailmap_of_the_newest_commit_names_everybody(history: History) -> None:
    history.commit("one", {"a": "a"}, author=BOB)
    history.commit("map", {".mailmap": "Bob Stone <bob@stone.org> <bob@example.org>\n"}, author=ANN)
    assert [(r.author_name, r.author_email) for r in records(history)] == [
        ("Bob Stone", "bob@stone.org"),
        ("Ann", "ann@example.org"),
    ]


def test_submodules_are_not_files(history: History) -> None:
    history.commit("link", {"a": "a"}, submodules={"m": "1" * 40})
    history.commit("bump", submodules={"m": "2" * 40})
    assert [[c.path for c in r.changes] for r in records(history)] == [["a"], []]


def test_the_number_of_processes_changes_nothing(history: History) -> None:
    _grow(history, commits=300, seed=1)
    one = records(history, processes=1)
    assert records(history, processes=2) == one
    assert records(history, processes=3) == one
    assert len(one) == 300


def test_equal_to_git_log(history: History) -> None:
    _grow(history, commits=150, seed=2)
    listing = history.git("log", "--format=%x01%H", "--numstat", "-M", "--no-renames", "main")
    expected: dict[str, list[str]] = {}
    for block in listing.split("\x01")[1:]:
        sha, *lines = [line for line in block.split("\n") if line]
        expected[sha] = sorted(lines)
    for record in records(history):
        renamed = any(change.status == "R" for change in record.changes)
        if not renamed:
            counts = [f"{c.added}\t{c.deleted}\t{c.path}" for c in record.changes]
            assert sorted(counts) == expected[record.sha]


@pytest.mark.parametrize("seed", range(4))
def test_revisions_equal_git_log_follow(history: History, seed: int) -> None:
    """The files at the tip of a linear history, whatever they were called before."""
    _grow(history, commits=60, seed=seed, reuse_names=False)
    fold = HistoryFold()
    for record in records(history):
        fold.add(record)
    paths = [entry.path for entry in Mirror.open(history.path).list_tree(history.head)]
    for path in paths:
        followed = history.git(
            "log", "--follow", "--no-merges", "--oneline", "-M", "main", "--", path
        ).splitlines()
        lineage = fold.lineages.lineage_of(path)
        assert lineage is not None
        assert fold.files[lineage].revisions == len(followed), path
        assert fold.files[lineage].path == path


def test_a_rename_on_one_branch_and_a_change_on_another(history: History) -> None:
    history.commit("add", {"a.py": LINES})
    history.branch("side").commit("change", {"a.py": LINES + "side\n"}, at="2026-03-01")
    history.switch("main").rename("a.py", "b.py", at="2026-02-01").merge("side", at="2026-04-01")
    history.commit("after", {"b.py": LINES + "side\nmain\n"}, at="2026-05-01")
    fold = HistoryFold()
    for record in records(history):
        fold.add(record)
    [file] = fold.files.values()
    assert (file.path, file.revisions) == ("b.py", 4)


def test_progress_counts_to_the_end(history: History) -> None:
    history.commit("one").commit("two")
    told: list[tuple[int, int]] = []
    list(read_history(history.path, history.head, progress=lambda *step: told.append(step)))
    assert told == [(0, 2), (2, 2)]


def test_a_missing_content_costs_only_its_own_line_counts(history: History) -> None:
    for number in range(5):
        history.commit(f"{number}", {"a": f"{number}\n", "b": f"{number}\n"})
    missing = history.git("rev-parse", "main~2:a")
    _lose(history, missing)
    found = records(history)
    assert [changes(record)[0][3] for record in found] == [1, 1, None, None, 1]
    assert [c.path for record in found for c in record.changes] == ["a", "b"] * 5


def test_closing_stops_git(history: History) -> None:
    _grow(history, commits=200, seed=3)
    before = _children()
    stream = read_history(history.path, history.head)
    next(stream)
    assert _children() - before
    stream.close()
    assert _children() == before


def test_forgetting_stops_git(history: History) -> None:
    _grow(history, commits=200, seed=3)
    before = _children()
    next(read_history(history.path, history.head))
    gc.collect()
    until = time.monotonic() + 5
    while _children() - before:
        assert time.monotonic() < until


def _grow(history: History, *, commits: int, seed: int, reuse_names: bool = True) -> None:
    """A linear history of additions, changes, renames and deletions."""
    source = random.Random(seed)
    names: list[str] = []
    for number in range(commits):
        # Unlike each other, so that git takes no new file for an old one renamed.
        fresh = "".join(f"{source.random()}\n" for _ in range(12))
        action = source.random()
        if len(names) < 3 or action < 0.2:
            slot = source.randrange(6) if reuse_names else number
            name = f"dir{number % 3}/f{slot}.py"
            history.commit(f"{number}", {name: fresh})
            names = sorted({*names, name})
        elif action < 0.4:
            old = source.choice(names)
            new = f"new/{number}.py"
            history.rename(old, new)
            names = [*(name for name in names if name != old), new]
        elif action < 0.5:
            gone = names.pop(source.randrange(len(names)))
            history.delete(gone)
        else:
            changed = source.sample(names, source.randint(1, 3))
            previous = {name: history.git("show", f"main:{name}") for name in changed}
            history.commit(f"{number}", {n: f"{text}\n{number}\n" for n, text in previous.items()})


def _lose(history: History, oid: str) -> None:
    """Remove one object from the repository, as a bad disk would."""
    history.git("-c", "core.looseCompression=0", "repack", "-adq")
    [pack] = (history.path / "objects" / "pack").glob("*.pack")
    aside = pack.rename(history.path / "aside.pack")
    for rest in (history.path / "objects" / "pack").iterdir():
        rest.unlink()
    history._run("unpack-objects", "-q", stdin=aside.read_bytes())
    (history.path / "objects" / oid[:2] / oid[2:]).unlink()


def _children() -> set[int]:
    own = os.getpid()
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if int(parent) == own and state != "Z":
            found.add(int(stat.parent.name))
    return found


def test_changes_are_values() -> None:
    assert FileChange("a", None, "A", 1, 0) == FileChange("a", None, "A", 1, 0, None)
