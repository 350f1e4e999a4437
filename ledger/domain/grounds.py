"""What the numbers of a statement may rest on: facts of the item, and sentences with evidence.

A figure is bound when it stands in a sentence that was inserted with its evidence, when it equals
a fact (as written: rounded to a whole number or to two significant figures, hours and days of 8
hours being the same thing), or when the author names the source.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from ledger.domain.statement_numbers import (
    HOURS,
    Number,
    NumberKind,
    numbers,
    promised_dates,
    same_day,
    sourced_until,
)

SIGNIFICANT = 2


@dataclass(frozen=True, slots=True)
class Fact:
    """A number that is known: `unit` is "hours", "%" or "money"; else it counts `nouns`."""

    value: Decimal
    unit: str
    source: str
    nouns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Grounds:
    """`sentences` are those that were inserted with their evidence, word for word.

    `promised` begins with the day in force; the first day that was promised may follow.
    """

    facts: tuple[Fact, ...] = ()
    promised: tuple[date, ...] = ()
    sentences: tuple[str, ...] = ()


NOTHING = Grounds()


def item_grounds(
    fields: Mapping[str, Any], estimate: Mapping[str, Any] | None = None
) -> tuple[tuple[Fact, ...], tuple[date, ...]]:
    """Facts and promised days of an item, from its plain fields and its newest estimate.

    `fields` are those of ledger.domain.history; hours are numbers as text, days YYYY-MM-DD.
    """
    effort = {**fields, **(estimate or {})}
    facts = [
        Fact(Decimal(str(effort[name])), "hours", f"the estimate ({words})")
        for name, words in _ESTIMATES.items()
        if effort.get(name) not in (None, "")
    ]
    if fields.get("extensions"):
        times = Decimal(fields["extensions"])
        facts.append(Fact(times, "", "the promises of this debt", ("time", "extension")))
    days = [fields.get("due_on"), fields.get("first_due_on")]
    promised = tuple(date.fromisoformat(str(day)) for day in days if day)
    return tuple(facts), promised


_ESTIMATES: Mapping[str, str] = {
    "interest_p10": "cost of waiting, low",
    "interest_p50": "cost of waiting, middle",
    "interest_p90": "cost of waiting, high",
    "principal_optimistic": "effort to repay, at best",
    "principal_likely": "effort to repay, likely",
    "principal_pessimistic": "effort to repay, at worst",
    "principal": "effort to repay, expected",
    "time_saved": "time saved",
}


def figures(text: str) -> list[Number]:
    """The numbers that say how much: neither dates nor windows."""
    return [number for number in numbers(text) if number.kind is NumberKind.FIGURE]


def unbound(text: str, grounds: Grounds) -> Iterator[tuple[int, int, str]]:
    """Where a number has no evidence, and its words; a promised day that is not the item's too."""
    covered = list(_covered(text, grounds.sentences))
    until = sourced_until(text)
    for number in figures(text):
        is_covered = any(start <= number.start < end for start, end in covered)
        if number.start >= until and not is_covered and not is_known(number, grounds.facts):
            yield number.start, number.end, number.text
    for (start, end), words, is_expiry in promised_dates(text):
        is_covered = any(first <= start < last for first, last in covered)
        # What expires, expires on the day in force; what was promised may be the first day too.
        days = grounds.promised[:1] if is_expiry else grounds.promised
        is_promised = any(same_day(words, day) for day in days)
        if grounds.promised and start >= until and not is_covered and not is_promised:
            yield start, end, words


def is_known(number: Number, facts: Iterable[Fact]) -> bool:
    """Whether one of the facts is this number."""
    return any(_is_same(number, fact) for fact in facts)


def _is_same(number: Number, fact: Fact) -> bool:
    if fact.unit == "hours" or number.unit == "hours":
        return fact.unit == number.unit == "hours" and any(
            number.value in _as_written(fact.value / size, size) for size in _sizes(number)
        )
    if fact.unit != number.unit:
        return False
    is_named = bool(fact.unit) or bool(set(fact.nouns) & set(number.nouns))
    return is_named and number.value in _as_written(fact.value, Decimal(1))


def _sizes(number: Number) -> Sequence[Decimal]:
    """The size in hours of the unit that stands first behind the number."""
    return [HOURS[noun] for noun in number.nouns if noun in HOURS][:1]


def _as_written(value: Decimal, size: Decimal) -> set[Decimal]:
    """A fact in a unit as people write it, back in the smallest unit."""
    forms = {value, significant(value), value.quantize(Decimal(1))}
    return {form * size for form in forms}


def significant(value: Decimal) -> Decimal:
    """The value with two significant figures: 3,305 is 3,300; 7.46 is 7.5."""
    if not value:
        return Decimal(0)
    return value.quantize(Decimal(1).scaleb(value.adjusted() - SIGNIFICANT + 1))


def _covered(text: str, known: Iterable[str]) -> Iterator[tuple[int, int]]:
    for sentence in known:
        start = text.find(sentence) if sentence else -1
        if start >= 0:
            yield start, start + len(sentence)
