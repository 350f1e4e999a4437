"""Matrix, spoken with a real homeserver on loopback."""

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from alerts.channels.kind import SendError
from alerts.channels.matrix import Matrix
from alerts.domain.messages import Envelope, Mention, Receipt
from common.connection_settings import BadSettings
from tests.builders.alert_messages import message, row
from tests.fakes.synapse import Person, Synapse, synapse

KIND = Matrix()


@pytest.fixture(autouse=True)
def inside(settings: Any) -> None:
    settings.INTERNAL_HOSTS = ("127.0.0.1",)


@pytest.fixture
def ann(homeserver: Synapse) -> Person:
    return homeserver.person(f"ann{uuid.uuid4().hex[:8]}")


@pytest.fixture
def bot(homeserver: Synapse) -> Person:
    return homeserver.person(f"displace{uuid.uuid4().hex[:8]}")


def values(bot: Person, room: str) -> dict[str, str]:
    server = bot.server.url
    return {"homeserver": server, "room": room, "user": "", "password": "", "token": bot.token}


def envelope() -> Envelope:
    key = str(uuid.uuid4())
    return Envelope(key, key[:8])


@pytest.mark.parametrize("is_inside", [False, True])
def test_an_encrypted_room_is_refused_in_plain_words(
    ann: Person, bot: Person, is_inside: bool
) -> None:
    sealed = {"algorithm": "m.megolm.v1.aes-sha2"}
    state = {"type": "m.room.encryption", "state_key": "", "content": sealed}
    room = ann.room(bot.user_id, initial_state=[state])
    if is_inside:
        bot.ask("POST", f"/_matrix/client/v3/join/{room}", {})
    with pytest.raises(SendError, match="This room is encrypted") as refusal:
        KIND.send(values(bot, room), message(), envelope())
    assert refusal.value.disables_channel
    assert ann.texts(room) == []


def test_it_enters_the_room_that_it_was_invited_into(ann: Person, bot: Person) -> None:
    room = ann.room(bot.user_id)
    receipt = KIND.send(values(bot, room), message(), envelope())
    event = ann.events(room)[-1]
    assert event["event_id"] == receipt.remote_id
    assert event["sender"] == bot.user_id
    assert "Payments: 3 debts need you" in event["content"]["body"]
    assert "Payments: 3 debts need you" in event["content"]["formatted_body"]


def test_a_room_can_be_named_by_its_alias(ann: Person, bot: Person) -> None:
    alias = f"debts{uuid.uuid4().hex[:8]}"
    room = ann.room(bot.user_id, room_alias_name=alias)
    receipt = KIND.send(values(bot, f"#{alias}:synapse.test"), message(), envelope())
    assert receipt.details["room"] == room


def test_the_same_key_is_one_event(ann: Person, bot: Person) -> None:
    room = ann.room(bot.user_id)
    once = envelope()
    first = KIND.send(values(bot, room), message(), once)
    again = KIND.send(values(bot, room), message(), Envelope(once.key, once.reference, attempt=2))
    assert again.remote_id == first.remote_id
    assert len(ann.events(room)) == 1


def test_an_edit_takes_the_place_of_the_message(ann: Person, bot: Person) -> None:
    room = ann.room(bot.user_id)
    first = KIND.send(values(bot, room), message(), envelope())
    for words in ("Ann has seen it", "Ann asked for more time"):
        changed = message(rows=1, title="Changed", footer=words)
        first = KIND.edit(values(bot, room), changed, envelope(), first)
    shown = ann.ask("GET", f"/_matrix/client/v3/rooms/{room}/event/{first.remote_id}")
    newest = shown["unsigned"]["m.relations"]["m.replace"]["content"]["m.new_content"]
    assert "Ann asked for more time" in newest["body"]
    assert "Payments: 3 debts" not in newest["formatted_body"]


def test_replies_stand_in_one_thread(ann: Person, bot: Person) -> None:
    room = ann.room(bot.user_id)
    root = KIND.send(values(bot, room), message(), envelope())
    first = KIND.reply(values(bot, room), message(title="One"), envelope(), root)
    second = KIND.reply(values(bot, room), message(title="Two"), envelope(), first)
    path = f"/_matrix/client/v1/rooms/{room}/relations/{root.remote_id}/m.thread"
    assert [one["event_id"] for one in ann.ask("GET", path)["chunk"]] == [
        second.remote_id,
        first.remote_id,
    ]


def rings(person: Person, room: str) -> int:
    """How often the person's bell rang, as their server counts it by its push rules."""
    joined = person.ask("GET", "/_matrix/client/v3/sync?timeout=0")["rooms"]["join"][room]
    found: int = joined["unread_notifications"]["highlight_count"]
    return found


def test_who_is_called_hears_it_and_an_edit_is_silent(ann: Person, bot: Person) -> None:
    room = ann.room(bot.user_id)
    called = row(mention=Mention("ann", "Ann", ann.user_id))
    first = KIND.send(values(bot, room), message(rows=0), envelope())
    assert rings(ann, room) == 0
    KIND.send(values(bot, room), message(rows=0, more=0, call=(called.mention,)), envelope())
    assert rings(ann, room) == 1
    KIND.edit(values(bot, room), message(rows=0, call=(called.mention,)), envelope(), first)
    assert rings(ann, room) == 1


def test_text_of_strangers_rings_nobodys_bell(ann: Person, bot: Person) -> None:
    room = ann.room(bot.user_id, power_level_content_override={"notifications": {"room": 0}})
    name = ann.user_id[1:].partition(":")[0]
    loud = f"@room {ann.user_id} {name} <a href='https://matrix.to/#/{ann.user_id}'>x</a>"
    KIND.send(
        values(bot, room),
        message(rows=0, title=loud, lead=loud, facts=(loud,), call=(Mention("ann", loud),)),
        envelope(),
    )
    assert rings(ann, room) == 0
    shown = ann.events(room)[-1]["content"]["formatted_body"]
    assert "<a href='" not in shown
    assert "@room" not in shown


def test_the_largest_message_is_taken_as_it_is_and_as_a_change(ann: Person, bot: Person) -> None:
    room = ann.room(bot.user_id)
    huge = '👩‍👩‍👧\\"' * 3_000
    rows = tuple(
        row(number, title=huge, when=huge, cost=huge, ask=huge, impact=huge, note=huge)
        for number in range(1, 11)
    )
    large = replace(message(title=huge, lead=huge, facts=(huge,) * 10), rows=rows)
    first = KIND.send(values(bot, room), large, envelope())
    KIND.edit(values(bot, room), large, envelope(), first)
    assert large.more_url in ann.events(room)[0]["content"]["body"]


def test_a_room_without_an_invitation_switches_the_channel_off(ann: Person, bot: Person) -> None:
    with pytest.raises(SendError) as caught:
        KIND.send(values(bot, ann.room()), message(), envelope())
    assert caught.value.disables_channel
    assert "Invite the account" in caught.value.message
    assert "M_FORBIDDEN" in caught.value.said


@pytest.mark.parametrize("room", ["#nowhere:synapse.test", "!nowhere:synapse.test"])
def test_a_room_that_is_not_there_switches_the_channel_off(bot: Person, room: str) -> None:
    with pytest.raises(SendError) as caught:
        KIND.send(values(bot, room), message(), envelope())
    assert caught.value.disables_channel


def test_a_token_that_was_revoked_switches_the_channel_off(ann: Person, bot: Person) -> None:
    room = ann.room(bot.user_id)
    bot.ask("POST", "/_matrix/client/v3/logout", {})
    with pytest.raises(SendError) as caught:
        KIND.send(values(bot, room), message(), envelope())
    assert caught.value.disables_channel
    assert "M_UNKNOWN_TOKEN" in caught.value.said
    assert bot.token not in str(vars(caught.value))


def test_a_password_becomes_a_token(ann: Person, bot: Person) -> None:
    room = ann.room(bot.user_id)
    given = {**values(bot, room), "user": bot.name, "password": bot.password, "token": ""}
    KIND.check(given)
    kept = KIND.settled(given)
    assert kept["password"] == ""
    KIND.send(kept, message(), envelope())
    assert len(ann.events(room)) == 1


def test_a_wrong_password_is_told_at_its_field(bot: Person) -> None:
    given = {**values(bot, "#a:b"), "user": bot.name, "password": "no", "token": ""}
    with pytest.raises(BadSettings, match="does not accept") as caught:
        KIND.settled(given)
    assert caught.value.field == "password"


def test_what_is_no_homeserver_is_told_at_its_field(bot: Person, settings: Any) -> None:
    settings.INTERNAL_HOSTS = ()
    given = {**values(bot, "#a:b"), "user": bot.name, "password": "no", "token": ""}
    with pytest.raises(BadSettings, match="DISPLACE_INTERNAL_HOSTS") as caught:
        KIND.settled(given)
    assert caught.value.field == "homeserver"


@pytest.fixture
def own_server(tmp_path: Path, homeserver: Synapse) -> Iterator[Synapse]:
    """A homeserver that a test may treat badly; only where there is one at all."""
    with synapse(tmp_path / "own") as server:
        yield server


def test_the_homeservers_own_limit_is_told_and_holds(own_server: Synapse) -> None:
    own_server.limits = {"rc_message": {"per_second": 1, "burst_count": 2}}
    own_server.restart()
    ann, bot = own_server.person("ann"), own_server.person("displace")
    room = ann.room(bot.user_id)
    late = None
    for _ in range(20):
        late = envelope()
        try:
            KIND.send(values(bot, room), message(), late)
        except SendError as error:
            limited = error
            break
    else:
        pytest.fail("no limit was met")
    assert limited.status == 429
    assert not limited.is_permanent
    assert not limited.is_outcome_unknown
    assert limited.retry_after is not None
    assert 0 < limited.retry_after < 60
    before = len(ann.events(room))
    time.sleep(limited.retry_after)
    KIND.send(values(bot, room), message(), late)
    assert len(ann.events(room)) == before + 1


def test_the_same_key_is_one_event_after_the_homeserver_crashed(own_server: Synapse) -> None:
    ann, bot = own_server.person("ann"), own_server.person("displace")
    room, once = ann.room(bot.user_id), envelope()
    first = KIND.send(values(bot, room), message(), once)
    own_server.kill()
    with pytest.raises(SendError) as caught:
        KIND.send(values(bot, room), message(), once)
    assert not caught.value.is_permanent
    own_server.start()
    assert KIND.send(values(bot, room), message(), once).remote_id == first.remote_id
    assert len(ann.events(room)) == 1


SENDER = """
import json, os, signal, sys
import django
django.setup()
from django.conf import settings
settings.INTERNAL_HOSTS = ("127.0.0.1",)
from alerts.channels.matrix import Matrix
from alerts.domain.messages import Envelope
from tests.builders.alert_messages import message
Matrix().send(json.loads(sys.argv[1]), message(), Envelope(sys.argv[2], "r"))
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_worker_killed_after_the_send_leaves_one_event(ann: Person, bot: Person) -> None:
    room, once = ann.room(bot.user_id), envelope()
    ended = subprocess.run(
        [sys.executable, "-c", SENDER, json.dumps(values(bot, room)), once.key],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        cwd=Path(__file__).parents[3],
        check=False,
    )
    assert ended.returncode == -signal.SIGKILL
    assert len(ann.events(room)) == 1
    receipt = KIND.send(values(bot, room), message(), once)
    assert [one["event_id"] for one in ann.events(room)] == [receipt.remote_id]


def test_a_receipt_without_details_serves_for_an_edit(ann: Person, bot: Person) -> None:
    room = ann.room(bot.user_id)
    first = KIND.send(values(bot, room), message(), envelope())
    KIND.edit(values(bot, room), message(), envelope(), Receipt(first.remote_id))
    assert len(ann.events(room)) == 2
