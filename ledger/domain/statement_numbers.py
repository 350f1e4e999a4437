"""The numbers in a statement: which are dates or windows, which are figures that need evidence.

Three kinds. A date stands in the calendar and needs no evidence, unless it claims to be the day
promised. A window says over which time something was counted ("the last 90 days"). Everything
else is a figure.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from ledger.domain.readability import sentence_spans
from ledger.domain.wording import DATE, PROMISED_DATE, SOURCE, SOURCE_CLAUSE, WINDOW

Span = tuple[int, int]


class NumberKind(StrEnum):
    DATE = "date"
    WINDOW = "window"
    FIGURE = "figure"


@dataclass(frozen=True, slots=True)
class Number:
    """A number at its place in the text; `unit` is "hours", "%", "money" or "", `nouns` follow."""

    text: str
    start: int
    end: int
    kind: NumberKind
    value: Decimal
    unit: str = ""
    nouns: tuple[str, ...] = ()


# Working time, as effort is spoken of: a day has 8 hours, a week 40, a month 160.
HOURS: dict[str, Decimal] = {
    "minute": 1 / Decimal(60), "hour": Decimal(1), "day": Decimal(8), "week": Decimal(40),
    "month": Decimal(160), "year": Decimal(1920),
}  # fmt: skip
# A number of these is read as it is written; "one" is left out, since it is mostly no number.
WRITTEN: dict[str, Decimal] = {
    word: Decimal(str(value))
    for word, value in {
        "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
        "ten": 10, "eleven": 11, "twelve": 12, "dozen": 12, "twenty": 20, "thirty": 30,
        "forty": 40, "fifty": 50, "hundred": 100, "thousand": 1000, "million": 1_000_000,
        "half": "0.5",
    }.items()
}  # fmt: skip
_SCALES = {"k": 1_000, "m": 1_000_000, "thousand": 1_000, "million": 1_000_000}
_NUMBER = re.compile(
    r"(?<![\w.,+\-\[])"
    r"(?P<money>[€$£]|\b(?:EUR|USD|GBP|CHF)\s)?\s?"
    rf"(?P<digits>\d+(?:,\d{3})*(?:\.\d+)?|\b(?:{'|'.join(WRITTEN)})\b)"
    r"(?:\s?(?P<scale>k|m|thousand|million)(?!\w))?"
    r"(?P<after>\s?(?:%|per\s?cent|[€$£]|EUR|USD|GBP|CHF|euros?|dollars?|pounds?)(?!\w))?"
    r"(?![\w\]]|['\u2019]s|\.\d)",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+")
# "1)" and "2." before the lines of a list.
_LISTED = re.compile(r"^[ \t]*\d{1,2}[.)](?=\s)", re.MULTILINE)
_BREAK = re.compile(r"[.,;:!?()]")
_NEAR_WORDS = 4
_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
_DAY = re.compile(
    r"(?P<iso>\d{4}-\d{2}-\d{2})|(?P<day>\d{1,2})(?:st|nd|rd|th)?\s+(?P<month>[a-z]+)"
    r"(?:\s+(?P<year>\d{4}))?",
    re.IGNORECASE,
)


@lru_cache(maxsize=8)
def numbers(text: str) -> tuple[Number, ...]:
    """Every number of the text that says something, in order; sources are left out."""
    spoken = without_sources(text)
    spoken = _LISTED.sub(lambda match: " " * len(match[0]), spoken)
    dates, windows = _spans(DATE, spoken), _spans(WINDOW, spoken)
    return tuple(
        _number(spoken, match, _kind(match, dates, windows)) for match in _NUMBER.finditer(spoken)
    )


@lru_cache(maxsize=8)
def without_sources(text: str) -> str:
    """The text with its sources blanked, so that every position stays what it was."""
    return SOURCE_CLAUSE.sub(lambda match: " " * len(match[0]), text)


def sourced_until(text: str) -> int:
    """A source named in a sentence speaks for that sentence and all before it."""
    return max(
        (end for start, end in sentence_spans(text) if SOURCE.search(text, start, end)), default=0
    )


def promised_dates(text: str) -> Iterator[tuple[Span, str, bool]]:
    """The days that the text calls the promised ones: place, words, and whether it expires then."""
    for match in PROMISED_DATE.finditer(without_sources(text)):
        yield match.span("date"), match["date"], not match[0].lower().startswith("promis")


def same_day(words: str, day: date) -> bool:
    """Whether "30 September", with or without its year, is that day."""
    match = _DAY.fullmatch(words.strip())
    if match is None:
        return True  # a month or a quarter is too vague to be wrong
    if match["iso"]:
        return match["iso"] == day.isoformat()
    is_named = _MONTHS.get(match["month"][:3].lower()) == day.month
    is_year = match["year"] is None or int(match["year"]) == day.year
    return is_named and is_year and int(match["day"]) == day.day


def _number(text: str, match: re.Match[str], kind: NumberKind) -> Number:
    digits = match["digits"].lower()
    value = WRITTEN[digits] if digits in WRITTEN else Decimal(digits.replace(",", ""))
    value *= _SCALES.get((match["scale"] or "").lower(), 1)
    nouns = tuple(
        _singular(word)
        for word in _WORD.findall(_BREAK.split(text[match.end() : match.end() + 60])[0])[
            :_NEAR_WORDS
        ]
    )
    after = (match["after"] or "").strip().lower()
    if match["money"] or (after and after[0] not in "%p") or after.startswith("pound"):
        unit = "money"
    elif after:
        unit = "%"
    else:
        unit, factor = _time_unit(nouns)
        value *= factor
    start = match.start() + (len(match[0]) - len(match[0].lstrip()))
    return Number(text[start : match.end()], start, match.end(), kind, value, unit, nouns)


def _time_unit(nouns: Sequence[str]) -> tuple[str, Decimal]:
    """Hours and their factor if the number counts working time, among up to three adjectives."""
    for position, noun in enumerate(nouns):
        if noun in HOURS:
            return "hours", HOURS[noun]
        if position == 0 and noun in {"to", "or", "and"}:
            continue  # "3 to 5 days"
        if noun not in {
            "extra",
            "more",
            "working",
            "business",
            "person",
            "additional",
            "to",
            "and",
        }:
            break
    return "", Decimal(1)


def _singular(word: str) -> str:
    lowered = word.lower()
    return lowered[:-1] if lowered.endswith("s") and len(lowered) > 3 else lowered


def _kind(match: re.Match[str], dates: Sequence[Span], windows: Sequence[Span]) -> NumberKind:
    place = match.start("digits")
    if any(start <= place < end for start, end in dates):
        return NumberKind.DATE
    if any(start <= place < end for start, end in windows):
        return NumberKind.WINDOW
    return NumberKind.FIGURE


def _spans(pattern: re.Pattern[str], text: str) -> list[Span]:
    return [match.span() for match in pattern.finditer(text)]
