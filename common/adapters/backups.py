"""A database in one file, and back: by the database's own tools, never by our own format.

The file is a tar archive of `manifest.json` and the database: a copy that SQLite made of itself, or
what pg_dump wrote. Both are whole and of one moment, whatever is written meanwhile. Secrets that
the installation encrypts stay encrypted; their keys are not in it.
"""

import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from common import clock
from common.errors import Refused

SCHEMA = 1
MANIFEST = "manifest.json"
CONTENTS = {"sqlite": "database.sqlite3", "postgresql": "database.pgdump"}
# What a database address may ask for beside the place, as PostgreSQL's tools are told it.
OPTIONS = {
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "connect_timeout": "PGCONNECT_TIMEOUT",
    "application_name": "PGAPPNAME",
}
LARGEST_MANIFEST = 1 << 20  # bytes


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself. `migrations` are the applied ones, as app.name."""

    schema: int
    made_at: str
    vendor: str
    migrations: list[str]


def backup_write(*, path: Path) -> int:
    """Write a backup and return its size in bytes; raises Refused where that cannot be done.

    The file appears under its name when it is whole, readable by its owner alone.
    """
    if path.exists():
        raise Refused(f"{path} exists; give another name, or remove it first.")
    applied = MigrationRecorder(connection).applied_migrations()
    manifest = Manifest(
        schema=SCHEMA,
        made_at=clock.now().isoformat(),
        vendor=connection.vendor,
        migrations=sorted(f"{app}.{name}" for app, name in applied),
    )
    try:
        with _beside(path) as folder:
            contents = folder / CONTENTS[connection.vendor]
            _dump(contents)
            (folder / MANIFEST).write_text(json.dumps(asdict(manifest)), encoding="utf-8")
            archive = folder / "whole"
            with tarfile.open(archive, "x") as tar:
                for name in (MANIFEST, contents.name):
                    tar.add(folder / name, arcname=name)
            archive.chmod(0o600)
            os.link(archive, path)  # unlike a rename, it replaces nothing
    except OSError as error:
        raise Refused(f"{path} cannot be written: {error.strerror}.") from error
    return path.stat().st_size


def backup_restore(*, path: Path) -> Manifest:
    """Put a backup in the place of the database, whole or not at all; `migrate` has to follow.

    Raises Refused when the file is no backup, of the other kind of database, or newer than this
    program.
    """
    try:
        with tarfile.open(path) as tar, _beside(path) as folder:
            manifest = _manifest(tar)
            contents = folder / CONTENTS[manifest.vendor]
            _extract(tar, contents)
            _load(contents)
    except tarfile.TarError as error:
        raise Refused(f"{path} is no backup, or only a part of one.") from error
    except OSError as error:
        raise Refused(f"{path} cannot be read: {error.strerror}.") from error
    return manifest


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """Make a folder that only its owner reads, on the same file system as the backup."""
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=path.absolute().parent) as folder:
        yield Path(folder)


def _manifest(tar: tarfile.TarFile) -> Manifest:
    try:
        member = tar.getmember(MANIFEST)
        file = tar.extractfile(member) if member.size <= LARGEST_MANIFEST else None
        manifest = Manifest(**json.loads(file.read())) if file else None
    except (KeyError, TypeError, ValueError):
        manifest = None
    if manifest is None or manifest.vendor not in CONTENTS:
        raise Refused("This is no backup of this program.")
    if manifest.vendor != connection.vendor:
        raise Refused(
            f"This is the backup of a {manifest.vendor} database; set DISPLACE_DATABASE_URL to one."
        )
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    newer = [name for name in manifest.migrations if name not in known]
    if newer or manifest.schema != SCHEMA:
        raise Refused(
            "The backup was made by a newer version of the program "
            f"({', '.join(newer[:3]) or manifest.schema}); install that one."
        )
    return manifest


def _extract(tar: tarfile.TarFile, target: Path) -> None:
    try:
        file = tar.extractfile(target.name)
    except KeyError:
        file = None
    if file is None:
        raise Refused("The backup lacks its database.")
    with file, target.open("xb") as copy:
        shutil.copyfileobj(file, copy)


def _dump(target: Path) -> None:
    if connection.vendor == "postgresql":
        _run("pg_dump", "--format=custom", "--no-owner", f"--file={target}")
        return
    connection.ensure_connection()
    with closing(sqlite3.connect(target)) as copy:
        connection.connection.backup(copy)


def _load(source: Path) -> None:
    if connection.vendor == "postgresql":
        connection.close()
        _run(
            "pg_restore", "--clean", "--if-exists", "--no-owner", "--single-transaction",
            "--exit-on-error", f"--dbname={_name()}", str(source),
        )  # fmt: skip
        return
    with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as copy:
        try:
            (answer,) = copy.execute("PRAGMA integrity_check(1)").fetchone()
        except sqlite3.DatabaseError as error:
            answer = str(error)
        if answer != "ok":
            raise Refused(f"The database in the backup is damaged: {answer}.")
        connection.ensure_connection()
        copy.backup(connection.connection)


def _name() -> str:
    return str(connection.settings_dict["NAME"])


def _run(program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's tools on our database; the password travels in the environment."""
    settings: dict[str, Any] = connection.settings_dict
    variables = {
        "PGDATABASE": _name(),
        "PGUSER": settings["USER"],
        "PGPASSWORD": settings["PASSWORD"],
        "PGHOST": settings["HOST"],
        "PGPORT": str(settings["PORT"]),
    }
    options = settings.get("OPTIONS", {})
    variables |= {name: str(options.get(option, "")) for option, name in OPTIONS.items()}
    given = {name: value for name, value in variables.items() if value}
    try:
        subprocess.run(
            [program, *arguments], check=True, capture_output=True, text=True,
            env=os.environ | given,
        )  # fmt: skip
    except FileNotFoundError as error:
        raise Refused(f"{program} is not installed here; it comes with PostgreSQL.") from error
    except subprocess.CalledProcessError as error:
        reason = (error.stderr.strip().splitlines() or [f"status {error.returncode}"])[-1]
        raise Refused(f"{program} failed: {reason}") from error
