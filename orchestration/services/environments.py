"""Asking for environments and for changes to them; each request is a run that is planned first."""

import json
import secrets as random_secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction

from accounts.selectors import User
from common import clock
from common.encryption import seal
from common.errors import Refused
from orchestration.domain.lifetimes import DEFAULT_DAYS, require_days
from orchestration.domain.manifests import NAME, Manifest
from orchestration.domain.parameters import BadParameters, beside, checked, references
from orchestration.domain.states import (
    GONE_STATES,
    DeletionPolicy,
    EnvironmentState,
    LinkRole,
    RunAction,
    VersionState,
)
from orchestration.models import Blueprint, DebtLink, Environment, Resource, Run, Target
from orchestration.selectors.blueprints import manifest_of
from orchestration.services.adopting import environment_adopt
from orchestration.services.endings import (
    environment_extend,
    environment_orphan,
    environment_promote,
    ttl_sweep,
)
from orchestration.services.queueing import (
    changeable,
    drift_sweep,
    require_requester,
    run_queue,
)
from orchestration.services.revealing import output_reveal
from orchestration.services.targets import local_target

__all__ = [
    "ResourceDraft",
    "drift_sweep",
    "environment_adopt",
    "environment_check",
    "environment_destroy",
    "environment_extend",
    "environment_orphan",
    "environment_promote",
    "environment_repair",
    "environment_request",
    "environment_resize",
    "environment_verify",
    "output_reveal",
    "run_queue",
    "ttl_sweep",
]

MOST_RESOURCES = 20
LONGEST_NAME = 100
SECRET_BYTES = 24


@dataclass(frozen=True, slots=True)
class ResourceDraft:
    """One capability that is asked for. `target` is a target's name; empty for this host."""

    name: str
    blueprint: str
    tier: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    target: str = ""


def environment_request(
    *,
    actor: User | None,
    name: str,
    owner: str,
    resources: Sequence[ResourceDraft],
    purpose: str = "",
    team_id: int | None = None,
    days: int | None = DEFAULT_DAYS,
    is_production: bool = False,
    system: str = "",
    justification: str = "",
    item_id: int | None = None,
    link_role: str = LinkRole.PROVISION,
    deletion_policy: str = DeletionPolicy.DELETE,
) -> Run:
    """Ask for an environment. Nothing is built before the run is planned and approved.

    Needs a contributor; None is the product itself. Raises Refused with the field at fault.
    """
    require_requester(actor)
    text = name.strip()
    if not text or len(text) > LONGEST_NAME or not text.isprintable():
        raise Refused(f"Give it a name of at most {LONGEST_NAME} characters.", "name")
    if not owner.strip():
        raise Refused("Say who owns it: a person or a team.", "owner")
    if days is None:
        raise Refused("Say for how many days it is needed.", "days")
    require_days(days)
    now = clock.now()
    try:
        with transaction.atomic():
            environment = Environment.objects.create(
                name=text,
                purpose=purpose.strip()[:500],
                owner=owner.strip()[:100],
                team_id=team_id,
                requested_by_id=actor.pk if actor else None,
                state=EnvironmentState.REQUESTED.value,
                is_production=is_production,
                deletion_policy=DeletionPolicy(deletion_policy).value,
                expires_at=now + timedelta(days=days),
                system=system.strip()[:100],
                justification=justification.strip()[:1000],
                created_at=now,
                updated_at=now,
            )
            _build_resources(environment, resources)
            if item_id is not None:
                role = LinkRole(link_role).value
                DebtLink.objects.create(
                    item_id=item_id, environment=environment, role=role, created_at=now
                )
            return run_queue(actor, environment, RunAction.PROVISION)
    except IntegrityError:
        if not Environment.objects.filter(name=text).exclude(state__in=_gone()).exists():
            raise
        raise Refused(
            f"There is an environment “{text}” already; take another name.", "name"
        ) from None


def _gone() -> list[str]:
    return [one.value for one in GONE_STATES]


def _build_resources(environment: Environment, drafts: Sequence[ResourceDraft]) -> None:
    if not 1 <= len(drafts) <= MOST_RESOURCES:
        raise Refused(f"An environment has 1 to {MOST_RESOURCES} resources.", "resources")
    known: dict[str, Manifest] = {}
    for position, draft in enumerate(drafts):
        if not NAME.fullmatch(draft.name) or draft.name in known:
            raise Refused(
                "A resource has a short name of its own: small letters, digits, dashes.",
                "resources",
            )
        known[draft.name] = _build(environment, draft, position, known)


def _build(
    environment: Environment, draft: ResourceDraft, position: int, before: Mapping[str, Manifest]
) -> Manifest:
    blueprint = Blueprint.objects.select_related("current").filter(name=draft.blueprint).first()
    version = blueprint.current if blueprint else None
    if blueprint is None or version is None or version.state != VersionState.SIGNED_OFF:
        raise Refused(f"There is no blueprint {draft.blueprint!r} that may be used.", "resources")
    manifest = manifest_of(version)
    given = {**beside(manifest, before), **draft.parameters}
    try:
        values = checked(manifest, draft.tier, given)
    except BadParameters as error:
        said = "; ".join(
            f"{name}: {text}" if name else text for name, text in error.problems.items()
        )
        raise Refused(f"{draft.name}: {said}", "resources") from None
    _require_references(draft.name, references(values), before)
    missing = set(manifest.needs) - {one.capability for one in before.values()}
    if missing:
        names = " and ".join(sorted(missing))
        raise Refused(f"{draft.name} needs {names} before it in this environment.", "resources")
    made = {one: random_secrets.token_urlsafe(SECRET_BYTES) for one in manifest.secrets}
    Resource.objects.create(
        environment=environment,
        name=draft.name,
        position=position,
        capability=manifest.capability,
        target=_target(draft, manifest),
        version=version,
        tier=draft.tier,
        parameters=given,
        secrets=seal(json.dumps(made)) if made else "",
    )
    return manifest


def _require_references(
    name: str, found: set[tuple[str, str]], before: Mapping[str, Manifest]
) -> None:
    for resource, output in sorted(found):
        terms = before.get(resource)
        if terms is None or output not in {one.name for one in terms.outputs}:
            raise Refused(
                f"{name}: no resource before it has an output {resource}.{output}.", "resources"
            )


def _target(draft: ResourceDraft, manifest: Manifest) -> Target:
    if not draft.target:
        return local_target(engine=manifest.engine)
    found = Target.objects.filter(name=draft.target, disabled_at__isnull=True).first()
    if found is None or found.engine != manifest.engine:
        raise Refused(
            f"There is no target {draft.target!r} for the engine {manifest.engine}.", "resources"
        )
    return found


def environment_resize(
    *, actor: User | None, environment_id: int, tiers: Mapping[str, str], justification: str = ""
) -> Run:
    """Ask for other tiers, in place. `tiers` by name of the resource."""
    environment = changeable(actor, environment_id)
    resources = {one.name: one for one in environment.resources.select_related("version")}
    changes = {}
    for name, tier in tiers.items():
        resource = resources.get(name)
        if resource is None:
            raise Refused(f"There is no resource {name!r} in this environment.", "tiers")
        if tier not in {one.name for one in manifest_of(resource.version).tiers}:
            raise Refused(f"{name} has no tier {tier!r}.", "tiers")
        if tier != resource.tier:
            changes[name] = {"tier": tier}
    if not changes:
        raise Refused("These are the tiers that it has; choose another one.", "tiers")
    with transaction.atomic():
        if justification.strip():
            Environment.objects.filter(pk=environment.pk).update(
                justification=justification.strip()[:1000]
            )
        return run_queue(actor, environment, RunAction.RESIZE, {"resources": changes})


def environment_repair(*, actor: User | None, environment_id: int) -> Run:
    """Ask for it to be made as it was declared."""
    return run_queue(actor, changeable(actor, environment_id), RunAction.REPAIR)


def environment_destroy(*, actor: User | None, environment_id: int) -> Run:
    """Ask for everything of it to be taken away."""
    return run_queue(actor, changeable(actor, environment_id), RunAction.DESTROY)


def environment_check(*, actor: User | None, environment_id: int) -> Run:
    """Look whether it is still as declared. Needs no approval: it changes nothing."""
    return run_queue(actor, changeable(actor, environment_id), RunAction.DRIFT)


def environment_verify(*, actor: User | None, environment_id: int) -> Run:
    """See that everything works. Needs no approval: it changes nothing."""
    return run_queue(actor, changeable(actor, environment_id), RunAction.VERIFY)
