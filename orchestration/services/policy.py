"""Holding a plan against the policy: size, cost, time to live, blueprint and target."""

from collections.abc import Iterator
from datetime import datetime

from accounts import selectors as accounts_selectors
from accounts.domain.roles import Role, allows
from orchestration.domain.lifetimes import MOST_DAYS
from orchestration.domain.plans import ChangeKind
from orchestration.domain.policy import Verdict
from orchestration.domain.sizing import Fit, Sizing, is_large, sizing, words
from orchestration.domain.states import DeletionPolicy, RunAction, VersionState
from orchestration.models import Environment, Plan, Resource, Run
from orchestration.selectors.blueprints import manifest_of
from orchestration.selectors.costs import limit_said
from orchestration.selectors.loads import peak_for
from orchestration.services import jobs

# Nothing that takes away is refused: it must always be possible to end an environment.
_FREES = (RunAction.DESTROY,)
_SIZES = (RunAction.PROVISION, RunAction.RESIZE)
GRANTED = "Its time is over, and it was granted only until then."
PUT_OFF = "It was given more time meanwhile, or stays, so it is not taken away."


def verdicts_of(run: Run, plan: Plan) -> list[Verdict]:
    """Everything the policy has to say of a plan, refusals first."""
    if run.action in _FREES:
        return [Verdict("data", "Everything in it is lost.", asks=True)]
    found = [
        *parts_refused(run),
        *_costs(run, plan),
        *over_limit(run, plan),
        *_end(run),
        *_destruction(plan),
    ]
    if run.action in _SIZES:
        found += [
            one for resource in jobs.resources_of(run.environment) for one in _size(run, resource)
        ]
    return sorted(found, key=lambda one: not one.is_refusal)


def is_granted(run: Run, now: datetime) -> bool:
    """Whether a run needs nobody's word any more: the end of what was granted only until then.

    Whoever approved the environment approved its end with it. Only the product itself may ask so,
    and only as long as nobody gave the environment more time. The end of one that was adopted is
    another one than was approved, so somebody is asked.
    """
    environment = run.environment
    return (
        run.action == RunAction.DESTROY
        and run.requested_by_id is None
        and environment.deletion_policy == DeletionPolicy.DELETE
        and environment.adopted_at is None
        and is_at_its_end(environment, now)
    )


def is_at_its_end(environment: Environment, now: datetime) -> bool:
    """Whether its time is over, and nobody has let it stay."""
    return (
        environment.promoted_at is None
        and environment.expires_at is not None
        and environment.expires_at <= now
    )


def is_put_off(run: Run, now: datetime) -> bool:
    """Whether a run is to bring about an end that is none any more, whoever approved it.

    The product itself asks for an end, and for nothing else that takes away.
    """
    is_own = run.action == RunAction.DESTROY and run.requested_by_id is None
    return is_own and not is_at_its_end(run.environment, now)


def parts_refused(run: Run) -> Iterator[Verdict]:
    """What may not be used, or not any more: versions and targets."""
    for resource in jobs.resources_of(run.environment):
        if resource.version.state != VersionState.SIGNED_OFF:
            yield Verdict(
                "blueprint",
                f"{resource.name}: this version of {resource.version.blueprint.name} is not "
                "signed off; an operator must look at it first.",
                is_refusal=True,
            )
        if resource.target.disabled_at is not None:
            yield Verdict(
                "target",
                f"{resource.name}: the target {resource.target.name} is switched off.",
                is_refusal=True,
            )


def _costs(run: Run, plan: Plan) -> Iterator[Verdict]:
    currencies = {
        tier.currency
        for resource in jobs.resources_of(run.environment)
        for tier in manifest_of(resource.version).tiers
    }
    if len(currencies) > 1:
        yield Verdict(
            "cost",
            f"Its parts cost in {' and '.join(sorted(currencies))}, which cannot be added up.",
            is_refusal=True,
        )
        return
    end = (
        "and has no end"
        if plan.cost_until_end is None
        else f"{plan.cost_until_end} {plan.currency} until its end"
    )
    yield Verdict("cost", f"It costs {plan.monthly_cost} {plan.currency} a month, {end}.")


def over_limit(run: Run, plan: Plan) -> Iterator[Verdict]:
    """What the organisation's limits say of the cost of everything that would stand."""
    if run.action in _SIZES:
        found = limit_said(
            plan.monthly_cost,
            plan.currency,
            is_admin=_asked_by_admin(run),
            environment=run.environment,
        )
        if found is not None:
            yield found


def _end(run: Run) -> Iterator[Verdict]:
    environment = run.environment
    if environment.expires_at is None and environment.promoted_at is None:
        yield Verdict(
            "end", f"It has no end; give it one within {MOST_DAYS} days.", is_refusal=True
        )
    elif (
        environment.is_production
        and environment.expires_at is not None
        and environment.deletion_policy == DeletionPolicy.DELETE
    ):
        yield Verdict("end", "It is production, and taken away at its end.", asks=True)


def _destruction(plan: Plan) -> Iterator[Verdict]:
    lost = [
        one["subject"]
        for one in plan.changes
        if one["is_destructive"] or one["kind"] == ChangeKind.REPLACE
    ]
    if lost:
        yield Verdict("data", f"Data is lost: {'; '.join(lost)}.", asks=True)


def _size(run: Run, resource: Resource) -> Iterator[Verdict]:
    """The right-sizing rule of docs/capacity.md."""
    environment = run.environment
    manifest = manifest_of(resource.version)
    capacity = manifest.tier(jobs.wanted_tier(run, resource)).capacity
    peak = peak_for(resource)
    found = sizing(capacity, peak)
    is_smallest = manifest.tiers[0].name == jobs.wanted_tier(run, resource)
    text = words(found, capacity=capacity, peak=peak, is_smallest=is_smallest)
    yield Verdict(
        "size",
        f"{resource.name}: {text}",
        is_refusal=_is_refused(run, found, is_smallest),
        asks=found.fit is Fit.TOO_SMALL or (is_large(found.fit) and not is_smallest),
    )
    if found.fit is Fit.UNMEASURED and not is_smallest and not environment.justification:
        yield Verdict(
            "size",
            f"{resource.name}: without a measurement only the smallest size is given without a "
            "reason in writing.",
            is_refusal=True,
        )


def _is_refused(run: Run, found: Sizing, is_smallest: bool) -> bool:
    has_reason = bool(run.environment.justification)
    match found.fit:
        case Fit.TOO_SMALL:
            return run.environment.is_production
        case Fit.NEEDS_REASON:
            # Nothing smaller can be had.
            return not (has_reason or is_smallest)
        case Fit.NEEDS_ADMIN:
            return not (is_smallest or (has_reason and _asked_by_admin(run)))
        case _:
            return False


def _asked_by_admin(run: Run) -> bool:
    users = accounts_selectors.people_by_id([run.requested_by_id]) if run.requested_by_id else ()
    return any(allows(Role(user.role), Role.ADMIN) for user in users)
