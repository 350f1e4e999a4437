"""How good estimates were: what paid debt cost in the end beside what had been estimated.

Bias is the median of actual / estimate (1: right in the middle). The hit rate is the share of
actuals between P10 and P90; four of five should be. Its doubt is Wilson's 95 % interval.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from math import sqrt
from random import Random
from statistics import median

from ledger.domain.estimates import cents

# With fewer cases a rate would say more about chance than about the estimates.
LEAST_CASES = 10
# Interest a month is not told from an item that was unpaid for less than a month.
LEAST_UNPAID_DAYS = 30
Z95 = 1.959963984540054
EXPECTED_HITS = 0.8
DRAWS = 4_000


@dataclass(frozen=True, slots=True)
class Case:
    """One paid item: the estimated range with its middle, and what it came to."""

    name: str
    low: Decimal
    middle: Decimal
    high: Decimal
    actual: Decimal

    @property
    def is_hit(self) -> bool:
        """Whether it came to lie in the range."""
        return self.low <= self.actual <= self.high


@dataclass(frozen=True, slots=True)
class Calibration:
    """`refusal` says why there are no figures; else they rest on `n` cases.

    `bias` is None where an estimate was zero in most cases.
    """

    n: int
    refusal: str = ""
    bias: float | None = None
    hits: int = 0
    hit_rate: float = 0.0
    low: float = 0.0
    high: float = 0.0
    below: int = 0
    above: int = 0

    @property
    def verdict(self) -> str:
        """What the figures say, in a sentence."""
        if self.refusal:
            return self.refusal
        if self.high < EXPECTED_HITS:
            return "The ranges are too narrow: fewer than 8 of 10 came to lie in them."
        if self.low > EXPECTED_HITS:
            return "The ranges are wider than they need be: more than 8 of 10 came to lie in them."
        return "The ranges hold as far as can be told: 8 of 10 lies within the doubt."


def calibrate(cases: Sequence[Case]) -> Calibration:
    """The figures of these cases, or a refusal in words when there are too few."""
    n = len(cases)
    if n < LEAST_CASES:
        counted = f"{n} paid {'debt' if n == 1 else 'debts'}" if n else "No paid debt"
        return Calibration(
            n,
            f"{counted} can be compared so far; from "
            f"{LEAST_CASES} on, this page says how good the estimates were.",
        )
    ratios = [float(case.actual / case.middle) for case in cases if case.middle > 0]
    hits = sum(case.is_hit for case in cases)
    low, high = wilson(hits, n)
    return Calibration(
        n=n,
        bias=median(ratios) if len(ratios) * 2 > n else None,
        hits=hits,
        hit_rate=hits / n,
        low=low,
        high=high,
        below=sum(case.actual < case.low for case in cases),
        above=sum(case.actual > case.high for case in cases),
    )


def wilson(hits: int, n: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share: 7 of 31 is 11.4 to 39.8 %."""
    if n <= 0:
        raise ValueError("a share needs cases")
    rate, z2 = hits / n, Z95 * Z95
    middle = (rate + z2 / (2 * n)) / (1 + z2 / n)
    half = Z95 * sqrt(rate * (1 - rate) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return max(0.0, middle - half), min(1.0, middle + half)


@lru_cache(maxsize=256)
def principal_range(
    low: Decimal | None, likely: Decimal | None, high: Decimal | None
) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
    """P10, expected value and P90 of PERT's beta distribution over best, likely, worst."""
    if low is None or likely is None or high is None:
        return None, None, None
    expected = cents((low + 4 * likely + high) / 6)
    spread = float(high - low)
    if not spread:
        return low, expected, high
    alpha = 1 + 4 * float(likely - low) / spread
    beta = 1 + 4 * float(high - likely) / spread
    random = Random(f"pert/{low}/{likely}/{high}")  # noqa: S311 - no secret: always the same
    draws = sorted(random.betavariate(alpha, beta) for _ in range(DRAWS))
    p10, p90 = draws[DRAWS // 10], draws[DRAWS * 9 // 10]
    return (
        cents(low + Decimal(p10 * spread)),
        expected,
        cents(low + Decimal(p90 * spread)),
    )
