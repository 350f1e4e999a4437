"""The gate over HTTP answers as the command does, and refuses as the API refuses."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator

from accounts import services as accounts_services
from accounts.domain.roles import Role
from analysis import services as analysis_services
from analysis.models import Repository
from common import clock
from hooks.models import GateOverride
from ledger import services as ledger_services
from ledger.domain.policy_documents import DEFAULT_DOCUMENT
from tests.builders.git_history import History
from tests.functional.api.conftest import Api

MARK = (
    f"# DEBT(carts, owner=payments) [{clock.today() - timedelta(days=40)}]: carts live in memory\n"
)
BODY = {"base": "main", "head": "change"}


@pytest.fixture
def shop(tmp_path: Path) -> History:
    return (
        History(tmp_path / "shop.git")
        .commit("open", {"shop/__init__.py": "", "shop/cart.py": MARK})
        .branch("change")
        .commit("touch", {"shop/cart.py": MARK + "y = 2\n", "shop/b.py": "# DEBT: bare\n"})
    )


@pytest.fixture
def repository(db: None, shop: History, django_capture_on_commit_callbacks: Any) -> Repository:
    found = analysis_services.repository_register(location=str(shop.path))
    with django_capture_on_commit_callbacks(execute=True):
        analysis_services.analyse_now(repository=found)
    admin = accounts_services.user_create(username="boss", role=Role.ADMIN)
    harder = {"expired_debt": {"enforcement": "block", "announced": None}}
    rules = {**DEFAULT_DOCUMENT["rules"], **harder}
    ledger_services.policy_change(actor=admin, document={**DEFAULT_DOCUMENT, "rules": rules})
    return found


def test_the_answer_is_the_commands(
    contributor: Api, repository: Repository, shop: History, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = contributor.post(f"repositories/{repository.pk}/gate", BODY)
    assert answer.status_code == 200
    with pytest.raises(SystemExit) as stopped:
        call_command("gate", str(shop.path), "--base=main", "--head=change", "--format=json")
    assert stopped.value.code == 1
    assert answer.json() == json.loads(capsys.readouterr().out)
    assert answer.json()["blocked"] is True
    assert contributor.post("repositories/shop/gate/", BODY).json() == answer.json()


def test_the_answer_fits_its_schema(approver: Api, repository: Repository) -> None:
    generator: Any = SchemaGenerator
    schema = generator().get_schema(request=None, public=True)
    validator = Draft202012Validator(
        {"$ref": "#/components/schemas/Gate", "components": schema["components"]}
    )
    for body in (BODY, {**BODY, "break_glass": "The shop is down today"}):
        validator.validate(approver.post("repositories/shop/gate", body).json())


def test_breaking_the_glass(
    approver: Api, api: Callable[[Role], Api], repository: Repository
) -> None:
    body = {**BODY, "break_glass": "The shop is down today"}
    denied = api(Role.CONTRIBUTOR).post("repositories/shop/gate", body)
    assert (denied.status_code, GateOverride.objects.count()) == (403, 0)
    answer = approver.post("repositories/shop/gate", body).json()
    assert (answer["blocked"], answer["conclusion"]) == (False, "overridden")
    assert (answer["override"]["actor"], answer["override"]["source"]) == ("approver", "api")
    short = approver.post("repositories/shop/gate", {**BODY, "break_glass": "now"})
    assert (short.status_code, list(short.json()["errors"])) == (422, ["break_glass"])


def test_who_and_what_is_refused(
    viewer: Api, api: Callable[[Role], Api], repository: Repository
) -> None:
    contributor = api(Role.CONTRIBUTOR)
    assert viewer.post("repositories/shop/gate", BODY).status_code == 403
    assert Api(None).post("repositories/shop/gate", BODY).status_code == 401
    assert contributor.post("repositories/none/gate", BODY).status_code == 404
    assert contributor.get("repositories/shop/gate").status_code == 405
    unknown = contributor.post("repositories/shop/gate", {**BODY, "head": "nowhere"})
    assert (unknown.status_code, list(unknown.json()["errors"])) == (422, ["head"])
    bodies: list[Any] = [{}, {"base": "main"}, {**BODY, "more": 1}, {"base": 1, "head": []}, []]
    for body in bodies:
        assert contributor.post("repositories/shop/gate", body).status_code == 400
    for head in ("--upload-pack=touch x", "main..change", "\u0000", "x" * 251):
        status = contributor.post("repositories/shop/gate", {**BODY, "head": head}).status_code
        assert status in (400, 422)
