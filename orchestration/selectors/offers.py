"""What can be asked for: the blueprints with their sizes, held against what was measured."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from orchestration.domain.capabilities import CAPABILITIES, Capability, CapabilityTerms
from orchestration.domain.manifests import Manifest, Tier
from orchestration.domain.parameters import beside, references
from orchestration.domain.proposing import BUILD_ORDER
from orchestration.domain.sizing import Fit, Sizing, is_large, recommended, sizing, words
from orchestration.models import Blueprint
from orchestration.selectors.blueprints import blueprints_usable, manifest_of
from orchestration.selectors.targets import places_all

# What a resource is called that a person asks for; blueprints refer to each other by these.
NAMES: Mapping[str, str] = {
    Capability.POSTGRESQL: "db",
    Capability.READ_REPLICA: "replica",
    Capability.REDIS: "cache",
    Capability.QUEUE: "queue",
    Capability.MONITORING: "monitoring",
    Capability.LOAD_TEST: "load",
    Capability.FEATURE_FLAGS: "flags",
}
SMALLEST = "smallest"


@dataclass(frozen=True, slots=True)
class TierOffer:
    """One size of a blueprint, with the verdict on it. `fit` is a Fit, or "smallest"."""

    tier: Tier
    found: Sizing
    fit: str
    says: str
    is_recommended: bool
    asks_reason: bool


@dataclass(frozen=True, slots=True)
class Setting:
    """A value that a person may choose. `kind`: text, whole, number, yes or one of `choices`.

    One that is `required` has no value unless a person gives it.
    """

    name: str
    title: str
    kind: str
    default: Any
    # As the manifest has them: texts or numbers.
    choices: tuple[Any, ...] = ()
    pattern: str = ""
    least: float | None = None
    most: float | None = None
    required: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """One blueprint as a resource of a new environment."""

    blueprint: Blueprint
    manifest: Manifest
    resource: str
    tiers: Sequence[TierOffer]
    settings: Sequence[Setting]
    # The names of resources whose outputs are filled in by themselves.
    taken_from: Sequence[str]
    # Where it may be built, by name; empty for this host. None of them: nobody has set up a target.
    places: Sequence[str] = ("",)

    @property
    def terms(self) -> CapabilityTerms:
        return CAPABILITIES[Capability(self.manifest.capability)]

    def tier(self, name: str) -> TierOffer:
        """The size of this name, else the recommended one."""
        best = next(one for one in self.tiers if one.is_recommended)
        return next((one for one in self.tiers if one.tier.name == name), best)


def blueprints_offered() -> Sequence[tuple[Blueprint, Manifest]]:
    """Everything that can be asked for, in the order in which it is built.

    Of one capability, what has a place to be built comes first; then what an organisation brought
    itself, before our own catalogue.
    """
    found = [(one, manifest_of(one.current)) for one in blueprints_usable() if one.current]
    places = places_all()

    def rank(pair: tuple[Blueprint, Manifest]) -> tuple[int, bool, bool, str]:
        blueprint, manifest = pair
        order = BUILD_ORDER.index(Capability(manifest.capability))
        has_place = manifest.engine in places
        return order, not has_place, blueprint.source_id is None, blueprint.name

    return sorted(found, key=rank)


def with_what_they_need(
    chosen: Collection[str], known: Sequence[tuple[Blueprint, Manifest]]
) -> tuple[list[tuple[Blueprint, Manifest]], list[str]]:
    """The chosen blueprints, with those that they cannot do without; and the titles of these.

    One blueprint of a capability is enough: where two were chosen, the first one is taken.
    """
    wanted: dict[str, tuple[Blueprint, Manifest]] = {}
    for blueprint, manifest in known:
        if blueprint.name in chosen:
            wanted.setdefault(manifest.capability, (blueprint, manifest))
    added = []
    for capability in _needed(wanted.values()):
        if capability in wanted:
            continue
        found = next((one for one in known if one[1].capability == capability), None)
        if found:
            wanted[capability] = found
            added.append(found[1].title)
    return [wanted[one] for one in BUILD_ORDER if one in wanted], added


def _needed(wanted: Iterable[tuple[Blueprint, Manifest]]) -> list[str]:
    return [name for _blueprint, manifest in wanted for name in manifest.needs]


def offers(
    chosen: Sequence[tuple[Blueprint, Manifest]], peak: Mapping[str, float]
) -> Sequence[Offer]:
    """The chosen blueprints as resources, each size with its verdict."""
    found: list[Offer] = []
    places = places_all()
    for blueprint, manifest in chosen:
        standing = {one.resource: one.manifest for one in found}
        found.append(_offer(blueprint, manifest, peak, standing, places.get(manifest.engine, ())))
    return found


def _offer(
    blueprint: Blueprint,
    manifest: Manifest,
    peak: Mapping[str, float],
    standing: Mapping[str, Manifest],
    places: Sequence[str],
) -> Offer:
    properties: Mapping[str, Any] = manifest.parameters.get("properties", {})
    required = manifest.parameters.get("required", ())
    defaults = {name: one["default"] for name, one in properties.items() if "default" in one}
    by_tiers = {name for tier in manifest.tiers for name in tier.parameters}
    taken = {name for name, value in defaults.items() if references({"": value})}
    return Offer(
        blueprint=blueprint,
        manifest=manifest,
        resource=NAMES[manifest.capability],
        tiers=tier_offers(manifest, peak),
        settings=[
            _setting(name, one, name in required)
            for name, one in properties.items()
            if name not in by_tiers and name not in taken and "beside" not in one
        ],
        taken_from=sorted(
            {one for one, _output in references({**defaults, **beside(manifest, standing)})}
        ),
        places=places,
    )


def tier_offers(manifest: Manifest, peak: Mapping[str, float]) -> Sequence[TierOffer]:
    """Every size of a blueprint held against a peak."""
    best = recommended(manifest.tiers, peak)
    return [
        _tier_offer(tier, peak, manifest.tiers[0] is tier, tier is best) for tier in manifest.tiers
    ]


def _tier_offer(
    tier: Tier, peak: Mapping[str, float], is_smallest: bool, is_best: bool
) -> TierOffer:
    found = sizing(tier.capacity, peak)
    says = words(found, capacity=tier.capacity, peak=peak, is_smallest=is_smallest)
    fit = SMALLEST if is_smallest and is_large(found.fit) else found.fit.value
    if found.fit is Fit.UNMEASURED and not is_smallest:
        says = "Nothing was measured yet: a size above the smallest needs a reason in writing."
    asks = not is_smallest and (is_large(found.fit) or found.fit is Fit.UNMEASURED)
    return TierOffer(tier, found, fit, says, is_best, asks)


def _setting(name: str, terms: Mapping[str, Any], is_required: bool) -> Setting:
    kinds = {"integer": "whole", "number": "number", "boolean": "yes"}
    return Setting(
        name=name,
        title=title_of(name, terms),
        kind=kinds.get(str(terms.get("type")), "text"),
        default=terms.get("default", ""),
        choices=tuple(terms.get("enum", ())),
        pattern=str(terms.get("pattern", "")),
        least=terms.get("minimum"),
        most=terms.get("maximum"),
        required=is_required and "default" not in terms,
    )


def title_of(name: str, terms: Mapping[str, Any]) -> str:
    """What a parameter is called in front of a person."""
    return str(terms.get("title") or name.replace("_", " ").capitalize())[:100]
