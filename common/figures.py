"""Numbers and times as short words and small drawings. Pure: the time is an argument."""

from collections.abc import Sequence
from datetime import datetime

# Seconds; a month and a year are the Gregorian means. The browser uses the same limits.
UNITS = (
    ("year", 31_557_600),
    ("month", 2_629_800),
    ("week", 604_800),
    ("day", 86_400),
    ("hour", 3_600),
    ("minute", 60),
)
SPARKLINE_HEIGHT = 24.0
SPARKLINE_WIDTH = 100.0


def relative_words(moment: datetime, present: datetime) -> str:
    """Return "3 hours ago", "in 2 days" or "just now"."""
    seconds = (moment - present).total_seconds()
    for unit, size in UNITS:
        count = int(abs(seconds) // size)
        if count:
            words = f"{count} {unit}{'s' if count > 1 else ''}"
            return f"in {words}" if seconds > 0 else f"{words} ago"
    return "just now"


def compact_number(value: float) -> str:
    """Return a number in at most four characters or so: 940, 12.4k, 3.1M."""
    for size, suffix in ((1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k")):
        scaled = value / size
        # What would be rounded up to 1000k is 1.0M.
        if abs(scaled) >= 0.9995:
            return f"{scaled:.0f}{suffix}" if abs(scaled) >= 99.95 else f"{scaled:.1f}{suffix}"
    return f"{value:g}"


def grouped_number(value: float, digits: int = 0) -> str:
    """Return 1,234,567 or, with `digits`, 1,234.57."""
    return f"{value:,.{digits}f}"


def percent(ratio: float) -> str:
    """Return a ratio 0..1 in percent: one digit below ten percent, none above, "< 0.1 %"."""
    value = ratio * 100
    if 0 < value < 0.1:
        return "< 0.1 %"
    return f"{value:.1f} %" if 0 < value < 10 else f"{value:.0f} %"


def sparkline_points(values: Sequence[float]) -> str:
    """Return the points of an SVG polyline in a box of 100 x 24, the largest value on top."""
    if not values:
        return ""
    lowest, highest = min(values), max(values)
    spread = (highest - lowest) or 1.0
    step = SPARKLINE_WIDTH / max(1, len(values) - 1)
    return " ".join(
        f"{index * step:.1f},{SPARKLINE_HEIGHT * (1 - (value - lowest) / spread):.1f}"
        for index, value in enumerate(values)
    )
