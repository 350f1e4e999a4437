"""The processes of this host, by what they belong to."""

import os
from contextlib import suppress
from pathlib import Path


def processes_below(folder: Path) -> dict[int, str]:
    """Living processes that work in a folder, or name it in their arguments or environment."""
    found = {}
    for path in Path("/proc").iterdir():
        with suppress(OSError):
            if not path.name.isdigit() or int(path.name) == os.getpid():
                continue
            words = (path / "cmdline").read_bytes()
            known = words + (path / "environ").read_bytes()
            known += os.fsencode((path / "cwd").readlink())
            if os.fsencode(folder) in known:
                found[int(path.name)] = words.replace(b"\0", b" ").decode(errors="replace")
    return found


def parent_of(pid: int) -> int:
    """The parent of a process. Raises OSError when it is gone."""
    stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    # The name stands in parentheses and may hold any character.
    return int(stat.rpartition(")")[2].split()[1])


def supervisor_of(worker: int) -> int | None:
    """The process that watches over what a worker has started just now."""
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            is_one = b"supervisor.py" in (path / "cmdline").read_bytes()
            if is_one and parent_of(int(path.name)) == worker:
                return int(path.name)
    return None
