"""A repository with endpoints, and senders of events."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts import services as accounts_services
from accounts.domain.roles import Role
from analysis import services as analysis_services
from analysis.models import Repository
from hooks import services
from hooks.domain.kinds import Kind
from tests.builders.git_history import History
from tests.builders.webhooks import encoded, signed


class Sender:
    """A Git host with one webhook set up."""

    def __init__(self, kind: Kind, issued: services.IssuedSecret) -> None:
        self.kind = kind
        self.endpoint = issued.endpoint
        self.secret = issued.secret
        self.address = f"/webhooks/{kind.value}/{self.endpoint.key}"
        self._client = Client()

    def send(self, document: Any, event: str = "", **options: Any) -> Any:
        """Sign and post an event."""
        body = document if isinstance(document, bytes) else encoded(document)
        headers = signed(
            self.kind, options.pop("secret", self.secret), body, event=event, **options
        )
        return self.post(body, headers)

    def post(self, body: bytes, headers: dict[str, str], **extra: Any) -> Any:
        """Post exactly this."""
        return self._client.post(
            self.address, body, content_type="application/json", headers=headers, **extra
        )


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path / "shop.git").commit("open", {"shop/cart.py": "items = []\n"})


@pytest.fixture
def repository(db: None, history: History) -> Repository:
    """The shop, registered and analysed."""
    found = analysis_services.repository_register(location=str(history.path))
    analysis_services.analyse_now(repository=found)
    return Repository.objects.get(pk=found.pk)


@pytest.fixture
def sender(repository: Repository) -> Callable[[Kind], Sender]:
    """Set up a webhook and return what sends to it."""

    def make(kind: Kind, secret: str = "") -> Sender:
        return Sender(
            kind, services.endpoint_create(repository_id=repository.pk, kind=kind, secret=secret)
        )

    return make


@pytest.fixture
def signed_in(db: None) -> Callable[[Role], Client]:
    """A client in which somebody with the role is signed in."""

    def make(role: Role) -> Client:
        client = Client()
        client.force_login(accounts_services.user_create(username=role.value, role=role))
        return client

    return make
