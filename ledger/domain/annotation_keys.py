"""The keys of an annotation and how their values are read."""

import re
from decimal import Decimal
from difflib import get_close_matches

from common.errors import Refused
from ledger.domain.estimates import Principal
from ledger.domain.terms import Severity

KEYS = ("owner", "sev", "cost", "ref", "impact", "plan", "exit")

# Hours of work in a day and in a week.
_HOURS = {"h": Decimal(1), "d": Decimal(8), "w": Decimal(40)}
_COST = re.compile(r"([0-9.]+)(?:-([0-9.]+))?(?:-([0-9.]+))?\s?([hdw])")


class Malformed(ValueError):
    """What is wrong with an annotation, as a sentence that says what to write instead."""


def nearest(key: str) -> str:
    """A hint at the key that was meant, ending the sentence."""
    close = get_close_matches(key.lower()[:40], KEYS, n=1, cutoff=0.5)
    return f"; did you mean '{close[0]}'?" if close else f"; the keys are {', '.join(KEYS)}."


def read_severity(value: str) -> Severity:
    try:
        return Severity(value)
    except ValueError:
        pass
    close = get_close_matches(value.lower()[:40], list(Severity), n=1, cutoff=0.5)
    hint = f"did you mean '{close[0]}'?" if close else f"use {', '.join(Severity)}."
    raise Malformed(f"'{value[:40]}' is no severity; {hint}")


def read_cost(value: str) -> Principal:
    """Read `16h`, `2-5d` or `1-2-4w` (optimistic, likely, pessimistic) as hours of work."""
    match = _COST.fullmatch(value)
    if match is None:
        raise Malformed(
            f"'{value[:40]}' is no cost: write hours, days or weeks as 16h, 2-5d or 1-2-4w."
        )
    given = [number for number in match.groups()[:3] if number is not None]
    try:
        points = [Decimal(number) * _HOURS[match[4]] for number in given]
        if len(points) == 2:
            points.insert(1, (points[0] + points[1]) / 2)
        return Principal.of(points[0], points[len(points) // 2], points[-1])
    except (ArithmeticError, Refused):
        raise Malformed(f"'{value[:40]}' is no cost: give rising numbers, as in 2-5d.") from None
