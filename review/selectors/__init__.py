"""Every read of this app: what the ledger and the analysis know, side by side."""

from review.selectors.dashboard import (
    MOST_REJECTED,
    LeaderDashboard,
    RepositoryLine,
    leader_dashboard,
)

__all__ = ["MOST_REJECTED", "LeaderDashboard", "RepositoryLine", "leader_dashboard"]
