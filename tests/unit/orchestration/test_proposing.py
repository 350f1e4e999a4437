"""A blueprint for each need, sized by what was measured, priced in one currency."""

from dataclasses import replace
from decimal import Decimal

import pytest

from ledger.domain.terms import Need
from orchestration.domain.capabilities import Capability
from orchestration.domain.manifests import Manifest, OutputTerms, Tier
from orchestration.domain.proposing import Candidate, draft, link_role, unanswered


def tier(name: str, connections: float, cost: str, currency: str = "EUR") -> Tier:
    return Tier(
        name=name,
        title=name.capitalize(),
        parameters={},
        capacity={"connections": connections},
        monthly_cost=Decimal(cost),
        currency=currency,
        trigger=None,
    )


def candidate(
    capability: Capability, *, needs: tuple[str, ...] = (), name: str = "", currency: str = "EUR"
) -> Candidate:
    tiers = (
        tier("small", 45, "25.00", currency),
        tier("medium", 190, "90.00", currency),
        tier("large", 480, "340.00", currency),
    )
    manifest = Manifest(
        name=name or capability.value,
        title=capability.value,
        capability=capability.value,
        engine="ansible",
        summary="One.",
        parameters={},
        tiers=tiers,
        outputs=(),
        secrets=(),
        declares=(),
        programs=(),
        needs=needs,
        engine_options={},
    )
    return Candidate(name or capability.value, 1, manifest, capability.value)


DATABASE = candidate(Capability.POSTGRESQL)
REPLICA = candidate(Capability.READ_REPLICA, needs=("postgresql",))
CACHE = candidate(Capability.REDIS)


def test_what_a_plan_can_need_is_what_a_blueprint_can_offer() -> None:
    assert {one.value for one in Need} == {one.value for one in Capability}


def test_the_size_follows_the_measured_peak() -> None:
    found = draft(["postgresql"], [DATABASE], {"connections": 31.0}, "checkout")
    (part,) = found.parts
    # The largest within ten times the peak: 190 is 6.1 times, 480 would be 15.5 times.
    assert (part.tier.name, found.monthly_cost, found.currency) == ("medium", Decimal(90), "EUR")
    assert part.why == (
        "The plan says that the repayment needs it. At its busiest, checkout has 31 connections; "
        "Medium carries 190, 6.1 times that."
    )
    assert part.document()["monthly_cost"] == "90.00"


@pytest.mark.parametrize(
    ("peak", "size", "says"),
    [
        (1000.0, "large", "No larger size is offered."),
        (1.0, "small", "No smaller size is offered."),
    ],
)
def test_outside_of_what_is_offered_the_nearest_is_proposed(
    peak: float, size: str, says: str
) -> None:
    (part,) = draft(["redis"], [CACHE], {"connections": peak}, "").parts
    assert part.tier.name == size
    assert part.why.endswith(says)


def test_without_a_measurement_the_smallest_is_proposed() -> None:
    (part,) = draft(["redis"], [CACHE], {}, "checkout").parts
    assert part.tier.name == "small"
    assert "Nothing was measured of checkout yet" in part.why


def test_what_a_blueprint_cannot_do_without_comes_before_it() -> None:
    found = draft(["redis", "read-replica"], [CACHE, REPLICA, DATABASE], {}, "")
    assert [part.candidate.blueprint for part in found.parts] == [
        "postgresql", "read-replica", "redis",
    ]  # fmt: skip
    assert found.parts[0].why.startswith("Read replica cannot do without it.")


def test_what_looks_at_the_others_is_built_last() -> None:
    watches = (Capability.LOAD_TEST, Capability.MONITORING, Capability.FEATURE_FLAGS)
    needs = [one.value for one in (*watches, Capability.QUEUE)]
    found = draft(needs, [candidate(Capability(one)) for one in needs], {}, "")
    assert [part.candidate.blueprint for part in found.parts] == [
        "queue", "feature-flags", "monitoring", "load-test",
    ]  # fmt: skip


def test_what_only_a_person_knows_is_named() -> None:
    properties: dict[str, dict[str, str]] = {
        "target": {}, "users": {}, "pause": {"default": "1"}, "host": {"beside": "redis.host"},
    }  # fmt: skip
    sized = replace(tier("small", 45, "25.00"), parameters={"users": 20})
    manifest = replace(
        CACHE.manifest,
        parameters={"required": [*properties], "properties": properties},
        tiers=(sized,),
        outputs=(OutputTerms("host", False, ""),),
    )
    assert unanswered(manifest, "small", (), {}) == ("target", "host")
    assert unanswered(manifest, "small", ("target",), {"cache": manifest}) == ()
    assert link_role(["load-test"]) == "load-test"
    assert link_role(["load-test", "redis"]) == "provision"


def test_what_nothing_offers_is_named() -> None:
    found = draft(["queue", "redis"], [CACHE], {}, "")
    assert (list(found.missing), len(found.parts)) == (["queue"], 1)
    nothing = draft(["queue"], [CACHE], {}, "")
    assert (list(nothing.parts), nothing.currency, nothing.monthly_cost) == ([], "", 0)


@pytest.mark.parametrize("first", [0, 1])
def test_costs_are_in_one_currency(first: int) -> None:
    pair = [candidate(Capability.REDIS, name="acme/redis", currency="USD"), CACHE]
    found = draft(["postgresql", "redis"], [DATABASE, pair[first], pair[1 - first]], {}, "")
    assert [part.candidate.blueprint for part in found.parts] == ["postgresql", "redis"]
