"""Secrets of an installation: generated into the data directory, or required."""

import base64
import os
import secrets
import sys
from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from displace.env import ENCRYPTION_KEYS_NAME, SECRET_KEY_NAME, BadSetting


def generate_missing(data_dir: Path) -> None:
    """Write the secrets that do not exist yet, readable by this user only.

    Raises BadSetting when the folder cannot be written.
    """
    _write_once(data_dir / SECRET_KEY_NAME, lambda: secrets.token_urlsafe(48))
    _write_once(
        data_dir / ENCRYPTION_KEYS_NAME,
        lambda: base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    )


def require() -> None:
    """Stop a long-running process, in one line, when a secret is missing.

    Commands may go without: they keep nothing that depends on a secret.
    """
    if not settings.HAS_SECRETS:
        sys.stderr.write(
            "displace: DISPLACE_SECRET_KEY and DISPLACE_ENCRYPTION_KEYS must be set "
            "(or ..._FILE); `make run` generates both into the data directory\n"
        )
        raise SystemExit(2)


def _write_once(path: Path, make: Callable[[], str]) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    except OSError as error:
        raise BadSetting(f"{str(path)!r} cannot be written: {error.strerror}") from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(make() + "\n")
