"""Who reads a statement, and which words and figures each reader may be given.

Product reads dates and features. Sales reads promises and customers: no nouns of the code, no
money or hours of our own. Engineering leadership reads all of it, with hours, money and options.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from ledger.domain.wording import JARGON, any_of


class Audience(StrEnum):
    PRODUCT = "product"
    SALES = "sales"
    LEADERSHIP = "leadership"


AUDIENCE_WORDS: Mapping[Audience, str] = {
    Audience.PRODUCT: "Product",
    Audience.SALES: "Sales",
    Audience.LEADERSHIP: "Engineering leadership",
}

# Things that exist only in code and its tools.
CODE_NOUNS = any_of(
    "code", "source code", "file", "files", "function", "functions", "method", "methods", "class",
    "classes", "commit", "commits", "branch", "branches", "repository", "repositories", "repo",
    "pull request*", "merge request*", "script", "scripts", "library", "libraries", "framework*",
    "database*", "server", "servers", "backend", "frontend", "api", "apis", "query", "queries",
    "cache", "caches", "deployment", "deployments", "deploy", "deploys", "deployed", "bug", "bugs",
    "test", "tests", "variable*", "config", "configuration*", "log file*", "pipeline*", "package",
    "packages", "parser*", "component*", "interface*", "algorithm*", "hard coded", "hard coding",
)  # fmt: skip

_AMOUNT = r"\d+(?:,\d{3})*(?:\.\d+)?(?:\s?(?:k|m|thousand|million)(?!\w))?"
_CURRENCY = r"(?:[€$£]|\b(?:EUR|USD|GBP|CHF))"
MONEY = re.compile(
    rf"{_CURRENCY}\s?{_AMOUNT}|\b{_AMOUNT}\s?(?:[€$£]|(?:EUR|USD|GBP|CHF|euros?|dollars?|pounds?)\b)",
    re.IGNORECASE,
)
_EFFORT_UNIT = r"(?:person[\s-]+|working\s+|extra\s+|more\s+)*(?:hours?|person[\s-]+days?)"
EFFORT = re.compile(
    rf"\b{_AMOUNT}\s?{_EFFORT_UNIT}\s+(?:a|per|each|every)\s+(?:day|week|month|quarter|year)\b"
    rf"|\b(?:pay|spend|repay|invest|costs?|takes?)\s+(?:us\s+|about\s+)*{_AMOUNT}\s?{_EFFORT_UNIT}\b"
    rf"|\b{_AMOUNT}\s?{_EFFORT_UNIT}\s+of\s+(?:work|effort)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Unfit:
    """A part of a text that an audience should not be given, at `start` to `end`."""

    match: str
    start: int
    end: int
    reason: str


_FORBIDDEN: Mapping[Audience, tuple[tuple[re.Pattern[str], str], ...]] = {
    Audience.PRODUCT: (
        (MONEY, "Money of our own is for engineering leadership: give product days or dates."),
        (EFFORT, "Hours of effort are for engineering leadership: give product days or dates."),
    ),
    Audience.SALES: (
        (CODE_NOUNS, "Sales reads promises and customers: name what a customer sees."),
        (JARGON, "Sales reads promises and customers: name what a customer sees."),
        (MONEY, "Money of our own is not for sales: name the promise that is affected."),
        (EFFORT, "Hours of our own are not for sales: name the promise that is affected."),
    ),
    Audience.LEADERSHIP: (),
}


def unfit_for(text: str, audience: Audience) -> Iterator[Unfit]:
    """What in the text is not for this audience, in the order of the text."""
    found = [
        Unfit(match[0], match.start(), match.end(), reason)
        for pattern, reason in _FORBIDDEN[audience]
        for match in pattern.finditer(text)
    ]
    yield from sorted(found, key=lambda one: one.start)
