"""Blueprints from the command line: looked at, read from a repository, decided about."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from accounts import services as accounts_services
from accounts.domain.roles import Role
from analysis import services as analysis_services
from orchestration.adapters import catalogue
from tests.builders.git_history import History

pytestmark = pytest.mark.django_db


def said(*arguments: str) -> str:
    out = io.StringIO()
    call_command("blueprint", *arguments, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def answered(*arguments: str) -> Any:
    return json.loads(said(*arguments, "--json"))


@pytest.fixture
def repository(tmp_path: Path) -> History:
    (redis,) = [one for one in catalogue.folders() if one.name == "redis"]
    manifest = redis.manifest.replace("title: Redis cache", "title: Our cache")
    files = {f"blue/redis/{path}": text for path, text in redis.files.items()}
    history = History(tmp_path / "platform.git").commit(
        "bring a cache", {"a.py": "a = 1\n", "blue/redis/blueprint.yml": manifest, **files}
    )
    found = analysis_services.repository_register(location=str(history.path))
    analysis_services.analyse_now(repository=found)
    accounts_services.user_create(username="olga", role=Role.OPERATOR)
    accounts_services.user_create(username="ann", role=Role.APPROVER)
    return history


def test_the_catalogue_is_listed() -> None:
    assert "redis · redis · version 1 · Redis cache" in said("list")
    (one,) = answered("list", "--capability", "queue")["blueprints"]
    assert one["current"]["state"] == "signed_off"
    assert "small: 500 connections, 128 memory mb; 12.00 EUR a month" in said("show", "redis")
    assert answered("show", "redis")["files"]["provision.yml"].startswith("# Starts Redis")
    assert answered("sync") == {"schema": 1, "added": 0}


def test_a_source_is_read_and_decided_about(repository: History) -> None:
    added = answered("add-source", "acme", "platform", "--folder", "blue", "--as", "olga")
    assert (added["problems"], added["commit"]) == ([], repository.head)
    assert answered("sources")["sources"][0]["name"] == "acme"
    assert "acme/redis · version 1 · proposed" in said("list", "--proposed")
    assert "+title: Our cache" in said("show", "acme/redis", "--diff")
    with pytest.raises(CommandError) as refused:
        said("sign-off", "acme/redis", "--as", "ann")
    assert refused.value.returncode == 2
    assert "signed off" in said("sign-off", "acme/redis", "--as", "olga")
    with pytest.raises(CommandError, match="Say why"):
        said("retire", "acme/redis", "--as", "olga")
    done = answered("retire", "acme/redis", "--as", "olga", "--note", "Ours is better.")
    assert (done["state"], done["decision_note"]) == ("retired", "Ours is better.")
    assert "acme/redis · redis · nothing signed off" in said("list")


def test_a_problem_is_a_finding(repository: History) -> None:
    said("add-source", "acme", "platform", "--folder", "blue", "--as", "olga")
    repository.commit("break it", {"blue/redis/blueprint.yml": "name: redis\n"})
    found = analysis_services.repository_register(location=str(repository.path))
    analysis_services.analyse_now(repository=found)
    with pytest.raises(SystemExit) as found_something:
        said("read", "acme")
    assert found_something.value.code == 1
    with pytest.raises(CommandError, match="no source"):
        said("read", "nobody")
