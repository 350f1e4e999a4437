"""Slack, Teams, Mattermost and Discord over real HTTP, and what each of their refusals means."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest

from alerts.channels import registry
from alerts.channels.kind import ChannelKind, SendError
from alerts.domain.messages import Message, Receipt
from tests.builders.alert_messages import ENVELOPE, message
from tests.fakes.chat_services import (
    Chat,
    DiscordService,
    MattermostService,
    Reply,
    SlackService,
    TeamsService,
    chat,
)

SLACK, SLACK_HOOK, TEAMS = "slack", "slack_webhook", "teams"
MATTERMOST, MATTERMOST_HOOK, DISCORD = "mattermost", "mattermost_webhook", "discord"
KINDS = (SLACK, SLACK_HOOK, TEAMS, MATTERMOST, MATTERMOST_HOOK, DISCORD)
SERVICES = {
    SLACK: SlackService,
    SLACK_HOOK: SlackService,
    TEAMS: TeamsService,
    MATTERMOST: MattermostService,
    MATTERMOST_HOOK: MattermostService,
    DISCORD: DiscordService,
}


@dataclass
class Line:
    """A kind of channel with settings that lead to its service."""

    kind: ChannelKind
    settings: dict[str, str]
    chat: Chat

    def send(self, one: Message | None = None) -> Receipt:
        return self.kind.send(self.settings, one or message(), ENVELOPE)

    def refused(self, *troubles: Reply) -> SendError:
        self.chat.trouble.extend(troubles)
        with pytest.raises(SendError) as caught:
            self.send()
        return caught.value

    @property
    def secrets(self) -> list[str]:
        names = [one.name for one in self.kind.fields if one.is_secret]
        return [self.settings[name] for name in names if self.settings.get(name)]


def settings_for(kind: str, url: str) -> dict[str, str]:
    by_kind: Mapping[str, dict[str, str]] = {
        SLACK: {
            "token": SlackService.token,
            "channel": SlackService.channel,
            "signing_secret": "a signing secret",
            "workspace": "T0123456789",
            "api": f"{url}/api",
        },
        SLACK_HOOK: {"url": url + SlackService.hook},
        TEAMS: {"url": url + TeamsService.path},
        MATTERMOST: {
            "server": f"{url}/",
            "token": MattermostService.token,
            "channel_id": MattermostService.channel,
            "answers_url": "https://debt.example.org/chat/mattermost/key/actions",
        },
        MATTERMOST_HOOK: {"url": url + MattermostService.hook},
        DISCORD: {"url": url + DiscordService.path},
    }
    return by_kind[kind]


@pytest.fixture
def line(request: pytest.FixtureRequest, settings: Any) -> Iterator[Line]:
    settings.INTERNAL_HOSTS = ("127.0.0.1",)
    name: str = request.param
    with chat(SERVICES[name]()) as found:
        kind = registry.KINDS[name]
        values = settings_for(name, found.url)
        kind.check(values)
        yield Line(kind, values, found)


def of(*kinds: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("line", kinds, indirect=True)


@of(*KINDS)
def test_a_message_arrives(line: Line) -> None:
    receipt = line.send()
    assert receipt.status in (200, 201, 202)
    assert len(line.chat.seen) == 1
    assert line.chat.seen[0].headers["content-type"].startswith("application/json")
    assert "Carts live in the memory" in str(line.chat.seen[0].body)
    assert not any(secret in repr(receipt) for secret in line.secrets)


@of(*KINDS)
def test_a_message_without_rows_arrives(line: Line) -> None:
    bare = Message(title="A test message", lead="It works.")
    assert line.send(bare).status in (200, 201, 202)


@of(SLACK, MATTERMOST, DISCORD)
def test_a_message_is_changed_in_place(line: Line) -> None:
    before = line.send()
    changed = replace(message(), lead="Ann Lee has seen it.")
    after = line.kind.edit(line.settings, changed, ENVELOPE, before)
    assert after.remote_id == before.remote_id
    service: Any = line.chat.service
    held = service.posts if line.kind.name == MATTERMOST else service.messages
    assert len(held) == 1
    assert "Ann Lee has seen it" in str(held[before.remote_id])


@of(SLACK, MATTERMOST)
def test_a_reply_hangs_below_the_first_message(line: Line) -> None:
    first = line.send()
    fresh = replace(ENVELOPE, key="another key")
    second = line.kind.reply(line.settings, message(), fresh, first)
    third = line.kind.reply(line.settings, message(), replace(fresh, key="third"), second)
    assert third.remote_id != first.remote_id
    name = "root_id" if line.kind.name == MATTERMOST else "thread_ts"
    assert line.chat.seen[1].body[name] == first.remote_id
    assert line.kind.abilities.threads


@of(SLACK, MATTERMOST, DISCORD)
def test_a_message_that_was_deleted_does_not_end_the_channel(line: Line) -> None:
    before = line.send()
    gone = replace(before, remote_id="1" * len(before.remote_id))
    with pytest.raises(SendError) as caught:
        line.kind.edit(line.settings, message(), ENVELOPE, gone)
    assert caught.value.is_permanent
    assert not caught.value.disables_channel


@of(SLACK_HOOK, TEAMS, MATTERMOST_HOOK)
def test_what_a_service_cannot_do_is_refused_for_good(line: Line) -> None:
    assert not line.kind.abilities.edits
    assert not line.kind.abilities.threads
    for act in (line.kind.edit, line.kind.reply):
        with pytest.raises(SendError) as caught:
            act(line.settings, message(), ENVELOPE, Receipt())
        assert caught.value.is_permanent


@of(*KINDS)
def test_a_wait_that_is_asked_for_is_kept(line: Line) -> None:
    error = line.refused(Reply(429, {"ok": False, "error": "ratelimited"}, {"Retry-After": "7"}))
    assert error.retry_after == 7.0
    assert not error.is_permanent
    assert not error.is_outcome_unknown
    assert line.send().status in (200, 201, 202)


@of(DISCORD)
def test_discord_waits_exactly_and_never_less_than_its_header_says(line: Line) -> None:
    limited = {"message": "You are being rate limited.", "retry_after": 1.337, "global": False}
    assert line.refused(Reply(429, limited)).retry_after == 1.337
    assert line.refused(Reply(429, limited, {"Retry-After": "2"})).retry_after == 2.0
    assert line.refused(Reply(429, {"retry_after": "soon"})).retry_after is None
    assert line.refused(Reply(429, "error code: 1015")).retry_after is None


@of(*KINDS)
def test_a_service_in_trouble_is_tried_again(line: Line) -> None:
    error = line.refused(Reply(500, "oops"))
    assert (error.is_permanent, error.is_outcome_unknown, error.status) == (False, False, 500)
    assert line.refused(Reply(504, "gateway")).is_outcome_unknown


@of(*KINDS)
def test_secrets_that_a_service_repeats_are_not_quoted(line: Line) -> None:
    said = " ".join([*line.secrets, *(one.rpartition("/")[2] for one in line.secrets)])
    error = line.refused(Reply(400, f"bad: {said}"))
    for secret in line.secrets:
        assert secret not in repr(error) + str(error) + error.said
        assert secret.rpartition("/")[2] not in error.said
    assert error.is_permanent


@of(SLACK_HOOK, TEAMS, MATTERMOST_HOOK, DISCORD)
def test_an_address_that_is_gone_ends_the_channel(line: Line) -> None:
    line.settings["url"] = line.settings["url"][:-1] + "_"
    assert line.refused().disables_channel


@of(SLACK, MATTERMOST)
def test_a_token_that_was_revoked_ends_the_channel(line: Line) -> None:
    line.settings["token"] = line.settings["token"][:-1] + "x"
    error = line.refused()
    assert error.disables_channel
    assert line.settings["token"] not in str(error)


@of(SLACK, MATTERMOST)
def test_a_channel_without_the_bot_ends_the_channel(line: Line) -> None:
    name = "channel" if line.kind.name == SLACK else "channel_id"
    line.settings[name] = line.settings[name][:-1] + "8"
    assert line.refused().disables_channel


@pytest.mark.parametrize(
    ("code", "permanent", "off", "unknown"),
    [
        ("ratelimited", False, False, False),
        ("service_unavailable", False, False, False),
        ("internal_error", False, False, True),
        ("fatal_error", False, False, True),
        ("msg_blocks_too_long", True, False, False),
        ("invalid_blocks", True, False, False),
        ("cant_update_message", True, False, False),
        ("something_new", True, False, False),
        ("account_inactive", True, True, False),
        ("is_archived", True, True, False),
        ("missing_scope", True, True, False),
    ],
)
@of(SLACK)
def test_what_slacks_errors_mean(
    line: Line, code: str, permanent: bool, off: bool, unknown: bool
) -> None:
    error = line.refused(Reply(200, {"ok": False, "error": code}))
    found = (error.is_permanent, error.disables_channel, error.is_outcome_unknown)
    assert found == (permanent, off, unknown)
    assert code in str(error)


@of(SLACK)
def test_slack_without_a_signing_secret_shows_links(line: Line) -> None:
    line.settings["signing_secret"] = ""
    line.send()
    kinds = [one["type"] for one in line.chat.seen[0].body["blocks"]]
    assert "actions" not in kinds
    assert "/answers/token-extend/" in str(line.chat.seen[0].body)


@pytest.mark.parametrize("value", ["garbage", "[1, 2]", '"text"', "{}", "[" * 10_000])
@of(SLACK, MATTERMOST, DISCORD)
def test_an_answer_that_cannot_be_read_leaves_the_outcome_open(line: Line, value: str) -> None:
    error = line.refused(Reply(200, value))
    # Slack says itself whether it took a message; without that it is a refusal.
    is_refusal = line.kind.name == SLACK and value == "{}"
    assert error.is_outcome_unknown is not is_refusal


@of(MATTERMOST)
def test_the_same_key_at_once_makes_one_post_at_mattermost(line: Line) -> None:
    assert line.send().remote_id == line.send().remote_id
    assert line.chat.seen[0].body["pending_post_id"] == ENVELOPE.key


@of(TEAMS)
def test_a_workflow_that_is_switched_off_ends_the_channel(line: Line) -> None:
    body = {"error": {"code": "WorkflowTriggerIsNotEnabled", "message": "not enabled"}}
    error = line.refused(Reply(400, body))
    assert error.disables_channel
    assert line.send().remote_id == "08584701234567890123456789"


@of(*KINDS)
def test_a_redirect_ends_the_channel(line: Line) -> None:
    moved = Reply(302, "", {"Location": "http://169.254.169.254/"})
    assert line.refused(moved).disables_channel
    assert len(line.chat.seen) == 1


@of(*KINDS)
def test_an_address_inside_the_network_is_refused(line: Line, settings: Any) -> None:
    settings.INTERNAL_HOSTS = ()
    with pytest.raises(SendError) as caught:
        line.send()
    assert caught.value.disables_channel
    assert line.chat.seen == []
