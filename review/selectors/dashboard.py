"""What a leader wants to know first, in a constant number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from alerts.selectors.deliveries import Unheard, unheard
from analysis.selectors import HotspotRow, worst_hotspots
from analysis.selectors.pages_repositories import RepositoryRow, repository_rows
from ledger import selectors as ledger_selectors
from ledger.domain.ceilings import SystemLoad
from ledger.domain.terms import State
from ledger.selectors import LedgerDashboard, RegisterFilter, RegisterRow, RepositoryDebts
from ledger.selectors.trailers import extensions_asked_for

WORST_HOTSPOTS = 10
PROPOSED_ROWS = 8
# Read to be counted; only the first few are shown.
MOST_REJECTED = 200
REJECTED_ROWS = 5
ASKED_ROWS = 8


@dataclass(frozen=True, slots=True)
class RepositoryLine:
    """A repository with how its newest analysis went and the debt it carries."""

    row: RepositoryRow
    debts: RepositoryDebts

    @property
    def run_state(self) -> str:
        """The state of the newest analysis, empty before the first."""
        return self.row.run.state if self.row.run else ""


@dataclass(frozen=True, slots=True)
class LeaderDashboard:
    """`rejected` is exact below `MOST_REJECTED`."""

    ledger: LedgerDashboard
    proposed_rows: list[RegisterRow]
    hotspots: list[HotspotRow]
    repositories: list[RepositoryLine]
    rejected_rows: Sequence[Any]
    rejected: int
    # Systems whose interest takes more of their capacity than the policy allows.
    over_ceiling: Sequence[SystemLoad]
    # Open debt that cannot be undone and that nobody has reviewed.
    doors: Sequence[Any]
    # Later days that people and commits ask for, and that nobody has decided on.
    asked_for: Sequence[Any]
    unheard: Unheard

    @property
    def has_debts(self) -> bool:
        """Whether anything is owed, or a promise was ever kept or missed."""
        promises = self.ledger.promises
        return any((self.ledger.open, promises.kept, promises.kept_extended, promises.missed))

    @property
    def unfinished(self) -> list[RepositoryLine]:
        """Repositories whose newest analysis waits, runs or failed."""
        return [line for line in self.repositories if line.run_state in UNFINISHED]

    @property
    def days_expired(self) -> int:
        """Days since the oldest expired date; 0 when none has expired."""
        rows = self.ledger.expired_rows
        return -rows[0].days_left if rows and rows[0].days_left is not None else 0


UNFINISHED = ("queued", "running", "failed")


def leader_dashboard() -> LeaderDashboard:
    """Compose the dashboard of today."""
    debts = ledger_selectors.debts_by_repository()
    proposed = ledger_selectors.debts_page(
        filter=RegisterFilter(states=(State.PROPOSED,)), size=PROPOSED_ROWS
    )
    rejected = ledger_selectors.rejected_annotations(limit=MOST_REJECTED)
    return LeaderDashboard(
        ledger=ledger_selectors.dashboard(),
        proposed_rows=proposed.rows,
        hotspots=worst_hotspots(WORST_HOTSPOTS),
        repositories=[
            RepositoryLine(row, debts.get(row.repository.pk, RepositoryDebts()))
            for row in repository_rows()
        ],
        rejected_rows=rejected[:REJECTED_ROWS],
        rejected=len(rejected),
        over_ceiling=ledger_selectors.systems_over_ceiling(),
        doors=ledger_selectors.unreviewed_doors(),
        asked_for=extensions_asked_for(ASKED_ROWS),
        unheard=unheard(),
    )
