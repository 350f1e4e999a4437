"""Apprise in its own process, to a real IRC server, and what becomes of it when it hangs."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings

from alerts.channels import apprise
from alerts.channels.apprise import MOST_TEXT, Apprise, body
from alerts.channels.kind import SendError
from alerts.channels.text import size
from alerts.domain.messages import Message
from common.adapters import child
from common.connection_settings import BadSettings
from tests import lanes
from tests.builders.alert_messages import AGAIN, BASE, ENVELOPE, hostile_messages, message, row
from tests.fakes.ircserver import Listener, ircserver, program
from tests.fakes.loopback import Reply, service

APPRISE = Apprise()


@pytest.fixture
def irc_port(tmp_path: Path) -> Iterator[int]:
    if program() is None:
        lanes.skip_or_fail("irc", "ngircd is not installed")
    with ircserver(tmp_path) as port:
        yield port


def to(port: int) -> dict[str, str]:
    return {"url": f"irc://bot:hunter2-secret@127.0.0.1:{port}/%23payments?join=yes"}


def test_a_message_arrives_in_a_real_irc_channel(irc_port: int) -> None:
    ann = Listener(irc_port)
    try:
        receipt = APPRISE.send(to(irc_port), message(), AGAIN)
        heard = ann.heard("sent again: it may be here twice")
    finally:
        ann.close()
    assert receipt.said
    assert "Payments: 3 debts need you, 1 has expired" in heard
    assert "D-1 Carts live in the memory of one process" in heard
    assert "Expired on 30 September 2026, 12 days ago" in heard
    assert f"Ask for more time: {BASE}/answers/token-extend/" in heard
    assert f"and 4 more: {BASE}/debts/?team=payments" in heard
    assert "Ref 0d9c3a52" in heard


@pytest.mark.slow
def test_a_long_message_goes_on_and_keeps_the_link(irc_port: int) -> None:
    rows = (row(1, impact="i" * 500), row(2))
    ann = Listener(irc_port)
    try:
        APPRISE.send(to(irc_port), Message("t", "l", rows, url=BASE), ENVELOPE)
        heard = ann.heard("Ref 0d9c3a52")
    finally:
        ann.close()
    assert "D-2" in heard
    assert f"Open in Displace: {BASE}" in heard


def test_a_server_that_is_away_counts_as_unknown() -> None:
    with pytest.raises(SendError, match="could not send") as caught:
        APPRISE.send(to(1), message(), ENVELOPE)
    assert caught.value.is_outcome_unknown
    assert not caught.value.is_permanent
    assert "hunter2" not in caught.value.message + caught.value.said


def test_a_refusal_is_told_in_apprises_words_without_secrets() -> None:
    with service(lambda request: Reply(500, text="broken")) as running:
        url = f"json://user:hunter2-secret@127.0.0.1:{running.port}/token-of-the-path"
        with pytest.raises(SendError, match="It says:") as caught:
            APPRISE.send({"url": url}, message(), ENVELOPE)
    assert len(running.requests) >= 1
    assert "hunter2" not in caught.value.message
    assert "token-of-the-path" not in caught.value.message


def test_what_hangs_is_killed(monkeypatch) -> None:
    monkeypatch.setattr(apprise, "SECONDS", 2.0)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"irc://bot@127.0.0.1:{silent.getsockname()[1]}/%23payments?join=yes"
        with pytest.raises(SendError, match="within 2 seconds") as caught:
            APPRISE.send({"url": url}, message(), ENVELOPE)
    assert caught.value.is_outcome_unknown


def test_the_process_gets_none_of_our_secrets(monkeypatch, tmp_path, settings) -> None:
    (tmp_path / "looking.py").write_text(
        "import json, os, sys\njson.load(sys.stdin)\njson.dump({'env': sorted(os.environ)}, "
        "sys.stdout)\n"
    )
    settings.BASE_DIR = tmp_path
    monkeypatch.setenv("DISPLACE_SECRET_KEY", "x" * 40)
    found = child.ask("looking", {}, seconds=20)["env"]
    assert "PATH" in found
    assert [name for name in found if name.startswith("DISPLACE")] == []


def test_a_process_that_dies_gives_no_answer(tmp_path, settings) -> None:
    settings.BASE_DIR = tmp_path
    (tmp_path / "dying.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n")
    (tmp_path / "babbling.py").write_text("print('hello')\n")
    for module in ("dying", "babbling", "missing"):
        with pytest.raises(child.ChildFailed, match="without an answer") as caught:
            child.ask(module, {}, seconds=20)
        assert not caught.value.is_time_over


@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(hostile=hostile_messages())
def test_hostile_texts_stay_texts(hostile: Message) -> None:
    text = body(hostile, ENVELOPE)
    assert size(text) <= MOST_TEXT
    assert not set("<>\u202e\u2066\u2028\x00\x1b\r") & set(text)
    assert "@" not in text.replace("@\u200b", "").replace("@ ", "").replace("@\n", "")
    assert f"{BASE}/debts/?team=payments" in text


@pytest.mark.parametrize("url", ["", "example.org", "nosuchthing://x", "://x", "json://"])
def test_bad_settings(url: str) -> None:
    with pytest.raises(BadSettings) as caught:
        APPRISE.check({"url": url})
    assert caught.value.field == "url"


def test_good_settings() -> None:
    APPRISE.check(to(6667))
    assert APPRISE.shown(to(6667)) == "Apprise (irc)"
    assert APPRISE.is_for_admins
