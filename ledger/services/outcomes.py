"""What paid debt cost in the end, beside what people had estimated."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from common import clock
from ledger.domain import calibration, pricing_v1
from ledger.domain.pricing_v1 import FORMULA, Result
from ledger.domain.terms import EventType
from ledger.models import DebtEvent, DebtItem, Estimate, Outcome

Days = Sequence[tuple[date, float]]


def outcomes_record(
    *,
    items: Sequence[DebtItem],
    days: Mapping[str, Days],
    shares: Mapping[str, Result | None],
    head_on: date,
    focus_hours: float,
) -> int:
    """Write the outcome of each paid item whose repayment the history covers by now."""
    due = [item for item in items if item.repaid_on is not None and item.repaid_on <= head_on]
    numbers = [item.pk for item in due]
    starts = {
        event.item_id: event
        for event in DebtEvent.objects.filter(
            item__in=numbers, type=EventType.REPAYMENT_STARTED
        ).order_by("item", "sequence")
    }
    estimates: dict[int, list[Estimate]] = {}
    for row in Estimate.objects.filter(item__in=numbers).order_by("item", "sequence"):
        estimates.setdefault(row.item_id, []).append(row)
    rows = []
    for item in due:
        start = starts.get(item.pk)
        known = estimates.get(item.pk, [])
        began = clock.day_of(start.at) if start else item.repaid_on
        # What was promised when the work began, not what was learned while it went on.
        before = [row for row in known if start is None or row.at <= start.at]
        share = shares[item.path]
        rows.append(_outcome(item, before, began, days[item.path], share, focus_hours))
    Outcome.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)
    return len(rows)


def _outcome(
    item: DebtItem,
    estimates: Sequence[Estimate],
    began: date | None,
    days: Days,
    result: Result | None,
    focus_hours: float,
) -> Outcome:
    recorded = clock.day_of(item.recorded_at)
    ended = item.repaid_on or recorded
    began = began or ended
    row = Outcome(
        item=item,
        formula=FORMULA.name,
        formula_version=FORMULA.version,
        repaid_on=ended,
        at=clock.now(),
        repayment_days=sum(began <= on <= ended for on, _share in days),
        unpaid_days=max((began - recorded).days, 0),
    )
    if row.repayment_days:
        spent = pricing_v1.hours_between(days, began, ended, focus_hours)
        row.principal_actual = Decimal(spent).quantize(Decimal("0.01"))
    if result is not None and row.unpaid_days >= calibration.LEAST_UNPAID_DAYS:
        hours = pricing_v1.hours_between(days, recorded, began, focus_hours) * result.share.p50
        months = row.unpaid_days / pricing_v1.MONTH_DAYS
        row.interest_actual = Decimal(hours / months).quantize(Decimal("0.01"))
        row.basis = result.basis.value
    _state(row, estimates)
    return row


def _state(row: Outcome, estimates: Sequence[Estimate]) -> None:
    """Put what was estimated beside it: the newest estimate that says something of each."""
    for estimate in estimates:
        if estimate.principal_likely is not None:
            found = calibration.principal_range(
                estimate.principal_optimistic,
                estimate.principal_likely,
                estimate.principal_pessimistic,
            )
            row.principal_p10, row.principal_expected, row.principal_p90 = found
        if estimate.interest_p50 is not None:
            row.interest_p10, row.interest_p50 = estimate.interest_p10, estimate.interest_p50
            row.interest_p90 = estimate.interest_p90
