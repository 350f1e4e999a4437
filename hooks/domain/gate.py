"""What a merge would do, judged by the policy: findings, each with its level, and a conclusion.

The policy says how hard a rule is; the level is what that means for one change. Expired debt
climbs a ladder with the days it is overdue and never higher than its rule allows, so that
nobody is stopped for a debt that ran out yesterday.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from ledger.domain.policy import Enforcement, Policy, Rule, Waiver


class Level(StrEnum):
    """What a finding does to the change, mildest first."""

    NOTICE = "notice"  # is told to who asks
    COMMENT = "comment"  # is said on the pull request
    CHECK = "check"  # makes the check neutral: seen, but not in the way
    BLOCK = "block"  # stops the merge

    @property
    def rank(self) -> int:
        """0 for the mildest."""
        return list(Level).index(self)


class Conclusion(StrEnum):
    """What the whole check says."""

    PASS = "pass"  # noqa: S105 - a verdict, no password
    NEUTRAL = "neutral"
    BLOCK = "block"
    OVERRIDDEN = "overridden"


# From so many days overdue on, expired debt is worth this level.
EXPIRED_LADDER: tuple[tuple[int, Level], ...] = (
    (1, Level.NOTICE),
    (8, Level.COMMENT),
    (15, Level.CHECK),
    (31, Level.BLOCK),
)
# What each hardness of a rule means where there is no ladder, and the ladder's highest rung.
_LEVELS = {
    Enforcement.ADVISE: Level.NOTICE,
    Enforcement.WARN: Level.COMMENT,
    Enforcement.BLOCK: Level.BLOCK,
}
_HIGHEST_RUNG = {**_LEVELS, Enforcement.WARN: Level.CHECK}


@dataclass(frozen=True, slots=True)
class Suspicion:
    """What a rule found, before the policy is asked. A `line` of 0: no line in particular.

    `key` tells it from others of its rule in the same file, whatever lines it moves to.
    """

    rule: Rule
    message: str
    advice: str
    path: str = ""
    line: int = 0
    end_line: int = 0
    debt: str = ""
    key: str = ""
    overdue_days: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """A suspicion that the policy cares about."""

    what: Suspicion
    enforcement: Enforcement
    level: Level
    fingerprint: str
    waiver: Waiver | None = None


@dataclass(frozen=True, slots=True)
class Closing:
    """A debt that the merge would close: its mark is removed, or a commit says it is paid."""

    debt: str
    title: str
    path: str
    line: int
    how: str  # removed | paid
    commit: str = ""


@dataclass(frozen=True, slots=True)
class Override:
    """Who let a blocked change through, when and why."""

    actor: str
    reason: str
    source: str  # command | api | trailer
    recorded_at: str
    number: int


@dataclass(frozen=True, slots=True)
class GateResult:
    """The answer of the gate. Shas are full; `files` and `commits` count what the change holds."""

    repository: str
    slug: str
    base: str
    head: str
    merge_base: str
    checked_on: date
    policy_version: int
    files: int
    commits: int
    findings: tuple[Finding, ...]
    closings: tuple[Closing, ...] = ()
    notes: tuple[str, ...] = ()
    override: Override | None = None

    @property
    def is_blocking(self) -> bool:
        """Whether something blocks, whoever may have let it through."""
        return any(finding.level is Level.BLOCK for finding in self.findings)

    @property
    def conclusion(self) -> Conclusion:
        """The worst finding decides; an override lets a blocked change through."""
        if self.is_blocking:
            return Conclusion.OVERRIDDEN if self.override else Conclusion.BLOCK
        is_neutral = any(finding.level is Level.CHECK for finding in self.findings)
        return Conclusion.NEUTRAL if is_neutral else Conclusion.PASS

    @property
    def is_stopped(self) -> bool:
        """Whether the change may not be merged as it is."""
        return self.conclusion is Conclusion.BLOCK

    def count(self, level: Level) -> int:
        """How many findings have this level."""
        return sum(finding.level is level for finding in self.findings)


def judged(suspicions: Iterable[Suspicion], policy: Policy, today: date) -> tuple[Finding, ...]:
    """What the policy makes of the suspicions, the gravest first; rules that are off drop out."""
    found = [
        finding
        for suspicion in suspicions
        if (finding := _judged(suspicion, policy, today)) is not None
    ]
    found.sort(key=lambda one: (-one.level.rank, one.what.path, one.what.line, one.what.rule))
    return _told_apart(found)


def ladder_level(overdue_days: int) -> Level:
    """The rung of the ladder for debt that is overdue by this many days (at least one)."""
    return max(
        (level for days, level in EXPIRED_LADDER if overdue_days >= days),
        key=lambda level: level.rank,
        default=Level.NOTICE,
    )


def _judged(suspicion: Suspicion, policy: Policy, today: date) -> Finding | None:
    enforcement = policy.enforcement(suspicion.rule, today, suspicion.path)
    if enforcement is Enforcement.OFF:
        return None
    level = _LEVELS[enforcement]
    if suspicion.rule is Rule.EXPIRED_DEBT:
        rungs = (ladder_level(suspicion.overdue_days), _HIGHEST_RUNG[enforcement])
        level = min(rungs, key=lambda rung: rung.rank)
    is_waived = policy.unwaived(suspicion.rule, today).rank > enforcement.rank
    waiver = policy.waiver(suspicion.rule, today, suspicion.path) if is_waived else None
    return Finding(suspicion, enforcement, level, _fingerprint(suspicion, 0), waiver)


def _fingerprint(suspicion: Suspicion, twin: int) -> str:
    """The same on every run and wherever the lines move: of the matter, not of its place."""
    parts = (suspicion.rule, suspicion.path, suspicion.debt, suspicion.key, str(twin or ""))
    return hashlib.sha256("\0".join(parts).encode("utf-8", "backslashreplace")).hexdigest()[:32]


def _told_apart(found: Sequence[Finding]) -> tuple[Finding, ...]:
    """Number those that would otherwise be taken for one by who compares fingerprints."""
    seen: Counter[str] = Counter()
    result = []
    for finding in found:
        twin = seen[finding.fingerprint]
        seen[finding.fingerprint] += 1
        fingerprint = _fingerprint(finding.what, twin)
        result.append(replace(finding, fingerprint=fingerprint) if twin else finding)
    return tuple(result)
