"""A change, from its merge base to its head, in a repository here or in somebody's checkout.

Nothing is registered and nothing is written into the checkout; content facts are kept, since
they are true of a content wherever it stands, so only contents never seen before are measured.
"""

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from analysis.adapters.git import GitError, Mirror, UnknownRevision
from analysis.adapters.git.borrowing import Borrowed, borrowed
from analysis.adapters.measuring import MeasuringFailed, Wanted
from analysis.domain.architecture import is_same_graph
from analysis.domain.changes import ChangeCommit, ChangedFile
from analysis.domain.languages import is_generated, is_vendored, language_of
from analysis.domain.locations import LocationRefused, parse_location
from analysis.domain.picture import SourceFile
from analysis.domain.source import ImportStatement
from analysis.domain.structure_changes import StructureChange, links_of, structure_change
from analysis.models import Repository
from analysis.services.facts import facts_ensure, imports_of
from analysis.services.repositories import location_of, mirror_of
from analysis.services.sources import LARGEST_SEARCHED, FoundFile
from analysis.services.trees import MEASURED_LANGUAGE, Tree, tree_read
from common.errors import NotFound, Refused

UNSHALLOW = (
    "This is a shallow clone; fetch its whole history first (git fetch --unshallow, or "
    "fetch-depth: 0 in a pipeline)."
)


class Checkout:
    """A local checkout under review, readable while its `checkout_open` block runs."""

    def __init__(self, lent: Borrowed, path: str) -> None:
        self._lent = lent
        self.path = path
        self.mirror = lent.mirror

    @property
    def remotes(self) -> tuple[str, ...]:
        """The addresses that it was cloned from; they may hold passwords."""
        return self._lent.remotes

    def resolve(self, revision: str) -> str:
        """The full sha that a name stands for. Raises UnknownRevision."""
        return self._lent.resolve(revision)


@dataclass(frozen=True)
class Change:
    """What happened between the merge base of `base` and `head`, and `head`. All are full shas."""

    base: str
    head: str
    merge_base: str
    files: tuple[ChangedFile, ...]
    # The newest first.
    commits: tuple[ChangeCommit, ...]
    _mirror: Mirror

    @cached_property
    def paths(self) -> frozenset[str]:
        """Every path that the change touches, before and after."""
        return frozenset(path for file in self.files for path in file.paths)

    def texts_before(self, needle: str) -> list[FoundFile]:
        """The changed source files as they were, if they contained `needle`."""
        return list(self._texts(needle, ((one.before, one.old_oid) for one in self.files)))

    def texts_after(self, needle: str) -> list[FoundFile]:
        """The changed source files as they are at the head, if they contain `needle`."""
        return list(self._texts(needle, ((one.path, one.oid) for one in self.files)))

    def other_texts(self, needle: str) -> list[FoundFile]:
        """The source files that the change leaves alone and that contain `needle`."""
        with git_errors_told():
            found = {match.path for match in self._mirror.grep(self.head, needle, fixed=True)}
            wanted = found - self.paths
            if not wanted:
                return []
            entries = self._mirror.list_tree(self.head)
        places = ((e.path, e.oid) for e in entries if e.kind == "file" and e.path in wanted)
        return list(self._texts(needle, places))

    def structure(self) -> StructureChange:
        """What the change does to the module graph; nothing where no import changed."""
        touched = [file for file in self.files if any(map(_is_measured, file.paths))]
        if not touched:
            return StructureChange()
        with git_errors_told():
            before = tree_read(mirror=self._mirror, sha=self.merge_base, warnings=())
            after = tree_read(mirror=self._mirror, sha=self.head, warnings=())
            if self._is_same_graph(before, after):
                return StructureChange()
            imports = self._imports((*before.measured, *after.measured))
        renamed = {file.path: file.old_path for file in touched if file.old_path}
        return structure_change(
            links_of(*_by_path(before, imports)), links_of(*_by_path(after, imports)), renamed
        )

    def _is_same_graph(self, before: Tree, after: Tree) -> bool:
        old = {source.path: source for source in before.measured}
        new = {source.path: source for source in after.measured}
        if old.keys() != new.keys():
            return False
        changed = [path for path in old if old[path].oid != new[path].oid]
        imports = self._imports([side[path] for path in changed for side in (old, new)])
        if any(side[path].oid not in imports for path in changed for side in (old, new)):
            return False
        return is_same_graph(
            old.keys(),
            {path: imports[old[path].oid] for path in changed},
            {path: imports[new[path].oid] for path in changed},
        )

    def _imports(self, sources: Sequence[SourceFile]) -> dict[str, tuple[ImportStatement, ...]]:
        wanted = [Wanted(one.oid, one.path, one.language, one.size) for one in sources]
        facts_ensure(git_dir=self._mirror.path, wanted=wanted, report=lambda _done, _total: None)
        return imports_of({one.oid for one in sources})

    def _texts(self, needle: str, places: Iterable[tuple[str, str | None]]) -> Iterator[FoundFile]:
        known = [(path, oid) for path, oid in places if oid and language_of(path)]
        if not known:
            return
        sought = needle.encode()
        with git_errors_told():
            blobs = self._mirror.read_blobs([oid for _, oid in known], limit=LARGEST_SEARCHED)
            for (path, oid), blob in zip(known, blobs, strict=True):
                if blob.size < 0:
                    raise Refused(f"The content of {path} is missing in this clone; fetch it.")
                if blob.data is not None and sought in blob.data:
                    language = language_of(path) or ""
                    yield FoundFile(
                        path, language, is_vendored(path), is_generated(path), oid, blob.data
                    )


@contextmanager
def checkout_open(*, path: str) -> Generator[Checkout, None, None]:
    """Open a checkout on this host; Refused says why there is none."""
    try:
        place = parse_location(path, base=str(Path.cwd()), home=str(Path.home()))
    except LocationRefused as error:
        raise Refused(str(error), "repo") from error
    if place.kind != "local":
        raise NotFound("There is no such repository here; give a registered one, or a local path.")
    with git_errors_told(), borrowed(place) as lent:
        yield Checkout(lent, place.url)


def checkout_change(*, checkout: Checkout, base: str, head: str) -> Change:
    """The change between two revisions of a checkout."""
    is_shallow = checkout.mirror.is_shallow
    shas = [_resolved(checkout, name, rev, is_shallow) for name, rev in _named(base, head)]
    return _change(checkout.mirror, *shas)


def repository_change(*, repository: Repository, base: str, head: str) -> Change:
    """The change between two revisions of a registered repository, fetched if need be."""
    with git_errors_told():
        place = location_of(repository)
        mirror = Mirror.create(mirror_of(repository).path, source=place)
        try:
            shas = [mirror.resolve(revision) for revision in (base, head)]
        except UnknownRevision:
            mirror.fetch(place)
            is_shallow = mirror.is_shallow
            shas = [_resolved(mirror, name, rev, is_shallow) for name, rev in _named(base, head)]
    return _change(mirror, *shas)


@contextmanager
def git_errors_told() -> Generator[None, None, None]:
    """Turn what Git says into a refusal that any interface can show."""
    try:
        yield
    except (GitError, MeasuringFailed) as error:
        raise Refused(str(error)) from error


def _named(base: str, head: str) -> tuple[tuple[str, str], ...]:
    return ("base", base), ("head", head)


def _resolved(source: Checkout | Mirror, name: str, revision: str, is_shallow: bool) -> str:
    try:
        return source.resolve(revision)
    except UnknownRevision as error:
        advice = f" {UNSHALLOW}" if is_shallow else ""
        raise Refused(f"{error}{advice}", name) from error


def _change(mirror: Mirror, base: str, head: str) -> Change:
    with git_errors_told():
        meeting = mirror.merge_base(base, head)
        if meeting is None:
            raise Refused(
                f"{base[:12]} and {head[:12]} have no common commit here. "
                + (UNSHALLOW if mirror.is_shallow else "Give revisions of one history.")
            )
        return Change(
            base=base,
            head=head,
            merge_base=meeting,
            files=tuple(mirror.changed_files(meeting, head)),
            commits=tuple(mirror.commits_of(meeting, head)),
            _mirror=mirror,
        )


def _is_measured(path: str) -> bool:
    return language_of(path) == MEASURED_LANGUAGE


def _by_path(
    tree: Tree, imports: dict[str, tuple[ImportStatement, ...]]
) -> tuple[list[str], dict[str, tuple[ImportStatement, ...]]]:
    sources = tree.measured
    known = {one.path: imports[one.oid] for one in sources if one.oid in imports}
    return [one.path for one in sources], known
