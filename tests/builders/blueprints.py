"""Blueprints that an organisation brought itself, and targets for them, as rows."""

from typing import Any

from analysis.models import Repository
from common import clock
from orchestration.domain.manifests import digest_of
from orchestration.models import Blueprint, BlueprintSource, BlueprintVersion, Target
from orchestration.selectors.blueprints import blueprint_get


def make_blueprint(name: str, like: str, **changes: Any) -> Blueprint:
    """Signed off, of the source "acme"; the catalogue's blueprint `like` with `changes`."""
    pattern = blueprint_get(like).current
    assert pattern is not None
    manifest = {**pattern.manifest, **changes}
    repository, _ = Repository.objects.get_or_create(
        slug="acme", name="Acme", location="/srv/git/acme.git", kind="local",
        default_branch="main", defaults={"created_at": clock.now()},
    )  # fmt: skip
    source, _ = BlueprintSource.objects.get_or_create(
        name="acme", repository=repository, defaults={"created_at": clock.now()}
    )
    blueprint = Blueprint.objects.create(
        name=name, capability=manifest["capability"], title=manifest["title"], source=source,
        created_at=clock.now(),
    )  # fmt: skip
    blueprint.current = BlueprintVersion.objects.create(
        blueprint=blueprint, number=1, digest=digest_of(manifest, {}), manifest=manifest,
        files=pattern.files, state="signed_off", created_at=clock.now(),
    )  # fmt: skip
    blueprint.save()
    return blueprint


def make_target(name: str, engine: str, **changes: Any) -> Target:
    """A target that nothing is ever sent to."""
    return Target.objects.create(
        name=name, engine=engine, key=f"key-of-{name}", created_at=clock.now(), **changes
    )
