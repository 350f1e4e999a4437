"""Is a tier the right size? Today's measured peak plus one order of magnitude, not three.

The bands are those of the right-sizing rule of the product (docs/capacity.md): up to ten times the
peak is room to grow, up to a hundred needs a reason in writing, more needs an admin, and less than
the peak is refused for production.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from orchestration.domain.capabilities import METRIC_WORDS, Metric
from orchestration.domain.manifests import Tier

ROOM = 10.0
MOST_WITH_REASON = 100.0


class Fit(StrEnum):
    """How a capacity stands to a peak."""

    RIGHT = "right"
    # Nothing was measured: the smallest tier is the honest choice.
    UNMEASURED = "unmeasured"
    TOO_SMALL = "too_small"
    # 10 to 100 times the peak: somebody says why.
    NEEDS_REASON = "needs_reason"
    # More than 100 times the peak: an admin says why.
    NEEDS_ADMIN = "needs_admin"


# From what asks most of a person to what asks nothing.
_GRAVEST = (Fit.TOO_SMALL, Fit.NEEDS_ADMIN, Fit.NEEDS_REASON, Fit.UNMEASURED, Fit.RIGHT)


@dataclass(frozen=True, slots=True)
class Sizing:
    """The fit of one tier, the metric that decided it, and capacity / peak of that metric.

    `ratio` is None where nothing was measured.
    """

    fit: Fit
    metric: str
    ratio: float | None


def sizing(capacity: Mapping[str, float], peak: Mapping[str, float]) -> Sizing:
    """Hold a tier's declared capacity against the measured peak, metric by metric.

    A metric that was measured and that the tier declares counts. Too small in one metric is too
    small; too large it is only where the *tightest* metric has so much room, since the tier is
    chosen for the load that needs it most.
    """
    ratios = {
        name: capacity[name] / value
        for name, value in peak.items()
        if name in capacity and value > 0
    }
    if not ratios:
        return Sizing(Fit.UNMEASURED, "", None)
    metric = min(ratios, key=lambda name: (ratios[name], name))
    return Sizing(_fit(ratios[metric]), metric, ratios[metric])


def _fit(ratio: float) -> Fit:
    if ratio < 1:
        return Fit.TOO_SMALL
    if ratio <= ROOM:
        return Fit.RIGHT
    return Fit.NEEDS_REASON if ratio <= MOST_WITH_REASON else Fit.NEEDS_ADMIN


def gravest(found: Sequence[Sizing]) -> Sizing | None:
    """The one that asks most of a person; None of nothing."""
    return min(found, key=lambda one: _GRAVEST.index(one.fit), default=None)


def recommended(tiers: Sequence[Tier], peak: Mapping[str, float]) -> Tier:
    """The tier for today's peak plus one order of magnitude: the largest within ten times of it.

    Where no tier lies in that band, the smallest that carries the peak; where none does, the
    largest. Without a measurement, the smallest. `tiers` go from small to large, at least one.
    """
    found = [(tier, sizing(tier.capacity, peak)) for tier in tiers]
    if all(one.ratio is None for _tier, one in found):
        return tiers[0]
    right = [tier for tier, one in found if one.fit is Fit.RIGHT]
    carries = [tier for tier, one in found if one.fit is not Fit.TOO_SMALL]
    return right[-1] if right else (carries or [tiers[-1]])[0]


def is_large(fit: Fit) -> bool:
    """Whether there is more room than one order of magnitude."""
    return fit in (Fit.NEEDS_REASON, Fit.NEEDS_ADMIN)


def words(
    found: Sizing,
    *,
    capacity: Mapping[str, float],
    peak: Mapping[str, float],
    is_smallest: bool = False,
) -> str:
    """The verdict for a person, with its figures.

    Of the smallest tier nobody has to say why it is so large: there is no smaller one.
    """
    if found.ratio is None:
        return "Nothing was measured yet, so the smallest size is the right one."
    if is_smallest and is_large(found.fit):
        return f"It carries {found.ratio:,.1f} times the measured peak, and no smaller size exists."
    metric = METRIC_WORDS[Metric(found.metric)]
    figures = (
        f"It carries {capacity[found.metric]:,g} {metric}; the measured peak is "
        f"{peak[found.metric]:,g}. That is {found.ratio:,.1f} times the peak"
    )
    return {
        Fit.RIGHT: f"{figures}: room for one order of magnitude, not more.",
        Fit.TOO_SMALL: f"{figures}: less than there is today.",
        Fit.NEEDS_REASON: f"{figures}: more than ten times. Say in writing why.",
        Fit.NEEDS_ADMIN: f"{figures}: more than a hundred times. Only an admin may ask for that.",
    }[found.fit]
