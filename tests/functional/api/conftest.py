"""People with API tokens, and a repository that has been analysed."""

import json
from collections.abc import Callable
from datetime import timedelta
from http import HTTPMethod
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from rest_framework.throttling import SimpleRateThrottle

from accounts import services as accounts_services
from accounts.domain.roles import Role
from analysis import services as analysis_services
from analysis.models import Repository
from common import clock
from tests.builders.git_history import History

IMPACT = (
    "Changes to billing take 9 days to reach customers, against 4 days elsewhere. "
    "Source: the release log."
)
CART = """\
from shop import prices, rates


def total(a, b):
    return a or {step}
"""


class Api:
    """Calls of one person's program, through the whole site."""

    def __init__(self, token: str | None) -> None:
        self._client = Client()
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def get(self, path: str, **headers: str) -> Any:
        return self._client.get(self._at(path), headers={**self.headers, **headers})

    def send(self, method: HTTPMethod, path: str, body: Any = None, **headers: str) -> Any:
        return self.raw(
            method, path, json.dumps(body).encode() if body is not None else b"", **headers
        )

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.send(HTTPMethod.POST, path, body, **headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.send(HTTPMethod.PATCH, path, body, **headers)

    def raw(
        self,
        method: HTTPMethod,
        path: str,
        body: bytes,
        content_type: str = "application/json",
        **headers: str,
    ) -> Any:
        """Send any bytes. Headers are named like variables: If_Match."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._client.generic(
            method,
            self._at(path),
            body,
            content_type=content_type,
            headers={**self.headers, **named},
        )

    def _at(self, path: str) -> str:
        return path if path.startswith(("/", "http")) else f"/api/v1/{path}"


@pytest.fixture(autouse=True)
def _unthrottled(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rates of the installation would stop a test suite, which is one fast caller."""
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", {"anon": None, "user": None})


@pytest.fixture
def person(db: None) -> Callable[..., Any]:
    """Make a person; the name is the role's unless given."""

    def make(role: Role, name: str = "") -> Any:
        return accounts_services.user_create(username=name or role.value, role=role)

    return make


@pytest.fixture
def api(person: Callable[..., Any]) -> Callable[[Role], Api]:
    """The program of somebody with a role."""

    def make(role: Role) -> Api:
        user = person(role)
        return Api(accounts_services.token_issue(user=user, name="test").secret)

    return make


@pytest.fixture
def viewer(api: Callable[[Role], Api]) -> Api:
    return api(Role.VIEWER)


@pytest.fixture
def contributor(api: Callable[[Role], Api]) -> Api:
    return api(Role.CONTRIBUTOR)


@pytest.fixture
def approver(api: Callable[[Role], Api]) -> Api:
    return api(Role.APPROVER)


@pytest.fixture
def operator(api: Callable[[Role], Api]) -> Api:
    return api(Role.OPERATOR)


def in_days(days: int) -> str:
    return (clock.today() + timedelta(days=days)).isoformat()


def complete(**changes: Any) -> dict[str, Any]:
    """The body that records a debt with all that its acceptance needs."""
    return {
        "title": "carts live in process memory",
        "owner": "payments",
        "due_on": in_days(60),
        "impact": IMPACT,
        "estimate": {
            "principal": {"optimistic": 8, "likely": 16, "pessimistic": 40},
            "interest": {"p10": 2, "p50": 4.5, "p90": 9},
        },
        "plan": {
            "summary": "Move the carts",
            "milestones": [{"title": "store chosen", "due_on": in_days(20)}],
        },
        **changes,
    }


@pytest.fixture
def shop(tmp_path: Path) -> History:
    """A small repository with a cycle of imports and an announced debt."""
    history = History(tmp_path / "shop.git")
    history.commit(
        "begin",
        {
            "shop/__init__.py": "",
            "shop/cart.py": CART.format(step="b"),
            "shop/prices.py": (
                "from shop import cart, rates\n"
                "# DEBT(flat-rate): one rate for every country\n"
                "#   expires: 2099-01-31\n#   owner: payments\n"
            ),
            "shop/rates.py": "",
            "broken.py": "def (:\n",
        },
    )
    for step in range(6):
        history.commit(
            f"step {step}",
            {
                "shop/cart.py": CART.format(step=step),
                "shop/prices.py": f"from shop import cart, rates\nrate = {step}\n",
            },
        )
    return history


@pytest.fixture
def analysed(db: None, shop: History) -> Repository:
    """The shop, registered and analysed."""
    repository = analysis_services.repository_register(location=str(shop.path))
    analysis_services.analyse_now(repository=repository)
    return Repository.objects.get(pk=repository.pk)
