"""Items as lines of text for a terminal."""

from collections.abc import Iterator

from ledger.domain.statements import LEVELS
from ledger.models import DebtItem
from ledger.selectors import DebtDetail, RegisterRow


def line(row: RegisterRow) -> str:
    """One item: number, state, date, owner, title."""
    item = row.item
    timing = f"{row.timing.value.replace('_', ' ')}" if row.timing else "-"
    name = f" ({item.slug})" if item.slug else ""
    return (
        f"{item.reference}  {item.state:<11} {timing:<9} {item.due_on}  "
        f"{item.severity:<8} {item.owner:<16} {visible(item.title)}{name}"
    )


def detail(detail: DebtDetail) -> str:
    """Everything about one item."""
    return "\n".join(_detail_lines(detail))


def visible(text: str) -> str:
    """The text without characters that steer a terminal."""
    return "".join(char if char.isprintable() else " " for char in text)


def _detail_lines(detail: DebtDetail) -> Iterator[str]:
    yield from _summary_lines(detail)
    yield from _price_lines(detail.item)
    yield from _promise_lines(detail)
    yield "  history:"
    for event in detail.events:
        yield f"    {event.sequence}. {event.at:%Y-%m-%d %H:%M} {event.type} by {event.actor_name}"


def _summary_lines(detail: DebtDetail) -> Iterator[str]:
    item = detail.item
    timing = f", {detail.timing.value.replace('_', ' ')}" if detail.timing else ""
    yield f"{item.reference} {visible(item.title)}"
    yield f"  {item.state.replace('_', ' ')}{timing}; owner {item.owner}; {item.severity}"
    if detail.repository_slug:
        place = f" {visible(item.path)}:{item.line}" if item.path else ""
        yield f"  {detail.repository_slug}/{item.slug}{place}"
    if item.text and item.text != item.title:
        yield f"  {visible(item.text)}"
    if item.impact:
        yield f"  impact ({LEVELS[item.impact_level]}): {visible(item.impact)}"


def _price_lines(item: DebtItem) -> Iterator[str]:
    if item.principal is not None:
        yield f"  to repay: {item.principal} h"
    if item.interest_p50 is not None:
        yield (
            f"  interest: {item.interest_p10} to {item.interest_p90} h a month, "
            f"median {item.interest_p50}"
        )


def _promise_lines(detail: DebtDetail) -> Iterator[str]:
    yield "  promises:"
    for commitment in detail.commitments:
        reason = f": {visible(commitment.reason)}" if commitment.reason else ""
        yield f"    {commitment.sequence}. {commitment.due_on} ({commitment.kind}){reason}"
    if detail.plan is not None:
        yield f"  plan: {visible(detail.plan.summary)}"
        for step in detail.plan.milestones.all():
            yield f"    {step.due_on} {visible(step.title)}"
        if detail.plan.needs:
            yield f"    needs: {', '.join(detail.plan.needs)}"
    for sentence in detail.annotation_differs:
        yield f"  note: {visible(sentence)}"
