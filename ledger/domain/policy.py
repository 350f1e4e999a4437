"""What an organisation demands of its debt: terms, approvers, a ceiling, and how hard each rule is.

A policy is a value. `enforcement` answers for a day, since a rule may be announced before it
holds ("blocks from 1 March"), and since a waiver ends by itself.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fnmatch import fnmatchcase
from types import MappingProxyType

from accounts.domain.roles import Role, allows
from ledger.domain.terms import Confidence


class Enforcement(StrEnum):
    """How hard a rule is, softest first."""

    OFF = "off"
    ADVISE = "advise"
    WARN = "warn"
    BLOCK = "block"

    @property
    def rank(self) -> int:
        """0 for the softest."""
        return list(Enforcement).index(self)


class Rule(StrEnum):
    """What can be wrong with debt, with a change, or with a system."""

    MISSING_EXPIRY = "missing_expiry"
    MISSING_OWNER = "missing_owner"
    MISSING_IMPACT = "missing_impact"
    MISSING_PLAN = "missing_plan"
    MALFORMED_ANNOTATION = "malformed_annotation"
    DUPLICATE_ANNOTATION = "duplicate_annotation"
    TERM_TOO_LONG = "term_too_long"
    EXPIRED_DEBT = "expired_debt"
    NEW_CYCLE = "new_cycle"
    STABLE_DEPENDENCY = "stable_dependency"
    OVER_CEILING = "over_ceiling"
    ONE_WAY_DOOR = "one_way_door"


# Who may decide, lowest first. "The next tier" is the next one in this list.
APPROVER_TIERS: tuple[Role, ...] = (Role.APPROVER, Role.ADMIN)
# What a waived rule may still do: it is said, and stops nobody.
WAIVED = Enforcement.ADVISE

DEFAULT_LEVELS: Mapping[Rule, Enforcement] = MappingProxyType(
    {
        Rule.MISSING_EXPIRY: Enforcement.WARN,
        Rule.MISSING_OWNER: Enforcement.WARN,
        Rule.MISSING_IMPACT: Enforcement.WARN,
        Rule.MISSING_PLAN: Enforcement.WARN,
        Rule.MALFORMED_ANNOTATION: Enforcement.WARN,
        Rule.DUPLICATE_ANNOTATION: Enforcement.WARN,
        Rule.TERM_TOO_LONG: Enforcement.WARN,
        Rule.EXPIRED_DEBT: Enforcement.WARN,
        Rule.NEW_CYCLE: Enforcement.ADVISE,
        Rule.STABLE_DEPENDENCY: Enforcement.ADVISE,
        Rule.OVER_CEILING: Enforcement.WARN,
        Rule.ONE_WAY_DOOR: Enforcement.WARN,
    }
)
# The longest term in days of each class of confidence.
DEFAULT_TERMS: Mapping[Confidence, int] = MappingProxyType(
    {Confidence.HIGH: 365, Confidence.MEDIUM: 180, Confidence.LOW: 90}
)
DEFAULT_APPROVERS: Mapping[Confidence, Role] = MappingProxyType(
    dict.fromkeys(Confidence, Role.APPROVER)
)
# Who may grant the first and the second extension; a third can only be escalated.
DEFAULT_EXTENSIONS: tuple[Role, ...] = (Role.APPROVER, Role.ADMIN)
# Twenty days of four hours that are left for development.
DEFAULT_HOURS_PER_PERSON = Decimal(80)


@dataclass(frozen=True, slots=True)
class Step:
    """From a day on (None: since ever), a rule is this hard."""

    rule: Rule
    enforcement: Enforcement
    effective_from: date | None = None


@dataclass(frozen=True, slots=True)
class Waiver:
    """An exception for one rule in one repository, to the end of a day.

    `path` is a glob over paths in the repository; empty means everywhere in it.
    """

    rule: Rule
    expires_on: date
    path: str = ""
    reason: str = ""
    approver: str = ""
    id: int | None = None

    def covers(self, rule: Rule, on: date, path: str) -> bool:
        """Whether it excuses this; a waiver for a path says nothing of a finding without one."""
        if rule is not self.rule or on > self.expires_on:
            return False
        return not self.path or (bool(path) and fnmatchcase(path, self.path))


@dataclass(frozen=True, slots=True)
class EnvironmentCosts:
    """What all environments together may cost a month, in the installation's currency.

    Above `admin_above` an admin must ask; above `most` nobody may. None: no limit.
    """

    admin_above: Decimal | None = None
    most: Decimal | None = None


NO_LIMITS = EnvironmentCosts()


@dataclass(frozen=True, slots=True)
class Policy:
    """The policy of a repository, or of the organisation.

    `ceiling_share` (0..1) of a system's capacity may go into interest; None: no ceiling.
    `steps` are the organisation's, `overrides` the repository's, which count instead of them.
    """

    # 0: the built-in default; otherwise the number of the stored version.
    version: int = 0
    longest_terms: Mapping[Confidence, int] = field(default_factory=lambda: DEFAULT_TERMS)
    approvers: Mapping[Confidence, Role] = field(default_factory=lambda: DEFAULT_APPROVERS)
    extension_roles: tuple[Role, ...] = DEFAULT_EXTENSIONS
    # Who accepts debt that cannot be undone.
    one_way_role: Role = Role.ADMIN
    ceiling_share: Decimal | None = None
    # Hours a month: of a system by its name, or as many per person who owns debt in it.
    capacities: Mapping[str, Decimal] = field(default_factory=lambda: MappingProxyType({}))
    hours_per_person: Decimal = DEFAULT_HOURS_PER_PERSON
    environment_costs: EnvironmentCosts = NO_LIMITS
    steps: tuple[Step, ...] = ()
    overrides: tuple[Step, ...] = ()
    waivers: tuple[Waiver, ...] = ()

    def enforcement(self, rule: Rule, on: date, path: str = "") -> Enforcement:
        """How hard the rule is on a day, for a finding at a path (empty: at no path)."""
        level = self.unwaived(rule, on)
        if level.rank > WAIVED.rank and self.waiver(rule, on, path) is not None:
            return WAIVED
        return level

    def unwaived(self, rule: Rule, on: date) -> Enforcement:
        """How hard the rule is on a day for those without a waiver."""
        found = _in_force(self.overrides, rule, on) or _in_force(self.steps, rule, on)
        return found or DEFAULT_LEVELS[rule]

    def waiver(self, rule: Rule, on: date, path: str = "") -> Waiver | None:
        """The live waiver that excuses a finding, the longest one first."""
        live = [waiver for waiver in self.waivers if waiver.covers(rule, on, path)]
        return max(live, key=lambda waiver: waiver.expires_on, default=None)

    def announced(self, rule: Rule, on: date) -> tuple[Step, ...]:
        """The steps of a rule that are still to come, the next one first."""
        steps = self.overrides if any(s.rule is rule for s in self.overrides) else self.steps
        later = [
            step
            for step in steps
            if step.rule is rule and step.effective_from is not None and step.effective_from > on
        ]
        return tuple(sorted(later, key=lambda step: step.effective_from or date.max))


def next_tier(role: Role) -> Role:
    """The approver above one with this role; the highest stays."""
    return next((tier for tier in APPROVER_TIERS if not allows(role, tier)), APPROVER_TIERS[-1])


def _in_force(steps: Iterable[Step], rule: Rule, on: date) -> Enforcement | None:
    """The newest step of the rule that has begun; the later row wins on one day."""
    begun = [
        step
        for step in steps
        if step.rule is rule and (step.effective_from is None or step.effective_from <= on)
    ]
    newest = max(
        enumerate(begun),
        key=lambda pair: (pair[1].effective_from or date.min, pair[0]),
        default=None,
    )
    return newest[1].enforcement if newest else None


DEFAULT_POLICY = Policy()
