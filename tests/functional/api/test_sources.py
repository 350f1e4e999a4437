"""Sources of blueprints and locks of states over the API."""

from datetime import timedelta

import pytest

from analysis.models import Repository
from common import clock
from orchestration.models import BlueprintSource, StateFile
from tests.builders.environments import make_catalogue, make_environment, make_run
from tests.functional.api.conftest import Api

pytestmark = pytest.mark.django_db


def test_a_source_is_named_and_read_again(viewer: Api, approver: Api, operator: Api) -> None:
    Repository.objects.create(
        name="Shop", slug="shop", location="/srv/git/shop.git", kind="local",
        default_branch="main", created_at=clock.now(),
    )  # fmt: skip
    body = {"name": "ours", "repository": "shop", "folder": "blueprints"}
    assert approver.post("blueprint-sources", body).status_code == 403
    wrong = operator.post("blueprint-sources", {**body, "repository": "none"})
    assert list(wrong.json()["errors"]) == ["repository"]
    made = operator.post("blueprint-sources", body)
    assert made.status_code == 201, made.content
    assert (made.json()["repository"], made.json()["folder"]) == ("shop", "blueprints")
    assert made.json()["problems"], "it was never analysed"
    [listed] = viewer.get("blueprint-sources").json()["results"]
    assert listed["name"] == "ours"
    at = f"blueprint-sources/{listed['id']}/read"
    BlueprintSource.objects.update(read_at=None)
    assert approver.post(at).status_code == 403
    assert operator.post(at).json()["read_at"] is not None
    assert operator.post("blueprint-sources/999/read").status_code == 404


def test_a_dead_lock_is_broken(viewer: Api, approver: Api, operator: Api) -> None:
    make_catalogue()
    environment = make_environment()
    run = make_run(environment, state="applying", lease_until=clock.now() + timedelta(minutes=1))
    file = StateFile.objects.create(
        resource=environment.resources.get(), lock={"ID": "1", "Operation": "Apply", "Who": "a@b"},
        locked_at=clock.now(), locked_by_run=run, updated_at=clock.now(),
    )  # fmt: skip
    [held] = viewer.get("state-locks").json()["results"]
    assert (held["run"], held["who"], held["is_at_work"]) == (run.reference, "a@b", True)
    at = f"state-locks/{file.resource_id}/break"
    assert operator.post(at, {"reason": "dead"}).status_code == 409
    type(run).objects.update(state="apply_failed")
    assert approver.post(at, {"reason": "dead"}).status_code == 403
    assert operator.post(at, {"reason": "its worker died"}).status_code == 204
    assert viewer.get("state-locks").json()["results"] == []
