"""What lies between two commits: their merge base, changed files, and the commits themselves."""

from collections.abc import Iterator
from dataclasses import dataclass

from analysis.adapters.git.names import object_id, printable_path, text_of
from analysis.adapters.git.process import LONG, Git
from analysis.domain.changes import ChangeCommit, ChangedFile

# A change of more commits has its oldest left out.
MOST_COMMITS = 5_000
_LINK, _SUBMODULE = "120000", "160000"
_FORMAT = "--format=tformat:%H%x00%aN%x00%aE%x00%B"


@dataclass(frozen=True, slots=True)
class _Record:
    modes: tuple[str, str]
    oids: tuple[str, str]
    status: str


def merge_base(git: Git, a: str, b: str) -> str | None:
    """The best commit that both descend from, or None when their histories never meet here."""
    arguments = ("merge-base", object_id(a), object_id(b))
    with git.stream(*arguments, accepted=(0, 1), patience=LONG) as stream:
        found = b"".join(stream).decode("ascii").split()
    return found[0] if found else None


def changed_files(git: Git, before: str, after: str) -> list[ChangedFile]:
    """The files that differ between two commits, renames found, by their new (or only) path."""
    listing = git.output(
        "diff-tree", "-r", "-z", "--raw", "--no-abbrev", "-M", "-l1000", "--ignore-submodules",
        "--no-ext-diff", "--no-textconv", object_id(before), object_id(after), "--",
        patience=LONG,
    )  # fmt: skip
    return sorted(_files(iter(listing.split(b"\0")[:-1])), key=lambda file: file.path)


def commits_of(git: Git, since: str, until: str) -> list[ChangeCommit]:
    """The commits reachable from `until` and not from `since`, the newest first."""
    arguments = (
        "-c", f"mailmap.blob={object_id(until)}:.mailmap", "log", "-z", "--no-patch", _FORMAT,
        f"--max-count={MOST_COMMITS}", object_id(until), f"^{object_id(since)}", "--",
    )  # fmt: skip
    parts = git.output(*arguments, patience=LONG).split(b"\0")[:-1]
    return [
        ChangeCommit(
            sha=parts[at].decode("ascii"),
            author_name=text_of(parts[at + 1]),
            author_email=text_of(parts[at + 2]),
            message=text_of(parts[at + 3]),
        )
        for at in range(0, len(parts) - 3, 4)
    ]


def _files(parts: Iterator[bytes]) -> Iterator[ChangedFile]:
    for header in parts:
        record = _record(header.decode("ascii"))
        old = path = printable_path(next(parts))
        if record.status in ("R", "C"):
            path = printable_path(next(parts))
        if _SUBMODULE in record.modes:
            continue
        yield ChangedFile(
            path=path,
            old_path=old if record.status == "R" else None,
            oid=_content(record, 1),
            old_oid=_content(record, 0),
        )


def _record(header: str) -> _Record:
    old_mode, mode, old_oid, oid, status = header.removeprefix(":").split(" ")
    return _Record((old_mode, mode), (old_oid, oid), status[0])


def _content(record: _Record, side: int) -> str | None:
    """The blob on one side; None where there is no file, or only a symbolic link."""
    mode, oid = record.modes[side], record.oids[side]
    return oid if mode.strip("0") and mode != _LINK else None
