"""A checkout that is read where it lies: nothing is copied, and nothing is written into it."""

import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from analysis.adapters.git import sources, tree
from analysis.adapters.git.errors import GitError, storage_error
from analysis.adapters.git.mirror import Mirror
from analysis.adapters.git.process import Git
from analysis.domain.locations import Location


@dataclass(frozen=True, slots=True)
class Borrowed:
    """A repository of our own that holds nothing but borrows every object of a checkout.

    The checkout's own configuration can therefore change nothing in what is read of it.
    """

    mirror: Mirror
    # The checkout itself, asked for names only.
    _checkout: Git

    def resolve(self, revision: str) -> str:
        """The full sha of the commit that a name stands for there. Raises UnknownRevision."""
        return tree.resolve(self._checkout, revision)

    @property
    def remotes(self) -> tuple[str, ...]:
        """The addresses that the checkout was cloned from, in the order of its configuration."""
        try:
            found = self._checkout.output("config", "--null", "--get-regexp", r"^remote\..*\.url$")
        except GitError:  # none is set
            return ()
        entries = found.decode("utf-8", "replace").split("\0")[:-1]
        return tuple(entry.partition("\n")[2] for entry in entries)


@contextmanager
def borrowed(location: Location) -> Generator[Borrowed, None, None]:
    """Lend the objects of a local checkout (with a work tree or bare) while the block runs.

    Raises a GitError when there is no repository.
    """
    sources.check_local(location)
    path = Path(location.url)
    checkout = Git(path / ".git" if (path / ".git").exists() else path)
    common = Path(checkout.lines("rev-parse", "--path-format=absolute", "--git-common-dir")[0])
    format_name = checkout.lines("rev-parse", "--show-object-format")[0]
    with tempfile.TemporaryDirectory(prefix="displace-borrowed-") as folder:
        own = Path(folder) / "borrowed.git"
        Git(own).output(
            "init", "--bare", "--quiet", "--template=", f"--object-format={format_name}", "--",
            str(own),
        )  # fmt: skip
        try:
            info = own / "objects" / "info"
            info.mkdir(parents=True, exist_ok=True)
            (info / "alternates").write_text(f"{common / 'objects'}\n", encoding="utf-8")
            if (common / "shallow").exists():
                shutil.copyfile(common / "shallow", own / "shallow")
        except OSError as error:
            raise storage_error(error) from error
        yield Borrowed(Mirror(own), checkout)
