"""`debt requests`, `debt ask-extension`, `debt accept-extension` and `debt refuse-extension`."""

from argparse import ArgumentParser
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from accounts.management.actors import acting
from ledger import selectors, services
from ledger.domain.estimates import Interest
from ledger.domain.history import Json
from ledger.domain.requests import RequestState
from ledger.management.reports import visible
from ledger.models import DebtItem, ExtensionRequest

MOST = 200


def add_requests(parser: ArgumentParser) -> None:
    states = [state.value for state in RequestState]
    parser.add_argument("reference", nargs="?", default="", help="of one debt; otherwise of all")
    parser.add_argument("--state", choices=states, default=RequestState.OPEN.value)


def add_acceptance(parser: ArgumentParser) -> None:
    _add_request(parser)
    parser.add_argument(
        "--interest",
        nargs=3,
        required=True,
        metavar=("P10", "P50", "P90"),
        help="extra hours a month from now on",
    )
    parser.add_argument("--expect-version", type=int, help="refuse if the debt has changed since")


def add_refusal(parser: ArgumentParser) -> None:
    _add_request(parser)
    parser.add_argument("--reason", required=True)


def found(options: Mapping[str, Any]) -> list[ExtensionRequest]:
    """The requests that `debt requests` asks for, oldest first."""
    reference = options["reference"]
    item_id = selectors.debt_by_reference(reference).pk if reference else None
    rows = selectors.extension_requests_filtered(item_id=item_id, state=options["state"])
    return list(rows.order_by("requested_at", "pk")[:MOST])


def accept(options: Mapping[str, Any]) -> DebtItem:
    return services.extension_accept(
        actor=acting(options["username"]),
        request_id=options["request"],
        interest=Interest.of(*options["interest"]),
        expected_version=options["expect_version"],
    )


def ask(options: Mapping[str, Any]) -> DebtItem:
    asked = services.extension_ask(
        actor=acting(options["username"]),
        item_id=selectors.debt_by_reference(options["reference"]).pk,
        due_on=options["due"],
        reason=options["reason"],
    )
    return asked.item


def refuse(options: Mapping[str, Any]) -> DebtItem:
    asked = services.extension_refuse(
        actor=acting(options["username"]),
        request_id=options["request"],
        reason=options["reason"],
    )
    return asked.item


def lines(rows: Iterable[ExtensionRequest]) -> Iterator[str]:
    """The requests as lines of text for a terminal."""
    for row in rows:
        answer = f"  ({visible(row.answer)})" if row.answer else ""
        yield (
            f"{row.pk:>7}  {row.state:<8}  {row.item.reference}  {row.item.due_on} -> "
            f"{row.due_on}  {row.commit[:12] or visible(row.author)}  {visible(row.reason)}{answer}"
        )


def document(rows: Iterable[ExtensionRequest]) -> Json:
    """The same as JSON."""
    return {"schema": 1, "requests": [_row(row) for row in rows]}


def _row(row: ExtensionRequest) -> Json:
    return {
        "id": row.pk,
        "debt": row.item.reference,
        "promised_on": row.item.due_on.isoformat(),
        "due_on": row.due_on.isoformat(),
        "reason": row.reason,
        "commit": row.commit,
        "author": row.author,
        "asked_by": row.asked_by.username if row.asked_by else None,
        "requested_at": row.requested_at.isoformat(),
        "state": row.state,
        "answer": row.answer,
        "decided_by": row.decided_by.username if row.decided_by else None,
        "decided_at": row.decided_at.isoformat() if row.decided_at else None,
    }


def _add_request(parser: ArgumentParser) -> None:
    parser.add_argument("request", type=int, help="a number from `debt requests`")
    parser.add_argument("--as", dest="username", default="", help="who acts")
