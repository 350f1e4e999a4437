"""Workers that are killed, and workers that meet: nothing half done, nothing twice."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.builders.git_history import History
from tests.builders.migrated import begin_with

PROJECT = Path(__file__).parents[3]
FUNCTION = "def f{0}(a):\n    return [x for x in a if x > {0}] if a else {0}\n\n\n"


@pytest.fixture
def environment(tmp_path: Path, migrated: Path) -> dict[str, str]:
    """The environment of commands that work on a data directory of their own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DISPLACE_")}
    kept.pop("DJANGO_SETTINGS_MODULE", None)
    return prepared(kept | {"DISPLACE_DATA_DIR": str(tmp_path / "data")}, migrated)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository that keeps an analysis busy for a second or two."""
    chance = random.Random(1)
    text = "".join(FUNCTION.format(number) for number in range(60))
    files = {f"pkg/m{n}.py": f"import pkg.m{n + 1}\n{text}x = {n}\n" for n in range(150)}
    history = History(tmp_path_factory.mktemp("large") / "large.git")
    history.commit("start", {"pkg/__init__.py": "", **files})
    for step in range(300):
        path = f"pkg/m{chance.randrange(150)}.py"
        history.commit("edit", {path: f"{files[path]}y = {step}\n"})
    return history.path


def prepared(environment: dict[str, str], migrated: Path) -> dict[str, str]:
    begin_with(migrated, Path(environment["DISPLACE_DATA_DIR"]))
    return environment


def manage(*arguments: str) -> list[str]:
    return [sys.executable, str(PROJECT / "manage.py"), *arguments]


def analyse(environment: dict[str, str], path: Path) -> dict[str, Any]:
    done = subprocess.run(
        manage("analyse", str(path), "--json"),
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def count(environment: dict[str, str], table: str) -> int:
    database = Path(environment["DISPLACE_DATA_DIR"]) / "db.sqlite3"
    with closing(sqlite3.connect(database)) as connection:
        # The names of tables are those of this file.
        statement = f"SELECT count(*) FROM analysis_{table}"  # noqa: S608 - see above
        (rows,) = connection.execute(statement).fetchone()
    return int(rows)


def test_a_worker_killed_at_any_moment_leaves_nothing_half_done(
    environment: dict[str, str], large: Path, tmp_path: Path, migrated: Path
) -> None:
    apart = environment | {"DISPLACE_DATA_DIR": str(tmp_path / "apart")}
    whole = analyse(prepared(apart, migrated), large)
    started = time.monotonic()
    analyse(prepared(apart | {"DISPLACE_DATA_DIR": str(tmp_path / "timed")}, migrated), large)
    lasts = time.monotonic() - started
    for moment in range(1, 6):
        worker = subprocess.Popen(
            manage("analyse", str(large)), env=environment, stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        time.sleep(lasts * moment / 6)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        shown = count(environment, "snapshot")
        assert count(environment, "commit") == (301 if shown else 0), "history without snapshot"
        if shown:
            break
    assert analyse(environment, large) == whole
    assert count(environment, "snapshot") == 1


def test_several_analyses_at_once_do_the_work_once(
    environment: dict[str, str], large: Path
) -> None:
    workers = [
        subprocess.Popen(
            manage("analyse", str(large), "--json"), env=environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        for _ in range(3)
    ]  # fmt: skip
    answers = [worker.communicate(timeout=180) for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0, 0], answers
    first, *others = [json.loads(output) for output, _ in answers]
    assert all(other == first for other in others)
    assert count(environment, "repository") == count(environment, "snapshot") == 1
    assert count(environment, "commit") == 301
