"""Fixtures that every test may use, and which tests can run here."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from django.conf import settings

from tests import emptying, lanes
from tests.builders.migrated import migrated_database
from tests.fakes.synapse import Synapse, missing_synapse, synapse

DATABASE_FIXTURES = {"db", "transactional_db", "django_db_setup", "live_server", "admin_client"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database-tests-only", action="store_true", help="leave out tests without a database"
    )


def pytest_configure() -> None:
    emptying.allow()
    # How long an example takes says more of the machine than of the code.
    hypothesis.settings.register_profile(
        "suite", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
    )
    hypothesis.settings.load_profile("suite")


def uses_database(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    return item.get_closest_marker("django_db") is not None or bool(fixtures & DATABASE_FIXTURES)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--database-tests-only"):
        config.hook.pytest_deselected(items=[item for item in items if not uses_database(item)])
        items[:] = [item for item in items if uses_database(item)]


def pytest_runtest_setup(item: pytest.Item) -> None:
    on_postgres = settings.DATABASES["default"]["ENGINE"].endswith("postgresql")
    if item.get_closest_marker("postgres") and not on_postgres:
        lanes.skip_or_fail("postgres", "this run is on SQLite; set DISPLACE_TEST_DATABASE_URL")
    if item.get_closest_marker("browser") and (reason := lanes.missing_browser()):
        lanes.skip_or_fail("browser", reason)


@pytest.fixture(params=lanes.broker_urls(), ids=lambda url: url.split(":", maxsplit=1)[0])
def broker_url(request: pytest.FixtureRequest) -> str:
    """The address of a real broker; the test runs once for each kind."""
    url: str = request.param
    if reason := lanes.missing_broker(url):
        lanes.skip_or_fail("broker", reason)
    return url


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The browser's program, for Playwright's `executable_path`."""
    path = lanes.chromium()
    if path is None:
        lanes.skip_or_fail("browser", lanes.missing_browser())
    return str(path)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite database with every table: see tests/builders/migrated.py."""
    folder = tmp_path_factory.getbasetemp()
    # Below xdist each process has a folder of its own in one of all.
    return migrated_database(folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder)


@pytest.fixture(scope="session")
def homeserver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Synapse]:
    """A real Matrix homeserver on loopback."""
    if reason := missing_synapse():
        lanes.skip_or_fail("matrix", reason)
    with synapse(tmp_path_factory.mktemp("synapse")) as server:
        yield server


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Leave the counts for the closing summary of `python -m tests`."""
    path = lanes.report_path()
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if path is None or reporter is None or hasattr(session.config, "workerinput"):
        return
    stats = reporter.stats
    counts = {
        outcome: sum(
            report.when == "call" or outcome != "passed" for report in stats.get(outcome, [])
        )
        for outcome in ("passed", "failed", "error", "skipped", "xfailed")
    }
    reasons = sorted({str(report.longrepr[2]) for report in stats.get("skipped", [])})
    path.write_text(json.dumps({"counts": counts, "skipped": reasons}), encoding="utf-8")
