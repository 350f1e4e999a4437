"""The wording of a debt's impact on the business: the linter and the levels.

    STATEMENT := EFFECT [COMPARISON] [CONSEQUENCE] [DATE]

L0 fails a rule E1 to E4; L1 is a draft; L2 is evidenced: it has a number, a time frame, and
evidence for every number (E5, W6 and E10 find nothing), and is needed to activate a debt; L3 can
be decided upon: it also has a cost range, a date and an option.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ledger.domain import wording
from ledger.domain.grounds import NOTHING, Grounds, figures, unbound
from ledger.domain.readability import MANY_WORDS, flesch, sentence_spans, words
from ledger.domain.statement_numbers import without_sources
from ledger.domain.wording_advice import advice_for

# Stored with every statement, so that a later rule never changes what was said before.
# 1: without E10; a date counted as the number. 2: E10, sources, more words.
LINTER_VERSION = 2
MOST_CHARACTERS = 2_000
LEAST_FLESCH = 45
# What keeps a statement at L0, and what keeps it at L1.
UNFIT = frozenset({"E1", "E2", "E3", "E4"})
UNPROVEN = frozenset({"E5", "W6", "E10"})


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that the text breaks.

    `match` is the offending part at `start` to `end` of the text (in characters), empty when
    something lacks; `message` says what is wrong and `advice` what to write instead.
    """

    code: str
    message: str
    match: str = ""
    start: int = 0
    end: int = 0
    advice: str = ""

    @property
    def is_error(self) -> bool:
        return self.code.startswith("E")


@dataclass(frozen=True, slots=True)
class Review:
    """`reading_ease` is Flesch's, None without words; `next_step` leads to the next level."""

    level: int
    findings: tuple[Finding, ...]
    reading_ease: float | None = None
    next_step: str = ""

    @property
    def level_text(self) -> str:
        return LEVELS[self.level]


LEVELS = (
    "L0: not yet worded for the business",
    "L1: a draft",
    "L2: evidenced",
    "L3: ready to be decided",
)

BEGIN = "Say what customers or colleagues notice, with a number and a time frame."

Found = tuple[int, int]
Finder = Callable[[str, Grounds], Iterator[Found]]


@dataclass(frozen=True, slots=True)
class Rule:
    """`find` yields where the text breaks the rule; (0, 0) when something is missing."""

    code: str
    find: Finder
    message: str


def review(text: str, grounds: Grounds = NOTHING) -> Review:
    """The level of a statement and everything the rules find in it, errors first."""
    text = text[:MOST_CHARACTERS]
    findings = tuple(
        _finding(rule, text, found) for rule in RULES for found in rule.find(text, grounds)
    )
    broken = {finding.code for finding in findings}
    missing = _undecided(text)
    level = _level(text, broken, missing)
    step = _next_step(level, broken, missing) if text.strip() else BEGIN
    return Review(level, findings, flesch(text), step)


def _finding(rule: Rule, text: str, found: Found) -> Finding:
    start, end = found
    match = text[start:end]
    if rule.code == "W8":
        count = len(words(match))
        match = f"{' '.join(match.split()[:4])} … ({count} words)"
    elif rule.code == "W9":
        match = f"reading ease {flesch(text) or 0:.0f}"
    return Finding(rule.code, rule.message, match, start, end, advice_for(rule.code, match))


def _level(text: str, broken: set[str], missing: list[str]) -> int:
    if not text.strip() or broken & UNFIT:
        return 0
    if broken & UNPROVEN:
        return 1
    return 2 if missing else 3


def _undecided(text: str) -> list[str]:
    """What a decision still needs."""
    needed = (
        ("a range of cost (“3 to 5 days a month”)", wording.COST_RANGE),
        ("a date", wording.DATE),
        ("an option (“we can pay 40 hours now, or accept it”)", wording.OPTION),
    )
    spoken = without_sources(text)
    return [words for words, pattern in needed if not pattern.search(spoken)]


def _next_step(level: int, broken: set[str], missing: list[str]) -> str:
    if level == 3:
        return ""
    if level == 2:
        return f"For L3 add {_listed(missing)}."
    wanted = UNFIT if level == 0 else UNPROVEN
    found = [rule.code for rule in RULES if rule.code in broken & wanted]
    return f"For L{level + 1} mend {_listed(found)}."


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _present(pattern: re.Pattern[str]) -> Finder:
    def find(text: str, _grounds: Grounds) -> Iterator[Found]:
        seen: set[str] = set()
        for match in pattern.finditer(without_sources(text)):
            if match[0].lower() not in seen:
                seen.add(match[0].lower())
                yield match.span()

    return find


def _absent(pattern: re.Pattern[str]) -> Finder:
    def find(text: str, _grounds: Grounds) -> Iterator[Found]:
        if not pattern.search(without_sources(text)):
            yield 0, 0

    return find


def _no_number(text: str, _grounds: Grounds) -> Iterator[Found]:
    if not figures(text):
        yield 0, 0


def _no_time_frame(text: str, _grounds: Grounds) -> Iterator[Found]:
    if not wording.TIME_FRAME.search(text):
        yield 0, 0


def _unbound(text: str, grounds: Grounds) -> Iterator[Found]:
    for start, end, _words in unbound(text, grounds):
        yield start, end


def _long_sentences(text: str, _grounds: Grounds) -> Iterator[Found]:
    spoken = without_sources(text)
    for start, end in sentence_spans(text):
        if len(words(spoken[start:end])) > MANY_WORDS:
            yield start, end


def _hard_to_read(text: str, _grounds: Grounds) -> Iterator[Found]:
    score = flesch(without_sources(text))
    if score is not None and score < LEAST_FLESCH:
        yield 0, 0


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
        _no_number,
        "Give a number: how many days, customers, orders, or how much money.",
    ),
    Rule("E10", _unbound, "Say where this number comes from."),
    Rule(
        "W6",
        _no_time_frame,
        "Say over which time: per month, in the last 90 days, since 1 March, by 30 September.",
    ),
    Rule("W7", _present(wording.VAGUE), "Replace this vague or absolute word by a figure."),
    Rule("W8", _long_sentences, f"Split this sentence: it has more than {MANY_WORDS} words."),
    Rule("W9", _hard_to_read, "Use shorter words and sentences."),
)
