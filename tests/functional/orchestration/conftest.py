"""People who are signed in, and the catalogue that comes with the product."""

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.domain.roles import Role
from orchestration.services.blueprints import catalogue_sync
from tests.builders.debts import make_person


class Reader(Client):
    """A browser that looks at every page it gets: an id names one thing."""

    def request(self, **request: Any) -> Any:
        answer = super().request(**request)
        if answer.get("Content-Type", "").startswith("text/html"):
            ids = Counter(re.findall(r'<[^>]*\sid="([^"]*)"', answer.content.decode()))
            assert [one for one, times in ids.items() if times > 1] == []
        return answer


@pytest.fixture
def signed_in(db: None) -> Callable[..., Client]:
    """A client in which somebody is signed in: a role, or a person."""

    def make(who: Any) -> Client:
        client = Reader()
        client.force_login(make_person(who.value, who) if isinstance(who, Role) else who)
        return client

    return make


@pytest.fixture
def catalogue(db: None) -> None:
    """The blueprints that come with the product, signed off."""
    catalogue_sync()
