"""What commits say, and what single commits did: for those who act on messages and reverts."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from analysis.adapters.git import CommitMessage, GitError, LineOrigin, Mirror, UnknownRevision
from analysis.models import Repository
from analysis.services.sources import mirror_holding
from common.errors import NotFound, Refused

MOST_MESSAGES = 20_000


def new_messages(
    *, repository_id: int, until: str, since: str = "", patterns: Sequence[str]
) -> list[CommitMessage]:
    """The commits reachable from `until` and not from `since` whose message has such a line.

    Parents come before children; of more than MOST_MESSAGES the newest ones. `patterns` are POSIX
    extended expressions, matched line by line. Nothing is stored. Raises NotFound when a commit
    is not known (any more) and Refused where Git cannot be asked.
    """
    with _asking(repository_id, until) as mirror:
        return list(mirror.messages_matching(until, since or None, patterns))[-MOST_MESSAGES:]


def commit_message(*, repository_id: int, tip: str, revision: str) -> CommitMessage:
    """One commit by its id or the beginning of it, as the mirror that holds `tip` knows it.

    Raises NotFound when there is none, or several.
    """
    with _asking(repository_id, tip) as mirror:
        info = mirror.commit_info(mirror.resolve(revision))
        return CommitMessage(
            info.sha,
            info.parents,
            info.author_name,
            info.author_email,
            info.committed_at,
            info.message,
        )


def lines_changed(
    *, repository_id: int, tip: str, sha: str, word: str
) -> tuple[list[str], list[str]]:
    """The lines holding `word` that a commit added and removed, against its first parent."""
    with _asking(repository_id, tip) as mirror:
        return mirror.changed_lines(sha, word)


def commits_touching(*, repository_id: int, since: str, until: str, expression: str) -> list[str]:
    """The new commits, newest first and without merges, that changed a line like this one.

    `expression` is a POSIX extended one; at most 50 commits are returned.
    """
    with _asking(repository_id, until) as mirror:
        return mirror.commits_touching(until, since, expression)


def line_bringing(*, repository_id: int, expression: str, until: str = "", before: str = "") -> str:
    """The newest commit, up to `until` or before a commit, that brought a line like this one.

    Edits and moves of the line do not count. Empty where there is none, or Git cannot tell.
    """
    try:
        with _asking(repository_id, until or before) as mirror:
            parents = (until,) if until else mirror.commit_info(before).parents
            return mirror.line_bringing(parents[0], expression) if parents else ""
    except (NotFound, Refused):
        return ""


def is_inverse(*, repository_id: int, tip: str, sha: str, other: str) -> bool:
    """Whether one commit takes back exactly what another one did."""
    with _asking(repository_id, tip) as mirror:
        return mirror.is_inverse(sha, other)


def line_origins(
    *, repository_id: int, sha: str, path: str, lines: Sequence[int]
) -> dict[int, LineOrigin]:
    """Which commits last changed some lines (from 1) of a file; empty where Git cannot tell."""
    try:
        with _asking(repository_id, sha) as mirror:
            return mirror.line_origins(sha, path, lines)
    except (NotFound, Refused):
        return {}


def renames_between(*, repository_id: int, since: str, until: str) -> Mapping[str, str]:
    """Old path -> new path of the files renamed between two commits; empty if unknown."""
    try:
        with _asking(repository_id, until) as mirror:
            return mirror.renames(since, until)
    except (NotFound, Refused):
        return {}


@contextmanager
def _asking(repository_id: int, sha: str) -> Iterator[Mirror]:
    """A mirror with this commit in it, and Git's errors as the errors that services raise."""
    try:
        yield mirror_holding(Repository.objects.get(pk=repository_id), sha)
    except (UnknownRevision, Repository.DoesNotExist) as error:
        raise NotFound(str(error)) from error
    except GitError as error:
        raise Refused(str(error)) from error
