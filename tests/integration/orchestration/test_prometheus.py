"""A real Prometheus is asked for the load of a system."""

import json
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from accounts.domain.roles import Role
from common import clock
from orchestration.models import LoadObservation
from orchestration.selectors.loads import peak_of
from orchestration.services.loads import load_source_add, loads_sweep
from tests import lanes
from tests.builders.debts import make_person

pytestmark = [pytest.mark.django_db, pytest.mark.once]

SETTINGS = """
global: {scrape_interval: 1s}
scrape_configs:
  - job_name: itself
    static_configs: [{targets: ["127.0.0.1:%d"]}]
"""


@pytest.fixture
def prometheus(tmp_path: Path) -> Iterator[str]:
    program = shutil.which("prometheus")
    if program is None:
        lanes.skip_or_fail("provision", "prometheus missing")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (tmp_path / "prometheus.yml").write_text(SETTINGS % port)
    running = subprocess.Popen(
        [
            str(program),
            f"--config.file={tmp_path}/prometheus.yml",
            f"--storage.tsdb.path={tmp_path}/data",
            f"--web.listen-address=127.0.0.1:{port}",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{url}/api/v1/query?query=scrape_samples_scraped")
        yield url
    finally:
        running.terminate()
        running.wait(20)


def _wait_for(url: str) -> None:
    """Until it has scraped itself once."""
    ending = time.monotonic() + 60
    while time.monotonic() < ending:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - our own server
                if json.load(answer)["data"]["result"]:
                    return
        except OSError:
            pass
        time.sleep(0.2)
    pytest.fail("Prometheus did not scrape itself within a minute.")


def test_a_real_server_is_asked(prometheus: str, settings: Any) -> None:
    settings.INTERNAL_HOSTS = ("127.0.0.1",)
    olga = make_person("olga", Role.OPERATOR)

    def source(system: str, query: str) -> Any:
        return load_source_add(
            actor=olga, system=system, metric="connections", url=prometheus, query=query
        )

    source("itself", "scrape_samples_scraped")
    nothing = source("nothing", "no_such_metric")
    wrong = source("wrong", "max(")
    assert loads_sweep(now=clock.now()) >= 1
    assert peak_of("itself")["connections"] > 100
    (one,) = LoadObservation.objects.filter(system="itself")[:1]
    assert one.at <= clock.now()
    nothing.refresh_from_db()
    wrong.refresh_from_db()
    assert "finds nothing" in nothing.last_error
    assert wrong.last_error.startswith("Prometheus says: ")
    assert "parse error" in wrong.last_error
