"""The small engine, people and a folder of its own for each test."""

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from orchestration.adapters import probes
from orchestration.engines import registry
from orchestration.services import holding
from tests.builders.small_environments import People, make_small_blueprint
from tests.fakes import small_engine


@pytest.fixture
def data_dir(settings: Any, tmp_path: Path) -> Iterator[Path]:
    """Where environments are built; whatever still runs there is ended."""
    settings.DATA_DIR = tmp_path
    yield tmp_path
    for path in Path("/proc").iterdir():
        with suppress(OSError):
            named = (path / "cmdline").read_bytes().split(b"\0") if path.name.isdigit() else []
            if any(one.startswith(f"{tmp_path}/environments/".encode()) for one in named):
                os.kill(int(path.name), signal.SIGKILL)
    shutil.rmtree(tmp_path, ignore_errors=True)


def is_in_memory() -> bool:
    """Whether nothing beside this thread sees the database."""
    return connection.vendor == "sqlite" and connection.is_in_memory_db()


def hold_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the thread beside the work nothing extends the lease, which then must not end."""
    monkeypatch.setattr(holding.Holder, "_beside", lambda self: None)
    monkeypatch.setattr(holding, "LEASE", timedelta(days=1))


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, data_dir: Path) -> None:
    monkeypatch.setitem(registry.ENGINES, small_engine.NAME, small_engine.SmallEngine())
    monkeypatch.setitem(probes._PROBES, small_engine.CAPABILITY, small_engine.probe)
    if is_in_memory() or connection.in_atomic_block:
        # A thread beside this one cannot use such a database, or does not see what is not committed
        # and takes the run for lost as soon as a step lasts longer than a look.
        hold_alone(monkeypatch)


@pytest.fixture
def people(db: None, small: None) -> People:
    make_small_blueprint()
    return People()
