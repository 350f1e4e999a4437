"""Which blueprints there are, and what their versions say."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import unified_diff

import yaml
from django.db.models import Exists, OuterRef, QuerySet

from common.errors import NotFound
from orchestration.domain.manifests import Manifest, read
from orchestration.domain.states import VersionState
from orchestration.models import Blueprint, BlueprintSource, BlueprintVersion


def manifest_of(version: BlueprintVersion) -> Manifest:
    """What a version declares; it was sound when it was stored."""
    return read(version.manifest)


def blueprint_get(name: str) -> Blueprint:
    """Raises NotFound."""
    found = Blueprint.objects.select_related("current").filter(name=name).first()
    if found is None:
        raise NotFound(f"There is no blueprint {name!r}.")
    return found


def blueprints_usable(capability: str | None = None) -> Sequence[Blueprint]:
    """Those with a version that is signed off, by name; without their files."""
    found = Blueprint.objects.select_related("current").defer("current__files")
    found = found.filter(current__isnull=False)
    return list(found.filter(capability=capability) if capability else found)


def version_of(name: str, number: int | None = None) -> BlueprintVersion:
    """A version by its blueprint's name and its number: the newest without one. Raises NotFound."""
    found = BlueprintVersion.objects.select_related("blueprint__current", "decided_by")
    found = found.filter(blueprint__name=name).order_by("-number")
    version = (found if number is None else found.filter(number=number)).first()
    if version is None:
        which = "" if number is None else f" version {number} of"
        raise NotFound(f"There is no{which} blueprint {name[:120]!r}.")
    return version


def blueprints_all() -> Sequence[Blueprint]:
    """All of them by name, with their versions, newest first."""
    found = Blueprint.objects.select_related("current", "source")
    return list(found.prefetch_related("versions").order_by("name"))


def versions_proposed() -> Sequence[BlueprintVersion]:
    """Those that wait for an operator's word, the oldest first."""
    found = BlueprintVersion.objects.select_related("blueprint__current")
    return list(found.filter(state=VersionState.PROPOSED).order_by("created_at", "pk"))


def sources_found() -> QuerySet[BlueprintSource]:
    """Every source with its repository."""
    return BlueprintSource.objects.select_related("repository")


def sources_all() -> Sequence[BlueprintSource]:
    """By name."""
    return list(sources_found().order_by("name"))


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A source with what was read from it; each blueprint says whether a version `waits`."""

    source: BlueprintSource
    blueprints: Sequence[Blueprint]


def source_lines() -> Sequence[SourceLine]:
    """Every source by name, with its blueprints: two queries."""
    waits = BlueprintVersion.objects.filter(
        blueprint=OuterRef("pk"), state=VersionState.PROPOSED.value
    )
    below: dict[int | None, list[Blueprint]] = defaultdict(list)
    rows = Blueprint.objects.filter(source__isnull=False).annotate(waits=Exists(waits))
    for one in rows.order_by("name"):
        below[one.source_id].append(one)
    return [SourceLine(one, below[one.pk]) for one in sources_all()]


def source_named(name: str) -> BlueprintSource:
    """Raises NotFound."""
    found = BlueprintSource.objects.filter(name=name).first()
    if found is None:
        raise NotFound(f"There is no source {name[:100]!r} of blueprints.")
    return found


def version_before(version: BlueprintVersion) -> BlueprintVersion | None:
    """What a version is read against: the one in use, else the newest before that was in use.

    Never one that nobody signed off: what came with that would not be seen.
    """
    current = version.blueprint.current
    if current is not None and current.pk != version.pk:
        return current
    once = (VersionState.SIGNED_OFF, VersionState.RETIRED)
    before = version.blueprint.versions.filter(number__lt=version.number, state__in=once)
    return before.order_by("-number").first()


def version_diff(version: BlueprintVersion) -> str:
    """What signing it off would change: a unified diff to `version_before`, or to nothing."""
    current = version_before(version)
    before = _texts(current) if current is not None else {}
    after = _texts(version)
    lines: list[str] = []
    for path in sorted(before.keys() | after.keys()):
        lines += unified_diff(
            before.get(path, "").splitlines(),
            after.get(path, "").splitlines(),
            f"{path} ({_numbered(current)})" if path in before else "(nothing)",
            f"{path} ({_numbered(version)})" if path in after else "(nothing)",
            lineterm="",
        )
    return "\n".join(lines)


def _texts(version: BlueprintVersion) -> dict[str, str]:
    manifest = yaml.safe_dump(version.manifest, allow_unicode=True, width=100)
    return {"blueprint.yml": manifest, **version.files}


def _numbered(version: BlueprintVersion | None) -> str:
    return f"version {version.number}" if version is not None else ""


def titles() -> dict[str, str]:
    """By name, what each blueprint is called."""
    return dict(Blueprint.objects.order_by("name").values_list("name", "title"))
