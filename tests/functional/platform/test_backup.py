"""A backup and its restoration, on both kinds of database, by the commands themselves."""

import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tests import lanes
from tests.builders.git_history import History
from tests.builders.migrated import begin_with

ROOT = Path(__file__).parents[3]
CARTS = "# DEBT(carts, owner=shop) [2027-03-01]: carts live in process memory\n"
SECRETS = {
    "DISPLACE_SECRET_KEY": "x" * 50,
    "DISPLACE_ENCRYPTION_KEYS": "MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA=",
}


class Installation:
    """Commands in one data directory, on one database."""

    def __init__(self, folder: Path, database_url: str = "") -> None:
        self.variables = {"DISPLACE_DATA_DIR": str(folder), **SECRETS}
        if database_url:
            self.variables["DISPLACE_DATABASE_URL"] = database_url

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("DISPLACE_", "DJANGO_"))
        }
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT, capture_output=True, text=True, check=False, env=inherited | self.variables,
        )  # fmt: skip

    def done(self, *arguments: str) -> str:
        answer = self.run(*arguments)
        assert answer.returncode == 0, answer.stderr
        return answer.stdout

    def refusal(self, *arguments: str) -> str:
        answer = self.run(*arguments)
        assert answer.returncode == 2, answer.stderr
        assert "Traceback" not in answer.stderr
        return answer.stderr


@pytest.fixture(params=["sqlite", "postgresql"])
def installation(
    request: pytest.FixtureRequest, tmp_path: Path, migrated: Path
) -> Iterator[Installation]:
    if request.param == "sqlite":
        begin_with(migrated, tmp_path / "data")
        yield Installation(tmp_path / "data")
        return
    server_url = lanes.database_url().rpartition("/")[0]
    if reason := lanes.missing_postgres():
        lanes.skip_or_fail("postgres", reason)
    name = f"displace_backup_{os.getpid()}"
    with psycopg.connect(f"{server_url}/postgres", autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield Installation(tmp_path / "data", f"{server_url}/{name}")
        finally:
            drop = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
            server.execute(drop)


def test_what_was_there_comes_back(installation: Installation, tmp_path: Path) -> None:
    source, file = tmp_path / "shop.git", tmp_path / "monday.backup"
    history = History(source).commit("first", {"a.py": CARTS})
    installation.done("migrate")
    installation.done("create_user", "jane")
    installation.done("analyse", str(source))
    before = installation.done("debt", "list", "--json")
    installation.done("backup", str(file))
    assert file.stat().st_mode & 0o077 == 0
    assert not list(tmp_path.glob(".backup-*"))
    assert "exists" in installation.refusal("backup", str(file))

    history.commit("pay", {"a.py": "x = 1\n"})
    installation.done("analyse", str(source))
    assert installation.done("debt", "list", "--json") != before
    assert "--replace" in installation.refusal("restore", str(file))
    installation.done("restore", str(file), "--replace")
    assert installation.done("debt", "list", "--json") == before
    # The register goes on from there.
    installation.done("analyse", str(source))
    installation.done("verify_history")


def test_what_is_no_backup_changes_nothing(installation: Installation, tmp_path: Path) -> None:
    installation.done("migrate")
    installation.done("create_user", "jane")
    file = tmp_path / "backup"
    installation.done("backup", str(file))
    whole = file.read_bytes()
    for broken in (b"", b"nonsense" * 200, whole[: len(whole) // 2]):
        file.write_bytes(broken)
        installation.refusal("restore", str(file), "--replace")
    (tmp_path / "manifest.json").write_text('{"schema": 1}')
    with tarfile.open(tmp_path / "other.tar", "w") as tar:
        tar.add(tmp_path / "manifest.json", "manifest.json")
    assert "no backup" in installation.refusal("restore", str(tmp_path / "other.tar"), "--replace")
    assert "cannot be read" in installation.refusal("restore", str(tmp_path / "none"), "--replace")
    assert "jane" in installation.run("create_user", "jane").stderr
