"""Interest, version 1. Frozen: prices name it, so that what it gives may never change.

    interest a month = p x H x s / (1 + s)

p   the share of the observed months in which the code was changed. Its doubt: Beta(k + 1/2,
    n - k + 1/2) for k of n months (Jeffreys).
H   developer hours in a month in which it was changed: days touched x focus hours a day x the
    share of the day's changed lines that lies in the code. Its doubt: the months are drawn anew.
s   the slowdown: the ratio of medians between the paces of changes to this code and of changes
    of the same size elsewhere in the repository, minus 1. Observed hours already contain the
    slowdown, hence s / (1 + s). Below 10 changes on either side, or when the 95 % interval of
    the ratio contains 1, Triangular(0.10, 0.35, 1.24) stands in: the industry prior.

Money is that times an hourly rate drawn from a triangular distribution. `docs/pricing.md` works
an example by hand. Everything random is seeded by text, so the same facts give the same price.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from operator import itemgetter
from random import Random
from statistics import median

from ledger.domain.pricing import Formula
from ledger.domain.terms import Basis

FORMULA = Formula("interest", 1)

WINDOW_MONTHS = 12
MONTH_DAYS = 30.4375
WINDOW_DAYS = 365
# A file that nobody touched in fewer months than these says nothing yet.
LEAST_MONTHS = 3
LEAST_CHANGES = 10
# The newest of a piece of code's changes; more would only take time.
MOST_CHANGES = 400
DRAWS = 2_000
BOOTSTRAPS = 400
PRIOR = (0.10, 0.35, 1.24)
INTERVAL = (0.025, 0.975)

Paces = Mapping[int, Sequence[float]]
"""Seconds before changes, rising, by the size of the change (a power of two of lines)."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What was observed of a piece of code; `hours` are those of its months, newest first."""

    hours: tuple[float, ...]
    paces: tuple[tuple[int, float], ...]


@dataclass(frozen=True, slots=True)
class Range:
    """P10 <= P50 <= P90."""

    p10: float
    p50: float
    p90: float


@dataclass(frozen=True, slots=True)
class Slowdown:
    """The ratio of medians with its 95 % interval; `n` changes here against `elsewhere`.

    Without a ratio one of the sides has too few changes. `draws` are the bootstrapped ratios.
    """

    n: int
    elsewhere: int
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    draws: tuple[float, ...] = ()

    @property
    def is_measured(self) -> bool:
        """Whether the interval leaves out 1: whether the code is slower or faster at all."""
        return self.low is not None and self.high is not None and not self.low <= 1 <= self.high


@dataclass(frozen=True, slots=True)
class Result:
    """The price of a piece of code: hours a month and money a month.

    `share` is s / (1 + s), the part of an hour on this code that is lost.
    """

    basis: Basis
    interest: Range
    cost: Range
    probability: float
    months: int
    touched: int
    hours: float
    share: Range
    slowdown: Slowdown


def facts_of(
    *,
    days: Sequence[tuple[date, float]],
    paces: Sequence[tuple[int, float]],
    since: datetime,
    head_on: date,
    focus_hours: float,
) -> Facts:
    """The months of a piece of code from its touched days (day, share of the day's lines)."""
    age = (head_on - since.date()).days + 1
    # Whole months only: a part of one would pass for a quiet one.
    months = min(WINDOW_MONTHS, max(1, int(age / MONTH_DAYS)))
    hours = [0.0] * months
    for on, share in days:
        month = int((head_on - on).days / MONTH_DAYS)
        if 0 <= month < months:
            hours[month] += share * focus_hours
    return Facts(tuple(hours), tuple(paces[-MOST_CHANGES:]))


def hours_between(
    days: Sequence[tuple[date, float]], first: date, last: date, focus_hours: float
) -> float:
    """Hours on the code from the first to the last day, inclusive."""
    return sum(share for on, share in days if first <= on <= last) * focus_hours


def paid(share: Range, hours: float) -> Range:
    """What was lost of these hours."""
    return Range(hours * share.p10, hours * share.p50, hours * share.p90)


def price(
    facts: Facts, elsewhere: Paces, *, rate: tuple[float, float, float], seed: str
) -> Result | None:
    """The price, or None where the code is too young and untouched to say anything."""
    touched = [hours for hours in facts.hours if hours > 0]
    months = len(facts.hours)
    if not touched and months < LEAST_MONTHS:
        return None
    found = slowdown_of(facts.paces, elsewhere, seed)
    shares = _shares(found)
    # Whatever the slowdown, nobody loses time in code that nobody changes.
    basis = Basis.MEASURED if found.is_measured or not touched else Basis.PRIOR
    hours = _hours(tuple(touched), months) if touched else [0.0] * DRAWS
    interest = [one * share for one, share in zip(hours, shares, strict=True)]
    cost = [one * paid for one, paid in zip(interest, _triangular("rate", *rate), strict=True)]
    return Result(
        basis=basis,
        interest=range_of(interest),
        cost=range_of(cost),
        probability=len(touched) / months,
        months=months,
        touched=len(touched),
        hours=sum(touched) / len(touched) if touched else 0.0,
        share=range_of(shares),
        slowdown=found,
    )


def slowdown_of(own: Sequence[tuple[int, float]], everywhere: Paces, seed: str) -> Slowdown:
    """Compare the code's changes with those of the same size elsewhere.

    Each pace is divided by the median pace of its size elsewhere; the ratio is the median of
    what comes out (with one size, the plain ratio of the two medians).
    """
    by_size: dict[int, list[float]] = {}
    for size, seconds in own:
        by_size.setdefault(size, []).append(seconds)
    others = {size: _without(everywhere.get(size, ()), mine) for size, mine in by_size.items()}
    others = {size: paces for size, paces in others.items() if len(paces) >= LEAST_CHANGES}
    kept = [(size, seconds) for size, seconds in own if size in others]
    counted = sum(map(len, others.values()))
    if len(kept) < LEAST_CHANGES:
        return Slowdown(len(kept), counted)
    medians = {size: median(paces) for size, paces in others.items()}
    ratio = median(seconds / medians[size] for size, seconds in kept)
    random = Random(f"{seed}/slowdown")  # noqa: S311 - no secret: the same facts, the same draws
    draws = sorted(_bootstrap(kept, others, random) for _ in range(BOOTSTRAPS))
    low, high = (quantile(draws, level) for level in INTERVAL)
    random.shuffle(draws)
    return Slowdown(len(kept), counted, ratio, low, high, tuple(draws))


def _bootstrap(kept: Sequence[tuple[int, float]], others: Paces, random: Random) -> float:
    """One ratio with both sides drawn anew.

    The median of a redrawn list is the entry at a rank that follows Beta((n + 1) / 2, (n + 1) / 2)
    (an order statistic of uniform numbers), so the long list need not be redrawn itself.
    """
    medians = {size: paces[_rank(len(paces), random)] for size, paces in others.items()}
    ratios = sorted(seconds / medians[size] for size, seconds in kept)
    return ratios[_rank(len(ratios), random)]


def _rank(length: int, random: Random) -> int:
    half = (length + 1) / 2
    return min(int(random.betavariate(half, half) * length), length - 1)


def _without(everything: Sequence[float], own: Sequence[float]) -> list[float]:
    """The sorted list without the code's own paces."""
    left = sorted(own, reverse=True)
    result = []
    for one in everything:
        while left and left[-1] < one:
            left.pop()
        if left and left[-1] == one:
            left.pop()
        else:
            result.append(one)
    return result


def _shares(found: Slowdown) -> Sequence[float]:
    """Draws of s / (1 + s); code in which changes are faster than elsewhere costs nothing."""
    if not found.is_measured:
        return _prior_shares()
    draws = [max(0.0, 1 - 1 / ratio) for ratio in found.draws]
    return [draws[number % BOOTSTRAPS] for number in range(DRAWS)]


def _hours(touched: tuple[float, ...], months: int) -> list[float]:
    """Draws of p x H."""
    chances = _chances(len(touched), months)
    if len(touched) == 1:
        return [chance * touched[0] for chance in chances]
    number = len(touched)
    return [
        chance * sum(pick(touched)) / number
        for chance, pick in zip(chances, _picks(number), strict=True)
    ]


# The draws below depend on these few numbers alone and serve every piece of code: one price is
# the same whether it is computed alone or among thousands.


@cache
def _chances(touched: int, months: int) -> list[float]:
    random = Random(f"{FORMULA}/chance/{touched}/{months}")  # noqa: S311 - no secret
    return [random.betavariate(touched + 0.5, months - touched + 0.5) for _ in range(DRAWS)]


@cache
def _picks(number: int) -> list[Callable[[Sequence[float]], Sequence[float]]]:
    random = Random(f"{FORMULA}/months/{number}")  # noqa: S311 - no secret
    return [itemgetter(*random.choices(range(number), k=number)) for _ in range(DRAWS)]


@cache
def _prior_shares() -> list[float]:
    return [slow / (1 + slow) for slow in _triangular("slowdown", *PRIOR)]


@cache
def _triangular(name: str, low: float, mode: float, high: float, draws: int = DRAWS) -> list[float]:
    random = Random(f"{FORMULA}/{name}")  # noqa: S311 - no secret
    return [random.triangular(low, high, mode) for _ in range(draws)]


def anchor(
    hours: tuple[float, float, float], rate: tuple[float, float, float], draws: int = 20_000
) -> Range:
    """Money a month when code is touched for certain and H is triangular: the known example."""
    slow = _triangular("anchor slowdown", *PRIOR, draws)
    spent = _triangular("anchor hours", *hours, draws)
    paid = _triangular("anchor rate", *rate, draws)
    return range_of(
        [h * s / (1 + s) * money for h, s, money in zip(spent, slow, paid, strict=True)]
    )


def range_of(values: Sequence[float]) -> Range:
    """P10, P50 and P90 of draws."""
    ordered = sorted(values)
    return Range(*(quantile(ordered, level) for level in (0.1, 0.5, 0.9)))


def quantile(ordered: Sequence[float], level: float) -> float:
    """The value below which the share `level` of a rising list lies, between neighbours."""
    place = level * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
