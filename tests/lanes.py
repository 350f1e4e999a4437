"""What some tests need beyond Python and git, and whether it is here.

DISPLACE_TEST_DATABASE_URL   PostgreSQL for the second pass of the database tests
DISPLACE_TEST_BROKER_URLS    RabbitMQ and Redis, separated by a comma
DISPLACE_TEST_CHROMIUM       the browser's program
DISPLACE_TEST_REQUIRE        lanes that must run (postgres, broker, browser, gitolite,
                             payloads, matrix, irc, provision, flags, terraform, or all)
"""

import os
import shutil
from functools import cache
from pathlib import Path

import psycopg
import pytest
from kombu import Connection

LANES = (
    "postgres",
    "broker",
    "browser",
    "gitolite",
    "payloads",
    "matrix",
    "irc",
    "provision",
    "flags",
    "terraform",
)
DEFAULT_DATABASE_URL = "postgresql://postgres@127.0.0.1:5432/displace"
DEFAULT_BROKER_URLS = "amqp://guest:guest@127.0.0.1:5672//,redis://127.0.0.1:6379/15"
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PROBE_SECONDS = 3


def database_url() -> str:
    return os.environ.get("DISPLACE_TEST_DATABASE_URL", "") or DEFAULT_DATABASE_URL


def broker_urls() -> list[str]:
    text = os.environ.get("DISPLACE_TEST_BROKER_URLS", "") or DEFAULT_BROKER_URLS
    return [url.strip() for url in text.split(",") if url.strip()]


def is_required(lane: str) -> bool:
    required = os.environ.get("DISPLACE_TEST_REQUIRE", "").replace(",", " ").split()
    return lane in required or "all" in required


def skip_or_fail(lane: str, reason: str) -> None:
    """Leave the test out, or fail it where the lane must run."""
    if is_required(lane):
        pytest.fail(f"{lane} is required by DISPLACE_TEST_REQUIRE, but {reason}", pytrace=False)
    pytest.skip(f"{lane}: {reason}")


@cache
def missing_postgres() -> str:
    """Why PostgreSQL cannot be used, or an empty text."""
    server = database_url().rsplit("/", maxsplit=1)[0]
    try:
        psycopg.connect(f"{server}/postgres", connect_timeout=PROBE_SECONDS).close()
    except psycopg.Error as error:
        return f"no PostgreSQL server answers: {str(error).splitlines()[0]}"
    return ""


@cache
def missing_broker(url: str) -> str:
    """Why the broker at `url` cannot be used, or an empty text."""
    scheme = url.split(":", maxsplit=1)[0]
    try:
        with Connection(url, connect_timeout=PROBE_SECONDS) as connection:
            connection.ensure_connection(max_retries=1, timeout=PROBE_SECONDS)
    except Exception as error:  # noqa: BLE001 - each broker's library raises errors of its own
        return f"no {scheme} broker answers: {error}"
    return ""


@cache
def chromium() -> str | None:
    """The path of a Chromium-like browser, or None."""
    named = os.environ.get("DISPLACE_TEST_CHROMIUM", "")
    names = (named,) if named else CHROMIUM_NAMES
    return next((path for name in names if (path := shutil.which(name))), None)


def missing_browser() -> str:
    return "" if chromium() else f"none of these was found: {', '.join(CHROMIUM_NAMES)}"


def report_path() -> Path | None:
    """Where a lane writes its counts for the closing summary."""
    path = os.environ.get("DISPLACE_TEST_REPORT", "")
    return Path(path) if path else None
