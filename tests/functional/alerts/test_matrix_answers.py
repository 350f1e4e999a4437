"""Commands written in a Matrix room, passed on by a real homeserver, down to the ledger."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.cache import cache
from django.core.handlers.base import BaseHandler
from django.core.management import call_command
from django.db import OperationalError
from django.http import HttpRequest, HttpResponseBase

from accounts.domain.roles import Role
from alerts.channels.kind import Rate
from alerts.channels.matrix import Matrix
from alerts.models import Channel, ChatIdentity, MatrixRegistration
from alerts.services import channels, delivering, identities
from alerts.services.matrix_answers import registration_make
from alerts.web import matrix as web_matrix
from common import clock
from common.errors import Denied
from ledger.models import DebtItem, ExtensionRequest
from ledger.selectors import answers_of
from tests.builders.debts import in_days, make_active_debt, make_person
from tests.fakes.synapse import Person, Synapse, synapse

SECONDS = 60
BUSY = threading.RLock()


@pytest.fixture(autouse=True)
def inside(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.INTERNAL_HOSTS = ("127.0.0.1",)
    # The homeserver of a test has no limit.
    monkeypatch.setattr(Matrix, "rate", Rate(1000.0, burst=1000))
    cache.clear()


@pytest.fixture
def server(tmp_path: Path, homeserver: Synapse) -> Iterator[Synapse]:
    """A homeserver of the test's own, since it is restarted with the file of registration."""
    with synapse(tmp_path / "synapse") as own:
        yield own


class House:
    """A room with Ann and our account in it, and its channel in the product."""

    def __init__(self, server: Synapse, folder: Path) -> None:
        self.server = server
        self.folder = folder
        self.admin = make_person("root", Role.ADMIN)
        self.boss = make_person("boss", Role.APPROVER)
        self.user = make_person("ann")
        self.ann = server.person("ann")
        self.bot = server.person("displace")
        self.room = self.ann.room(self.bot.user_id)
        self.channel = channels.channel_create(
            actor=self.admin,
            kind="matrix",
            name="Payments room",
            values={
                "homeserver": server.url,
                "room": self.room,
                "user": "displace",
                "password": self.bot.password,
            },
        )
        assert delivering.test_send(actor=self.admin, channel_id=self.channel.pk).is_sent

    def register(self, capsys: pytest.CaptureFixture[str]) -> None:
        """By the command, as an administrator would."""
        capsys.readouterr()
        call_command("matrix_answers", "Payments room", username="root")
        path = self.folder / "registration.yaml"
        path.write_text(capsys.readouterr().out, encoding="utf-8")
        self.server.registrations.append(path)
        self.server.restart()

    def ask(self, text: str, who: Person | None = None, **more: object) -> str:
        """Write in the room and return our answer, once it stands there."""
        before = len(self.said())
        (who or self.ann).say(self.room, text, **more)
        until(lambda: len(self.delivered()) > before)
        assert len(self.said()) == before + 1
        return self.said()[-1]

    def delivered(self) -> list[str]:
        """What stands in the room once everything that is due was sent."""
        with BUSY:
            delivering.channel_deliver(channel_id=self.channel.pk)
        return self.said()

    def said(self) -> list[str]:
        events = self.ann.events(self.room)
        return [one["content"]["body"] for one in events if one["sender"] == self.bot.user_id]


def until(is_so: Callable[[], bool]) -> None:
    """Wait for what another process does."""
    give_up = time.monotonic() + SECONDS
    while not is_so():
        assert time.monotonic() < give_up, "it never came"
        time.sleep(0.05)


@pytest.fixture
def one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server waits while the test writes, and the other way round.

    The suite's SQLite is one connection of both: their transactions would be one inside the other.
    """
    respond = BaseHandler.get_response

    def alone(self: BaseHandler, request: HttpRequest) -> HttpResponseBase:
        with BUSY:
            return respond(self, request)

    monkeypatch.setattr(BaseHandler, "get_response", alone)


@pytest.fixture
def house(
    one_at_a_time: None, live_server: Any, settings: Any, server: Synapse, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> House:  # fmt: skip
    settings.BASE_URL = live_server.url
    found = House(server, tmp_path)
    found.register(capsys)
    return found


@pytest.fixture
def debt(house: House) -> DebtItem:
    return make_active_debt(house.user, house.boss)


def test_a_debt_is_answered_from_the_room(house: House, debt: DebtItem, settings: Any) -> None:
    name = debt.reference
    assert "!debt snooze D-12 3d" in house.ask("!debt help")
    stranger = house.ask(f"!debt ack {name}")
    assert "I do not know who you are" in stranger
    assert f"{settings.BASE_URL}/alerts/me/" in stranger

    code = identities.code_make(user=house.user)
    assert "speak here as Ann (ann)" in house.ask(f"!debt link {code}")
    linked = ChatIdentity.objects.get()
    assert (linked.user, linked.chat_id) == (house.user, "@ann:synapse.test")

    assert debt.title in house.ask("!debt list")
    house.ask(f"!debt ack {name}")
    assert answers_of([debt.pk])[debt.pk].seen_by
    house.ask(f"!debt snooze {name} 3d")
    assert answers_of([debt.pk])[debt.pk].snoozed_until == in_days(3)
    later = debt.due_on + timedelta(days=30)
    house.ask(f"!debt extend {name} {later} The supplier delivers in spring.")
    asked = ExtensionRequest.objects.get()
    assert (asked.item_id, asked.due_on) == (debt.pk, later)
    house.ask(f"!debt start {name}")
    debt.refresh_from_db()
    assert debt.state == "repaying"


def test_a_reply_with_a_quote_is_read_and_other_talk_is_not(house: House) -> None:
    for text in ("Good morning", "debt help", "* !debt help"):
        house.ann.say(house.room, text)
    house.ann.say(
        house.room,
        "* !debt help",
        **{
            "m.new_content": {"msgtype": "m.text", "body": "!debt help"},
            "m.relates_to": {
                "rel_type": "m.replace",
                "event_id": house.ann.events(house.room)[0]["event_id"],
            },
        },
    )
    house.ann.say(house.room, "!debt help", msgtype="m.notice")
    house.bot.say(house.room, "!debt help")
    assert "!debt link CODE" in house.ask("> <@bo:synapse.test> ready?\n\n!debt help")
    assert len([one for one in house.said() if "!debt link CODE" in one]) == 1


def test_another_room_of_the_same_account_is_not_listened_to(house: House) -> None:
    other = house.ann.room(house.bot.user_id)
    house.bot.ask("POST", f"/_matrix/client/v3/join/{other}", {})
    house.ann.say(other, "!debt help")
    house.ask("!debt help")
    assert [one for one in house.ann.texts(other) if one != "!debt help"] == []


def test_what_could_not_be_taken_is_sent_again_and_done_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    take, tries = web_matrix.events_take, []

    def break_first(**arguments: Any) -> int:
        tries.append(arguments)
        if len(tries) == 1:
            raise OperationalError("the database went away")
        taken = take(**arguments)
        if len(tries) == 2:
            # Done, but the homeserver does not hear of it.
            raise OperationalError("the connection broke")
        return taken

    monkeypatch.setattr(web_matrix, "events_take", break_first)
    code = identities.code_make(user=house.user)
    house.ann.say(house.room, f"!debt link {code}")
    until(lambda: len(tries) >= 3 and len(house.delivered()) == 2)
    house.ask("!debt help")
    answers = [one for one in house.said() if "Answer to ann" in one]
    assert len(answers) == 2
    assert "speak here as Ann" in answers[0]
    assert ChatIdentity.objects.count() == 1


class TestWithoutHomeserver:
    """What anybody could send to the address."""

    pytestmark = pytest.mark.django_db

    @pytest.fixture
    def channel(self) -> Channel:
        now = clock.now()
        return Channel.objects.create(
            kind="matrix", name="Room", key="key-of-the-channel", created_at=now, updated_at=now,
            tokens_at=now,
            options={"homeserver": "https://m.example.org", "room": "!r:example.org"},
        )  # fmt: skip

    @pytest.fixture
    def token(self, channel: Channel, monkeypatch: pytest.MonkeyPatch) -> str:
        monkeypatch.setattr("alerts.channels.matrix.own_id", lambda _: "@displace:example.org")
        admin = make_person("root", Role.ADMIN)
        document = yaml.safe_load(registration_make(actor=admin, channel_id=channel.pk))
        assert document["namespaces"]["rooms"][0]["regex"] == r"^!r:example\.org$"
        return str(document["hs_token"])

    def put(self, client: Any, body: object, token: str = "", path: str = "", **more: Any) -> Any:
        path = path or "/chat/matrix/key-of-the-channel/_matrix/app/v1/transactions/1"
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        return client.put(path, text, content_type="application/json", headers=headers, **more)

    def test_only_the_homeserver_is_heard(self, client: Any, token: str) -> None:
        assert self.put(client, {"events": []}).status_code == 401
        for wrong in ("x", token + "x", "é", token.upper()):
            answer = self.put(client, {"events": []}, wrong)
            assert answer.status_code == 403
            assert answer.json()["errcode"] == "M_FORBIDDEN"
        answer = self.put(client, {"events": []}, token)
        assert (answer.status_code, answer.json()) == (200, {})
        assert answer["Content-Length"] == "2"

    def test_the_old_form_of_the_token_counts_too(self, client: Any, token: str) -> None:
        path = f"/chat/matrix/key-of-the-channel/_matrix/app/v1/transactions/1?access_token={token}"
        assert self.put(client, {"events": []}, path=path).status_code == 200

    def test_people_and_rooms_are_not_ours(self, client: Any, token: str) -> None:
        for name in ("users/@x:example.org", "rooms/%23x:example.org"):
            path = f"/chat/matrix/key-of-the-channel/_matrix/app/v1/{name}"
            assert client.get(path).status_code == 401
            answer = client.get(path, headers={"Authorization": f"Bearer {token}"})
            assert (answer.status_code, answer.json()["errcode"]) == (404, "M_NOT_FOUND")

    @pytest.mark.parametrize(
        "body", [b"", b"{", b"[]", b'{"events": 3}', b"\xff", b"[" * 100_000, b'"' * 9_000_000]
    )
    def test_rubbish_is_refused(self, client: Any, token: str, body: bytes) -> None:
        assert self.put(client, body, token).status_code in (400, 413)

    @pytest.mark.parametrize(
        "event",
        [
            None, 3, [], {}, {"type": "m.room.message"},
            {"type": "m.room.message", "content": {"msgtype": "m.text", "body": 3}},
            {"type": "m.room.message", "content": {"msgtype": "m.text", "body": "!debt help"}},
            {"type": "m.room.encrypted", "content": {"algorithm": "m.megolm.v1.aes-sha2"}},
        ],
    )  # fmt: skip
    def test_events_of_any_shape_are_passed_over(
        self, client: Any, token: str, channel: Channel, event: object
    ) -> None:
        assert self.put(client, {"events": [event]}, token).status_code == 200
        assert channel.deliveries.count() == 0

    def said(self, **changes: Any) -> dict[str, Any]:
        return {
            "type": "m.room.message", "event_id": "$1", "room_id": "!r:example.org",
            "sender": "@ann:example.org", "origin_server_ts": clock.now().timestamp() * 1000,
            "content": {"msgtype": "m.text", "body": "!debt help"}, **changes,
        }  # fmt: skip

    def test_an_event_is_carried_out_once(self, client: Any, token: str, channel: Channel) -> None:
        for _ in range(3):
            assert self.put(client, {"events": [self.said()] * 2}, token).status_code == 200
        assert channel.deliveries.count() == 1

    @pytest.mark.parametrize(
        "changes",
        [
            {"room_id": "!other:example.org"},
            {"sender": "@displace:example.org"},
            {"sender": "nobody"},
            {"origin_server_ts": 1_000_000_000_000},
            {"event_id": "$" * 300},
        ],
    )
    def test_what_is_not_said_to_us_is_passed_over(
        self, client: Any, token: str, channel: Channel, changes: dict[str, Any]
    ) -> None:
        assert self.put(client, {"events": [self.said(**changes)]}, token).status_code == 200
        assert channel.deliveries.count() == 0

    def test_many_commands_of_one_person_are_cut_off(
        self, client: Any, token: str, channel: Channel
    ) -> None:
        events = [self.said(event_id=f"${number}") for number in range(60)]
        assert self.put(client, {"events": events}, token).status_code == 200
        # The minute may change in between.
        assert channel.deliveries.count() in (21, 42)

    def test_a_fault_of_ours_holds_up_nothing(
        self, client: Any, token: str, channel: Channel, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(**_: Any) -> str:
            raise KeyError("a fault")

        monkeypatch.setattr("alerts.services.matrix_answers.command_run", broken)
        assert self.put(client, {"events": [self.said()]}, token).status_code == 200
        assert "nothing was changed" in channel.deliveries.get().message["lead"]

    def test_a_channel_that_moved_elsewhere_is_not_heard(
        self, client: Any, token: str, channel: Channel
    ) -> None:
        channel.options = {**channel.options, "homeserver": "https://evil.example"}
        channel.save()
        assert self.put(client, {"events": [self.said()]}, token).status_code == 403

    def test_a_channel_that_is_off_is_not_heard(
        self, client: Any, token: str, channel: Channel
    ) -> None:
        channel.disabled_at = clock.now()
        channel.save()
        assert self.put(client, {"events": [self.said()]}, token).status_code == 403

    def test_the_token_is_nowhere_in_the_database(self, token: str) -> None:
        assert token not in str(MatrixRegistration.objects.values())
        assert token not in str(Channel.objects.values())

    def test_an_end_is_an_end(self, client: Any, token: str) -> None:
        call_command("matrix_answers", "Room", username="root", end=True)
        assert self.put(client, {"events": [self.said()]}, token).status_code == 403

    def test_only_an_admin_makes_the_file(self, channel: Channel) -> None:
        with pytest.raises(Denied):
            registration_make(actor=make_person("op", Role.OPERATOR), channel_id=channel.pk)
