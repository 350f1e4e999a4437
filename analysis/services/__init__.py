"""Every write of this app, and the work that leads to it."""

from analysis.services.comparisons import (
    Change,
    Checkout,
    checkout_change,
    checkout_open,
    repository_change,
)
from analysis.services.foreground import analyse_now
from analysis.services.messages import (
    commit_message,
    commits_touching,
    is_inverse,
    line_bringing,
    line_origins,
    lines_changed,
    new_messages,
    renames_between,
)
from analysis.services.pipeline import run_execute
from analysis.services.repositories import (
    refreshes_request,
    repository_register,
    repository_remove,
)
from analysis.services.runs import analysis_request, runs_forget, runs_to_wake
from analysis.services.sources import (
    FolderFile,
    FoundFile,
    TreeFile,
    commit_resolve,
    file_contents,
    head_file,
    head_folder,
    is_ancestor,
    line_authors,
    source_lines,
    tree_file,
    tree_files,
    tree_search,
)
from analysis.services.trends import trend_measure

__all__ = [
    "Change",
    "Checkout",
    "FolderFile",
    "FoundFile",
    "TreeFile",
    "analyse_now",
    "analysis_request",
    "checkout_change",
    "checkout_open",
    "commit_message",
    "commit_resolve",
    "commits_touching",
    "file_contents",
    "head_file",
    "head_folder",
    "is_ancestor",
    "is_inverse",
    "line_authors",
    "line_bringing",
    "line_origins",
    "lines_changed",
    "new_messages",
    "refreshes_request",
    "renames_between",
    "repository_change",
    "repository_register",
    "repository_remove",
    "run_execute",
    "runs_forget",
    "runs_to_wake",
    "source_lines",
    "tree_file",
    "tree_files",
    "tree_search",
    "trend_measure",
]
