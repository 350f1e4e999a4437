"""Access to git: mirrors of repositories, their trees and their history."""

from analysis.adapters.git.blame import LineOrigin
from analysis.adapters.git.errors import (
    DamagedRepository,
    DiskFull,
    EmptyRepository,
    GitError,
    GitFailed,
    GitMissing,
    GitTimeout,
    LocationNotFound,
    MirrorBusy,
    NoDefaultBranch,
    NotARepository,
    UnknownRevision,
    Unreachable,
)
from analysis.adapters.git.log import LogProgress, read_history
from analysis.adapters.git.messages import CommitMessage
from analysis.adapters.git.mirror import Fetched, FetchProgress, Mirror
from analysis.adapters.git.names import printable_path
from analysis.adapters.git.tree import Blob, CommitInfo, Match, TreeEntry

__all__ = [
    "Blob",
    "CommitInfo",
    "CommitMessage",
    "DamagedRepository",
    "DiskFull",
    "EmptyRepository",
    "FetchProgress",
    "Fetched",
    "GitError",
    "GitFailed",
    "GitMissing",
    "GitTimeout",
    "LineOrigin",
    "LocationNotFound",
    "LogProgress",
    "Match",
    "Mirror",
    "MirrorBusy",
    "NoDefaultBranch",
    "NotARepository",
    "TreeEntry",
    "UnknownRevision",
    "Unreachable",
    "printable_path",
    "read_history",
]
