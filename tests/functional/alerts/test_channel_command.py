"""Channels from the command line, with a chat service on the loopback address behind them."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from accounts import services as accounts_services
from accounts.domain.roles import Role
from alerts.models import Channel
from tests.fakes.chat_services import Chat, MattermostService, Reply, chat

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def operator() -> None:
    accounts_services.user_create(username="olga", role=Role.OPERATOR)


@pytest.fixture
def service(settings: Any) -> Iterator[Chat]:
    settings.INTERNAL_HOSTS = ("127.0.0.1",)
    with chat(MattermostService()) as found:
        yield found


@pytest.fixture
def token(tmp_path: Path) -> Path:
    path = tmp_path / "token"
    path.write_text(f"{MattermostService.token}\n", encoding="utf-8")
    return path


def text(*arguments: str) -> str:
    out = io.StringIO()
    call_command("channel", *arguments, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def document(*arguments: str) -> Any:
    return json.loads(text(*arguments, "--json"))


def refusal(*arguments: str) -> str:
    with pytest.raises(CommandError) as error:
        text(*arguments)
    assert error.value.returncode == 2
    assert "\n" not in str(error.value)
    return str(error.value)


def add(service: Chat, token: Path, *more: str) -> Any:
    return document(
        *("add", "mattermost", "Payments", "--set", f"server={service.url}"),
        *("--set", f"channel_id={MattermostService.channel}", "--secret", f"token={token}"),
        *more,
    )


def test_a_whole_life(service: Chat, token: Path) -> None:
    accounts_services.team_create(slug="payments", name="Payments")
    made = add(service, token, "--team", "payments")
    assert (made["kind"], made["team"], made["is_on"]) == ("mattermost", "payments", True)
    assert made["settings"]["token"] == {"is_set": True}
    assert made["answers_url"].endswith("/actions")
    sent = document("test", "Payments")
    assert (sent["is_sent"], sent["status"]) == (True, 201)
    assert document("disable", "Payments", "--reason", "moving")["disabled_reason"] == "moving"
    assert "off: moving" in text("list")
    assert document("enable", "Payments")["is_on"]
    assert document("set", "Payments", "--rename", "Shop")["name"] == "Shop"
    assert [one["name"] for one in document("list")["channels"]] == ["Shop"]
    assert document("list", "--kind", "slack")["channels"] == []
    assert text("delete", "Shop") == "Deleted Shop.\n"
    assert not Channel.objects.exists()


def test_the_secret_is_printed_nowhere(service: Chat, token: Path) -> None:
    made = json.dumps(add(service, token))
    shown = text("show", "Payments") + text("list") + text("test", "Payments") + made
    assert MattermostService.token not in shown
    assert "Token of the bot account: ••••••••" in shown


def test_a_test_message_that_is_refused_ends_with_1(service: Chat, token: Path) -> None:
    add(service, token)
    service.trouble.append(Reply(403, {"message": "You do not have the permissions."}))
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("channel", "test", "Payments", stdout=out)
    assert ended.value.code == 1
    assert "Nothing was sent (403)" in out.getvalue()
    assert "You do not have the permissions" in out.getvalue()


def test_a_secret_is_taken_from_standard_input_and_never_from_the_arguments(
    service: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = ("--set", f"server={service.url}", "--set", f"channel_id={MattermostService.channel}")
    said = refusal("add", "mattermost", "A", *place, "--set", f"token={MattermostService.token}")
    assert "--secret token=FILE" in said
    assert MattermostService.token not in said
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{MattermostService.token}\n"))
    assert document("add", "mattermost", "A", *place, "--secret", "token=-")["is_on"]
    assert document("test", "A")["is_sent"]


def test_an_optional_secret_is_forgotten(tmp_path: Path) -> None:
    for name, value in (("token", "xoxb-1234567890-abcdef"), ("signing_secret", "ab" * 16)):
        (tmp_path / name).write_text(value, encoding="utf-8")
    made = document(
        *("add", "slack", "A", "--set", "channel=C0123456789"),
        *("--secret", f"token={tmp_path}/token"),
        *("--secret", f"signing_secret={tmp_path}/signing_secret"),
    )
    assert made["settings"]["signing_secret"] == {"is_set": True}
    assert "is needed" in refusal("set", "A", "--clear", "token")
    assert "no secret “channel”" in refusal("set", "A", "--clear", "channel")
    changed = document("set", "A", "--clear", "signing_secret")
    assert changed["settings"]["signing_secret"] == {"is_set": False}
    assert changed["settings"]["token"] == {"is_set": True}


def test_a_persons_own_channel(service: Chat, token: Path) -> None:
    assert add(service, token, "--person", "olga")["person"] == "olga"
    assert "of olga" in text("list")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("show", "Nowhere"), "There is no channel “Nowhere”"),
        (("add", "mattermost", "A"), "Address of the server is missing"),
        (("add", "mattermost", "A", "--set", "server"), "NAME=VALUE"),
        (("add", "mattermost", "A", "--set", "colour=red"), "no setting “colour”"),
        (("add", "mattermost", "A", "--secret", "token=/nowhere/at/all"), "cannot be read"),
        (("add", "mattermost", "A", "--team", "ghosts"), "There is no team 'ghosts'"),
        (("add", "mattermost", "A", "--person", "ghost"), "There is no person 'ghost'"),
        (("add", "pigeon", "A"), "invalid choice"),
        (("list", "--as", "ghost"), "unrecognized arguments"),
    ],
)
def test_bad_input_is_one_line(arguments: tuple[str, ...], said: str) -> None:
    assert said in refusal(*arguments)


def test_a_change_without_a_change_is_refused(service: Chat, token: Path) -> None:
    add(service, token)
    assert "Say what changes" in refusal("set", "Payments")


def test_who_acts_has_to_be_said_where_there_are_several(service: Chat, token: Path) -> None:
    accounts_services.user_create(username="vera", role=Role.VIEWER)
    assert "Say who acts" in refusal("add", "mattermost", "A", "--secret", f"token={token}")
    assert "needs the role" in refusal("add", "slack", "A", "--as", "vera")
    add(service, token, "--as", "olga")
    assert "needs the role" in refusal("delete", "Payments", "--as", "vera")


def test_kinds_are_listed_with_their_settings() -> None:
    kinds = {one["kind"]: one for one in document("kinds")["kinds"]}
    assert kinds["slack"]["buttons"]
    assert "--secret token=…" in text("kinds", "mattermost")
    assert document("kinds", "discord")["kinds"][0]["per_second"] == 0.5
