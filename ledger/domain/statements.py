"""The wording of a debt's impact on the business: the linter and the levels.

    STATEMENT := EFFECT [COMPARISON] [CONSEQUENCE] [DATE]

L0 fails a rule E1 to E4; L1 is a draft; L2 is evidenced: it has a number and a time frame, and is
needed to activate a debt; L3 can be decided upon: it also has a cost range, a date and an option.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ledger.domain import wording
from ledger.domain.readability import MANY_WORDS, flesch, sentences, words

# Stored with every statement, so that a later rule never changes what was said before.
LINTER_VERSION = 1
MOST_CHARACTERS = 2_000
LEAST_FLESCH = 45


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that the text breaks: `match` is the offending part, empty when something lacks."""

    code: str
    message: str
    match: str = ""

    @property
    def is_error(self) -> bool:
        return self.code.startswith("E")


@dataclass(frozen=True, slots=True)
class Review:
    level: int
    findings: tuple[Finding, ...]

    @property
    def level_text(self) -> str:
        return LEVELS[self.level]


LEVELS = (
    "L0: not yet worded for the business",
    "L1: a draft",
    "L2: evidenced",
    "L3: ready to be decided",
)


@dataclass(frozen=True, slots=True)
class Rule:
    """`find` yields what breaks the rule; one "" when something is missing."""

    code: str
    find: Callable[[str], Iterator[str]]
    message: str


def review(text: str) -> Review:
    """The level of a statement and everything the rules find in it, errors first."""
    text = " ".join(text.split())[:MOST_CHARACTERS]
    findings = tuple(
        Finding(rule.code, rule.message, match) for rule in RULES for match in rule.find(text)
    )
    return Review(_level(text, {finding.code for finding in findings}), findings)


def _level(text: str, broken: set[str]) -> int:
    if not text or broken & {"E1", "E2", "E3", "E4"}:
        return 0
    if broken & {"E5", "W6"}:
        return 1
    is_decidable = all(
        pattern.search(text) for pattern in (wording.COST_RANGE, wording.DATE, wording.OPTION)
    )
    return 3 if is_decidable else 2


def _present(pattern: re.Pattern[str]) -> Callable[[str], Iterator[str]]:
    def find(text: str) -> Iterator[str]:
        seen: set[str] = set()
        for match in pattern.finditer(text):
            if match[0].lower() not in seen:
                seen.add(match[0].lower())
                yield match[0]

    return find


def _absent(pattern: re.Pattern[str]) -> Callable[[str], Iterator[str]]:
    def find(text: str) -> Iterator[str]:
        if not pattern.search(text):
            yield ""

    return find


def _long_sentences(text: str) -> Iterator[str]:
    for sentence in sentences(text):
        count = len(words(sentence))
        if count > MANY_WORDS:
            yield f"{' '.join(sentence.split()[:4])} ... ({count} words)"


def _hard_to_read(text: str) -> Iterator[str]:
    score = flesch(text)
    if score is not None and score < LEAST_FLESCH:
        yield f"reading ease {score:.0f}"


RULES: tuple[Rule, ...] = (
    Rule(
        "E1",
        _present(wording.JARGON),
        "Say what customers or colleagues notice instead of this engineering term.",
    ),
    Rule("E2", _present(wording.BLAME), "Describe the effect, not who is at fault."),
    Rule(
        "E3",
        _present(wording.SOLUTION_FIRST),
        "Begin with the effect on the business; what to do about it belongs in the plan.",
    ),
    Rule(
        "E4",
        _absent(wording.BUSINESS_OBJECT),
        "Name what the business loses or risks: customers, orders, releases, cost.",
    ),
    Rule(
        "E5",
        _absent(wording.NUMBER),
        "Give a number: how many days, customers, orders, or how much money.",
    ),
    Rule(
        "W6",
        _absent(wording.TIME_FRAME),
        "Say over which time: per month, in the last 90 days, since 1 March, by 30 September.",
    ),
    Rule("W7", _present(wording.VAGUE), "Replace this vague or absolute word by a figure."),
    Rule("W8", _long_sentences, f"Split this sentence: it has more than {MANY_WORDS} words."),
    Rule("W9", _hard_to_read, "Use shorter words and sentences."),
)
