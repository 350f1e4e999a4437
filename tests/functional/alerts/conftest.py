"""People who are signed in, and a chat service on the loopback address."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from accounts.domain.roles import Role
from tests.builders.debts import make_person
from tests.fakes.loopback import Reply, Request, Service, service

TOKEN = "a1b2c3d4e5f6g7h8i9j0k1l2m3"


class Chat:
    """A service that takes messages until a test says otherwise."""

    def __init__(self) -> None:
        self.reply = Reply(text="ok")
        self.service: Service | None = None

    def answer(self, request: Request) -> Reply:
        return self.reply

    @property
    def webhook(self) -> str:
        return f"{self.service.url}/hooks/{TOKEN}"

    @property
    def messages(self) -> list[Any]:
        return [request.json() for request in self.service.requests]


@pytest.fixture
def chat(settings: Any) -> Iterator[Chat]:
    """Mattermost, as far as an incoming webhook goes."""
    settings.INTERNAL_HOSTS = ("127.0.0.1",)
    found = Chat()
    with service(found.answer) as running:
        found.service = running
        yield found


@pytest.fixture
def signed_in(db: None) -> Callable[..., Client]:
    """A client in which somebody is signed in: a role, or a person."""

    def make(who: Any) -> Client:
        client = Client()
        client.force_login(make_person(who.value, who) if isinstance(who, Role) else who)
        return client

    return make
