"""What would prepare the refactor of a debt: a blueprint for each need, sized by measurement."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from orchestration.domain.capabilities import CAPABILITIES, Capability
from orchestration.domain.manifests import Manifest, Tier
from orchestration.domain.parameters import beside
from orchestration.domain.sizing import Fit, recommended, sizing
from orchestration.domain.states import LinkRole

# A proposal also says what it costs for the time that an environment has by itself.
SHOWN_DAYS = 14
# What looks at the others, or presses on them, is built after them.
_LAST = (Capability.MONITORING, Capability.LOAD_TEST)
# The order in which an environment is built: a database before its replica.
BUILD_ORDER = (*(one for one in Capability if one not in _LAST), *_LAST)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A blueprint that may be used, in the version that a new environment gets."""

    blueprint: str
    version: int
    manifest: Manifest
    # What the resource is called; blueprints refer to each other by these names.
    resource: str
    # The name of the target that it would be built on; empty for this host.
    target: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One resource of a proposal, with the reason for it and for its size."""

    candidate: Candidate
    tier: Tier
    why: str

    def document(self) -> dict[str, Any]:
        """As it is stored."""
        return {
            "name": self.candidate.resource,
            "blueprint": self.candidate.blueprint,
            "version": self.candidate.version,
            "tier": self.tier.name,
            "parameters": {},
            "target": self.candidate.target,
            "why": self.why,
            "monthly_cost": str(self.tier.monthly_cost),
        }


@dataclass(frozen=True, slots=True)
class Draft:
    """What is proposed, in the order in which it is built, and what nothing offers."""

    parts: Sequence[Part]
    missing: Sequence[str]

    @property
    def monthly_cost(self) -> Decimal:
        return sum((part.tier.monthly_cost for part in self.parts), Decimal(0))

    @property
    def currency(self) -> str:
        return self.parts[0].tier.currency if self.parts else ""


def draft(
    needs: Collection[str],
    candidates: Sequence[Candidate],
    peak: Mapping[str, float],
    system: str,
) -> Draft:
    """Choose a blueprint for each need, and for what these cannot do without themselves.

    Of several the first is taken whose costs are in the currency of those before it, so that they
    can be added up. `peak` is what was measured of the system.
    """
    chosen: dict[str, tuple[Candidate, str]] = {}
    missing: list[str] = []
    waiting = [(need, "The plan says that the repayment needs it.") for need in _ordered(needs)]
    while waiting:
        need, why = waiting.pop(0)
        if need in chosen or need in missing:
            continue
        found = _first(need, candidates, [one for one, _why in chosen.values()])
        if found is None:
            missing.append(need)
            continue
        chosen[need] = (found, why)
        title = CAPABILITIES[Capability(need)].title
        waiting += [(one, f"{title} cannot do without it.") for one in found.manifest.needs]
    parts = [_part(*chosen[need], peak, system) for need in _ordered(chosen)]
    return Draft(parts, missing)


def unanswered(
    manifest: Manifest, tier: str, given: Collection[str], before: Mapping[str, Manifest]
) -> tuple[str, ...]:
    """The required parameters that nobody gave a value: no default, no size, nothing beside it.

    `given` are the names that a person gave, `before` the resources that are built before it.
    """
    properties: Mapping[str, Mapping[str, Any]] = manifest.parameters.get("properties", {})
    sized = {name for one in manifest.tiers if one.name == tier for name in one.parameters}
    known = {*given, *sized, *beside(manifest, before)}
    known |= {name for name, terms in properties.items() if "default" in terms}
    return tuple(one for one in manifest.parameters.get("required", ()) if one not in known)


def link_role(capabilities: Collection[str]) -> LinkRole:
    """What an environment of these capabilities is to the debt that it is asked for."""
    is_test = set(capabilities) == {Capability.LOAD_TEST.value}
    return LinkRole.LOAD_TEST if is_test else LinkRole.PROVISION


def _ordered(needs: Collection[str]) -> list[str]:
    return [one.value for one in BUILD_ORDER if one.value in needs]


def _first(
    need: str, candidates: Sequence[Candidate], beside: Sequence[Candidate]
) -> Candidate | None:
    currencies = {_currency(one) for one in beside}
    return next(
        (
            one
            for one in candidates
            if one.manifest.capability == need and currencies <= {_currency(one)}
        ),
        None,
    )


def _currency(candidate: Candidate) -> str:
    return candidate.manifest.tiers[0].currency


def _part(candidate: Candidate, why: str, peak: Mapping[str, float], system: str) -> Part:
    tier = recommended(candidate.manifest.tiers, peak)
    return Part(candidate, tier, f"{why} {_size(tier, peak, system)}")


def _size(tier: Tier, peak: Mapping[str, float], system: str) -> str:
    """Why this size, with its figures."""
    found = sizing(tier.capacity, peak)
    subject = system or "the system"
    if found.ratio is None:
        return f"Nothing was measured of {subject} yet, so the smallest size is the right one."
    said = (
        f"At its busiest, {subject} has {peak[found.metric]:,g} {found.metric.replace('_', ' ')}; "
        f"{tier.title} carries {tier.capacity[found.metric]:,g}, {found.ratio:,.1f} times that."
    )
    match found.fit:
        case Fit.RIGHT:
            return said
        case Fit.TOO_SMALL:
            return f"{said} No larger size is offered."
        case _:
            return f"{said} No smaller size is offered."
