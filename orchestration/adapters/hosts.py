"""Which host this is: what a local engine builds here can be seen and changed only here."""

import os
import socket
import tempfile
import uuid
from contextlib import suppress
from pathlib import Path

from django.conf import settings

_NAME = "host-id"


def this_host() -> dict[str, str]:
    """Its id and, for people, its name.

    The id lies in the data directory, beside what is built, and moves with it; a backup does not
    take it along.
    """
    return {"id": _identity(Path(settings.DATA_DIR) / _NAME), "name": socket.gethostname()}


def _identity(path: Path) -> str:
    with suppress(FileNotFoundError):
        return path.read_text(encoding="ascii").strip()
    # Of two at once both read what one of them wrote.
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{_NAME}-")
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{uuid.uuid4()}\n")
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        Path(draft).unlink()
    return path.read_text(encoding="ascii").strip()
