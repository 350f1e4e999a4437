"""Sources of blueprints and locks of states, for whoever operates the installation."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from accounts.domain.roles import Role
from analysis.models import Repository
from common import clock
from orchestration.domain.states import RunState
from orchestration.models import Blueprint, BlueprintSource, BlueprintVersion, RunEvent, StateFile
from tests.builders.debts import make_person
from tests.builders.environments import make_catalogue, make_environment, make_run

pytestmark = pytest.mark.django_db
SOURCES = "/environments/sources/"
LOCKS = "/environments/locks/"
SignIn = Callable[..., Client]


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


@pytest.fixture
def shop() -> Repository:
    return Repository.objects.create(
        name="Shop", slug="shop", location="/srv/git/shop.git", kind="local",
        default_branch="main", created_at=clock.now(),
    )  # fmt: skip


def source_of(repository: Repository, name: str = "ours", **changes: Any) -> BlueprintSource:
    return BlueprintSource.objects.create(
        name=name, repository=repository, created_at=clock.now(), **changes
    )


def blueprint_from(source: BlueprintSource, name: str, state: str) -> Blueprint:
    blueprint = Blueprint.objects.create(
        name=f"{source.name}/{name}", capability="redis", title=name.title(), source=source,
        created_at=clock.now(),
    )  # fmt: skip
    version = BlueprintVersion.objects.create(
        blueprint=blueprint, number=1, digest=f"sha256:{name}", manifest={}, files={},
        state=state, created_at=clock.now(),
    )  # fmt: skip
    if state == "signed_off":
        blueprint.current = version
        blueprint.save()
    return blueprint


def test_sources_with_what_was_read_from_them(
    signed_in: SignIn, shop: Repository, django_assert_max_num_queries: Any
) -> None:
    client = signed_in(Role.VIEWER)
    assert "No source yet" in text_of(client.get(SOURCES))
    assert SOURCES in text_of(client.get("/environments/blueprints/"))
    for number in range(5):
        source = source_of(shop, f"s{number}", problems=["cache: it has no tiers."])
        blueprint_from(source, f"cache{number}", "signed_off")
        blueprint_from(source, f"queue{number}", "proposed")
        blueprint_from(source, f"gone{number}", "retired")
    with django_assert_max_num_queries(6):
        page = text_of(client.get(SOURCES))
    for said in ("Signed off", "Waits for an operator", "Not used", "it has no tiers", "Shop"):
        assert said in page, said
    assert "Read again" not in page


def test_an_operator_names_and_reads_a_source(signed_in: SignIn, shop: Repository) -> None:
    terms = {"name": "ours", "repository": str(shop.pk), "folder": "blueprints"}
    assert signed_in(Role.APPROVER).post(SOURCES, terms).status_code == 403
    client = signed_in(Role.OPERATOR)
    refused = client.post(SOURCES, {**terms, "name": "Not A Name"})
    assert (refused.status_code, "small letters" in text_of(refused)) == (422, True)
    assert client.post(SOURCES, terms).status_code == 302
    source = BlueprintSource.objects.get()
    assert (source.folder, source.read_at is None) == ("blueprints", False)
    assert source.problems, "nothing was analysed, which is said"
    assert source.problems[0] in text_of(client.get(SOURCES))
    at = f"{SOURCES}{source.pk}/read/"
    assert signed_in(Role.VIEWER).post(at).status_code == 403
    assert client.post(at).status_code == 302
    assert client.post(f"{SOURCES}999/read/").status_code == 404


def locked(state: RunState) -> StateFile:
    make_catalogue()
    environment = make_environment()
    run = make_run(environment, state=state.value, lease_until=clock.now() + timedelta(minutes=1))
    return StateFile.objects.create(
        resource=environment.resources.get(), lock={"ID": "1", "Operation": "Apply", "Who": "a@b"},
        locked_at=clock.now(), locked_by_run=run, updated_at=clock.now(), serial=4,
    )  # fmt: skip


def test_who_holds_a_lock(signed_in: SignIn, django_assert_max_num_queries: Any) -> None:
    client = signed_in(Role.VIEWER)
    assert "No state is locked" in text_of(client.get(LOCKS))
    assert LOCKS in text_of(client.get("/environments/targets/"))
    file = locked(RunState.APPLYING)
    with django_assert_max_num_queries(5):
        page = text_of(client.get(LOCKS))
    assert file.locked_by_run is not None
    for said in (file.locked_by_run.reference, "a@b", "state 4", "still at work"):
        assert said in page, said
    refused = signed_in(Role.OPERATOR).post(
        f"{LOCKS}{file.resource_id}/break/", {"reason": "dead"}, follow=True
    )
    assert "is still at work" in text_of(refused)
    file.refresh_from_db()
    assert file.locked_at is not None


def test_a_program_reads_the_locks(capsys: Any) -> None:
    file = locked(RunState.APPLY_FAILED)
    call_command("state_lock", "--json")
    (lock,) = json.loads(capsys.readouterr().out)["locks"]
    assert (lock["id"], lock["resource"], lock["who"]) == (file.resource_id, "db", "a@b")
    assert lock["is_at_work"] is False
    make_person("olga", Role.OPERATOR)
    words = [lock["environment"], "db", "--reason", "dead", "--as", "olga", "--json"]
    call_command("state_lock", *words)
    assert json.loads(capsys.readouterr().out)["broken"] == lock
    call_command("state_lock", "--json")
    assert json.loads(capsys.readouterr().out)["locks"] == []


def test_an_operator_breaks_a_dead_lock(signed_in: SignIn) -> None:
    file = locked(RunState.APPLY_FAILED)
    at = f"{LOCKS}{file.resource_id}/break/"
    reader, operator = signed_in(Role.APPROVER), signed_in(Role.OPERATOR)
    assert "an operator may break the lock" in text_of(reader.get(LOCKS))
    assert reader.post(at, {"reason": "dead"}).status_code == 403
    assert "Say why" in text_of(operator.post(at, {"reason": " "}, follow=True))
    assert "The lock is free." in text_of(operator.post(at, {"reason": "died"}, follow=True))
    file.refresh_from_db()
    assert file.locked_at is None
    assert "broke lock 1" in RunEvent.objects.get().text
    assert operator.post(at, {"reason": "again"}).status_code == 404
