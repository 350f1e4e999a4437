"""Builds real git repositories for tests, a line per commit.

    history = (
        History(tmp_path / "shop.git")
        .commit("add the cart", {"cart.py": "items = []\n"}, at="2026-01-01", author=ANN)
        .rename("cart.py", "basket.py")
        .branch("discounts")
        .commit("add discounts", {"discounts.py": "rate = 0\n"})
        .switch("main")
        .merge("discounts")
    )
    history.head  # the sha at the tip of the current branch

Each commit goes through `git fast-import`, one short process and no work tree.
"""

import os
import re
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

ANN = "Ann <ann@example.org>"
BOB = "Bob <bob@example.org>"

Content = str | bytes | None
"""The new content; None deletes the file."""

Files = Mapping[Any, Content]
"""Path -> new content. Paths are str or bytes; a mapping that may hold either is not covariant."""

_START = datetime(2026, 1, 1, 12, tzinfo=UTC)
_ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}


class History:
    """A bare repository that grows by chained calls. Without `at`, commits are a day apart."""

    def __init__(self, path: Path, *, branch: str = "main") -> None:
        self.path = path
        self.current = branch
        self._at = _START - timedelta(days=1)
        path.mkdir(parents=True, exist_ok=True)
        self.git("init", "--quiet", "--bare", "--template=", f"--initial-branch={branch}")

    # -- growing ------------------------------------------------------------------------------

    def commit(
        self,
        message: str | bytes = "change something",
        files: Files | None = None,
        *,
        at: str | int | None = None,
        author: str | bytes = ANN,
        links: Mapping[str, str] | None = None,
        submodules: Mapping[str, str] | None = None,
        renames: Mapping[str, str] | None = None,
    ) -> Self:
        """Commit new contents, symbolic links (path -> target), submodules (path -> sha)."""
        operations = [
            *(b"R %b %b\n" % (_quoted(a), _quoted(b)) for a, b in (renames or {}).items()),
            *(_file_operation(path, content) for path, content in (files or {}).items()),
            *(
                b"M 120000 inline %b\n%b" % (_quoted(path), _data(target))
                for path, target in (links or {}).items()
            ),
            *(
                b"M 160000 %b %b\n" % (sha.encode(), _quoted(path))
                for path, sha in (submodules or {}).items()
            ),
        ]
        return self._import(message, operations, at=at, author=author)

    def rename(
        self,
        old: str,
        new: str,
        *,
        content: Content = None,
        at: str | int | None = None,
        author: str | bytes = ANN,
    ) -> Self:
        """Rename a file, with new `content` where given."""
        files: Files = {} if content is None else {new: content}
        return self.commit(
            f"rename {old} to {new}", files, renames={old: new}, at=at, author=author
        )

    def delete(self, *paths: str, at: str | int | None = None, author: str = ANN) -> Self:
        """Delete files."""
        return self.commit(f"delete {paths}", dict.fromkeys(paths), at=at, author=author)

    def branch(self, name: str, *, at_commit: str | None = None) -> Self:
        """Start a branch at the current tip (or another commit) and go on there."""
        self.git("update-ref", f"refs/heads/{name}", at_commit or self.head)
        return self.switch(name)

    def orphan(self, name: str) -> Self:
        """Go on with a branch that has no commit yet, and so no ancestors."""
        return self.switch(name)

    def switch(self, name: str) -> Self:
        """Go on with another branch."""
        self.current = name
        return self

    def merge(self, *names: str, at: str | int | None = None, author: str = ANN) -> Self:
        """Merge branches into the current one; conflicts fail."""
        tree = self.head
        parents = ["-p", self.head]
        for name in names:
            tree = self._merged_tree(tree, f"refs/heads/{name}")
            parents += ["-p", self.sha(f"refs/heads/{name}")]
        stamp = self._next_instant(at)
        name, email = re.fullmatch(r"(.*) <(.*)>", author).groups()  # type: ignore[union-attr]  # authors here always match
        sha = self.git(
            "commit-tree", "-m", f"merge {' and '.join(names)}", *parents, f"{tree}^{{tree}}",
            GIT_AUTHOR_NAME=name, GIT_AUTHOR_EMAIL=email, GIT_AUTHOR_DATE=f"{stamp} +0000",
            GIT_COMMITTER_NAME=name, GIT_COMMITTER_EMAIL=email,
            GIT_COMMITTER_DATE=f"{stamp} +0000",
        )  # fmt: skip
        return self.move(self.current, sha)

    def move(self, branch: str, commit: str) -> Self:
        """Point a branch at any commit, as a forced push does."""
        self.git("update-ref", f"refs/heads/{branch}", commit)
        return self

    def delete_branch(self, name: str) -> Self:
        """Delete a branch."""
        self.git("update-ref", "-d", f"refs/heads/{name}")
        return self

    def tag(self, name: str) -> Self:
        """Tag the current tip."""
        self.git("update-ref", f"refs/tags/{name}", self.head)
        return self

    def default(self, branch: str) -> Self:
        """Make HEAD point at a branch."""
        self.git("symbolic-ref", "HEAD", f"refs/heads/{branch}")
        return self

    # -- asking -------------------------------------------------------------------------------

    @property
    def head(self) -> str:
        """The sha at the tip of the current branch."""
        return self.sha(f"refs/heads/{self.current}")

    def sha(self, revision: str) -> str:
        """The sha of the commit a revision names."""
        return self.git("rev-parse", "--verify", f"{revision}^{{commit}}")

    def git(self, *arguments: str, **environment: str) -> str:
        """Run any git command in the repository."""
        return run_git(self.path, *arguments, **environment)

    # -- inside -------------------------------------------------------------------------------

    def _import(
        self,
        message: str | bytes,
        operations: list[bytes],
        *,
        at: str | int | None,
        author: str | bytes,
    ) -> Self:
        ref = f"refs/heads/{self.current}".encode()
        person = b"%b %d +0000" % (_bytes(author), self._next_instant(at))
        exists = self.git("for-each-ref", ref.decode())
        stream = b"".join(
            [
                b"commit %b\nauthor %b\ncommitter %b\n" % (ref, person, person),
                _data(message),
                b"from %b^0\n" % ref if exists else b"",
                *operations,
                b"done\n",
            ]
        )
        self._run("fast-import", "--quiet", "--done", "--date-format=raw-permissive", stdin=stream)
        return self

    def _merged_tree(self, ours: str, theirs: str) -> str:
        if ours != self.head:  # an octopus: give the tree so far a commit to merge from
            ours = self.git(
                "commit-tree", "-m", "step", "-p", self.head, ours,
                GIT_AUTHOR_NAME="-", GIT_AUTHOR_EMAIL="-",
                GIT_COMMITTER_NAME="-", GIT_COMMITTER_EMAIL="-",
            )  # fmt: skip
        return self.git("merge-tree", "--write-tree", ours, theirs).splitlines()[0]

    def _next_instant(self, at: str | int | None) -> int:
        """Seconds since 1970. An integer is taken as it is, so that absurd dates can be made."""
        if isinstance(at, int):
            return at
        if at is None:
            self._at += timedelta(days=1)
        else:
            parsed = datetime.fromisoformat(at)
            self._at = parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
        return int(self._at.timestamp())

    def _run(self, *arguments: str, stdin: bytes) -> None:
        subprocess.run(
            ["git", *arguments], cwd=self.path, env=_ENVIRONMENT, input=stdin, check=True
        )


def run_git(directory: Path, *arguments: str, **environment: str) -> str:
    """Run git in a directory, without the machine's configuration; returns its output."""
    done = subprocess.run(
        ["git", *arguments],
        cwd=directory,
        env=_ENVIRONMENT | environment,
        check=True,
        capture_output=True,
    )
    return done.stdout.decode("utf-8", "surrogateescape").strip()


def _bytes(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text


def _data(content: str | bytes) -> bytes:
    raw = _bytes(content)
    return b"data %d\n%b\n" % (len(raw), raw)


def _quoted(path: str | bytes) -> bytes:
    """The path as fast-import reads it: C-style quotes allow any byte."""
    escaped = b"".join(
        b"\\%03o" % byte if byte < 0x20 or byte in b'"\\' or byte > 0x7E else bytes([byte])
        for byte in _bytes(path)
    )
    return b'"%b"' % escaped


def _file_operation(path: str | bytes, content: Content) -> bytes:
    if content is None:
        return b"D %b\n" % _quoted(path)
    return b"M 100644 inline %b\n%b" % (_quoted(path), _data(content))
