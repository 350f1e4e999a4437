"""Repositories and addresses come from strangers; the machine's settings are unknown."""

import functools
import http.server
import os
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from analysis.adapters.git import GitError, Mirror, Unreachable
from analysis.domain.locations import Location, parse_location
from tests.builders.git_history import History

LINES = "".join(f"line {i}\n" for i in range(20))


@pytest.fixture
def source(tmp_path: Path) -> History:
    return History(tmp_path / "shop.git").commit("add", {"a.py": LINES}).rename("a.py", "b.py")


@pytest.fixture
def mirror(tmp_path: Path) -> Mirror:
    return Mirror.create(tmp_path / "mirrors" / "1.git")


@pytest.fixture
def proof(tmp_path: Path) -> Path:
    """A file that exists only if a stranger's command was run."""
    return tmp_path / "owned"


def fetch(mirror: Mirror, url: Path | str) -> str:
    return mirror.fetch(parse_location(str(url)), patience=20).head_sha


def test_dangerous_addresses_do_nothing_even_past_the_parser(mirror: Mirror, proof: Path) -> None:
    for url in (
        f"ext::touch {proof}",
        f"--upload-pack=touch {proof}",
        f"-u touch {proof}",
        f"ssh://-oProxyCommand=touch%20{proof}/x",
        f"ssh://h/-x;touch {proof}",
        "fd::0",
    ):
        with pytest.raises(GitError):
            mirror.fetch(Location("remote", url, "x"), patience=10)
    assert not proof.exists()


def test_hooks_are_not_run(source: History, mirror: Mirror, proof: Path) -> None:
    for directory in (source.path, mirror.path):
        for name in ("reference-transaction", "post-update", "pre-receive", "post-checkout"):
            hook = directory / "hooks" / name
            hook.parent.mkdir(exist_ok=True)
            hook.write_text(f"#!/bin/sh\ntouch {proof}\n")
            hook.chmod(hook.stat().st_mode | stat.S_IXUSR)
    fetch(mirror, source.path)
    assert not proof.exists()


def test_the_sources_settings_start_nothing(source: History, mirror: Mirror, proof: Path) -> None:
    for setting in (
        "uploadpack.packObjectsHook",
        "core.fsmonitor",
        "core.sshCommand",
        "core.gitProxy",
        "core.alternateRefsCommand",
        "diff.external",
    ):
        source.git("config", setting, f"touch {proof}")
    source.commit("attributes", {".gitattributes": "* diff=x filter=x\n"})
    source.git("config", "diff.x.textconv", f"touch {proof}")
    assert fetch(mirror, source.path) == source.head
    assert len(list(mirror.history(source.head))) == 3
    assert not proof.exists()


def test_attributes_in_the_tree_do_not_change_the_counts(source: History, mirror: Mirror) -> None:
    source.commit("hide", {".gitattributes": "* -diff\n", "b.py": LINES + "more\n"})
    fetch(mirror, source.path)
    *_, last = mirror.history(source.head)
    assert {change.path: change.added for change in last.changes} == {
        ".gitattributes": 1,
        "b.py": 1,
    }


def test_the_machines_settings_change_nothing(
    source: History, mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch(mirror, source.path)
    expected = list(mirror.history(source.head))
    names = tmp_path / "names"
    names.write_text("Somebody Else <else@example.org> <ann@example.org>\n")
    (tmp_path / ".gitconfig").write_text(
        "[diff]\n\trenames = false\n\tnoprefix = true\n\texternal = false\n"
        "[log]\n\tshowSignature = true\n\tfollow = true\n[core]\n\tquotePath = true\n"
        f"[mailmap]\n\tfile = {names}\n[color]\n\tui = always\n"
        "[transfer]\n\thideRefs = refs/heads\n"
        "[protocol]\n\tallow = never\n"
    )
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    fetch(mirror, source.path)
    assert list(mirror.history(source.head)) == expected


def test_being_started_by_a_hook_changes_nothing(
    source: History, mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = History(tmp_path / "other.git").commit("other", {"o": "o"})
    for name, value in {
        "GIT_DIR": str(other.path),
        "GIT_WORK_TREE": str(tmp_path),
        "GIT_OBJECT_DIRECTORY": str(other.path / "objects"),
        "GIT_INDEX_FILE": str(tmp_path / "index"),
        "GIT_QUARANTINE_PATH": str(other.path / "objects"),
        "GIT_NAMESPACE": "elsewhere",
        "GIT_CONFIG_PARAMETERS": "'diff.renames'='false'",
        "GIT_EXTERNAL_DIFF": "false",
        "GIT_TRACE": "1",
        "GIT_LITERAL_PATHSPECS": "1",
    }.items():
        monkeypatch.setenv(name, value)
    fetched = mirror.fetch(parse_location(str(source.path)))
    monkeypatch.undo()
    assert fetched.head_sha == source.head
    assert [len(record.changes) for record in mirror.history(source.head)] == [1, 1]
    assert not (tmp_path / "index").exists()


def test_branches_with_names_like_options(source: History, mirror: Mirror) -> None:
    source.branch("-x").commit("x", {"x": "x"}).branch("--upload-pack=x").default("-x")
    source.delete_branch("main")
    fetched = mirror.fetch(parse_location(str(source.path)))
    assert (fetched.default_branch, fetched.head_sha) == ("-x", source.sha("refs/heads/-x"))
    assert set(mirror.branches()) == {"-x", "--upload-pack=x"}


def test_a_default_branch_whose_name_is_not_utf8(tmp_path: Path, mirror: Mirror) -> None:
    name = os.fsdecode(b"caf\xe9")
    source = History(tmp_path / "s.git").commit("a", {"a": "a"})
    source.git("update-ref", f"refs/heads/{name}", source.head)
    source.default(name)
    fetched = mirror.fetch(parse_location(str(source.path)))
    assert (fetched.default_branch, fetched.head_sha) == ("caf\\xe9", source.head)


def test_links_out_of_the_repository_are_not_followed(source: History, mirror: Mirror) -> None:
    source.commit("link", links={"passwd": "/etc/passwd"})
    fetch(mirror, source.path)
    [link] = [entry for entry in mirror.list_tree(source.head) if entry.kind == "symlink"]
    assert mirror.read_blob(link.oid).data == b"/etc/passwd"


class TestOverHttp:
    def test_a_fetch(self, source: History, mirror: Mirror) -> None:
        source.git("update-server-info")
        with _serving(source.path.parent) as port:
            assert fetch(mirror, f"http://127.0.0.1:{port}/shop.git") == source.head

    def test_no_such_repository(self, source: History, mirror: Mirror) -> None:
        with (
            _serving(source.path.parent) as port,
            pytest.raises(GitError, match="no git repository"),
        ):
            fetch(mirror, f"http://ann:s3cret@127.0.0.1:{port}/absent.git")

    def test_credentials_are_never_asked_for_or_shown(self, mirror: Mirror) -> None:
        with _refusing() as port, pytest.raises(Unreachable, match="credentials") as error:
            fetch(mirror, f"http://ann:s3cret@127.0.0.1:{port}/shop.git")
        assert "ann:***@" in str(error.value)
        assert "s3cret" not in f"{error.value} {error.value.detail}"


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


class _Refusing(_Quiet):
    def do_GET(self) -> None:
        self.send_response(401)
        self.send_header("WWW-Authenticate", 'Basic realm="shop"')
        self.send_header("Content-Length", "0")
        self.end_headers()


@contextmanager
def _serving(directory: Path) -> Iterator[int]:
    with _running(functools.partial(_Quiet, directory=str(directory))) as port:
        yield port


@contextmanager
def _refusing() -> Iterator[int]:
    with _running(_Refusing) as port:
        yield port


@contextmanager
def _running(handler) -> Iterator[int]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()
