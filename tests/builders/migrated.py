"""A database with every table, made once for a whole run of the suite.

Making one takes longer than most tests; an installation that begins with a copy has nothing left
to migrate.
"""

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.architecture.sources import ROOT


def migrated_database(folder: Path) -> Path:
    """The file in `folder`, which several processes may ask for at once; one of them makes it."""
    path = folder / "migrated" / "db.sqlite3"
    with (folder / "migrated.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            draft = folder / "migrated.draft"
            shutil.rmtree(draft, ignore_errors=True)
            kept = {
                k: v for k, v in os.environ.items() if not k.startswith(("DISPLACE_", "DJANGO_"))
            }
            subprocess.run(
                [sys.executable, "manage.py", "migrate", "-v0"],
                cwd=ROOT,
                env={**kept, "DISPLACE_DATA_DIR": str(draft)},
                check=True,
            )
            draft.rename(path.parent)
    return path


def begin_with(database: Path, data_dir: Path) -> None:
    """Let an installation begin with a copy of the database."""
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o711)
    shutil.copyfile(database, data_dir / database.name)
