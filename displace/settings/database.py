"""SQLite by default, PostgreSQL by address."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from displace.env import DatabaseUrl
from displace.settings.environment import DATABASE_URL

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Writers queue for this long (seconds) before SQLite gives up with "database is locked".
SQLITE_BUSY_SECONDS = 20

# WAL lets readers go on during a write; NORMAL is safe with WAL against a crashed program.
# (Django itself switches foreign keys on for every connection.)
SQLITE_INIT_COMMAND = (
    "PRAGMA journal_mode=WAL;"
    "PRAGMA synchronous=NORMAL;"
    "PRAGMA cache_size=-32000;"
    "PRAGMA mmap_size=268435456;"
    "PRAGMA temp_store=MEMORY;"
)


def make_private(path: Path) -> None:
    """Let a new database be read by its owner only; SQLite gives what lies beside it the same mode.

    One that is there keeps its mode: somebody may have shared it on purpose.
    """
    if path.parent.is_dir():
        with suppress(FileExistsError, PermissionError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))


def database_settings(url: DatabaseUrl) -> dict[str, Any]:
    """The Django connection of one address."""
    if url.engine == "sqlite":
        make_private(Path(url.name))
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": url.name,
            "OPTIONS": {
                "timeout": SQLITE_BUSY_SECONDS,
                # A transaction that starts as a reader cannot wait for a writer: it fails.
                "transaction_mode": "IMMEDIATE",
                "init_command": SQLITE_INIT_COMMAND,
            },
        }
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": url.name,
        "USER": url.user,
        "PASSWORD": url.password,
        "HOST": url.host,
        "PORT": url.port or "",
        "OPTIONS": dict(url.options),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


DATABASES = {"default": database_settings(DATABASE_URL)}
