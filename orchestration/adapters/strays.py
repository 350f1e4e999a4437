"""What goes on of an engine whose supervisor was killed with the worker: it is ended by its folder.

A supervisor ends all that an engine started. Where it is killed itself, the kernel ends only the
command below it, and the command's children may go on.
"""

import os
import signal
import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

_TURNS = 100
_LOOK = 0.05


def end_strays(folder: Path) -> int:
    """Kill what works in a run's folder, with its session; return how many processes that were.

    Servers that were started on purpose have a session of their own, and stay. Where there is no
    /proc nothing is found.
    """
    ended: set[int] = set()
    for _ in range(_TURNS):
        found = _strays(folder)
        if not found:
            break
        ended |= found
        for pid in found:
            with suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(_LOOK)
    return len(ended)


def _strays(folder: Path) -> set[int]:
    """Everything that was started for the folder, in a session of which something works there."""
    sessions: dict[int, set[int]] = {}
    working: set[int] = set()
    for process in _processes():
        with suppress(OSError, IndexError):
            if os.fsencode(f"{folder}/") not in (process / "environ").read_bytes():
                continue
            state, session = _stat(process)
            if state in "ZX":
                continue
            sessions.setdefault(session, set()).add(int(process.name))
            if _works_in(process, folder):
                working.add(session)
    return {pid for session in working for pid in sessions[session]}


def _processes() -> Collection[Path]:
    try:
        return [one for one in Path("/proc").iterdir() if one.name.isdigit()]
    except OSError:
        return []


def _stat(process: Path) -> tuple[str, int]:
    # The name stands in parentheses and may hold any character.
    text = (process / "stat").read_text(errors="replace").rpartition(")")[2]
    state, _parent, _group, session = text.split()[:4]
    return state, int(session)


def _works_in(process: Path, folder: Path) -> bool:
    if os.fsencode(f"{folder}/") in (process / "cmdline").read_bytes():
        return True
    return (process / "cwd").readlink().is_relative_to(folder)
