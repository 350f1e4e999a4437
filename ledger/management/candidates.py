"""`debt candidates`, `debt dismiss` and `debt promote`."""

from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from ledger.domain import terms
from ledger.domain.candidate_terms import CandidateKind, CandidateState
from ledger.domain.history import Json
from ledger.management.reports import visible
from ledger.models import Candidate
from ledger.selectors import CandidatesPage

SORTS = ("hotspot", "age", "path")


def add_candidates(parser: ArgumentParser) -> None:
    kinds = [kind.value for kind in CandidateKind]
    states = [state.value for state in CandidateState]
    parser.add_argument("--repository", default="", help="the short name of a repository")
    parser.add_argument("--kind", action="append", choices=kinds, default=[])
    parser.add_argument("--state", choices=states, default=CandidateState.OPEN.value)
    parser.add_argument("--search", default="", help="words in text or path")
    parser.add_argument("--days", type=int, default=0, help="at least so many days old")
    parser.add_argument("--sort", choices=SORTS, default="hotspot")
    parser.add_argument("--page", type=int, default=1)
    parser.add_argument("--size", type=int, default=50, help="rows on a page, at most 200")


def add_dismissal(parser: ArgumentParser) -> None:
    parser.add_argument("candidate", type=int, nargs="+", help="numbers from `debt candidates`")
    parser.add_argument("--reason", required=True)
    parser.add_argument("--as", dest="username", default="", help="who acts")


def add_promotion(parser: ArgumentParser) -> None:
    parser.add_argument("candidate", type=int, help="a number from `debt candidates`")
    parser.add_argument("--title", required=True)
    parser.add_argument("--owner", required=True, help="the team or person who will repay")
    parser.add_argument("--due", required=True, metavar="DATE", help="valid to its end")
    parser.add_argument("--id", dest="slug", required=True, help="the id for the annotation")
    parser.add_argument(
        "--severity", choices=[one.value for one in terms.Severity], default="medium"
    )
    parser.add_argument("--as", dest="username", default="", help="who acts")


def lines(page: CandidatesPage) -> Iterator[str]:
    """The candidates as lines of text for a terminal."""
    for row in page.rows:
        yield (
            f"{row.pk:>7}  {row.kind:<5}  {row.state:<9}  "
            f"{row.repository.slug}  {visible(row.path)}:{row.line}  {visible(row.text)}"
        )


def document(page: CandidatesPage) -> Json:
    """The same as JSON."""
    return {
        "schema": 1,
        "total": page.total,
        "page": page.page,
        "pages": page.pages,
        "candidates": [_row(row) for row in page.rows],
    }


def _row(row: Candidate) -> dict[str, Any]:
    return {
        "id": row.pk,
        "repository": row.repository.slug,
        "kind": row.kind,
        "path": row.path,
        "line": row.line,
        "text": row.text,
        "state": row.state,
        "reason": row.reason,
        "author": row.author,
        "first_seen_at": row.first_seen_at.isoformat(),
        "debt": row.item.reference if row.item else None,
    }
