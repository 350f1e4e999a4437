"""Every write of this app, and the work that leads to it."""

from analysis.services.comparisons import (
    Change,
    Checkout,
    checkout_change,
    checkout_open,
    repository_change,
)
from analysis.services.foreground import analyse_now
from analysis.services.pipeline import run_execute
from analysis.services.repositories import (
    refreshes_request,
    repository_register,
    repository_remove,
)
from analysis.services.runs import analysis_request, runs_forget, runs_to_wake
from analysis.services.sources import (
    FoundFile,
    commit_resolve,
    head_file,
    is_ancestor,
    line_authors,
    source_lines,
    tree_search,
)

__all__ = [
    "Change",
    "Checkout",
    "FoundFile",
    "analyse_now",
    "analysis_request",
    "checkout_change",
    "checkout_open",
    "commit_resolve",
    "head_file",
    "is_ancestor",
    "line_authors",
    "refreshes_request",
    "repository_change",
    "repository_register",
    "repository_remove",
    "run_execute",
    "runs_forget",
    "runs_to_wake",
    "source_lines",
    "tree_search",
]
