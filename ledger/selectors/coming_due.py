"""The open debts whose promised day is near or past, now and at any moment of the past."""

from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db.models import Q

from ledger.domain.due_debts import DueDebt
from ledger.domain.history import INITIAL, Json, after
from ledger.domain.terms import OPEN_STATES, Severity
from ledger.models import DebtEvent, DebtItem

_COLUMNS = (
    *("pk", "owner", "repository_id", "system", "severity_rank", "due_on", "recorded_at"),
    *("seen_by", "snoozed_until"),
)
_RANKS = {severity.value: rank for rank, severity in enumerate(Severity)}
BATCH = 500
CHUNK = 5_000


@dataclass(slots=True)
class Life:
    """How a debt stood over a time: from each moment on as the step beside it; None: not open."""

    moments: list[datetime] = field(default_factory=list)
    steps: list[DueDebt | None] = field(default_factory=list)

    def at(self, moment: datetime) -> DueDebt | None:
        """How it stood at a moment; None before its first step, too."""
        place = bisect_right(self.moments, moment)
        return self.steps[place - 1] if place else None


def debts_coming_due(until: date) -> list[DueDebt]:
    """The open debts promised for a day up to `until`. One query."""
    rows = DebtItem.objects.filter(state__in=OPEN_STATES, due_on__lte=until).order_by()
    return list(map(DueDebt._make, rows.values_list(*_COLUMNS).iterator(chunk_size=CHUNK)))


def lives_since(
    start: datetime, *, until: date, owners: Collection[str] | None = None
) -> tuple[list[DueDebt], list[Life]]:
    """The debts since `start`: those that have stood unchanged, and the lives of the others.

    Only debts promised for a day up to `until` are among the unchanged. With `owners` the debts
    of others may be left out; a debt that was theirs for a while is not.
    """
    changed = _changed_since(start, owners)
    rows = DebtItem.objects.filter(
        state__in=OPEN_STATES, due_on__lte=until, recorded_at__lt=start
    ).order_by()
    if owners is not None:
        rows = rows.filter(owner__in=owners)
    found = map(DueDebt._make, rows.values_list(*_COLUMNS).iterator(chunk_size=CHUNK))
    return [debt for debt in found if debt.item_id not in changed], list(_lives(sorted(changed)))


def _changed_since(start: datetime, owners: Collection[str] | None) -> set[int]:
    events = DebtEvent.objects.filter(at__gte=start)
    if owners is not None:
        events = events.filter(
            Q(item__owner__in=owners) | Q(payload__set__has_key="owner", sequence__gt=1)
        )
    return set(events.order_by().values_list("item_id", flat=True).distinct())


def _lives(numbers: Sequence[int]) -> Iterator[Life]:
    for start in range(0, len(numbers), BATCH):
        events = DebtEvent.objects.filter(item_id__in=numbers[start : start + BATCH])
        rows = events.order_by("item_id", "sequence").values_list("item_id", "at", "payload")
        for number, one in groupby(rows.iterator(chunk_size=CHUNK), itemgetter(0)):
            life, fields = Life(), dict(INITIAL)
            for _, at, payload in one:
                fields = after(fields, payload)
                life.moments.append(at)
                life.steps.append(_debt(number, fields))
            yield life


def _debt(number: int, fields: Json) -> DueDebt | None:
    if fields["state"] not in OPEN_STATES or not fields["due_on"]:
        return None
    return DueDebt(
        item_id=number,
        owner=fields["owner"],
        repository_id=fields["repository"],
        system=fields["system"],
        severity_rank=_RANKS[fields["severity"]],
        due_on=_day(fields["due_on"]),
        recorded_at=datetime.fromisoformat(fields["recorded_at"]),
        seen_by=fields["seen_by"],
        snoozed_until=_day(fields["snoozed_until"]) if fields["snoozed_until"] else None,
    )


def _day(value: Any) -> date:
    return date.fromisoformat(value)
