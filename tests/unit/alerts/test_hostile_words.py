"""What a service says, and a stranger's numbers: no secret gets out, nothing breaks."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.channels.addresses import hidden_parts
from alerts.channels.apprise import _secrets
from alerts.channels.speaking import MOST_SAID, retry_after, words_of
from alerts.domain.backoff import LONGEST_WISH, wished
from alerts.domain.matrix_events import command_in
from common import http

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
TOKEN = "Zx81qT0k3n7Zx81qT0k3n7"
HOOKS = {
    "slack": f"https://hooks.slack.com/services/T0123456789/B0123456789/{TOKEN}",
    "discord": f"https://discord.com/api/webhooks/123456789012345678/{TOKEN}",
    "teams": f"https://x.api.powerplatform.com/workflows/ab12cd34ef56/triggers/manual?sig={TOKEN}&sv=1",
    "google": f"https://chat.googleapis.com/v1/spaces/AAA/messages?key=k3y&token={TOKEN}",
    "webhook": f"https://example.org/in/{TOKEN}?to=x",
}


def answer(body: str, **headers: str) -> http.Answer:
    return http.Answer(400, headers, body.encode())


@pytest.mark.parametrize("url", HOOKS.values(), ids=HOOKS)
@pytest.mark.parametrize(
    "page",
    [
        "no such thing: {url}",
        "<a href='{url}'>{path}</a>",
        "{escaped}",
        "token {token} is not known",
        "{space}{token}",
        '{{"at": "{slashed}"}}',
    ],
)
def test_what_is_quoted_holds_no_part_of_a_token(url: str, page: str) -> None:
    path = url.partition("/")[2].partition("/")[2].partition("/")[2]
    body = page.format(
        url=url,
        path=path,
        token=TOKEN,
        slashed=url.replace("/", "\\/"),
        escaped=url.replace("&", "&amp;"),
        # The token lies across the place where long answers are cut.
        space=" " * (4 * MOST_SAID - len(TOKEN) // 2),
    )
    said = words_of(answer(body), secrets=hidden_parts(url))
    assert len(said) <= MOST_SAID
    assert TOKEN[:8] not in said
    assert "***" in said


def test_the_words_of_a_refusal_stay_readable() -> None:
    said = words_of(
        answer("no_service for services/messages"), secrets=hidden_parts(HOOKS["slack"])
    )
    assert said == "no_service for services/messages"


@pytest.mark.parametrize(
    ("url", "token"),
    [
        ("pbul://abcdef0123456789abcdef/", "abcdef0123456789abcdef"),
        ("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ", "T1JJ3T3L2"),
        ("tgram://123456789:abcdefg_hijklmnop/12315544/", "abcdefg_hijklmnop"),
        ("ircs://bot:hunter2-secret@irc.example.org/#a", "hunter2-secret"),
        ("json://u:p%40ss-word@[::1]:80/x", "p@ss-word"),
    ],
)
def test_a_token_in_the_place_of_a_host_is_hidden(url: str, token: str) -> None:
    assert token in _secrets(url)
    assert "irc.example.org" not in _secrets(url)


@given(st.one_of(st.text(max_size=60), st.floats().map(str), st.datetimes().map(str)))
def test_any_wish_to_wait_is_within_reason(text: str) -> None:
    wish = retry_after(answer("", **{"retry-after": text}))
    if wish is not None:
        assert wished(wish) <= LONGEST_WISH


@pytest.mark.parametrize(
    ("written", "is_heard"),
    [
        (NOW.timestamp() * 1000, True),
        (NOW.timestamp() * 1000 - 86_000_000, True),
        (NOW.timestamp() * 1000 - 87_000_000, False),
        (NOW.timestamp() * 1000 + 87_000_000, False),
        (10**400, False),
        (-(10**400), False),
        (float("nan"), False),
        (float("inf"), False),
        (float("-inf"), False),
        (True, False),
        ("0", False),
        (None, False),
    ],
    ids=lambda one: repr(one)[:10],
)
def test_an_event_of_no_known_time_is_passed_over(written: object, is_heard: bool) -> None:
    event = {
        "type": "m.room.message",
        "event_id": "$1",
        "room_id": "!r",
        "sender": "@ann:example.org",
        "origin_server_ts": written,
        "content": {"msgtype": "m.text", "body": "!debt list"},
    }
    assert (command_in(event, now=NOW) is not None) is is_heard
