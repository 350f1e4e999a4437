"""What can go wrong with git, each with one sentence that says what to do."""

import re
from collections.abc import Iterable
from typing import NamedTuple


class GitError(Exception):
    """Base of all errors of this package. `str(error)` is fit for a page: no secrets, no jargon.

    `detail` is git's own text for the log, with secrets masked.
    """

    def __init__(self, message: str, *, detail: str = "") -> None:
        super().__init__(message)
        self.detail = detail


class GitMissing(GitError):
    """The git program is not installed."""


class LocationNotFound(GitError):
    """The local path does not exist or cannot be read."""


class NotARepository(GitError):
    """There is something at the location, but no git repository."""


class Unreachable(GitError):
    """The address does not answer, does not exist, or wants credentials. Worth a later retry."""


class EmptyRepository(GitError):
    """The repository has no commits."""


class NoDefaultBranch(GitError):
    """The repository has branches, but it is not clear which one counts."""


class DamagedRepository(GitError):
    """Objects are missing or broken."""


class UnknownRevision(GitError):
    """No such commit, branch, tag or object."""


class GitTimeout(GitError):
    """Git was silent for too long and was stopped. Worth a later retry."""


class MirrorBusy(GitError):
    """Another process is fetching into the same mirror. Worth a later retry."""


class DiskFull(GitError):
    """The data directory or the temporary directory cannot take more."""


def storage_error(error: OSError) -> DiskFull:
    """The error for a write of our own that the operating system refused."""
    return DiskFull(
        f"The data directory or the temporary one cannot be written ({error.strerror}); "
        "free some space or correct the permissions, and try again."
    )


class GitFailed(GitError):
    """Git failed in a way that has no name here; `detail` has its words."""


class _Meaning(NamedTuple):
    pattern: str
    kind: type[GitError]
    sentence: str


# The first pattern found in git's (English) words decides.
_MEANINGS = (
    _Meaning(
        r"no space left on device|disk quota exceeded",
        DiskFull,
        "The disk of the data directory is full; free some space and try again.",
    ),
    _Meaning(
        r"does not appear to be a git repository|not a git repository|repository .* not found",
        NotARepository,
        "There is no git repository at {place}; check the location.",
    ),
    _Meaning(
        r"authentication failed|could not read (username|password)|permission denied"
        r"|terminal prompts disabled|returned error: 40[13]|host key verification failed"
        r"|access denied",
        Unreachable,
        "{place} asks for credentials that are not set up here; give this machine read access "
        "and try again.",
    ),
    _Meaning(
        r"corrupt|unable to read|missing (blob|tree|commit)|bad object|invalid object"
        r"|could not (parse|open)|did not send all necessary objects|object file .* is empty"
        r"|unable to (find|parse)|loose object|inflate|bad tree|not a valid object"
        r"|pack has|invalid index-pack|fatal: packfile",
        DamagedRepository,
        "{place} is damaged or incomplete; run git fsck there, or register a full clone of it.",
    ),
    _Meaning(
        r"could not resolve|unable to look up|connection (refused|timed out|reset)|couldn't connect"
        r"|failed to connect|unable to connect|no route to host|network is unreachable"
        r"|operation (too slow|timed out)|unable to access|could not read from remote"
        r"|the remote end hung up|early eof|index-pack failed",
        Unreachable,
        "{place} cannot be reached from this machine; check the address and the network.",
    ),
)


def error_from(stderr: str, *, place: str, secrets: Iterable[str] = ()) -> GitError:
    """The typed error for what git wrote before it failed."""
    detail = _masked(stderr, secrets).strip()[-2000:]
    for meaning in _MEANINGS:
        if re.search(meaning.pattern, detail, re.IGNORECASE):
            return meaning.kind(meaning.sentence.format(place=place), detail=detail)
    return GitFailed(f"Git failed on {place}; the log has its words.", detail=detail)


def _masked(text: str, secrets: Iterable[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, "***")
    return re.sub(r"(://[^/\s:@]*:)[^/\s@]+@", r"\1***@", text)
