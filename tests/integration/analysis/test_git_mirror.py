"""Fetching: real sources, real git."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from analysis.adapters.git import (
    DamagedRepository,
    DiskFull,
    EmptyRepository,
    Fetched,
    GitTimeout,
    LocationNotFound,
    Mirror,
    MirrorBusy,
    NoDefaultBranch,
    NotARepository,
    Unreachable,
)
from analysis.adapters.git.lock import sole_writer
from analysis.adapters.git.tidiness import is_untidy
from analysis.domain.locations import parse_location
from tests.builders.git_history import History, run_git


@pytest.fixture
def source(tmp_path: Path) -> History:
    return (
        History(tmp_path / "shop.git").commit("add a", {"a.py": "1\n"}).commit("add b", {"b": ""})
    )


@pytest.fixture
def mirror(tmp_path: Path) -> Mirror:
    return Mirror.create(tmp_path / "data" / "mirrors" / "1.git")


def fetch(mirror: Mirror, place: Path | str) -> Fetched:
    return mirror.fetch(parse_location(str(place)), patience=20, lock_patience=5)


def clone(source: History, target: Path, *options: str) -> Path:
    run_git(source.path.parent, "clone", "--quiet", *options, source.path.as_uri(), str(target))
    return target


def test_a_fetch_brings_branches_and_tags(source: History, mirror: Mirror) -> None:
    source.tag("v1").branch("feature").commit("more", {"c": "c"})
    fetched = fetch(mirror, source.path)
    assert fetched == Fetched("main", source.sha("main"), shallow=False, warnings=())
    assert mirror.branches() == {"main": source.sha("main"), "feature": source.sha("feature")}
    assert mirror.tags() == {"v1": source.sha("main")}


def test_only_branches_and_tags_are_fetched(source: History, mirror: Mirror) -> None:
    source.branch("x").commit("secret", {"s": "s"})
    source.git("update-ref", "refs/pull/1/head", source.head)
    source.delete_branch("x").switch("main")
    fetch(mirror, source.path)
    assert "refs/pull" not in run_git(mirror.path, "for-each-ref")


def test_an_annotated_tag_names_its_commit(source: History, mirror: Mirror) -> None:
    source.git(
        "-c", "user.name=Ann", "-c", "user.email=a@b", "tag", "-a", "-m", "one", "v1", "main"
    )
    source.git("tag", "blob", "main:a.py")
    fetch(mirror, source.path)
    assert mirror.tags() == {"v1": source.head}


def test_opening_what_was_never_fetched(tmp_path: Path) -> None:
    with pytest.raises(NotARepository, match="not been fetched"):
        Mirror.open(tmp_path / "1.git")
    Mirror.create(tmp_path / "1.git")
    assert Mirror.open(tmp_path / "1.git").branches() == {}


def test_a_forced_push_a_deleted_branch_and_a_moved_tag_are_followed(
    source: History, mirror: Mirror
) -> None:
    source.branch("old").switch("main").tag("v1")
    fetch(mirror, source.path)
    first = source.sha("main~1")
    source.move("main", first).commit("rewritten", {"z": "z"}).delete_branch("old").tag("v1")
    fetched = fetch(mirror, source.path)
    assert fetched.head_sha == source.head
    assert mirror.branches() == {"main": source.head}
    assert mirror.tags() == {"v1": source.head}


def test_a_branch_that_became_a_folder_of_branches(source: History, mirror: Mirror) -> None:
    source.branch("topic").switch("main")
    fetch(mirror, source.path)
    source.delete_branch("topic").branch("topic/one").switch("main")
    fetch(mirror, source.path)
    assert set(mirror.branches()) == {"main", "topic/one"}


def test_a_renamed_default_branch_is_followed(source: History, mirror: Mirror) -> None:
    fetch(mirror, source.path)
    source.branch("trunk").delete_branch("main").default("trunk").commit("next", {"n": "n"})
    assert fetch(mirror, source.path).default_branch == "trunk"
    assert run_git(mirror.path, "symbolic-ref", "HEAD") == "refs/heads/trunk"


class TestDefaultBranch:
    def test_where_head_points(self, source: History, mirror: Mirror) -> None:
        source.branch("develop").commit("next", {"n": "n"}).default("develop")
        assert fetch(mirror, source.path).default_branch == "develop"

    def test_master_where_head_names_a_branch_that_is_not_there(
        self, tmp_path: Path, mirror: Mirror
    ) -> None:
        source = History(tmp_path / "s.git", branch="master").commit("a", {"a": ""})
        source.branch("other").commit("b", {"b": ""}).default("gone")
        assert fetch(mirror, source.path).default_branch == "master"

    def test_the_only_branch(self, tmp_path: Path, mirror: Mirror) -> None:
        source = History(tmp_path / "s.git", branch="work").commit("a", {"a": ""}).default("gone")
        assert fetch(mirror, source.path).default_branch == "work"

    def test_unclear(self, tmp_path: Path, mirror: Mirror) -> None:
        source = History(tmp_path / "s.git", branch="one").commit("a", {"a": ""})
        source.branch("two").commit("b", {"b": ""}).default("gone")
        with pytest.raises(NoDefaultBranch, match="symbolic-ref HEAD"):
            fetch(mirror, source.path)

    def test_a_detached_head(self, source: History, mirror: Mirror, tmp_path: Path) -> None:
        work = clone(source, tmp_path / "work")
        run_git(work, "checkout", "--quiet", "--detach", "HEAD~1")
        fetched = fetch(mirror, work)
        assert (fetched.default_branch, fetched.head_sha) == ("main", source.head)

    def test_a_detached_head_on_the_tip_of_one_of_several(
        self, tmp_path: Path, mirror: Mirror
    ) -> None:
        source = History(tmp_path / "s.git", branch="one").commit("a", {"a": ""})
        source.branch("two").commit("b", {"b": ""})
        source.git("update-ref", "--no-deref", "HEAD", source.sha("two"))
        assert fetch(mirror, source.path).default_branch == "two"


class TestShapesOfSources:
    def test_a_work_tree_and_its_git_directory(
        self, source: History, mirror: Mirror, tmp_path: Path
    ) -> None:
        work = clone(source, tmp_path / "work")
        assert fetch(mirror, work).head_sha == source.head
        assert fetch(mirror, work / ".git").head_sha == source.head
        assert fetch(mirror, work.as_uri()).head_sha == source.head

    def test_a_linked_work_tree(self, source: History, mirror: Mirror, tmp_path: Path) -> None:
        work = clone(source, tmp_path / "work")
        run_git(work, "worktree", "add", "--quiet", "-b", "side", str(tmp_path / "linked"))
        assert (tmp_path / "linked" / ".git").is_file()
        assert fetch(mirror, tmp_path / "linked").default_branch == "side"

    def test_a_folder_inside_a_work_tree(
        self, source: History, mirror: Mirror, tmp_path: Path
    ) -> None:
        work = clone(source, tmp_path / "work")
        (work / "docs").mkdir()
        with pytest.raises(NotARepository, match=f"inside the repository {work}"):
            fetch(mirror, work / "docs")

    def test_a_path_with_odd_characters(
        self, source: History, mirror: Mirror, tmp_path: Path
    ) -> None:
        odd = tmp_path / "-a 'b\" $(c):ü"
        shutil.copytree(source.path, odd)
        assert fetch(mirror, odd).head_sha == source.head

    def test_an_owner_other_than_the_reader(self, source: History, mirror: Mirror) -> None:
        if os.geteuid() != 0:
            pytest.skip("only root can give files away")
        for path in [source.path, *source.path.rglob("*")]:
            os.chown(path, 12345, 12345)
        assert fetch(mirror, source.path).default_branch == "main"

    def test_a_submodule_is_not_fetched(self, source: History, mirror: Mirror) -> None:
        modules = '[submodule "x"]\n\tpath = x\n\turl = file:///nowhere\n'
        source.commit("link", {".gitmodules": modules}, submodules={"x": "1" * 40})
        assert fetch(mirror, source.path).head_sha == source.head


class TestShallowSources:
    def test_it_is_told_and_heals(self, source: History, mirror: Mirror, tmp_path: Path) -> None:
        work = clone(source, tmp_path / "work", "--depth=1")
        fetched = fetch(mirror, work)
        assert fetched.shallow
        assert "git fetch --unshallow" in fetched.warnings[0]
        assert len(list(mirror.history(fetched.head_sha))) == 1

        run_git(work, "fetch", "--quiet", "--unshallow")
        fetched = fetch(mirror, work)
        assert not fetched.shallow
        assert len(list(mirror.history(fetched.head_sha))) == 2

    def test_it_stays_readable_when_it_moves_on(
        self, source: History, mirror: Mirror, tmp_path: Path
    ) -> None:
        work = clone(source, tmp_path / "work", "--depth=1")
        fetch(mirror, work)
        source.commit("next", {"n": "n"})
        run_git(work, "fetch", "--quiet", "--depth=1")
        run_git(work, "reset", "--quiet", "--hard", "origin/main")
        fetched = fetch(mirror, work)
        assert (fetched.shallow, fetched.head_sha) == (True, source.head)
        assert len(list(mirror.history(fetched.head_sha))) >= 1


class TestRefusals:
    def test_no_such_path(self, mirror: Mirror, tmp_path: Path) -> None:
        with pytest.raises(LocationNotFound, match="check the path"):
            fetch(mirror, tmp_path / "nowhere")

    def test_a_file(self, mirror: Mirror, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("x")
        with pytest.raises(LocationNotFound):
            fetch(mirror, tmp_path / "file")

    def test_not_a_repository(self, mirror: Mirror, tmp_path: Path) -> None:
        (tmp_path / "plain").mkdir()
        with pytest.raises(NotARepository):
            fetch(mirror, tmp_path / "plain")

    def test_something_that_only_looks_like_one(self, mirror: Mirror, tmp_path: Path) -> None:
        (tmp_path / "fake" / "objects").mkdir(parents=True)
        (tmp_path / "fake" / "HEAD").write_text("nonsense")
        with pytest.raises(NotARepository):
            fetch(mirror, tmp_path / "fake")

    def test_no_commits(self, mirror: Mirror, tmp_path: Path) -> None:
        with pytest.raises(EmptyRepository, match="push one"):
            fetch(mirror, History(tmp_path / "empty.git").path)

    @pytest.mark.parametrize("scheme", ["http", "git", "ssh"])
    def test_nobody_answers(self, mirror: Mirror, scheme: str) -> None:
        with pytest.raises(Unreachable, match="cannot be reached") as error:
            fetch(mirror, f"{scheme}://ann:s3cret@127.0.0.1:1/shop.git")
        assert "s3cret" not in f"{error.value} {error.value.detail}"

    def test_missing_objects(self, source: History, mirror: Mirror) -> None:
        blob = source.git("rev-parse", "main:a.py")
        for pack in source.path.glob("objects/pack/*.pack"):
            raw = pack.read_bytes()
            moved = pack.rename(source.path / "away.pack")
            pack.with_suffix(".idx").unlink()
            subprocess.run(["git", "unpack-objects", "-q"], cwd=source.path, input=raw, check=True)
            moved.unlink()
        (source.path / "objects" / blob[:2] / blob[2:]).unlink()
        with pytest.raises(DamagedRepository, match="full clone"):
            fetch(mirror, source.path)

    def test_a_full_disk(self, tmp_path: Path) -> None:
        source = History(tmp_path / "big.git")
        source.commit("noise", {f"{i}": os.urandom(1 << 16) for i in range(60)})
        with _small_disk(tmp_path / "disk", "2m") as disk:
            mirror = Mirror.create(disk / "1.git")
            with pytest.raises(DiskFull, match="free some space"):
                fetch(mirror, source.path)

    def test_a_silent_source(self, mirror: Mirror, tmp_path: Path) -> None:
        with _silent_server() as port, pytest.raises(GitTimeout, match="gave no answer"):
            mirror.fetch(parse_location(f"git://127.0.0.1:{port}/shop"), patience=1)


class TestInterruptions:
    def test_another_writer(self, source: History, mirror: Mirror) -> None:
        with sole_writer(mirror.path, patience=0), pytest.raises(MirrorBusy, match="try again"):
            mirror.fetch(parse_location(str(source.path)), lock_patience=0.2)
        assert fetch(mirror, source.path).head_sha == source.head

    def test_the_remains_of_a_killed_writer_are_cleaned(
        self, source: History, mirror: Mirror
    ) -> None:
        fetch(mirror, source.path)
        source.commit("next", {"n": "n"})
        remains = ["HEAD.lock", "shallow.lock", "packed-refs.lock", "config.lock"]
        remains += ["refs/heads/main.lock", "objects/pack/tmp_pack_x", "objects/pack/tmp_idx_x"]
        for name in remains:
            (mirror.path / name).write_bytes(b"half")
        assert fetch(mirror, source.path).head_sha == source.head
        assert not [name for name in remains if (mirror.path / name).exists()]

    def test_a_listener_that_raises_stops_git(self, source: History, mirror: Mirror) -> None:
        def cancel(stage: str, done: int, total: int) -> None:
            raise KeyboardInterrupt

        source.commit("many", {f"f{i}": f"{i}\n" for i in range(50)})
        with pytest.raises(KeyboardInterrupt):
            mirror.fetch(parse_location(str(source.path)), cancel)
        assert fetch(mirror, source.path).head_sha == source.head

    def test_progress_is_told_in_the_callers_thread(self, source: History, mirror: Mirror) -> None:
        told = []
        mirror.fetch(
            parse_location(str(source.path)),
            lambda *step: told.append((*step, threading.get_ident())),
        )
        assert told
        assert {thread for *_, thread in told} == {threading.get_ident()}

    @pytest.mark.slow
    def test_killed_in_the_middle(self, mirror: Mirror, tmp_path: Path) -> None:
        source = History(tmp_path / "big.git")
        source.commit("noise", {f"{i}.bin": os.urandom(1 << 18) for i in range(200)})
        script = f"""
            from pathlib import Path
            from analysis.adapters.git import Mirror
            from analysis.domain.locations import parse_location
            Mirror.open(Path({str(mirror.path)!r})).fetch(parse_location({str(source.path)!r}))
        """
        fetcher = subprocess.Popen([sys.executable, "-c", textwrap.dedent(script)])
        packs = mirror.path / "objects" / "pack"
        _wait_for(lambda: any(packs.glob("tmp_pack_*")))
        fetcher.send_signal(signal.SIGKILL)
        fetcher.wait()
        assert fetch(mirror, source.path).head_sha == source.head
        assert not list(packs.glob("tmp_*"))
        run_git(mirror.path, "fsck", "--full")


def _wait_for(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < until, "it did not happen within 20 seconds"
        time.sleep(0.002)


@contextmanager
def _small_disk(place: Path, size: str) -> Iterator[Path]:
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root can mount a small disk")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


@contextmanager
def _silent_server() -> Iterator[int]:
    """A server that accepts connections and never says anything."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_only_a_fetch_that_brings_a_pack_is_worth_packing(source: History, mirror: Mirror) -> None:
    graph = mirror.path / "objects" / "info" / "commit-graphs" / "commit-graph-chain"
    fetch(mirror, source.commit("few", {"c.py": "c"}).path)
    assert not graph.exists()
    many = {f"many/{number}.py": f"{number}" for number in range(150)}
    fetch(mirror, source.commit("many", many).path)
    written = graph.stat().st_mtime_ns
    fetch(mirror, source.commit("few again", {"d.py": "d"}).path)
    assert graph.stat().st_mtime_ns == written
    assert mirror.resolve("main") == source.sha("main")


def test_many_small_fetches_are_packed_at_last(source: History, mirror: Mirror) -> None:
    fetch(mirror, source.path)
    folder = mirror.path / "objects" / "17"
    folder.mkdir(exist_ok=True)
    for number in range(8):
        (folder / f"{number:038x}").write_bytes(b"")
    assert is_untidy(mirror.path)
    (folder / f"{0:038x}").unlink()
    assert not is_untidy(mirror.path)
