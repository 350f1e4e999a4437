"""Reading one commit: its files, contents, lines and message."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from analysis.adapters.git import Match, Mirror, TreeEntry, UnknownRevision
from tests.builders.git_history import BOB, History


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path / "shop.git")


def read(history: History) -> Mirror:
    return Mirror.open(history.path)


def test_the_tree_names_files_links_and_submodules(history: History) -> None:
    history.commit(
        "all", {"src/a.py": "one\n", "b": b"\0\1"}, links={"l": "b"}, submodules={"m": "1" * 40}
    )
    entries = {entry.path: entry for entry in read(history).list_tree(history.head)}
    assert {path: (e.mode, e.size, e.kind) for path, e in entries.items()} == {
        "src/a.py": ("100644", 4, "file"),
        "b": ("100644", 2, "file"),
        "l": ("120000", 1, "symlink"),
        "m": ("160000", 0, "submodule"),
    }
    assert entries["m"].oid == "1" * 40
    assert entries["src/a.py"].oid == history.git("rev-parse", "main:src/a.py")


def test_an_empty_tree(history: History) -> None:
    assert read(history.commit("nothing")).list_tree(history.head) == []


ODD_PATHS = {
    b"line\nbreak": "line\nbreak",
    b'quote".py': 'quote".py',
    b"back\\slash": "back\\slash",
    b"tab\t.py": "tab\t.py",
    b"-option": "-option",
    b":(top)magic": ":(top)magic",
    "naïve.py".encode(): "naïve.py",
    b"latin-\xe9.py": "latin-\\xe9.py",
    b"cut-\xf0\x9f.py": "cut-\\xf0\\x9f.py",
    b" spaces ": " spaces ",
}


def test_odd_paths_are_text_that_can_be_stored(history: History) -> None:
    history.commit("odd", dict.fromkeys(ODD_PATHS, "x\n"))
    paths = [entry.path for entry in read(history).list_tree(history.head)]
    assert set(paths) == set(ODD_PATHS.values())
    for path in paths:
        path.encode("utf-8")


def test_contents_come_in_the_order_asked_for(history: History) -> None:
    contents = {f"f{i}": bytes([i]) * i * 1000 for i in range(20)} | {"empty": b"", "n": b"\n\n"}
    history.commit("many", contents)
    entries = read(history).list_tree(history.head)
    oids = [entry.oid for entry in reversed(entries)]
    blobs = list(read(history).read_blobs(oids))
    assert [blob.oid for blob in blobs] == oids
    assert [blob.data for blob in blobs] == [contents[entry.path] for entry in reversed(entries)]


def test_large_and_missing_contents_are_told(history: History) -> None:
    history.commit("sizes", {"large": b"x" * 200_000, "small": b"y"})
    large, small = (entry.oid for entry in read(history).list_tree(history.head))
    blobs = list(read(history).read_blobs([large, "0" * 40, small, large], limit=1000))
    assert [(blob.size, blob.data) for blob in blobs] == [
        (200_000, None),
        (-1, None),
        (1, b"y"),
        (200_000, None),
    ]
    assert read(history).read_blob(large).data == b"x" * 200_000


def test_reading_can_stop_early(history: History) -> None:
    history.commit("many", {f"f{i}": bytes([i]) * 100_000 for i in range(50)})
    oids = [entry.oid for entry in read(history).list_tree(history.head)] * 20
    blobs = read(history).read_blobs(oids)
    assert next(blobs).size == 100_000
    blobs.close()


def test_grep(history: History) -> None:
    history.commit(
        "todo",
        {
            "a.py": "x\n# TODO: one\ny\n# todo: two\n",
            "b\nc.py": "TODO: 1\n",
            "binary": b"TODO\0\n",
            "long": "TODO" + "x" * 5000 + "\n",
            "latin": b"TODO \xe9\n",
        },
    )
    found = list(read(history).grep(history.head, "TODO"))
    assert found[0] == Match("a.py", 2, "# TODO: one")
    assert [(match.path, match.line) for match in found] == [
        ("a.py", 2),
        ("b\nc.py", 1),
        ("latin", 1),
        ("long", 1),
    ]
    assert len(found[3].text) == 2000
    assert found[2].text == "TODO \ufffd"


def test_grep_options(history: History) -> None:
    history.commit("text", {"a": "a.b\nA.B\naxb\n-e\n"})
    mirror, head = read(history), history.head
    assert [m.text for m in mirror.grep(head, "a.b")] == ["a.b", "axb"]
    assert [m.text for m in mirror.grep(head, "a.b", fixed=True)] == ["a.b"]
    assert [m.text for m in mirror.grep(head, "a.b", fixed=True, ignore_case=True)] == [
        "a.b",
        "A.B",
    ]
    assert [m.text for m in mirror.grep(head, "-e")] == ["-e"]
    assert [m.text for m in mirror.grep(head, "(a|-)e?$")] == ["-e"]
    assert list(mirror.grep(head, "absent")) == []


def test_resolving_names(history: History) -> None:
    history.commit("one").tag("v1").commit("two").branch("-x")
    mirror = read(history)
    assert mirror.resolve("main") == history.sha("main")
    assert mirror.resolve("v1") == mirror.resolve("main~1") == history.sha("main~1")
    assert mirror.resolve(history.head[:8]) == history.head
    assert mirror.resolve("refs/heads/-x") == history.sha("refs/heads/-x")


@pytest.mark.parametrize(
    "name", ["absent", "", "-x", "--all", "main^{tree}x", "a b", "a\nb", "0" * 40]
)
def test_unknown_names(history: History, name: str) -> None:
    history.commit("one").branch("-x")
    with pytest.raises(UnknownRevision) as error:
        read(history).resolve(name)
    assert str(error.value).endswith(".")


@pytest.mark.parametrize("sha", ["main", "--output=/tmp/x", "HEAD", "", "a" * 39, "A" * 40])
def test_only_full_object_ids_are_read(history: History, sha: str) -> None:
    mirror = read(history.commit("one"))
    for ask in (
        lambda: mirror.list_tree(sha),
        lambda: mirror.read_blob(sha),
        lambda: list(mirror.grep(sha, "x")),
        lambda: mirror.is_ancestor(sha, history.head),
        lambda: mirror.commits_between(history.head, sha),
        lambda: mirror.commit_info(sha),
        lambda: list(mirror.history(sha)),
        lambda: list(mirror.history(history.head, sha)),
    ):
        with pytest.raises(UnknownRevision):
            ask()


def test_ancestors_and_the_commits_between(history: History) -> None:
    history.commit("one").commit("two").branch("side").commit("three").switch("main").commit("four")
    mirror = read(history)
    one, two, three, four = (history.sha(n) for n in ("main~2", "main~1", "side", "main"))
    assert mirror.is_ancestor(one, four)
    assert mirror.is_ancestor(four, four)
    assert not mirror.is_ancestor(four, one)
    assert not mirror.is_ancestor(three, four)
    assert mirror.commits_between(one, four) == [two, four]
    assert mirror.commits_between(four, one) == []
    for ask in (
        lambda: mirror.is_ancestor("1" * 40, four),
        lambda: mirror.is_ancestor(four, "1" * 40),
        lambda: mirror.commits_between("1" * 40, four),
        lambda: mirror.commit_info("1" * 40),
    ):
        with pytest.raises(UnknownRevision, match="fetch the repository again"):
            ask()


def test_a_commit_with_its_message(history: History) -> None:
    history.commit("names", {".mailmap": "Bob Stone <bob@stone.org> <bob@example.org>\n"})
    parent = history.head
    history.commit(
        "Take a loan\n\nBecause of the show.\n\nDebt: cart",
        at="2026-05-06T07:08:09+02:00",
        author=BOB,
    )
    info = read(history).commit_info(history.head)
    at = datetime(2026, 5, 6, 5, 8, 9, tzinfo=UTC)
    assert (info.parents, info.subject) == ((parent,), "Take a loan")
    assert info.message.rstrip() == "Take a loan\n\nBecause of the show.\n\nDebt: cart"
    assert (info.authored_at, info.committed_at) == (at, at)


def test_identities_go_through_the_mailmap_of_the_commit(history: History) -> None:
    history.commit("before", {"a": "a"}, author=BOB)
    before = history.head
    history.commit(
        "names", {".mailmap": "Bob Stone <bob@stone.org> <bob@example.org>\n"}, author=BOB
    )
    after = read(history).commit_info(history.head)
    assert (after.author_name, after.author_email) == ("Bob Stone", "bob@stone.org")
    assert read(history).commit_info(before).author_email == "bob@example.org"


def test_entries_are_values(history: History) -> None:
    history.commit("one", {"a": "a"})
    [entry] = read(history).list_tree(history.head)
    assert entry == TreeEntry("a", "100644", entry.oid, 1, "file")
