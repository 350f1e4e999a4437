"""Blueprints and their versions: found, signed off, refused, retired. Contents never change.

Nothing of a version runs before it is signed off. What comes with the product is signed off by the
product; what an organisation's own repositories hold (`blueprint_sources`), by an operator.
"""

import logging
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from accounts.domain.roles import Role, allows
from accounts.selectors import User
from common import clock
from common.errors import Denied, NotFound, Refused, Stale
from orchestration.adapters import catalogue
from orchestration.domain import documents
from orchestration.domain.manifests import BadManifest, Manifest, digest_of, read
from orchestration.domain.parameters import unfit_tiers
from orchestration.domain.states import VersionState
from orchestration.engines.registry import ENGINES
from orchestration.models import Blueprint, BlueprintSource, BlueprintVersion
from orchestration.selectors.blueprints import manifest_of

log = logging.getLogger(__name__)

MANAGES = Role.OPERATOR
LONGEST_NOTE = 500
SHIPPED = "Comes with this version of Displace."


def catalogue_sync() -> int:
    """Take in the blueprints that come with the product, signed off; how many versions are new.

    A second time changes nothing. A version that an operator retired stays retired.
    """
    added, names = 0, []
    for found in catalogue.folders():
        names.append(found.name)
        try:
            document, manifest = sound(found)
        except BadManifest as error:
            log.exception("the catalogue's blueprint %s cannot be used: %s", found.name, error)
            continue
        added += _ship(document, manifest, found.files)
    # What this version of the product does not bring any more is not offered any more.
    Blueprint.objects.filter(source=None).exclude(name__in=names).update(current=None)
    return added


@transaction.atomic
def _ship(document: Mapping[str, Any], manifest: Manifest, files: Mapping[str, str]) -> bool:
    blueprint = blueprint_for(manifest.name, manifest, source=None)
    version, is_new = version_record(blueprint, document, files)
    if is_new:
        version.state, version.decision_note = VersionState.SIGNED_OFF, SHIPPED
        version.decided_at = clock.now()
        version.save(update_fields=["state", "decision_note", "decided_at"])
    if version.state == VersionState.SIGNED_OFF and blueprint.current_id != version.pk:
        _make_current(blueprint, version)
    return is_new


def sound(found: catalogue.Found) -> tuple[dict[str, Any], Manifest]:
    """A folder's manifest, as it is stored and as it is read. Raises BadManifest."""
    if found.problems:
        raise BadManifest(tuple(found.problems))
    document = documents.load(found.manifest)
    manifest = read(document, found.files)
    problems = list(unfit_tiers(manifest))
    if manifest.name != found.name:
        problems.append(f"name: it must be that of its folder, {found.name}.")
    if manifest.engine not in ENGINES:
        problems.append(f"engine: there are {', '.join(ENGINES)}.")
    if problems:
        raise BadManifest(tuple(problems))
    return document, manifest


def blueprint_for(name: str, manifest: Manifest, *, source: BlueprintSource | None) -> Blueprint:
    """The blueprint with this name, locked; made where there is none yet."""
    Blueprint.objects.get_or_create(
        name=name,
        defaults={
            "source": source,
            "capability": manifest.capability,
            "title": manifest.title,
            "created_at": clock.now(),
        },
    )
    return Blueprint.objects.select_for_update(of=("self",)).get(name=name)


def version_record(
    blueprint: Blueprint,
    document: Mapping[str, Any],
    files: Mapping[str, str],
    *,
    commit: str = "",
) -> tuple[BlueprintVersion, bool]:
    """The version with this content, and whether it is new: then it is only proposed.

    Call it with the blueprint locked. Raises Refused where another blueprint has this content.
    """
    digest = digest_of(document, files)
    if blueprint.source_id is None and _is_of_another(blueprint, digest):
        # Somebody's copy came before: it does not keep a release of ours away.
        digest = digest_of({**document, "source": None}, files)
    known = BlueprintVersion.objects.select_related("blueprint").filter(digest=digest).first()
    if known is not None and known.blueprint_id != blueprint.pk:
        raise Refused(
            f"This is the content of {known.blueprint.name}, version {known.number}: use that."
        )
    if known is not None:
        return known, False
    newest = blueprint.versions.order_by("-number").first()
    made = BlueprintVersion.objects.create(
        blueprint=blueprint,
        number=newest.number + 1 if newest else 1,
        digest=digest,
        manifest=document,
        files=dict(files),
        commit=commit,
        state=VersionState.PROPOSED,
        created_at=clock.now(),
    )
    return made, True


def _is_of_another(blueprint: Blueprint, digest: str) -> bool:
    return BlueprintVersion.objects.filter(digest=digest).exclude(blueprint=blueprint).exists()


def version_sign_off(*, actor: User, version_id: int, note: str = "") -> BlueprintVersion:
    """Let a version be used; the newest that may be used is what new environments are built from.

    Raises Denied to whoever is no operator, and Refused for one that is signed off already.
    """
    return _decide(actor, version_id, VersionState.SIGNED_OFF, note)


def version_refuse(*, actor: User, version_id: int, note: str) -> BlueprintVersion:
    """Say that a proposed version is not to be used, and why."""
    return _decide(actor, version_id, VersionState.REFUSED, note)


def version_retire(*, actor: User, version_id: int, note: str) -> BlueprintVersion:
    """Use a version no more, and say why. What was built from it stays, and can be destroyed."""
    return _decide(actor, version_id, VersionState.RETIRED, note)


_FROM = {
    VersionState.SIGNED_OFF: (VersionState.PROPOSED, VersionState.REFUSED, VersionState.RETIRED),
    VersionState.REFUSED: (VersionState.PROPOSED,),
    VersionState.RETIRED: (VersionState.SIGNED_OFF,),
}


@transaction.atomic
def _decide(actor: User, version_id: int, state: VersionState, note: str) -> BlueprintVersion:
    require_operator(actor)
    blueprint_id = BlueprintVersion.objects.filter(pk=version_id).values_list(
        "blueprint", flat=True
    )
    if not blueprint_id:
        raise NotFound(f"There is no version {version_id} of a blueprint.")
    blueprint = Blueprint.objects.select_for_update(of=("self",)).get(pk=blueprint_id[0])
    version = BlueprintVersion.objects.get(pk=version_id)
    was = VersionState(version.state)
    words = was.value.replace("_", " ")
    if was not in _FROM[state]:
        raise Refused(f"This version is {words}; that cannot be done with it.")
    said = note.strip()
    if not said and state is not VersionState.SIGNED_OFF:
        raise Refused("Say why, for whoever uses or wrote it.", "note")
    if len(said) > LONGEST_NOTE:
        raise Refused(f"A note has at most {LONGEST_NOTE} characters.", "note")
    changed = BlueprintVersion.objects.filter(pk=version.pk, state=was).update(
        state=state, decided_at=clock.now(), decided_by=actor, decision_note=said
    )
    if not changed:
        raise Stale("Somebody else decided about this version meanwhile; look at it again.")
    _point_at_newest(blueprint)
    log.info("%s version %s: %s by %s", blueprint.name, version.number, state.value, actor)
    return BlueprintVersion.objects.select_related("blueprint__current").get(pk=version.pk)


def _point_at_newest(blueprint: Blueprint) -> None:
    usable = blueprint.versions.filter(state=VersionState.SIGNED_OFF).order_by("-number").first()
    if usable is None:
        blueprint.current = None
        blueprint.save(update_fields=["current"])
    elif usable.pk != blueprint.current_id:
        _make_current(blueprint, usable)


def _make_current(blueprint: Blueprint, version: BlueprintVersion) -> None:
    manifest = manifest_of(version)
    blueprint.current = version
    blueprint.capability, blueprint.title = manifest.capability, manifest.title
    blueprint.save(update_fields=["current", "capability", "title"])


def require_operator(actor: User) -> None:
    """Raises Denied."""
    if not actor.is_active or not allows(Role(actor.role), MANAGES):
        raise Denied("Only an operator may decide about blueprints.")
