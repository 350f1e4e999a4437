"""The variables that the other settings modules build on."""

import os
import secrets
from pathlib import Path

from displace.embedded.guard import running_address
from displace.env import (
    BASE_DIR,
    ENCRYPTION_KEYS_NAME,
    SECRET_KEY_NAME,
    BadSetting,
    Environment,
    data_dir,
    parse_encryption_keys,
    require_long,
)

__all__ = [
    "BASE_DIR",
    "BASE_URL",
    "BROKER_URL",
    "DATABASE_URL",
    "DATA_DIR",
    "DEBUG",
    "ENCRYPTION_KEYS",
    "HAS_SECRETS",
    "IS_EMBEDDED",
    "LOG_LEVEL",
    "SECRET_KEY",
    "SITE",
    "environment",
]

environment = Environment(os.environ)

DATA_DIR = data_dir(environment)
DATABASE_URL = environment.database("DISPLACE_DATABASE_URL", DATA_DIR / "db.sqlite3")
BROKER_URL = environment.broker("DISPLACE_BROKER_URL", DATA_DIR / "broker")
# A command given beside a running `make run` prints links to that one.
SITE = environment.base_url(
    "DISPLACE_BASE_URL", running_address(DATA_DIR) or "http://127.0.0.1:8000"
)
BASE_URL = SITE.url
DEBUG = environment.boolean("DISPLACE_DEBUG", default=False)
LOG_LEVEL = environment.choice(
    "DISPLACE_LOG_LEVEL", "WARNING", ("DEBUG", "INFO", "WARNING", "ERROR")
)

# Embedded: everything is on this machine, so a command may run before a secret was generated.
IS_EMBEDDED = DATABASE_URL.engine == "sqlite" and BROKER_URL.scheme == "filesystem"


def _required(name: str, generated: Path) -> str | None:
    value = environment.secret(name, generated)
    if value is None and not IS_EMBEDDED:
        raise BadSetting(
            f"{name} is not set; set it, or {name}_FILE to the path of a file that holds it"
        )
    return value


_secret_key = _required("DISPLACE_SECRET_KEY", DATA_DIR / SECRET_KEY_NAME)
_encryption_keys = _required("DISPLACE_ENCRYPTION_KEYS", DATA_DIR / ENCRYPTION_KEYS_NAME)

# False when a secret is missing: commands still run, the web and the worker refuse to start.
HAS_SECRETS = _secret_key is not None and _encryption_keys is not None

SECRET_KEY = (
    require_long("DISPLACE_SECRET_KEY", _secret_key)
    if _secret_key is not None
    else secrets.token_urlsafe(48)
)
ENCRYPTION_KEYS: tuple[str, ...] = (
    parse_encryption_keys("DISPLACE_ENCRYPTION_KEYS", _encryption_keys)
    if _encryption_keys is not None
    else ()
)
