"""A variable is either usable or refused in one line that says what is accepted."""

import base64
from collections.abc import Callable
from pathlib import Path

import pytest

from displace.env import (
    BadSetting,
    Environment,
    MailServer,
    parse_encryption_keys,
    require_long,
)

NAME = "DISPLACE_X"
Read = Callable[[Environment], object]


def reading(value: str, read: Read) -> object:
    return read(Environment({NAME: value}))


def refusal(value: str, read: Read) -> str:
    with pytest.raises(BadSetting) as caught:
        reading(value, read)
    message = str(caught.value)
    assert NAME in message
    assert "\n" not in message
    return message


def boolean(env: Environment) -> object:
    return env.boolean(NAME, default=False)


def integer(env: Environment) -> object:
    return env.integer(NAME, 5, minimum=1, maximum=10)


def database(env: Environment) -> object:
    return env.database(NAME, Path("/data/db.sqlite3"))


def broker(env: Environment) -> object:
    return env.broker(NAME, Path("/data/broker"))


def base_url(env: Environment) -> object:
    return env.base_url(NAME, "http://127.0.0.1:8000")


def time_zone(env: Environment) -> object:
    return env.time_zone(NAME, "UTC")


@pytest.mark.parametrize("read", [boolean, integer, database, broker, base_url, time_zone])
def test_unset_and_blank_mean_the_default(read: Read) -> None:
    assert reading("  ", read) == read(Environment({}))


@pytest.mark.parametrize(("text", "value"), [("1", True), ("Yes", True), ("off", False)])
def test_booleans(text: str, value: bool) -> None:
    assert reading(text, boolean) is value


@pytest.mark.parametrize("text", ["2", "maybe", "tru"])
def test_bad_booleans(text: str) -> None:
    assert "true or false" in refusal(text, boolean)


@pytest.mark.parametrize("text", ["0", "11", "five", "5.0", "\u0665", "9" * 30])
def test_bad_integers(text: str) -> None:
    assert "from 1 to 10" in refusal(text, integer)


def test_integers() -> None:
    assert reading("7", integer) == 7


def test_postgresql_address() -> None:
    url = Environment(
        {NAME: "postgresql://a%40b:p%2Fw@db.example.org:5433/name?sslmode=require"}
    ).database(NAME, Path("x"))
    assert (url.engine, url.user, url.password) == ("postgresql", "a@b", "p/w")
    assert (url.host, url.port, url.name) == ("db.example.org", 5433, "name")
    assert url.options == {"sslmode": "require"}


def test_sqlite_address() -> None:
    url = Environment({NAME: "sqlite:////srv/a%20b.sqlite3"}).database(NAME, Path("x"))
    assert (url.engine, url.name) == ("sqlite", "/srv/a b.sqlite3")


@pytest.mark.parametrize(
    "text",
    [
        "mysql://localhost/x",
        "postgresql://localhost",
        "postgresql://localhost:port/x",
        "postgresql://localhost/x?options=-c%20all",
        "sqlite://file",
        "db.sqlite3",
        "postgresql://[::1/x",
    ],
)
def test_bad_databases(text: str) -> None:
    refusal(text, database)


def test_a_password_is_never_shown() -> None:
    assert "hunter2" not in refusal("mysql://me:hunter2@host/x", database)
    assert "hunt@er2" not in refusal("mysql://me:hunt@er2@host/x", database)


@pytest.mark.parametrize("text", ["kafka://x", "redis://", "rabbit", "filesystem://host/x"])
def test_bad_brokers(text: str) -> None:
    refusal(text, broker)


def test_brokers() -> None:
    assert Environment({NAME: "redis://h:1/2"}).broker(NAME, Path("x")).scheme == "redis"
    assert Environment({NAME: "filesystem:///srv/b"}).broker(NAME, Path("x")).folder == Path(
        "/srv/b"
    )


@pytest.mark.parametrize(
    "text",
    ["example.org", "ftp://example.org", "https://example.org/path", "https://u@example.org"],
)
def test_bad_base_urls(text: str) -> None:
    refusal(text, base_url)


def test_base_urls_lose_the_slash() -> None:
    url = Environment({NAME: "https://debt.example.org/"}).base_url(NAME, "")
    assert (url.url, url.host, url.is_https) == (
        "https://debt.example.org",
        "debt.example.org",
        True,
    )


@pytest.mark.parametrize("text", ["Mars/Olympus", "../../etc/passwd", "CET+1"])
def test_bad_time_zones(text: str) -> None:
    refusal(text, time_zone)


def test_a_misspelt_variable_is_refused_with_a_suggestion() -> None:
    env = Environment({"DISPLACE_DATABSE_URL": "x", "DISPLACE_TEST_ANY": "y", "OTHER": "z"})
    env.optional("DISPLACE_DATABASE_URL")
    with pytest.raises(BadSetting, match="did you mean DISPLACE_DATABASE_URL"):
        env.refuse_unknown()


def test_known_variables_are_accepted() -> None:
    env = Environment({"DISPLACE_DEBUG": "1", "DISPLACE_TEST_ANY": "y"})
    env.boolean("DISPLACE_DEBUG", default=False)
    env.refuse_unknown()


def test_short_secrets_are_refused_without_being_shown() -> None:
    with pytest.raises(BadSetting) as caught:
        require_long(NAME, "swordfish")
    assert "swordfish" not in str(caught.value)


def test_encryption_keys() -> None:
    key = base64.urlsafe_b64encode(bytes(range(32))).decode()
    assert parse_encryption_keys(NAME, f"{key}, {key}") == (key, key)
    for bad in ("", "short", key[:-4], key + "A", "é" * 44):
        with pytest.raises(BadSetting) as caught:
            parse_encryption_keys(NAME, bad)
        assert not bad or bad not in str(caught.value)


def mail(env: Environment) -> object:
    return env.mail_server(NAME)


def test_mail_servers() -> None:
    assert Environment({}).mail_server(NAME) is None
    tls = Environment({NAME: "smtps://me:p%40ss@mail.example.org"}).mail_server(NAME)
    assert tls == MailServer("mail.example.org", 465, "me", "p@ss", is_tls=True)
    assert "p@ss" not in repr(tls)
    assert reading("smtp://mail:25", mail) == MailServer("mail", 25, is_starttls=True)
    assert reading("smtp://mail?tls=none", mail) == MailServer("mail", 587)


@pytest.mark.parametrize(
    "text",
    [
        "mail.example.org",
        "imap://mail",
        "smtp://",
        "smtp://mail/inbox",
        "smtp://mail?tls=maybe",
        "smtps://mail?tls=none",
        "smtp://mail:port",
        "smtp://only-a-user@mail",
    ],
)
def test_bad_mail_servers(text: str) -> None:
    refusal(text, mail)


def test_the_password_of_a_mail_server_is_never_shown() -> None:
    assert "hunter2" not in refusal("smtp://me:hunter2@mail/x", mail)


@pytest.mark.parametrize("text", ["debt@example.org", "Technical debt <debt@example.org>"])
def test_senders(text: str) -> None:
    assert reading(text, lambda env: env.mailbox(NAME)) == text


@pytest.mark.parametrize("text", ["debt", "a@b, c@d", "a@b\nBcc: c@d", "a@@b", "<>"])
def test_bad_senders(text: str) -> None:
    with pytest.raises(BadSetting):
        reading(text, lambda env: env.mailbox(NAME))
