"""The doctor on a real installation: healthy, without tables, without a broker, with a fault."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.builders.git_history import History
from tests.builders.migrated import begin_with

ROOT = Path(__file__).parents[3]


def run(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("DISPLACE_", "DJANGO_"))
    }
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT, capture_output=True, text=True, check=False,
        env=environment | {"DISPLACE_DATA_DIR": str(folder)} | variables,
    )  # fmt: skip


def findings(folder: Path, **variables: str) -> tuple[int, dict[str, dict[str, Any]]]:
    answer = run(folder, "doctor", "--json", **variables)
    assert "Traceback" not in answer.stderr
    found = json.loads(answer.stdout)["findings"]
    return answer.returncode, {finding["subject"]: finding for finding in found}


def test_a_fresh_checkout_is_told_to_make_its_tables(tmp_path: Path) -> None:
    status, found = findings(tmp_path)
    assert status == 1
    assert "migrate" in found["Database"]["advice"]
    assert "History" not in found  # nothing there to be read


def test_what_works_and_what_failed(tmp_path: Path, migrated: Path) -> None:
    data, source = tmp_path / "data", tmp_path / "shop.git"
    begin_with(migrated, data)
    History(source).commit("first", {"a.py": "x = 1\n"})
    assert run(data, "analyse", str(source)).returncode == 0
    status, found = findings(data)
    assert status == 0
    assert {name for name, finding in found.items() if finding["health"] == "ok"} >= {
        "Database", "Data directory", "Broker", "Git", "Repositories", "History",
    }  # fmt: skip
    assert found["Workers"]["health"] == "warning"

    source.rename(tmp_path / "elsewhere.git")
    assert run(data, "analyse", str(source)).returncode != 0
    status, found = findings(data)
    assert found["shop"]["health"] == "warning"
    assert "analyse" in found["shop"]["advice"]
    assert run(data, "doctor").stdout.count("look") >= 2


def test_a_server_that_is_away_is_named(tmp_path: Path, migrated: Path) -> None:
    away = {
        "DISPLACE_SECRET_KEY": "x" * 50,
        "DISPLACE_ENCRYPTION_KEYS": "MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA=",
    }
    status, found = findings(
        tmp_path, DISPLACE_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none", **away
    )
    assert (status, found["Database"]["health"]) == (1, "error")
    begin_with(migrated, tmp_path)
    status, found = findings(tmp_path, DISPLACE_BROKER_URL="redis://127.0.0.1:1/0", **away)
    assert (status, found["Broker"]["health"]) == (1, "error")
    assert "nothing is lost" in found["Broker"]["advice"].lower()
