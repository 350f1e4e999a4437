"""A repository behind a password: sealed in the database, opened for a fetch, replaced at will."""

import base64
import importlib
import threading
from collections.abc import Iterator
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.apps import apps
from django.conf import settings as configured
from django.core import serializers
from django.db import connection

from analysis import services
from analysis.models import Repository
from common import clock
from common.encryption import unseal
from common.errors import Refused
from tests.builders.git_history import History, run_git

pytestmark = pytest.mark.django_db


class Door:
    """A plain HTTP server for a bare repository; it opens for one token only."""

    def __init__(self, folder: Path) -> None:
        door = self
        self.token = "first-token"

        class Handler(SimpleHTTPRequestHandler):
            def do_GET(self) -> None:
                wanted = base64.b64encode(f"jane:{door.token}".encode()).decode()
                if self.headers["Authorization"] == f"Basic {wanted}":
                    super().do_GET()
                    return
                self.send_response(HTTPStatus.UNAUTHORIZED)
                self.send_header("WWW-Authenticate", 'Basic realm="shop"')
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def address(self, token: str) -> str:
        return f"http://jane:{token}@127.0.0.1:{self.server.server_port}/shop.git"


@pytest.fixture
def shop(tmp_path: Path) -> History:
    history = History(tmp_path / "shop.git").commit("first", {"a.py": "x = 1\n"})
    run_git(history.path, "update-server-info")
    return history


@pytest.fixture
def door(tmp_path: Path, shop: History) -> Iterator[Door]:
    door = Door(tmp_path)
    yield door
    door.server.shutdown()
    door.server.server_close()


def test_a_token_is_sealed_and_opens_the_door(door: Door) -> None:
    repository = services.repository_register(location=door.address("first-token"))
    services.analyse_now(repository=repository)
    repository.refresh_from_db()
    assert repository.current_snapshot.files == 1
    written = serializers.serialize("json", Repository.objects.all())
    assert "first-token" not in written
    assert unseal(repository.credentials) == "jane:first-token"
    mirror = services.repositories.mirror_of(repository).path
    files = [path for path in [*mirror.rglob("*"), configured.DATA_DIR] if path.is_file()]
    assert not [path for path in files if b"first-token" in path.read_bytes()]


def test_a_new_token_takes_the_place_of_the_old_one(door: Door, shop: History) -> None:
    repository = services.repository_register(location=door.address("first-token"))
    door.token = "second-token"
    with pytest.raises(Refused):
        services.analyse_now(repository=repository)
    # A wrong one changes nothing, and one without any is the same repository.
    with pytest.raises(Refused, match=r"\S"):
        services.repository_register(location=door.address("wrong"))
    assert services.repository_register(location=repository.location).pk == repository.pk
    again = services.repository_register(location=door.address("second-token"))
    assert again.pk == repository.pk
    services.analyse_now(repository=again)
    again.refresh_from_db()
    assert again.current_snapshot.files == 1


def test_a_token_whose_key_is_gone_is_told_of_and_replaced(door: Door, settings: Any) -> None:
    repository = services.repository_register(location=door.address("first-token"))
    services.analyse_now(repository=repository)
    settings.ENCRYPTION_KEYS = (Fernet.generate_key().decode(),)
    with pytest.raises(Refused, match="cannot be opened"):
        services.tips.remote_tip(repository_id=repository.pk)
    with pytest.raises(Refused, match="cannot be opened"):
        services.head_file(repository_id=repository.pk, paths=["a.py"])
    again = services.repository_register(location=door.address("first-token"))
    assert again.pk == repository.pk
    assert services.tips.remote_tip(repository_id=repository.pk).branch == "main"


def test_stored_addresses_give_up_their_tokens() -> None:
    migration = importlib.import_module("analysis.migrations.0004_repository_credentials")
    locations = {
        "a": "https://jane:one@h.org/a.git",
        "b": "https://jane:two@h.org/a.git",
        "c": "git@h.org:c.git",
        "d": "/srv/d@e",
    }
    for name, location in locations.items():
        Repository.objects.create(
            name=name, slug=name, location=location, kind="remote", created_at=clock.now()
        )
    migration.seal_credentials(apps, connection.schema_editor())
    for repository in Repository.objects.all():
        place = services.repositories.location_of(repository)
        if repository.credentials:
            assert "one" not in repository.location
            assert "two" not in repository.location
            assert place.url == locations[repository.name]
        else:
            assert repository.location == locations[repository.name]
    migration.open_credentials(apps, connection.schema_editor())
    assert dict(Repository.objects.values_list("name", "location")) == locations
