"""When a size has been nearly used up for so long that the next one is due."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from orchestration.domain.manifests import Manifest, Tier, Trigger


@dataclass(frozen=True, slots=True)
class Outgrown:
    """A size whose trigger holds, with the figures of the days that it held on, oldest first."""

    tier: Tier
    trigger: Trigger
    peaks: Sequence[float]

    @property
    def capacity(self) -> float:
        return self.tier.capacity[self.trigger.metric]

    @property
    def share(self) -> float:
        """The highest part of the capacity that was used."""
        return max(self.peaks) / self.capacity


def day_peaks(
    observed: Iterable[tuple[datetime, float]], now: datetime, days: int
) -> Mapping[int, float]:
    """The highest value of each of the last days; day 0 is the 24 hours that end now.

    A day on which nothing was observed is left out.
    """
    peaks: dict[int, float] = {}
    for at, value in observed:
        day = int((now - at) / timedelta(days=1)) if at <= now else -1
        if 0 <= day < days:
            peaks[day] = max(value, peaks.get(day, value))
    return peaks


def outgrown(
    tier: Tier, observed: Iterable[tuple[datetime, float]], now: datetime
) -> Outgrown | None:
    """The size, where every one of the trigger's days was above its line; None otherwise.

    A day without a measurement is not guessed at: then nobody knows, and nothing is triggered.
    """
    trigger = tier.trigger
    if trigger is None:
        return None
    peaks = day_peaks(observed, now, trigger.days)
    line = trigger.above * tier.capacity[trigger.metric]
    if len(peaks) < trigger.days or any(peak <= line for peak in peaks.values()):
        return None
    return Outgrown(tier, trigger, [peaks[day] for day in sorted(peaks, reverse=True)])


def next_tier(manifest: Manifest, tier: Tier, metric: str) -> Tier | None:
    """The next size that carries more of the metric; None of the largest."""
    names = [one.name for one in manifest.tiers]
    larger = manifest.tiers[names.index(tier.name) + 1 :]
    return next(
        (one for one in larger if one.capacity.get(metric, 0) > tier.capacity[metric]), None
    )


def relieved_since(
    observed: Iterable[tuple[datetime, float]], line: float, since: datetime, now: datetime
) -> bool:
    """Whether there was a whole day since then on which the load stayed at the line or below."""
    peaks: dict[date, float] = {}
    for at, value in observed:
        if since < at <= now:
            peaks[at.date()] = max(value, peaks.get(at.date(), value))
    return any(peak <= line for day, peak in peaks.items() if since.date() < day < now.date())
