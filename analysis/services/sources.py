"""Looking into the sources of a snapshot: the text itself stays in Git."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from analysis.adapters.git import GitError, Mirror, UnknownRevision
from analysis.models import Repository, SearchedContent, Snapshot, SnapshotFile
from analysis.services.repositories import location_of, mirror_of
from common.bulk import insert_missing
from common.errors import NotFound, Refused

# A larger file is not shown, and not searched (bytes).
LARGEST_SHOWN = 2 << 20
LARGEST_SEARCHED = 64 << 20


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A source file of the snapshot that contains what was looked for."""

    path: str
    language: str
    is_vendored: bool
    is_generated: bool
    oid: str
    content: bytes


@dataclass(frozen=True, slots=True)
class FolderFile:
    """Anything in a folder of a commit: `content` is None for what is no file, or is too large."""

    path: str
    is_file: bool
    size: int
    content: bytes | None


@dataclass(frozen=True, slots=True)
class TreeFile:
    """A source file of the snapshot that contains what was looked for, without its content."""

    path: str
    language: str
    is_vendored: bool
    is_generated: bool
    oid: str


def tree_search(
    *, snapshot_id: int, needle: str, alongside: Sequence[str] = ()
) -> Iterator[FoundFile]:
    """Yield every source file of the snapshot's commit whose text contains `needle`, by path.

    The whole tree is searched, or Refused is raised: never a part of it that looks like all. A
    file larger than LARGEST_SEARCHED counts as not containing anything. Contents that are read
    for the first time are searched for the needles `alongside` too, which somebody will look for
    next. A needle may hold several words with | between them: any of them counts.
    """
    snapshot = _with_rows(snapshot_id)
    try:
        mirror = mirror_holding(snapshot.repository, snapshot.commit_sha)
        _search_new(snapshot, mirror, needle, alongside)
        files = _files(snapshot, needle)
        contents = _contents(mirror, [file.oid for file in files])
        for file, (_, content) in zip(files, contents, strict=True):
            yield FoundFile(
                path=file.path,
                language=file.language,
                is_vendored=file.is_vendored,
                is_generated=file.is_generated,
                oid=file.oid,
                content=content,
            )
    except GitError as error:
        raise Refused(str(error)) from error


def tree_files(*, snapshot_id: int, needle: str) -> list[TreeFile]:
    """The same files by path, for who knows most of their contents already (`file_contents`)."""
    snapshot = _with_rows(snapshot_id)
    try:
        mirror = mirror_holding(snapshot.repository, snapshot.commit_sha)
        _search_new(snapshot, mirror, needle)
    except GitError as error:
        raise Refused(str(error)) from error
    return _files(snapshot, needle)


def file_contents(*, snapshot_id: int, oids: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """The contents of some files of a snapshot, as (object id, bytes) in the order asked for."""
    snapshot = _with_rows(snapshot_id)
    try:
        yield from _contents(mirror_holding(snapshot.repository, snapshot.commit_sha), oids)
    except GitError as error:
        raise Refused(str(error)) from error


def _files(snapshot: Snapshot, needle: str) -> list[TreeFile]:
    found = SearchedContent.objects.filter(digest=OuterRef("oid"), needle=needle, is_found=True)
    rows = SnapshotFile.objects.filter(Exists(found), snapshot=snapshot).order_by("path")
    columns = ("path", "language", "is_vendored", "is_generated", "oid")
    return [TreeFile(*row) for row in rows.values_list(*columns)]


def _search_new(
    snapshot: Snapshot, mirror: Mirror, needle: str, alongside: Sequence[str] = ()
) -> None:
    """Search those contents of the tree that were never searched for this text."""
    searched = SearchedContent.objects.filter(digest=OuterRef("oid"), needle=needle)
    new = SnapshotFile.objects.filter(~Exists(searched), snapshot=snapshot)
    oids = sorted(set(new.order_by().values_list("oid", flat=True)))
    sought = {one: [word.encode() for word in one.split("|")] for one in (needle, *alongside)}
    # Another worker may have searched the same content just now.
    insert_missing(
        SearchedContent,
        ("needle", "digest", "is_found"),
        [
            (one, oid, any(word in content for word in words))
            for oid, content in _contents(mirror, oids)
            for one, words in sought.items()
        ],
    )


def _contents(mirror: Mirror, oids: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    if not oids:
        return  # a process for nothing
    for blob in mirror.read_blobs(oids, limit=LARGEST_SEARCHED):
        if blob.size < 0:
            raise Refused("The mirror of this repository is incomplete; analyse it again.")
        yield blob.oid, blob.data or b""


def source_lines(*, snapshot_id: int, path: str, first: int, last: int) -> list[str]:
    """Return lines `first` to `last` (from 1, inclusive) of a file, or NotFound."""
    file = SnapshotFile.objects.select_related("snapshot__repository").filter(
        snapshot_id=snapshot_id, path=path
    )
    row = file.first()
    if row is None:
        raise NotFound(f"There is no source file {path} in this snapshot.")
    try:
        mirror = mirror_holding(row.snapshot.repository, row.snapshot.commit_sha)
        blob = mirror.read_blob(row.oid, limit=LARGEST_SHOWN)
    except GitError as error:
        raise NotFound(str(error)) from error
    if blob.data is None:
        raise NotFound(f"{path} is too large to be shown here.")
    lines = blob.data.decode("utf-8", "replace").splitlines()
    return lines[max(first, 1) - 1 : last]


def head_file(*, repository_id: int, paths: Sequence[str]) -> tuple[str, bytes] | None:
    """Return path and content of the first of `paths` in the default branch as last analysed.

    Any file, not source alone; None where none of them is a file, or it is larger than
    LARGEST_SHOWN, or the repository was never analysed. Raises Refused where Git cannot be asked.
    """
    known = Repository.objects.filter(pk=repository_id, current_snapshot__isnull=False).first()
    if known is None or known.current_snapshot_id is None:
        return None
    return tree_file(snapshot_id=known.current_snapshot_id, paths=paths)


def tree_file(*, snapshot_id: int, paths: Sequence[str]) -> tuple[str, bytes] | None:
    """The same in the commit of a snapshot; raises NotFound for a snapshot that is none."""
    snapshot = Snapshot.objects.select_related("repository").filter(pk=snapshot_id).first()
    if snapshot is None:
        raise NotFound(f"There is no snapshot {snapshot_id}.")
    sha = snapshot.commit_sha
    try:
        mirror = mirror_holding(snapshot.repository, sha)
        oids = {entry.path: entry.oid for entry in mirror.list_tree(sha) if entry.kind == "file"}
        for path in paths:
            if path in oids:
                data = mirror.read_blob(oids[path], limit=LARGEST_SHOWN).data
                return None if data is None else (path, data)
    except GitError as error:
        raise Refused(str(error)) from error
    return None


def head_folder(
    *, repository_id: int, folder: str, most_files: int, largest: int
) -> tuple[str, list[FolderFile]]:
    """Everything below a folder of the default branch as last analysed, and the commit's sha.

    Paths are below the folder; "" is the whole tree. A file of more than `largest` bytes comes
    without its content. Raises NotFound where nothing was analysed yet, and Refused where there
    are more than `most_files` or Git cannot be asked.
    """
    known = Repository.objects.select_related("current_snapshot").filter(pk=repository_id).first()
    if known is None or known.current_snapshot is None:
        raise NotFound("This repository was never analysed; analyse it first.")
    sha = known.current_snapshot.commit_sha
    prefix = f"{folder.strip('/')}/" if folder.strip("/") else ""
    try:
        mirror = mirror_holding(known, sha)
        found = [entry for entry in mirror.list_tree(sha) if entry.path.startswith(prefix)]
        if len(found) > most_files:
            raise Refused(f"There are {len(found)} files; at most {most_files} are looked at.")
        oids = [one.oid for one in found if one.kind == "file"]
        blobs = mirror.read_blobs(oids, limit=largest) if oids else ()
        contents = {blob.oid: blob.data for blob in blobs}
    except GitError as error:
        raise Refused(str(error)) from error
    return sha, [
        FolderFile(
            path=one.path.removeprefix(prefix),
            is_file=one.kind == "file",
            size=one.size,
            content=contents.get(one.oid) if one.kind == "file" else None,
        )
        for one in found
    ]


def line_authors(*, snapshot_id: int, path: str, lines: Sequence[int]) -> dict[int, str]:
    """Return the names of those who last changed these lines (from 1) of a file.

    Empty where Git cannot tell: who asks wants to address somebody, and can do without.
    """
    snapshot = _with_rows(snapshot_id)
    try:
        mirror = mirror_holding(snapshot.repository, snapshot.commit_sha)
        found = mirror.line_origins(snapshot.commit_sha, path, lines)
        return {line: origin.author for line, origin in found.items()}
    except GitError:
        return {}


def is_ancestor(*, repository_id: int, ancestor_sha: str, descendant_sha: str) -> bool:
    """Whether one commit is reachable from another; an unknown commit is nobody's ancestor.

    Raises Refused where Git cannot be asked: that is no answer.
    """
    try:
        repository = Repository.objects.get(pk=repository_id)
        return _descends(repository, ancestor_sha, descendant_sha)
    except (UnknownRevision, Repository.DoesNotExist):
        return False
    except GitError as error:
        raise Refused(str(error)) from error


def _descends(repository: Repository, ancestor_sha: str, descendant_sha: str) -> bool:
    mirror = Mirror.create(mirror_of(repository).path, source=location_of(repository))
    try:
        return mirror.is_ancestor(ancestor_sha, descendant_sha)
    except UnknownRevision:  # one of the two is missing, perhaps only from this host's mirror
        mirror = mirror_holding(repository, descendant_sha)
        return mirror.is_ancestor(ancestor_sha, descendant_sha)


def commit_resolve(*, repository_id: int, revision: str) -> str:
    """Return the full sha of the commit that a revision names in a repository's last analysis.

    Raises NotFound when it names none, or several, and Refused where Git cannot be asked.
    """
    repository = Repository.objects.select_related("current_snapshot").get(pk=repository_id)
    snapshot = repository.current_snapshot
    if snapshot is None:
        raise NotFound("This repository was never analysed; analyse it first.")
    try:
        # Only what was analysed makes a fetch worthwhile, not whatever somebody types.
        return mirror_holding(repository, snapshot.commit_sha).resolve(revision)
    except UnknownRevision as error:
        raise NotFound(str(error)) from error
    except GitError as error:
        raise Refused(str(error)) from error


def mirror_holding(repository: Repository, commit_sha: str) -> Mirror:
    """Return the mirror with this commit in it; raises a GitError.

    Every host has mirrors of its own: where another one did the analysis, this one's may be
    missing or older, and is brought up to date.
    """
    place = location_of(repository)
    mirror = Mirror.create(mirror_of(repository).path, source=place)
    if not mirror.has(commit_sha):
        mirror.fetch(place)
    return mirror


def _with_rows(snapshot_id: int) -> Snapshot:
    snapshot = Snapshot.objects.select_related("repository").filter(pk=snapshot_id).first()
    if snapshot is None:
        raise NotFound(f"There is no snapshot {snapshot_id}.")
    if not snapshot.has_rows:
        raise Refused("The files of this older snapshot are no longer kept; analyse it again.")
    return snapshot
