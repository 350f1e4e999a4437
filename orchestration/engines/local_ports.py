"""Ports of this host: each is kept for one resource, also while two are built at once.

A file named after the port says for which. Whoever makes it first has the port, and it stays when
the run that made it is killed.
"""

import json
import os
import secrets
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from orchestration.engines.engine import EngineFailed
from orchestration.engines.local import processes_of

# Below the range that systems take their own outgoing ports from.
_PORTS = range(20_000, 30_000)


def _folder(home: Path) -> Path:
    return home.parents[1] / ".ports"


def ports_of(home: Path) -> dict[str, int]:
    """The ports that are kept for this resource, by name; also after a run that was killed."""
    notes = {path: _note(path) for path in _folder(home).glob("[0-9]*")}
    return {
        note["name"]: int(path.name)
        for path, note in notes.items()
        if note.get("home") == str(home)
    }


def _note(path: Path) -> dict[str, str]:
    """For which resource a port is kept, and its name there; empty where that cannot be read."""
    with suppress(OSError, ValueError):
        note = json.loads(path.read_text(encoding="utf-8"))
        return {name: str(note[name]) for name in ("home", "name") if name in note}
    return {}


def take_ports(
    home: Path, names: Sequence[str], promised: Mapping[str, int] | None = None
) -> dict[str, int]:
    """A free port for each name, kept for this resource until it is released.

    Those that it has are kept; one that a stranger took before anything was built is given up,
    unless it was `promised`: said to people as the resource's address.
    """
    promised = promised or {}
    taken = ports_of(home)
    is_built = bool(processes_of(home))
    for name in names:
        if name in promised:
            _keep_port(home, name, promised[name])
            taken[name] = promised[name]
            continue
        if name in taken and not is_built and not _is_free(taken[name]):
            (_folder(home) / str(taken.pop(name))).unlink(missing_ok=True)
        if name not in taken:
            taken[name] = _take_port(home, name)
    return {name: taken[name] for name in names}


def _keep_port(home: Path, name: str, port: int) -> None:
    """Make sure that nobody else of us takes it; a folder that was lost is made again."""
    with _draft(home, name) as draft, suppress(FileExistsError):
        os.link(draft, _folder(home) / str(port))


@contextmanager
def _draft(home: Path, name: str) -> Iterator[Path]:
    """The note that a port is kept: whole before it has its name."""
    folder = _folder(home)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = folder / f"draft-{secrets.token_hex(8)}"
    try:
        draft.write_text(json.dumps({"home": str(home), "name": name}), encoding="utf-8")
        yield draft
    finally:
        draft.unlink(missing_ok=True)


def _take_port(home: Path, name: str) -> int:
    with _draft(home, name) as draft:
        # At random, so that two who look at once seldom try the same.
        for port in secrets.SystemRandom().sample(_PORTS, len(_PORTS)):
            if _is_free(port):
                # A link is made by one of two who try at once.
                with suppress(FileExistsError):
                    os.link(draft, _folder(home) / str(port))
                    return port
    raise EngineFailed(
        f"No port from {_PORTS.start} to {_PORTS.stop - 1} is free.",
        "Destroy environments that nobody needs.",
    )


def release_ports(home: Path) -> None:
    for port in ports_of(home).values():
        (_folder(home) / str(port)).unlink(missing_ok=True)
    # What whoever was killed while taking one left.
    for draft in _folder(home).glob("draft-*"):
        if _note(draft).get("home") == str(home):
            draft.unlink(missing_ok=True)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
