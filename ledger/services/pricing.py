"""Pricing the items of a repository from the work on their code.

One claim a repository: the worker that takes it reads the work once for all items, computes the
price of each piece of code once, and writes only what changed. Doing it again changes nothing,
so a lost or doubled wake-up does no harm.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from analysis import selectors as analysis_selectors
from common import clock
from common.bulk import update_rows
from ledger.domain import pricing_v1
from ledger.domain.known_costs import place_of
from ledger.domain.pricing import Assumptions
from ledger.domain.pricing_v1 import FORMULA, Range, Result
from ledger.domain.terms import OPEN_STATES
from ledger.models import DebtItem, Price, RepositoryPricing
from ledger.selectors.item_state import DERIVED, derived_assign
from ledger.selectors.pricing import assumptions
from ledger.selectors.pricing_work import items_to_measure, rules_digest
from ledger.services.outcomes import outcomes_record

LEASE = timedelta(minutes=10)
# How far back hours are counted for what an item has cost so far.
LONGEST_PAST = timedelta(days=3 * 365)
PRICED = ("priced_p10", "priced_p50", "priced_p90", "priced_basis")
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class PricingOutcome:
    """What a pricing did: items with code, and prices that are new or gone."""

    claimed: bool
    items: int = 0
    written: int = 0
    cleared: int = 0
    outcomes: int = 0


@dataclass(frozen=True, slots=True)
class _Code:
    """One piece of code with its price; `days` are (day, share of that day's lines)."""

    result: Result | None
    days: tuple[tuple[date, float], ...]
    files: int


@dataclass(frozen=True, slots=True)
class _Basis:
    """What all prices of one pricing rest on."""

    repository_id: int
    snapshot_id: int
    commit_sha: str
    head_on: date
    given: Assumptions
    now: datetime
    codes: Mapping[str, _Code]

    @property
    def focus(self) -> float:
        return float(self.given.focus_hours)


def prices_compute(*, repository_id: int) -> PricingOutcome:
    """Price the repository's items at its current snapshot, if nobody else is at it."""
    fence = _claim(repository_id)
    if fence is None:
        return PricingOutcome(False)
    now = clock.now()
    found = items_to_measure(repository_id)
    basis = _basis(repository_id, found, now)
    with transaction.atomic():
        # A worker that lost its claim while it computed writes nothing.
        owned = RepositoryPricing.objects.filter(repository_id=repository_id, fence=fence)
        snapshot = basis.snapshot_id if basis else 0
        ended = owned.update(
            lease_expires_at=None, priced_at=now, items=len(found), snapshot_number=snapshot,
            rules=rules_digest(),
        )  # fmt: skip
        if ended != 1:
            return PricingOutcome(False)
        if basis is None:
            return PricingOutcome(True, len(found))
        written, cleared = _write(basis)
        outcomes = outcomes_record(
            items=[item for item in found if item.repaid_on is not None],
            days={path: code.days for path, code in basis.codes.items()},
            shares={path: code.result for path, code in basis.codes.items()},
            head_on=basis.head_on,
            focus_hours=basis.focus,
        )
    return PricingOutcome(True, len(found), written, cleared, outcomes)


def _claim(repository_id: int) -> int | None:
    """Take the repository's pricing and return the fence, or None while another worker has it."""
    now = clock.now()
    row, _made = RepositoryPricing.objects.get_or_create(repository_id=repository_id)
    is_free = Q(lease_expires_at__isnull=True) | Q(lease_expires_at__lt=now)
    taken = RepositoryPricing.objects.filter(is_free, pk=row.pk, fence=row.fence).update(
        fence=F("fence") + 1, lease_expires_at=now + LEASE
    )
    return row.fence + 1 if taken == 1 else None


def _basis(repository_id: int, found: Sequence[DebtItem], now: datetime) -> _Basis | None:
    paths = sorted({item.path for item in found})
    if not paths:
        return None
    oldest = max(min(item.recorded_at for item in found), now - LONGEST_PAST)
    effort = analysis_selectors.effort_of(
        repository_id=repository_id,
        places=dict(enumerate(paths)),
        days=pricing_v1.WINDOW_DAYS,
        since=oldest,
    )
    if effort is None:
        return None
    given = assumptions()
    head_on = clock.day_of(effort.head_at)
    rate = (float(given.rate[0]), float(given.rate[1]), float(given.rate[2]))
    codes = {}
    for number, path in enumerate(paths):
        one = effort.places[number]
        days = tuple((day.on, day.share) for day in one.days)
        result = None
        if one.since is not None:
            facts = pricing_v1.facts_of(
                days=days,
                paces=[(pace.size, pace.seconds) for pace in one.paces],
                since=one.since,
                head_on=head_on,
                focus_hours=float(given.focus_hours),
            )
            seed = f"{FORMULA}/{effort.commit_sha}/{path}"
            result = pricing_v1.price(facts, effort.paces, rate=rate, seed=seed)
        codes[path] = _Code(result, days, one.files)
    return _Basis(repository_id, effort.snapshot_id, effort.commit_sha, head_on, given, now, codes)


def _write(basis: _Basis) -> tuple[int, int]:
    """Store what changed, for the items that are still open; return (written, cleared)."""
    rows = DebtItem.objects.select_for_update().filter(
        repository_id=basis.repository_id, path__in=basis.codes, state__in=OPEN_STATES
    )
    items = list(rows.order_by("pk"))
    current = {
        price.item_id: price
        for price in Price.objects.filter(item__repository_id=basis.repository_id, is_current=True)
    }
    fresh, gone = [], []
    for item in items:
        code, old = basis.codes[item.path], current.get(item.pk)
        price = None if code.result is None else _price(item, code.result, code, basis)
        if price is not None and (old is None or old.digest != price.digest):
            fresh.append(price)
        if old is not None and (price is None or old.digest != price.digest):
            gone.append(old)
        shown = price or Price()
        item.priced_p10, item.priced_p50 = shown.interest_p10, shown.interest_p50
        item.priced_p90, item.priced_basis = shown.interest_p90, shown.basis
        item.place = place_of(item.repository_id, _outermost(item.path, basis.codes), item.key)
        derived_assign(item, has_moved=False)
    _supersede(gone, fresh, basis.now)
    Price.objects.bulk_create(fresh, batch_size=500)
    update_rows(items, [*PRICED, *DERIVED])
    return len(fresh), len(gone) - len(
        {old.item_id for old in gone} & {new.item_id for new in fresh}
    )


def _supersede(gone: Sequence[Price], fresh: Sequence[Price], now: datetime) -> None:
    """End the prices that were in force; of one day and formula only the last is kept."""
    replaced = {(price.item_id, price.formula, price.formula_version) for price in fresh}
    day = clock.day_of(now)
    dropped = [
        price.pk
        for price in gone
        if (price.item_id, price.formula, price.formula_version) in replaced
        and clock.day_of(price.at) == day
    ]
    kept = sorted({price.pk for price in gone} - set(dropped))
    for start in range(0, len(dropped), 500):
        Price.objects.filter(pk__in=dropped[start : start + 500]).delete()
    for start in range(0, len(kept), 500):
        Price.objects.filter(pk__in=kept[start : start + 500]).update(
            is_current=False, superseded_at=now
        )


def _price(item: DebtItem, result: Result, code: _Code, basis: _Basis) -> Price:
    recorded_on = clock.day_of(item.recorded_at)
    late = pricing_v1.hours_between(code.days, recorded_on, basis.head_on, basis.focus)
    inputs = _inputs(item.path, result, code, basis, late)
    given = basis.given.document()
    text = f"{basis.commit_sha} {FORMULA} {inputs} {given}"
    return Price(
        item=item,
        snapshot_id=basis.snapshot_id,
        commit_sha=basis.commit_sha,
        formula=FORMULA.name,
        formula_version=FORMULA.version,
        basis=result.basis.value,
        **_points("interest", result.interest),
        **_points("cost", result.cost),
        currency=basis.given.currency,
        **_points("paid", pricing_v1.paid(result.share, late)),
        inputs=inputs,
        assumptions=given,
        digest=hashlib.sha256(text.encode()).hexdigest(),
        at=basis.now,
    )


def _inputs(path: str, result: Result, code: _Code, basis: _Basis, late: float) -> dict[str, Any]:
    slow = result.slowdown
    return {
        "path": path,
        "files": code.files,
        "until": basis.head_on.isoformat(),
        "months": result.months,
        "months_touched": result.touched,
        "probability": round(result.probability, 4),
        "hours_per_touched_month": round(result.hours, 2),
        "slowdown": {
            "n": slow.n,
            "elsewhere": slow.elsewhere,
            "ratio": _rounded(slow.ratio),
            "low": _rounded(slow.low),
            "high": _rounded(slow.high),
            "is_measured": slow.is_measured,
        },
        "share": [
            round(point, 4) for point in (result.share.p10, result.share.p50, result.share.p90)
        ],
        "hours_since_recorded": round(late, 2),
        "downtime": None,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _points(name: str, found: Range) -> dict[str, Decimal]:
    points = (("p10", found.p10), ("p50", found.p50), ("p90", found.p90))
    return {f"{name}_{point}": Decimal(value).quantize(CENT) for point, value in points}


def _outermost(path: str, codes: Mapping[str, _Code]) -> str:
    """The folder around the path that is itself priced, so that its hours count once."""
    parts = path.strip("/").split("/")
    for end in range(1, len(parts)):
        folder = "/".join(parts[:end])
        if folder in codes or f"{folder}/" in codes:
            return folder
    return path
