"""The catalogue and an organisation's own blueprints: nothing is used before it is signed off."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.db import DatabaseError, connection, transaction

from accounts import services as accounts_services
from accounts.domain.roles import Role
from analysis import services as analysis_services
from common.errors import Denied, Refused
from orchestration.adapters import catalogue, kept
from orchestration.domain.manifests import digest_of
from orchestration.domain.sizing import recommended
from orchestration.domain.states import VersionState
from orchestration.models import Blueprint, BlueprintVersion
from orchestration.selectors.blueprints import (
    blueprint_get,
    blueprints_usable,
    manifest_of,
    version_diff,
    version_of,
    versions_proposed,
)
from orchestration.services import blueprint_sources, blueprints
from tests.builders.git_history import History

SHIPPED = sorted(one.name for one in catalogue.folders())


def good(name: str = "cache") -> dict[str, Any]:
    """A small manifest that is right."""
    return {
        "schema": 1,
        "name": name,
        "title": "A cache",
        "capability": "redis",
        "engine": "ansible",
        "summary": "Redis on this host.",
        "declares": ["Redis"],
        "outputs": {"host": {}, "port": {}, "username": {}, "password": {"secret": True}},
        "tiers": {
            "small": {"capacity": {"memory_mb": 64}, "monthly_cost": "5", "currency": "EUR"},
            "large": {"capacity": {"memory_mb": 640}, "monthly_cost": "50", "currency": "EUR"},
        },
    }


def folder(name: str = "cache", **changes: Any) -> dict[str, str]:
    manifest = yaml.safe_dump({**good(name), **changes}, sort_keys=False)
    return {
        f"infra/{name}/blueprint.yml": manifest,
        f"infra/{name}/provision.yml": "- hosts: all\n",
    }


@pytest.fixture
def operator(db: None) -> Any:
    return accounts_services.user_create(username="olga", role=Role.OPERATOR)


@pytest.fixture
def source(tmp_path: Path, operator: Any) -> Callable[..., Any]:
    """Commit files into a repository, analyse it, and read it as a source of blueprints."""
    history = History(tmp_path / "acme.git")

    def read(files: Mapping[str, Any], **links: Any) -> Any:
        history.commit("change", {"a.py": "a = 1\n", **files}, **links)
        repository = analysis_services.repository_register(location=str(history.path))
        analysis_services.analyse_now(repository=repository)
        known = list(blueprint_sources.BlueprintSource.objects.filter(name="acme"))
        if known:
            return blueprint_sources.source_read(source_id=known[0].pk)
        return blueprint_sources.source_add(
            actor=operator, name="acme", repository_id=repository.pk, folder="infra"
        )

    return read


def test_the_catalogue_is_there_after_a_migration_and_taken_in_once(db: None) -> None:
    found = blueprints_usable()
    assert [one.name for one in found] == SHIPPED
    assert {one.current.decision_note for one in found} == {blueprints.SHIPPED}
    assert blueprints.catalogue_sync() == 0
    assert BlueprintVersion.objects.count() == len(SHIPPED)


@pytest.mark.parametrize("found", list(catalogue.folders()), ids=lambda one: one.name)
def test_what_comes_with_the_product_is_sound(found: catalogue.Found) -> None:
    document, _manifest = blueprints.sound(found)
    assert digest_of(document, found.files).startswith("sha256:")


def test_tiers_keep_their_order_in_the_database(db: None) -> None:
    tiers = manifest_of(blueprint_get("postgresql").current).tiers
    assert [one.name for one in tiers] == ["small", "medium", "large"]


def test_a_new_release_brings_a_new_version_and_an_old_one_takes_it_back(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = list(catalogue.folders())
    changed = [
        catalogue.Found(one.name, one.manifest, {**one.files, "new.txt": "x"}) for one in shipped
    ]
    monkeypatch.setattr(catalogue, "folders", lambda: iter(changed))
    assert blueprints.catalogue_sync() == len(shipped)
    assert blueprint_get("redis").current.number == 2
    monkeypatch.setattr(catalogue, "folders", lambda: iter(shipped))
    assert blueprints.catalogue_sync() == 0
    assert blueprint_get("redis").current.number == 1
    monkeypatch.setattr(catalogue, "folders", lambda: iter(shipped[1:]))
    blueprints.catalogue_sync()
    assert shipped[0].name not in {one.name for one in blueprints_usable()}


def test_what_an_operator_retired_stays_retired(operator: Any) -> None:
    version = blueprint_get("redis").current
    blueprints.version_retire(actor=operator, version_id=version.pk, note="Too old for us.")
    blueprints.catalogue_sync()
    assert "redis" not in {one.name for one in blueprints_usable()}
    blueprints.version_sign_off(actor=operator, version_id=version.pk)
    assert blueprint_get("redis").current == version


def test_a_source_only_proposes(source: Callable[..., Any], operator: Any) -> None:
    read = source(folder())
    assert read.problems == []
    (proposed,) = versions_proposed()
    assert (proposed.blueprint.name, proposed.number, proposed.commit) == (
        "acme/cache", 1, read.read_commit,
    )  # fmt: skip
    assert blueprint_get("acme/cache").current is None
    blueprints.version_sign_off(actor=operator, version_id=proposed.pk, note="Read it.")
    assert blueprint_get("acme/cache").current == proposed

    source(folder(title="A bigger cache"))
    assert blueprint_get("acme/cache").current == proposed
    newer = version_of("acme/cache")
    diff = version_diff(newer)
    assert "-title: A cache" in diff
    assert "+title: A bigger cache" in diff
    assert "provision.yml" not in diff
    blueprints.version_refuse(actor=operator, version_id=newer.pk, note="No.")
    assert blueprint_get("acme/cache").current == proposed
    # The same content again is the same version, with the answer that it had.
    source({"b.py": "b = 1\n"})
    assert version_of("acme/cache").state == VersionState.REFUSED


def test_a_source_is_read_again_when_its_branch_moved(source: Callable[..., Any]) -> None:
    source(folder())
    assert blueprint_sources.sources_sweep() == 0
    blueprint_sources.BlueprintSource.objects.update(read_commit="0" * 40)
    assert blueprint_sources.sources_sweep() == 1


BOMB = "a: &a [x, x, x, x]\nb: &b [*a, *a, *a, *a]\nc: &c [*b, *b, *b, *b]\nd: [*c, *c, *c, *c]\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (BOMB, "aliases"),
        ("a: !!python/object/apply:os.system ['touch /tmp/x']", "no YAML"),
        ("a: [" * 3000, "nested"),
        ("a: " + "[" * 15 + "]" * 15 + "\na: 1\n", "twice"),
        ("name: x\n" * 20_000, "larger"),
        ("at: 2026-01-01", "something else"),
        ("share: .nan", "something else"),
        ('title: "\\0"', "cannot be stored"),
        ('title: "\\ud800"', "cannot be stored"),
        ("- a\n- b\n", "names and values"),
        ("{{{", "no YAML"),
        (yaml.safe_dump({**good(), "engine": "shell"}), "engine"),
        (yaml.safe_dump(good("other")), "its folder"),
    ],
)
def test_a_hostile_manifest_is_a_problem_in_words(
    source: Callable[..., Any], text: str, said: str
) -> None:
    read = source({"infra/cache/blueprint.yml": text, **folder("fine")})
    assert any(said in one for one in read.problems), read.problems
    assert all(one.startswith("cache: ") for one in read.problems)
    # One that is wrong does not keep the others away.
    assert [one.blueprint.name for one in versions_proposed()] == ["acme/fine"]


def test_what_is_no_text_is_refused(source: Callable[..., Any]) -> None:
    read = source(
        {**folder(), "infra/cache/tool": b"\x7fELF\x00\x01", "infra/cache/.hidden": "x"},
        links={"infra/cache/etc": "/etc", "infra/linked/blueprint.yml": "../cache/blueprint.yml"},
    )
    said = " ".join(read.problems)
    assert "tool: it holds characters" in said
    assert "etc: symbolic links" in said
    assert "linked: blueprint.yml: symbolic links" in said
    assert versions_proposed() == []


def test_a_copy_of_ours_is_pointed_at_ours(source: Callable[..., Any]) -> None:
    (redis,) = [one for one in catalogue.folders() if one.name == "redis"]
    files = {f"infra/redis/{path}": text for path, text in redis.files.items()}
    read = source({**files, "infra/redis/blueprint.yml": redis.manifest})
    assert "content of redis, version 1" in read.problems[0]
    assert not Blueprint.objects.filter(name="acme/redis").exists()


def test_only_an_operator_decides(source: Callable[..., Any], operator: Any) -> None:
    source(folder())
    (proposed,) = versions_proposed()
    approver = accounts_services.user_create(username="ann", role=Role.APPROVER)
    with pytest.raises(Denied):
        blueprints.version_sign_off(actor=approver, version_id=proposed.pk)
    with pytest.raises(Denied):
        blueprint_sources.source_add(actor=approver, name="x", repository_id=1)
    with pytest.raises(Refused):
        blueprints.version_retire(actor=operator, version_id=proposed.pk, note="x")
    with pytest.raises(Refused):
        blueprints.version_refuse(actor=operator, version_id=proposed.pk, note=" ")


@pytest.mark.parametrize("folder_name", ["../up", "/etc/../x", "a//b", "x" * 201])
def test_a_source_names_a_folder(operator: Any, folder_name: str) -> None:
    with pytest.raises(Refused) as refused:
        blueprint_sources.source_add(
            actor=operator, name="acme", repository_id=1, folder=folder_name
        )
    assert refused.value.field == "folder"


@pytest.mark.parametrize(
    "change", [{"files": {}}, {"manifest": {}}, {"digest": "x"}, {"number": 9}]
)
def test_a_content_never_changes(db: None, change: dict[str, Any]) -> None:
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        BlueprintVersion.objects.update(**change)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM orchestration_blueprintversion")
    # What was decided about it does.
    BlueprintVersion.objects.first().save()
    BlueprintVersion.objects.update(decision_note="Seen.")
    assert kept.missing(connection) == []


@pytest.mark.django_db
def test_a_large_database_needs_no_large_monitoring() -> None:
    blueprints.catalogue_sync()
    sizes = {
        name: recommended(manifest_of(version_of(name)).tiers, {"storage_gb": 500.0}).name
        for name in ("postgresql", "monitoring")
    }
    assert sizes == {"postgresql": "large", "monitoring": "small"}
